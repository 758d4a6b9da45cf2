"""Sentences: an interval with every claim, and no claim without a verdict that carries it."""

from __future__ import annotations

import copy
import re
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))

import sample_results  # noqa: E402
from suite import report  # noqa: E402
from suite.report import findings  # noqa: E402
from suite.results import model, wording  # noqa: E402


@pytest.fixture(scope="module")
def raw() -> dict:
    return sample_results.build()


def _states(raw: dict) -> list[findings.Finding]:
    results = model.load(raw)
    return [findings.of_workload(results, workload) for workload in results.workloads]


def _one_group(raw: dict, **changes) -> dict:
    """The first group with nothing but its baseline and one contender, changed."""
    small = copy.deepcopy(raw)
    group = small["cells"][0]["group"]
    cells = [cell for cell in small["cells"] if cell["group"] == group]
    small["cells"] = [cells[0], cells[7] | {"reason": "", "notes": []} | changes]
    return small


def test_a_smoke_run_claims_nothing() -> None:
    for line in report.summary(sample_results.smoke()):
        assert "faster" not in line and "takes" not in line and "▲" not in line


def test_a_finding_carries_its_interval(raw: dict) -> None:
    for finding in _states(raw):
        if finding.best:
            assert wording.ratio_interval(finding.best.ratio) in finding.answer


def test_an_unresolved_finding_is_neither_equal_nor_a_winner(raw: dict) -> None:
    small = _one_group(raw, verdict="UNRESOLVED", ratio={"estimate": 0.97, "low": 0.9, "high": 1.05})
    (finding,) = _states(small)
    assert finding.state == model.UNRESOLVED and "does not settle" in finding.answer
    assert not re.search(r"equal|same|no difference|faster|winner", finding.answer)
    assert not any("Yes" in line for line in report.summary(small))


def test_an_interval_that_crosses_one_is_no_finding_whatever_its_verdict(raw: dict) -> None:
    small = _one_group(raw, verdict="FASTER", ratio={"estimate": 0.8, "low": 0.6, "high": 1.02})
    assert _states(small)[0].state == model.UNRESOLVED


def test_an_equivalent_finding_names_the_margin(raw: dict) -> None:
    small = _one_group(raw, verdict="EQUIVALENT", ratio={"estimate": 1.001, "low": 0.995, "high": 1.006})
    (finding,) = _states(small)
    assert "no difference within 2 %" in finding.answer and "[0.995, 1.006]" in finding.answer


def test_slower_contenders_leave_the_baseline_standing(raw: dict) -> None:
    small = _one_group(raw, verdict="SLOWER", ratio={"estimate": 1.4, "low": 1.3, "high": 1.5})
    (finding,) = _states(small)
    assert finding.state == model.SLOWER and "slower than fresh_heap on glibc" in finding.answer
    assert "takes 1.4 times the time (1.30 to 1.50), 1.40× [1.30, 1.50]" in finding.answer


def test_a_limit_row_is_never_advised(raw: dict) -> None:
    for finding in _states(raw):
        assert finding.best is None or not finding.best.limit
        assert "bump" not in finding.answer and "empty_loop" not in finding.answer
    assert not any("bump" in line for line in report.summary(raw))


def test_an_invalid_run_answers_nothing(raw: dict) -> None:
    bad = copy.deepcopy(raw)
    bad["calibration"] |= {"quality": "INVALID", "reasons": ["A/A called itself different"]}
    assert report.summary(bad)[0].startswith("Not answered: this run is INVALID")
    assert all(finding.best is None for finding in _states(bad))
    assert not {cell.verdict for cell in model.load(bad).cells} & set(model.SETTLED)


def test_an_older_exploratory_run_keeps_its_badge(raw: dict) -> None:
    rough = copy.deepcopy(raw)
    rough["calibration"]["quality"] = "EXPLORATORY"
    assert any(line.startswith("EXPLORATORY, ") and "cells citable" in line for line in report.summary(rough))


def test_a_run_of_nothing_but_controls_says_that_it_asked_nothing(raw: dict) -> None:
    only = raw | {"cells": [cell for cell in raw["cells"] if cell["workload"] == "control"]}
    assert "asked no question" in report.summary(only)[0]
    assert "measured nothing" in report.summary(only | {"cells": [], "controls": []})[0]
