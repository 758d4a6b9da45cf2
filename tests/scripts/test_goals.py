"""What the pools set out to reach, held against a run: whose ratio counts, and what is said when it is in doubt."""

import json
from math import isclose

import pytest

from suite import cli, goals
from suite.goals import Row
from suite.statistics import Interval


def cell(strategy, ratios, ns, allocator="glibc", group="batch/live=1", baseline=False, **more):
    name = f"{group}/{strategy}@{allocator}"
    samples = [{"process": number, "ns_per_op": ns} | ({} if baseline else {"ratio": value})
               for number, value in enumerate(ratios)]
    return {"id": name, "group": group, "baseline": f"{group}/fresh_heap@glibc", "strategy": strategy, "allocator": allocator,
            "role": "contender", "ns_per_op": {"median": ns}, "samples": samples} | more


def run(*cells):
    families = {"fresh_heap": "fresh", "ours": "free_list", "slow_peer": "peer", "fast_peer": "peer"}
    return {"strategies": [{"name": name, "family": family} for name, family in families.items()], "cells": list(cells),
            "run": {"id": "r1", "commit": "0123456789abcdef", "preset": "quick", "command": "scripts/poolmark run"},
            "environment": {"cpu": "A CPU"}, "calibration": {"quality": "EXPLORATORY", "floor": 0.04}}


def goal(at_most=0.5, against=None, points=("batch/*",)):
    return {"ours": "ours", "points": list(points), "against": against or {"family": "peer"}, "at_most": at_most}


BASELINE = cell("fresh_heap", [1.0] * 10, 10.0, baseline=True)
OURS = cell("ours", [0.2] * 10, 2.0)
SLOW = cell("slow_peer", [0.8] * 10, 8.0)
FAST = cell("fast_peer", [0.5] * 10, 5.0)


def test_the_fastest_of_the_rivals_counts_and_only_of_the_family():
    row, = goals.rows(goal(), run(BASELINE, OURS, SLOW, FAST))
    assert row.rival == "fast_peer"
    assert isclose(row.measured.estimate, 0.4)


def test_the_baseline_can_be_the_rival_and_an_allocator_is_named():
    elsewhere = cell("fresh_heap", [0.5] * 10, 5.0, allocator="mimalloc")
    row, = goals.rows(goal(against={"strategies": ["fresh_heap"]}), run(BASELINE, OURS))
    assert (row.rival, round(row.measured.estimate, 6)) == ("fresh_heap", 0.2)
    row, = goals.rows(goal(against={"strategies": ["fresh_heap"]}), run(BASELINE, OURS, elsewhere))
    assert (row.rival, round(row.measured.estimate, 6)) == ("fresh_heap on mimalloc", 0.4)


def test_a_heap_that_never_frees_can_be_left_out():
    bump = cell("fresh_heap", [0.1] * 10, 1.0, allocator="bump")
    row, = goals.rows(goal(against={"strategies": ["fresh_heap"], "not_on": ["bump"]}), run(BASELINE, OURS, bump))
    assert row.rival == "fresh_heap"


def test_only_processes_that_measured_both_count():
    fewer = FAST | {"samples": FAST["samples"][:3]}
    row, = goals.rows(goal(), run(BASELINE, OURS, fewer))
    assert row.measured.low is None  # three processes give no interval


def test_twins_limits_and_failed_cells_are_no_rivals():
    twin = FAST | {"id": FAST["id"] + "#twin"}
    limit = FAST | {"role": "limit"}
    failed = FAST | {"ns_per_op": None}
    again = FAST | {"id": FAST["id"] + "#duplicate"}
    row, = goals.rows(goal(), run(BASELINE, OURS, SLOW, twin, again, limit, failed))
    assert row.rival == "slow_peer"


