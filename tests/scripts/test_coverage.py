"""What `validate` simulates and where it writes the outcome."""

import random
from statistics import fmean, pstdev

import pytest
from driver import ROOT  # noqa: F401  (puts the package on the path)
from suite.base.errors import UserError
from suite.plan.presets import PRESETS, Look
from suite.validate import coverage, simulated, validation_page
from suite.validate.simulated import World

THREE = (Look(24, 0.977, 3), Look(40, 0.983, 5))


def test_a_settled_cell_leaves_and_an_open_one_goes_on():
    cells = simulated.measured(World("normal", (0, 0), (2.0, 1.02)), random.Random(1), THREE)
    assert [(len(cell.values), cell.analyses, cell.passes.count(2)) for cell in cells] == [(24, 1, 8), (40, 2, 8)]
    assert [cell.ratio.estimate for cell in cells] == pytest.approx([2.0, 1.02], rel=0.03)


def test_processes_of_a_pass_share_its_deviation_and_cells_share_their_baseline():
    chance = random.Random(1)
    runs = [simulated.whole(World("none", (0.1, 0.1), (1.0, 1.0)), chance, (4,)) for _ in range(2000)]
    one, other = ([fmean(cell.values) for cell in cells] for cells in zip(*runs))
    assert pstdev(one) == pytest.approx(0.1, rel=0.1)
    assert fmean(a * b for a, b in zip(one, other)) / 0.01 == pytest.approx(0.5, abs=0.1)
    assert max(pstdev(cell.values) for run in runs for cell in run) < 0.02


@pytest.mark.parametrize("layout", simulated.EFFECTS)
def test_layouts_have_no_effect_at_the_median(layout):
    chance = random.Random(1)
    drawn = sorted(simulated.EFFECTS[layout](chance) for _ in range(20001))
    assert abs(drawn[10000]) < 0.001 or layout == "two modes" and abs(fmean(drawn)) < 0.001


def test_intervals_hold_the_truth_whatever_passes_do_and_only_those_that_know_them():
    found = coverage.candidates(1, 3, groups=50)
    assert {row["intervals"] for row in found} == {50 * len(coverage.TRUE)}  # of the cell unlike its group, that one only
    rows = {(row["way"], row["between"]): row["covered"] for row in found}
    ignored, _, _, alone, chosen = coverage.WAYS
    steps = [step for way, step in rows if way == chosen]
    assert len(steps) == len(coverage.BETWEEN) + 1
    assert all(rows[chosen, step] >= 0.9 for step in steps)
    assert rows[ignored, "2.00%"] < 0.8
    assert rows[alone, steps[-1]] < rows[chosen, steps[-1]]  # a cell unlike its group


def test_the_protocol_covers_overlaps_and_claims_nothing_of_equals(monkeypatch):
    monkeypatch.setattr(coverage, "EFFECTS", ("normal",))
    rows = coverage.coverage(1, groups=20)
    assert {(row["preset"], row["between"]) for row in rows} == {
        (preset, between) for preset in ("quick", "full") for between in coverage.BETWEEN}
    assert all(row["covered"] > 0.93 and row["overlap"] > 0.97 and row["false"] == 0 for row in rows)
    assert all(row["wrong"] <= 0.1 for row in coverage.family(1, groups=20))


def test_a_half_width_of_equals_where_passes_agree_is_about_a_per_cent(monkeypatch):
    monkeypatch.setattr(coverage, "EFFECTS", ("normal",))
    monkeypatch.setattr(coverage, "BETWEEN", (0.0,))
    assert all(row["half_width"] < 0.014 for row in coverage.coverage(1, groups=20))


def test_a_run_takes_every_cell_in_at_least_three_passes():
    for name in ("quick", "wide", "full"):
        assert min(PRESETS[name].looks[0].passes, PRESETS[name].long_looks[0].passes) >= 3


def test_intervals_over_nodes_cover_what_they_say():
    found = coverage.nodes(seed=3, trials=400, counts=(6, 8, 30))
    assert all(0.93 <= row["covered"] <= 0.998 for row in found), found
    assert 0.93 < sum(row["covered"] for row in found) / len(found) < 0.99
    assert all(row["covered"] >= 0.93 for row in coverage.few_nodes(seed=3, trials=100)), "with two to five nodes, whatever cells have in common"


KEPT = {"machine": "M", "seed": 1,
        "coverage": [{"preset": "quick", "layout": "normal", "between": step, "covered": 0.97, "overlap": 0.999, "false": 0.0,
                      "half_width": 0.01} for step in (0.0, 0.01)],
        "ways": [{"way": "none", "between": "0.00%", "passes": passes, "each": 7, "covered": 0.5, "half_width": 0.02}
                 for passes in (3, 5)],
        "nodes": {"coverage": [{"layout": "normal", "nodes": 6, "intervals": 2000, "covered": 0.96}], "campaign": {
            "nodes": 1000, "cells": 250, "cpu_seconds": 40.0, "peak_bytes": 1e9},
                  "few": [{"correlation": 0.5, "nodes": 2, "intervals": 8000, "covered": 0.955}]}}


def test_the_outcome_goes_between_its_marks_and_nowhere_else(tmp_path):
    page = tmp_path / "page.md"
    page.write_text(f"before\n{validation_page.BEGIN}\nold\n{validation_page.END}\nafter\n")
    validation_page.publish(page, validation_page.methodology(KEPT))
    text = page.read_text()
    assert text.startswith("before\n") and text.endswith("\nafter\n") and "old" not in text
    assert "| quick | normal | 97.0% | 97.0% |" in text and "99.9%" in text
    assert "| correlation | 2 |\n|---|--:|\n| 0.5 | 95.5% |" in text
    page.write_text("no marks")
    with pytest.raises(UserError):
        validation_page.publish(page, iter(()))


def test_the_decision_shows_each_way_at_each_number_of_passes():
    text = "\n".join(validation_page.decision(KEPT))
    assert "3 passes of 7" in text and "5 passes of 7" in text and text.count("| none | 50.0% / 2.00% |") == 2
    assert list(validation_page.decision({})) == []


@pytest.mark.parametrize("page", validation_page.PAGES, ids=str)
def test_the_pages_have_their_marks(page):
    text = page.read_text(encoding="utf-8")
    assert text.count(validation_page.BEGIN) == 1 and validation_page.END in text.partition(validation_page.BEGIN)[2]
