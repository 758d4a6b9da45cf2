"""The time that pages show: the one that fits the ratio, where the run has it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))

from suite.results import model  # noqa: E402

TIMES = {"median": 120.0, "minimum": 90.0, "low": 110.0, "high": 130.0}


def cell(**times: float) -> model.Cell:
    entry = {"id": "w/p/s@glibc", "strategy": "s", "allocator": "glibc", "verdict": "FASTER", "ns_per_op": TIMES | times,
             "ratio": {"estimate": 0.5, "low": 0.49, "high": 0.51}}
    return model.load({"cells": [entry]}).cells[0]


def test_the_shown_time_moves_the_interval_of_the_median_along() -> None:
    assert cell(shown=60.0).nanoseconds == model.Interval(60.0, 55.0, 65.0)


def test_older_runs_show_the_median() -> None:
    assert cell().nanoseconds == model.Interval(120.0, 110.0, 130.0)


@pytest.mark.parametrize("odd", [None, "60", True, 1e300, -5.0, 0])
def test_what_is_no_time_is_not_shown(odd: object) -> None:
    found = cell(shown=odd).nanoseconds
    assert found is None or found.estimate == 120.0