@pytest.mark.parametrize("interval, said", [
    (Interval(0.4, 0.35, 0.45), "yes"), (Interval(0.6, 0.55, 0.65), "**no**"),
    (Interval(0.49, 0.45, 0.55), "yes, within noise"), (Interval(0.51, 0.45, 0.55), "**no**, within noise"),
    (Interval(0.4), "yes"), (Interval(0.6), "**no**"), (None, "not measured")])
def test_reached_only_where_the_interval_says_so(interval, said):
    assert Row("g", "ours", "rival", 0.5, interval, (1.0, 2.0)).reached == said


def test_the_page_names_its_runs_and_keeps_what_was_not_measured():
    written = {"introduction": ["Set before."], "sections": [{"title": "All", "goals": [goal(), goal(points=("gone/*",))]}]}
    text = goals.page(written, [("runs/a.json", run(BASELINE, OURS, FAST))])
    assert "scripts/poolmark goals runs/a.json" in text and "commit `0123456789ab`" in text
    assert "| 0.400 [0.400, 0.400] | yes |" in text
    assert "`gone/*`" in text and "not measured" in text


@pytest.mark.parametrize("doubtful", ["ours", "fast_peer"])
def test_what_a_run_does_not_claim_is_not_reached_by_it(doubtful):
    cells = [each | ({"verdict": "NOT CITABLE", "reason": "a noisy hour"} if each["strategy"] == doubtful else {})
             for each in (BASELINE, OURS, FAST)]
    line, = goals._lines(goal(), [("noisy", run(*cells))])
    assert line.endswith("| not citable: a noisy hour |")
    line, = goals._lines(goal(), [("noisy", run(*cells)), ("quiet", run(BASELINE, OURS, FAST))])
    assert line.endswith("| yes |")


def test_every_goal_that_is_set_is_complete():
    for section in json.loads(goals.GOALS.read_text())["sections"]:
        for entry in section["goals"]:
            assert entry["points"] and entry["ours"]
            assert sum(entry.get(limit, 0) > 0 for limit in ("at_most", "bytes", "at_least_more")) == 1
            assert entry.get("against", {}).keys() <= {"family", "strategies", "not_on"}


def test_a_file_that_is_no_run_is_refused_in_one_line(tmp_path, capsys):
    nothing = tmp_path / "none.json"
    assert cli.main(["goals", str(nothing), "--out", str(tmp_path / "page.md")]) == 2
    assert "does not exist" in capsys.readouterr().err
    assert not (tmp_path / "page.md").exists()


def test_a_share_of_hits_is_held_against_a_rival_s_in_points():
    wanted = {"ours": "sieve", "points": ["memo/*"], "against": {"strategies": ["lru"]}, "fact": "hit_ratio",
              "at_least_more": 0.02}
    def told(strategy, hits):
        return cell(strategy, [1.0], 5.0, group="memo/x=1", facts={"hit_ratio": hits})
    line, = goals._lines(wanted, [("old", run(BASELINE)), ("new", run(told("sieve", 0.625), told("lru", 0.6)))])
    assert line.endswith("| 62.5 % : 60.0 % (hit_ratio) | +2.0 points | +2.5 | yes |")
    line, = goals._lines(wanted, [("new", run(told("sieve", 0.615), told("lru", 0.6)))])
    assert line.endswith("| +1.5 | **no** |")
    assert goals._lines(wanted, [("old", run(BASELINE))])[0].endswith("| +2.0 points | | not measured |")


def test_bytes_have_a_goal_of_their_own():
    wanted = {"ours": "lru", "points": ["memo/*"], "bytes": 40}
    weighed = cell("lru", [1.0], 5.0, group="memo/x=1", memory={"rss_bytes_per_object": 38.25})
    assert goals._lines(wanted, [("r", run(weighed))]) == ["| `memo/x=1` | lru | | | 40 bytes | 38.2 | yes |"]
    heavy = weighed | {"memory": {"rss_bytes_per_object": 41.0}}
    assert goals._lines(wanted, [("r", run(heavy))])[0].endswith("| 41.0 | **no** |")
