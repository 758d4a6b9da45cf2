"""What changed between two runs: when it may be asked at all, and when the answer is a regression."""

import copy
import json
import random
from math import exp, log

import pytest
from small_run import HOSTILE, around, cell, missing, run, write
from suite import cli, statistics
from suite.compare import cells, identity
from suite.statistics import Interval


def compare(tmp_path, old, new, *words):
    return cli.main(["compare", str(write(tmp_path / "old", old)), str(write(tmp_path / "new", new)), *words])


def slab(ratio, spread=0.005, **more):
    return cell("slab_pool", around(ratio, spread), **more)


@pytest.mark.parametrize(("ratio", "verdict", "code"), [
    (0.5, "SAME", 0), (0.504, "SAME", 0), (0.55, "REGRESSED", 1), (0.45, "IMPROVED", 0), (0.51, "UNRESOLVED", 0)])
def test_a_change_counts_when_its_whole_interval_exceeds_the_margin(tmp_path, capsys, ratio, verdict, code):
    assert compare(tmp_path, run(slab(0.5)), run(slab(ratio))) == code
    assert f"1 {verdict}" in capsys.readouterr().out


def test_a_run_against_itself_says_so(tmp_path, capsys):
    assert compare(tmp_path, run(slab(0.5)), run(slab(0.5))) == 0
    assert "both are the same run" in capsys.readouterr().out
    assert compare(tmp_path, run(slab(0.5)), run(slab(0.504))) == 0
    assert "both are the same run" not in capsys.readouterr().out


@pytest.mark.parametrize(("low", "high", "verdict"), [
    (1.03, 1.1, "REGRESSED"), (1.01, 1.1, "UNRESOLVED"), (0.9, 0.97, "IMPROVED"), (0.9, 0.99, "UNRESOLVED"),
    (0.985, 0.995, "SAME"), (1.001, 1.015, "SAME"), (0.9, 1.1, "UNRESOLVED"), (None, None, "UNRESOLVED")])
def test_a_change_below_the_margin_is_no_verdict(low, high, verdict):
    assert cells.verdict(Interval(1.0, low, high), 0.02) == verdict


def test_the_larger_margin_of_the_two_counts(tmp_path):
    assert compare(tmp_path, run(slab(0.5)), run(slab(0.55))) == 1
    assert compare(tmp_path, run(slab(0.5), margin=0.2), run(slab(0.55))) == 0
    assert compare(tmp_path, run(slab(0.5)), run(slab(0.55), margin=0.2)) == 0


@pytest.mark.parametrize(("field", "value"), [
    ("cpu", "Another CPU"), ("cpus", 4), ("compiler", "Clang 14"), ("flags", "-O3"), ("libc", "glibc 2.40"),
    ("thp", "always"), ("variables", {"MALLOC_ARENA_MAX": "1"}), ("google_benchmark", "1.9.0"),
    ("build", {"version": "0.1.0", "ndebug": False})])
def test_another_machine_or_build_is_refused_and_named(tmp_path, capsys, field, value):
    assert compare(tmp_path, run(slab(0.5)), run(slab(0.5), **{field: value})) == 2
    said = capsys.readouterr()
    assert said.out == "" and said.err.count("\n") == 1 and " -> " in said.err and "--force" in said.err
    assert compare(tmp_path, run(slab(0.5)), run(slab(0.5), **{field: value}), "--force") == 0
    assert "compared by force" in capsys.readouterr().out


def test_all_differing_fields_are_named(tmp_path, capsys):
    new = run(slab(0.5), cpu="B", flags="-O3")
    new["allocators"][0]["version"] = "2.40"
    new["workloads"][0]["hash"] = "fedcba9876543210"
    assert compare(tmp_path, run(slab(0.5)), new) == 2
    said = capsys.readouterr().err
    assert all(text in said for text in ("cpu: A CPU -> B", "flags: -O2 -> -O3", "heap glibc: 2.36 -> 2.40",
                                         "workload pair: 0123456789abcdef -> fedcba9876543210"))


def test_a_heap_or_workload_that_only_one_run_measured_refuses_nothing():
    old, new = run(slab(0.5)), run(slab(0.5))
    new["allocators"].append(new["allocators"][0] | {"name": "mine", "version": "3"})
    new["workloads"].append(new["workloads"][0] | {"name": "other", "hash": "f"})
    assert identity.differing(old, new) == []


def test_a_hash_that_one_run_lacks_is_a_difference_and_none_at_all_is_said():
    old, new = run(slab(0.5)), run(slab(0.5))
    del old["workloads"][0]["hash"]
    assert identity.differing(old, new) == ["workload pair: not recorded -> 0123456789abcdef"]
    del new["workloads"][0]["hash"]
    assert identity.differing(old, new) == [] and "on trust" in identity.notes(old, new)[-1]


def test_an_invalid_run_is_refused(tmp_path, capsys):
    assert compare(tmp_path, run(slab(0.5)), run(slab(0.5), quality="INVALID")) == 2
    assert "the new run is INVALID" in capsys.readouterr().err


def test_cells_of_one_run_are_listed_and_baselines_and_twins_are_not_compared():
    twin = cell("fresh_heap", [1.0] * 17, id="pair/bytes=64/fresh_heap@glibc#twin")
    found = cells.compare(run(slab(0.5), cell("gone", [0.5] * 17)), run(slab(0.5), twin, cell("fresh", [0.5] * 17)))
    assert [row.cell for row in found.rows] == ["pair/bytes=64/slab_pool@glibc"]
    assert (found.only_old, found.only_new) == (["pair/bytes=64/gone@glibc"], ["pair/bytes=64/fresh@glibc"])


