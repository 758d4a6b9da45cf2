"""The verdict table and its edges: never a winner when the interval does not carry one."""

from dataclasses import replace

import pytest
from driver import ROOT  # noqa: F401
from suite.analysis import verdicts
from suite.analysis.statistics import Interval
from suite.analysis.verdicts import Evidence

MARGIN = 0.02
GOOD = Evidence(Interval(0.5, 0.4, 0.6), processes=10, rounds=120, rejected_rounds=0, ns_per_op=50)


def verdict(low, high, estimate=None):
    found = Interval(estimate or (low + high) / 2, low, high)
    return verdicts.of_cell(replace(GOOD, ratio=found), MARGIN)


@pytest.mark.parametrize(("low", "high", "name"), [
    (0.40, 0.60, "FASTER"), (0.90, 0.9803, "FASTER"), (0.90, 0.9805, "UNRESOLVED"),
    (1.50, 2.00, "SLOWER"), (1.0201, 1.10, "SLOWER"), (1.0199, 1.10, "UNRESOLVED"),
    (0.99, 1.01, "EQUIVALENT"), (1 / 1.02, 1.02, "EQUIVALENT"), (1.005, 1.015, "EQUIVALENT"),
    (0.95, 1.05, "UNRESOLVED"), (0.99, 1.03, "UNRESOLVED"),
])
def test_the_table(low, high, name):
    assert verdict(low, high).name == name


def test_unresolved_says_what_it_would_take():
    assert verdict(0.95, 1.05, 1.0).reason.startswith("would need about")
    assert verdict(0.96, 0.99).reason == "different, but not shown to exceed the margin"
    assert verdict(1.01, 1.05).reason == "different, but not shown to exceed the margin"
    assert verdict(0.94, 1.1, 1.02).reason == "would need more than 10000 processes instead of 10"


def test_the_floor_takes_the_place_of_a_smaller_margin():
    assert verdicts.effective_margin(0.05) == pytest.approx(0.0513, abs=1e-4)
    assert verdicts.effective_margin(0.001) == verdicts.effective_margin(None) == 0.02
    assert verdicts.of_cell(replace(GOOD, ratio=Interval(0.96, 0.95, 0.97)), 0.06).name == "EQUIVALENT"


@pytest.mark.parametrize("low, high, name", [(0.92, 1.09, "EQUIVALENT"), (0.85, 1.15, "UNRESOLVED"), (0.7, 1.5, "UNRESOLVED"),
                                             (1.1, 1.3, "UNRESOLVED"), (0.2, 0.3, "FASTER")])
def test_a_noisy_machine_makes_nothing_equal(low, high, name):
    assert verdicts.of_cell(replace(GOOD, ratio=Interval((low * high) ** 0.5, low, high)), 0.19).name == name


@pytest.mark.parametrize(("margin", "name"), [(0.2, "FASTER"), (0.21, "NOT CITABLE"), (1.42, "NOT CITABLE")])
def test_under_a_margin_of_more_than_a_fifth_nothing_is_claimed(margin, name):
    found = verdicts.of_cell(replace(GOOD, ratio=Interval(0.25, 0.2, 0.3)), margin)
    assert found.name == name and (name == "FASTER" or f"by up to {margin:.0%}" in found.reason)


def test_a_cell_whose_rounds_were_beside_neighbours_says_so():
    shared = replace(GOOD, ratio=None, processes=2, all_processes=24, other_rounds=400, rounds=480)
    found = verdicts.of_cell(shared, MARGIN)
    assert found.name == "NOT CITABLE" and found.reason == (
        "neighbours used the same core or memory in 400 of 480 rounds, so that only 2 of 24 processes count; run again at "
        "another time")
    assert verdicts.of_cell(replace(shared, ratio=Interval(0.5), all_processes=24), MARGIN).reason == found.reason
    assert verdicts.of_cell(replace(shared, all_processes=2), MARGIN).reason == "2 processes: no interval"


def test_without_an_interval_nothing_is_citable():
    one = verdicts.of_cell(replace(GOOD, ratio=Interval(0.1), processes=1), MARGIN)
    assert (one.name, one.reason) == ("NOT CITABLE", "one process: no interval")
    none = verdicts.of_cell(replace(GOOD, ratio=None, processes=0), MARGIN)
    assert (none.name, none.reason) == ("NOT CITABLE", "0 processes: no interval")


@pytest.mark.parametrize(("own", "name"), [(0.9, "NOT CITABLE"), (1.1, "NOT CITABLE"), (1.11, "FASTER")])
def test_what_is_like_the_empty_loop_was_not_measured(own, name):
    assert verdicts.of_cell(replace(GOOD, ns_per_op=own, empty_loop_ns_per_op=1.0), MARGIN).name == name


def test_a_baseline_like_the_empty_loop_makes_no_ratio():
    evidence = replace(GOOD, ns_per_op=5, empty_loop_ns_per_op=1.0, baseline_ns_per_op=1.0)
    assert verdicts.of_cell(evidence, MARGIN).name == "NOT CITABLE"


