"""Times of contenders that were measured in fewer processes than their baseline, told on its level."""

from suite import levels
from suite.charts import data


def cell(strategy, times, ratio=None):
    """`times` by process: the machine was twice as fast from the third on."""
    ordered = sorted(times.values())
    found = {"id": f"w/p/{strategy}@glibc", "group": "w/p", "workload": "w", "baseline": "w/p/base@glibc", "strategy": strategy,
             "allocator": "glibc", "verdict": "BASELINE" if strategy == "base" else "SLOWER",
             "ns_per_op": {"median": ordered[len(ordered) // 2], "low": ordered[0], "high": ordered[-1]},
             "samples": [{"process": number, "ns_per_op": time} for number, time in times.items()]}
    return found | ({"ratio": ratio} if ratio else {})


BASE = cell("base", {0: 200.0, 1: 200.0, 2: 100.0, 3: 100.0, 4: 100.0})
EARLY = cell("early", {0: 220.0, 1: 220.0}, {"estimate": 1.1, "low": 1.09, "high": 1.11})
WHOLE = cell("whole", {0: 220.0, 1: 220.0, 2: 110.0, 3: 110.0, 4: 110.0})


def test_who_stopped_early_is_told_on_the_level_of_the_baseline():
    assert levels.nanoseconds(EARLY, BASE) == 110
    assert levels.nanoseconds(WHOLE, BASE) == 110 and levels.factor(WHOLE, BASE) == 1
    assert levels.nanoseconds(BASE, BASE) == 100


def test_what_is_not_known_changes_nothing():
    for strange in ({}, {"samples": None}, {"samples": [{}, 5, {"process": 9, "ns_per_op": "x"}]}, None):
        assert levels.factor(EARLY, strange) == 1
        assert levels.factor({"ns_per_op": {"median": 5.0}} | (strange or {}), BASE) == 1


def test_pages_and_charts_show_times_that_fit_the_ratio():
    found = {each.strategy: each for each in data.load({"cells": [BASE, EARLY]}).cells}
    assert found["base"].nanoseconds.value == 100
    assert (found["early"].nanoseconds.value, found["early"].nanoseconds.low, found["early"].nanoseconds.high) == (110, 110, 110)