def test_what_worked_and_now_crashes_is_a_regression_and_what_is_not_installed_is_none():
    row, = cells.compare(run(slab(0.5)), run(missing("slab_pool", "FAILED", "crashed: SIGSEGV"))).rows
    assert row.verdict == "REGRESSED" and "SIGSEGV" in row.reason
    row, = cells.compare(run(slab(0.5)), run(missing("slab_pool", "SKIPPED", "not installed"))).rows
    assert row.verdict == "UNRESOLVED"


def test_too_few_processes_and_what_is_not_citable_settle_nothing():
    few = cell("slab_pool", [0.9] * 6)
    assert cells.compare(run(slab(0.5)), run(few)).rows[0].verdict == "UNRESOLVED"
    doubtful = slab(0.9) | {"verdict": "NOT CITABLE", "reason": "disturbed"}
    assert cells.compare(run(slab(0.5)), run(doubtful)).rows[0].verdict == "UNRESOLVED"


def test_nothing_in_common_is_said(tmp_path, capsys):
    assert compare(tmp_path, run(slab(0.5)), run(cell("other", [0.5] * 17))) == 2
    assert "no measured cell in common" in capsys.readouterr().err


def test_the_quotient_takes_the_ends_that_are_farthest_apart():
    found = cells.quotient(Interval(0.5, 0.4, 0.6), Interval(1.0, 0.9, 1.2))
    assert (found.estimate, found.low, found.high) == (2.0, 0.9 / 0.6, 1.2 / 0.4)
    assert cells.quotient(Interval(0.5), Interval(1.0, 0.9, 1.2)).low is None


@pytest.mark.parametrize("spread", ["normal", "skewed", "two modes"])
def test_its_interval_covers_the_truth_at_least_as_often_as_it_says(spread):
    chance = random.Random(4)
    draw = {"normal": lambda: chance.gauss(0, 0.02), "skewed": lambda: chance.expovariate(50) - log(2) / 50,
            "two modes": lambda: chance.choice([-0.03, 0.03]) + chance.gauss(0, 0.01)}[spread]

    def one():
        return statistics.ratio([draw() for _ in range(17)], cells.EACH)
    covered = sum(cells.quotient(one(), one()).contains(1) for _ in range(1000))
    assert covered >= 950


def missed(processes, confidence):
    return 1 - statistics.actual_confidence(processes, confidence)


@pytest.mark.parametrize("plan", [[(12, 0.9935), (28, 0.9635)], [(8, 0.992), (12, 0.958)], [(12, 0.9935), (28, 0.996), (40, 0.9605)]])
def test_looks_at_the_data_share_one_error_and_leave_little_of_it_unused(plan):
    looks = [{"processes": count, "confidence": confidence} for count, confidence in plan]
    spent = [missed(count, level) for (count, _), level in zip(plan, cells.shared(looks))]
    assert sum(spent) <= 1 - cells.EACH
    for number, (count, _) in enumerate(plan):  # one rank more anywhere would be too much
        rank = statistics.rank(count, cells.shared(looks)[number]) + 1
        assert sum(spent) - spent[number] + cells._error(count, rank) > 1 - cells.EACH


def test_which_plan_a_group_followed_is_not_recorded_so_the_stricter_holds():
    looks = [{"processes": 12, "confidence": 0.9935}, {"processes": 28, "confidence": 0.9635}]
    assert cells.level(17, {}) == cells.level(17, {"looks": looks[:1]}) == cells.EACH
    both = cells.level(12, {"looks": looks, "long_looks": [{"processes": 8, "confidence": 0.992}, looks[0] | {"confidence": 0.958}]})
    assert both >= cells.level(12, {"looks": looks}) == cells.shared(looks)[0]


def test_markdown_has_at_most_six_columns_and_names_stay_text(tmp_path, capsys):
    for name in HOSTILE:
        named = cell(name, around(0.5, 0.005))
        slower = copy.deepcopy(named) | {"samples": slab(0.7)["samples"]}
        assert compare(tmp_path, run(named), run(slower), "--markdown") == 1
        said = capsys.readouterr().out
        assert "<script>" not in said and "\x1b" not in said and len(said) < 4000
        rows = [line for line in said.splitlines() if line.startswith("|")]
        assert all(line.replace("\\|", "").count("|") - 1 <= 6 for line in rows) and len(rows) == 3
        assert compare(tmp_path, run(named), run(slower)) == 1
        assert "\x1b" not in capsys.readouterr().out


def test_numbers_that_no_run_has_are_one_line(tmp_path, capsys):
    odd = slab(0.5)
    for row in odd["samples"]:
        row["ratio"] = 1e-300
    huge = copy.deepcopy(odd)
    for row in huge["samples"]:
        row["ratio"] = 1e300
    assert compare(tmp_path, run(odd), run(huge)) in (1, 2)
    assert compare(tmp_path, run(huge), run(odd)) in (0, 2)
    assert capsys.readouterr().err.count("\n") <= 2


def test_the_order_of_sides_does_not_change_what_is_seen():
    forth = cells.quotient(Interval(0.5, 0.4, 0.6), Interval(0.8, 0.7, 0.9))
    back = cells.quotient(Interval(0.8, 0.7, 0.9), Interval(0.5, 0.4, 0.6))
    assert exp(log(forth.low) + log(back.high)) == pytest.approx(1)
    assert json.loads(json.dumps(forth.estimate)) == 1.6