@pytest.mark.parametrize(("rejected", "name"), [(60, "FASTER"), (61, "NOT CITABLE")])
def test_too_many_disturbed_rounds(rejected, name):
    assert verdicts.of_cell(replace(GOOD, rejected_rounds=rejected), MARGIN).name == name


def test_who_was_interrupted_before_an_analysis_says_nothing():
    found = verdicts.of_cell(replace(GOOD, passes_left=2), MARGIN)
    assert found.name == "NOT CITABLE" and found.reason.startswith("interrupted 2 passes before its first analysis")


def test_a_limit_row_never_wins():
    assert verdicts.of_cell(replace(GOOD, limit=True), MARGIN).name == "NOT CITABLE"


RIGHT = verdicts.control(1.2, Interval(1.2, 1.19, 1.21), "SLOWER", MARGIN)


def quality(misses=0, groups=20, twins=20, processes=10, rejected=0.0, complete=True, controls=(RIGHT,)):
    intervals = [Interval(1.2, 1.1, 1.3)] * misses + [Interval(1, 0.99, 1.01)] * (twins - misses)
    return verdicts.of_run(intervals, groups, processes, 0.979, rejected, complete, controls=controls)


def test_a_quiet_run_is_sound():
    assert quality() == verdicts.Quality("SOUND", ())
    assert quality(misses=1) == quality(rejected=0.30) == quality()


@pytest.mark.parametrize(("worse", "said"), [
    ({"processes": 5}, "5 processes per contender; 6 are the least"), ({"controls": ()}, "no planted difference"),
    ({"twins": 19}, "1 of 20 A/A comparisons have no interval"), ({"misses": 4}, "more than chance explains"),
    ({"complete": False}, "interrupted"), ({"twins": 0, "processes": 1}, "1 process per contender")])
def test_a_weakness_of_the_run_is_named(worse, said):
    found = quality(**worse)
    assert found.name == "SOUND" and any(said in reason for reason in found.reasons)


@pytest.mark.parametrize("broken", [{"rejected": 0.31}, {"misses": 8}])
def test_a_broken_run_is_invalid(broken):
    assert quality(**broken).name == "INVALID"


@pytest.mark.parametrize(("planted", "low", "high", "verdict", "margin", "right"), [
    (1.0, 0.999, 1.001, "EQUIVALENT", 0.02, True),
    (1.0, 1.03, 1.05, "SLOWER", 0.02, False),  # nothing planted, something seen
    (1.05, 1.045, 1.055, "SLOWER", 0.02, True),
    (1.05, 1.00, 1.06, "UNRESOLVED", 0.02, False),  # seen too vaguely for the margin
    (1.05, 1.00, 1.06, "UNRESOLVED", 0.04, True),  # the margin is nearly as large
    (1.05, 1.15, 1.16, "SLOWER", 0.02, False),  # a difference, but not the planted one
    (1.02, 1.015, 1.025, "UNRESOLVED", 0.02, True),
    (1.2, 1.19, 1.21, "SLOWER", 0.02, True),
    (1.2, 1.1, 1.3, "EQUIVALENT", 0.3, False),  # a run under such a margin is good for nothing
    (1.2, None, None, "NOT CITABLE", 0.02, False),
])
def test_a_control_is_right_when_the_planted_difference_is_found(planted, low, high, verdict, margin, right):
    found = Interval(planted, low, high)
    assert verdicts.control(planted, found, verdict, margin).right is right


def test_a_wrong_control_makes_the_run_invalid():
    wrong = verdicts.control(1.2, Interval(1.0, 0.99, 1.01), "EQUIVALENT", MARGIN)
    found = quality(controls=(RIGHT, wrong))
    assert found.name == "INVALID" and "planted 20%" in found.reasons[0]


def test_who_did_not_see_what_was_planted_is_blind_and_no_liar():
    wide = verdicts.control(1.2, Interval(1.15, 0.98, 1.3), "UNRESOLVED", MARGIN)
    assert wide.blind and not wide.right
    found = quality(controls=(RIGHT, wide))
    assert found.name == "SOUND" and found.reasons[0].startswith("a planted difference was not seen: planted 20% was called")
    assert verdicts.control(1.2, Interval(1.2, None, None), "NOT CITABLE", MARGIN).blind
    for planted, low, high, verdict in ((1.2, 0.9, 1.1, "UNRESOLVED"), (1.0, 1.03, 1.05, "SLOWER"), (1.2, 1.1, 1.3, "EQUIVALENT")):
        false = verdicts.control(planted, Interval((low * high) ** 0.5, low, high), verdict, MARGIN)
        assert not false.blind and quality(controls=(RIGHT, false)).name == "INVALID"


def test_a_kind_of_work_of_which_nothing_planted_could_be_measured_is_named():
    found = verdicts.of_run([Interval(1, 0.99, 1.01)], 1, 10, 0.979, 0.0, controls=(RIGHT,), silent=("controls/kind=l3_walk",))
    assert found == verdicts.Quality("SOUND", ("no planted difference of controls/kind=l3_walk could be measured",))


def test_drift_and_a_baseline_that_differs_from_itself_are_obstacles():
    for weakness in ({"drifts": True}, {"a_a_differs": True}):
        assert verdicts.of_cell(replace(GOOD, **weakness), MARGIN).name == "NOT CITABLE"
