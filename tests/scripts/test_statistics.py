"""Statistics and components of variance, against cases worked out by hand and tables of the binomial and Student's distribution."""

import math
import random
from collections import Counter
from itertools import combinations

import pytest
from driver import ROOT  # noqa: F401  (puts the package on the path)
from suite.analysis import components, diagnostics, statistics
from suite.analysis.components import Between, Process, t_quantile
from suite.analysis.statistics import Interval
from suite.compare import cells
from suite.plan.presets import PRESETS

TABLE_95 = {6: (1, 96.9), 8: (1, 99.2), 10: (2, 97.9), 12: (3, 96.1), 15: (4, 96.5), 20: (6, 95.9), 25: (8, 95.7),
            30: (10, 95.7), 40: (14, 96.2), 50: (18, 96.7)}


@pytest.mark.parametrize(("processes", "expected"), TABLE_95.items())
def test_ranks_and_coverage_are_those_of_the_table(processes, expected):
    k, percent = expected
    assert statistics.rank(processes) == k
    assert round(100 * statistics.actual_confidence(processes), 1) == percent


@pytest.mark.parametrize("processes", range(6))
def test_fewer_than_six_processes_have_no_interval(processes):
    assert statistics.rank(processes) == 0
    assert statistics.actual_confidence(processes) is None


def test_six_processes_span_their_extremes():
    assert statistics.interval([3, 1, 2, 6, 5, 4]) == Interval(3.5, 1, 6)


def test_ten_processes_leave_out_one_at_each_end():
    assert statistics.interval(list(range(10, 0, -1))) == Interval(5.5, 2, 9)


def test_five_processes_have_an_estimate_only():
    assert statistics.interval([5, 1, 3, 2, 4]) == Interval(3)


def test_no_process_has_nothing():
    assert statistics.interval([]) is None
    assert statistics.ratio([]) is None


def test_a_ratio_is_the_exponential_of_its_logs():
    found = statistics.ratio([math.log(2)] * 5 + [math.log(8)])
    assert (found.estimate, found.low, found.high) == pytest.approx((2, 2, 8))


def test_a_process_counts_by_the_median_of_its_paired_rounds():
    assert statistics.process_log_ratio([2, 4, 100], [1, 1, 1], []) == pytest.approx(math.log(4))
    assert statistics.process_log_ratio([2, 4, 100], [1, 2, 25], []) == pytest.approx(math.log(2))


def test_rejected_rounds_do_not_count():
    assert statistics.process_log_ratio([2, 4, 100], [1, 1, 1], [2]) == pytest.approx((math.log(2) + math.log(4)) / 2)
    assert statistics.process_median([1, 2, 9], [2]) == 1.5
    assert statistics.process_log_ratio([2], [1], [0]) is None


def test_rounds_without_a_partner_are_an_error():
    with pytest.raises(ValueError):
        statistics.process_log_ratio([1, 2], [1], [])


def test_the_floor_is_the_largest_endpoint_of_few_groups():
    twins = [Interval(1, 0.99, 1.005), Interval(1, 0.999, 1.02), Interval(1)]
    assert statistics.floor(twins) == pytest.approx(math.log(1.02))
    assert statistics.floor([Interval(1, 0.95, 1.01)]) == pytest.approx(-math.log(0.95))
    assert statistics.floor([Interval(1)]) is None


def test_the_floor_of_many_groups_leaves_out_the_worst_twentieth():
    twins = [Interval(1, 1, 1 + i / 1000) for i in range(1, 41)]
    assert statistics.floor(twins) == pytest.approx(math.log(1.038))
    assert statistics.floor(twins[:19]) == pytest.approx(math.log(1.019))


def test_the_binomial_tail_is_exact():
    assert statistics.binomial_tail(0, 10, 0.1) == 1
    assert statistics.binomial_tail(2, 2, 0.1) == pytest.approx(0.01)
    assert statistics.binomial_tail(1, 3, 0.5) == pytest.approx(7 / 8)


def test_needed_processes_follow_the_square_of_the_width():
    margin = 0.02
    wide = Interval(1, math.exp(-2 * math.log(1.02)), math.exp(2 * math.log(1.02)))
    assert statistics.needed_processes(wide, 10, margin) == pytest.approx(40, abs=1)
    assert statistics.needed_processes(Interval(1), 5, margin) == math.inf
    assert statistics.needed_processes(Interval(1.02, 0.99, 1.05), 10, margin) > 10_000


def test_looks_share_the_error_of_one_interval():
    for preset in PRESETS.values():
        for plan in (preset.looks, preset.long_looks):
            spent = sum(1 - (statistics.actual_confidence(look.processes, look.confidence) or 1) for look in plan)
            assert spent <= 0.05 and [look.processes for look in plan] == sorted({look.processes for look in plan})


def test_the_sign_test_counts_what_lies_beyond_the_margin():
    assert statistics.sign_test([-1.0] * 10, 0.02) == pytest.approx(2 / 2**10)
    assert statistics.sign_test([-1.0] * 9 + [0.0], 0.02) == pytest.approx(2 * 11 / 2**10)
    assert statistics.sign_test([0.01, -0.01] * 5, 0.02) == 1.0
    assert statistics.sign_test([], 0.02) == 1.0

SPREAD = [-3, -2, -1, 0, 1, 2, 3, -3, -2, -1, 0, 1, 2, 3, -3, -2, -1, 0, 1, 2, 3]  # three passes that agree
THIRDS = [0] * 7 + [1] * 7 + [2] * 7


def test_one_pass_has_the_interval_of_its_order_statistics():
    plain = statistics.interval(SPREAD)
    assert plain == statistics.interval(SPREAD, passes=[0] * 21) == statistics.interval(SPREAD, passes=[4] * 21)
    assert plain == statistics.interval(SPREAD, passes=[0] * 21, between=Between(9, 9))
    assert statistics.interval([1, 2, 3], passes=[0, 1, 2]) == Interval(2)


def test_passes_that_agree_widen_nothing():
    assert statistics.interval(SPREAD, passes=THIRDS) == statistics.interval(SPREAD)
    assert statistics.interval(SPREAD, passes=THIRDS, between=Between(0, 9)) == statistics.interval(SPREAD)


def test_what_passes_differ_in_is_added_in_quadrature():
    plain, found = statistics.interval(SPREAD), statistics.interval(SPREAD, passes=THIRDS, between=Between(2, 5))
    error = t_quantile(5, 1 - 0.95) * 2 / math.sqrt(3)
    assert found.estimate == plain.estimate == 0
    assert (found.low, found.high) == pytest.approx((-math.hypot(plain.low, error), math.hypot(plain.high, error)))


def test_a_cell_whose_passes_differ_more_than_its_group_speaks_for_itself():
    values = [value / 10 + 5 * run_pass for value, run_pass in zip(SPREAD, THIRDS)]
    alone, among = (statistics.interval(values, passes=THIRDS, between=between) for between in (None, Between(0, 8)))
    assert among.high - among.low > 2 * 5  # wider than the three passes lie apart
    assert alone.high - alone.low > among.high - among.low  # two degrees of freedom against eight


def test_a_surer_interval_of_passes_is_wider():
    low, high = (statistics.ratio(SPREAD, level, THIRDS, Between(2, 5)) for level in (0.95, 0.98))
    assert high.low < low.low < low.high < high.high


def test_the_sign_test_of_passes_agrees_with_their_interval():
    values = [0.02 * value + 0.1 for value in SPREAD]
    for margin in (0.0, 0.02, 0.04, 0.06, 0.08):
        for between in (None, Between(0, 6), Between(0.02, 6), Between(0.05, 6), Between(0.5, 2)):
            probability = statistics.sign_test(values, margin, THIRDS, between)
            beyond = statistics.interval(values, 0.95, THIRDS, between).low > math.log(1 + margin)
            assert (probability <= 1 - statistics.actual_confidence(21) + 1e-12) == beyond


def test_the_sign_test_of_passes_is_never_surer_than_without():
    assert statistics.sign_test([-1.0] * 12, 0.02) == pytest.approx(2 / 2**12)
    passes = [0] * 4 + [1] * 4 + [2] * 4
    assert statistics.sign_test([-1.0] * 12, 0.02, passes) == pytest.approx(2 / 2**12)
    assert statistics.sign_test([-1.0] * 12, 0.02, passes, Between(0.2, 4)) > 2 / 2**12
    assert statistics.sign_test([-1.0] * 12, 0.02, passes, Between(2, 4)) > 0.5


def test_holm_spends_the_error_on_the_smallest_first():
    assert statistics.holm([0.03, 0.01, 0.04]) == [False, True, False]  # 0.01 <= 0.05/3, then 0.03 > 0.05/2
    assert statistics.holm([0.02, 0.01]) == [True, True]
    assert statistics.holm([]) == []


def test_diagnostics_tell_drift_dependence_and_modes():
    assert diagnostics.drift([1, 2, 3, 4, 5]) == 1 and diagnostics.drift([5, 4, 3, 2, 1]) == -1
    assert diagnostics.drift([1, 1, 1, 1]) is None
    assert diagnostics.drifts({"drift": 0.9}, 16) and not diagnostics.drifts({"drift": 0.9}, 15)
    assert diagnostics.autocorrelation([1, 2, 3, 4, 5, 6, 7, 8]) > 0.5 > 0 > diagnostics.autocorrelation([1, -1] * 8)
    chance = random.Random(1)
    one = [chance.gauss(0, 1) for _ in range(400)]
    two = [value / 20 + 1 if value > 0 else value / 20 - 1 for value in one]
    assert diagnostics.modes(one) < diagnostics.SEVERAL_MODES < diagnostics.modes(two)
    assert len(diagnostics.footnotes({"autocorrelation": 0.5, "modes": 3.5})) == 2


def test_the_number_of_orders_is_that_of_all_orders():
    def inversions(places):  # of the new sample's places among all: pairs of which the new one stands first
        return sum(place - number for number, place in enumerate(places))
    for old, new in ((1, 1), (3, 2), (4, 5)):
        counted = Counter(inversions(places) for places in combinations(range(old + new), new))
        assert cells.ways(old, new) == tuple(counted[number] for number in range(old * new + 1))


@pytest.mark.parametrize(("old", "new", "k"), [(4, 4, 1), (3, 3, 0), (5, 5, 3), (6, 6, 6), (10, 10, 24), (5, 9, 8), (9, 5, 8)])
def test_ranks_are_those_of_the_tables(old, new, k):
    assert cells.rank(old, new, 0.05) == k


def test_the_shift_is_of_all_pairs_and_its_ends_are_counted_from_both_sides():
    old, new = [0.0, 1.0, 2.0, 3.0, 4.0], [10.1, 11.2, 12.3, 13.4, 14.5]
    apart = sorted(b - a for a in old for b in new)
    assert cells.between(old, new, 0.05) == Interval(apart[12], apart[2], apart[-3])
    back = cells.between(new, old, 0.05)
    assert (back.low, back.high) == (-apart[-3], -apart[2])
    assert cells.between(old[:3], new[:3], 0.05).low is None and cells.between([], new, 0.05) is None


@pytest.mark.parametrize("processes", [(5, 5), (6, 6), (6, 10), (17, 17)])
@pytest.mark.parametrize("shape", ["normal", "skewed", "two modes"])
def test_of_runs_that_nothing_sets_apart_it_misses_at_most_as_often_as_it_says(shape, processes):
    chance = random.Random(4)
    draw = {"normal": lambda: chance.gauss(0, 0.02), "skewed": lambda: chance.expovariate(50) - math.log(2) / 50,
            "two modes": lambda: chance.choice([-0.03, 0.03]) + chance.gauss(0, 0.01)}[shape]
    found = [cells.between(*([draw() for _ in range(count)] for count in processes), 0.05) for _ in range(400)]
    assert sum(one.contains(0) for one in found) >= 372  # of 380 expected at the least, and three standard deviations


def rows(build_step=0.0, pass_step=0.0, process_step=0.0, spread=0.0):
    return [Process(build, run_pass, build_step * build + pass_step * run_pass + process_step * (-1) ** process, spread, 30)
            for build in range(3) for run_pass in range(3) for process in range(4)]


@pytest.mark.parametrize(("level", "given"), [
    ("build", {"build_step": 0.1}), ("passes", {"pass_step": 0.1}), ("process", {"process_step": 0.1, "spread": 0.001}),
    ("round", {"process_step": 0.001, "spread": 1.0})])
def test_components_find_where_the_variance_is(level, given):
    found = components.components(rows(**given))
    assert getattr(found, level) > 0.9 * found.total > 0


def test_builds_and_passes_are_told_apart_when_both_matter():
    for build, run_pass in ((0.1, 0.2), (0.1, 0.02), (0.02, 0.1)):
        found = components.components(rows(build_step=build, pass_step=run_pass, process_step=0.001))
        assert (found.build, found.passes) == (pytest.approx(build**2, rel=0.1), pytest.approx(run_pass**2, rel=0.1))


def test_one_process_a_build_has_no_components():
    assert components.components([Process(0, 0, 0.1, 0.1, 10)]) is None


def test_the_spread_of_rounds_ignores_a_lone_epoch_far_off():
    assert components.round_spread([1.0, 1.1, 0.9, 1.0, 50.0]) == pytest.approx(0.14826)


def test_passes_differ_by_what_processes_do_not_explain():
    values, passes = [1, 3, 4, 6, 7, 9], [0, 0, 1, 1, 2, 2]  # means 2, 5, 8: mean squares 18 between, 2 within
    assert components.between_passes(values, passes) == pytest.approx(math.sqrt((18 - 2) / 2))
    assert components.between_passes([1, 3, 1, 3, 1, 3], passes) == 0  # negative by chance
    assert components.between_passes([1, 2, 3], [0, 0, 0]) == components.between_passes([1, 2, 3], [0, 1, 2]) == 0


def test_passes_of_unequal_size_count_by_their_processes():
    chance = random.Random(1)
    steps = [chance.gauss(0, 2) for _ in range(400)]
    labels = [number for number in range(400) for _ in range(1 + number % 5)]
    values = [steps[label] + chance.gauss(0, 1) for label in labels]
    assert components.between_passes(values, labels) == pytest.approx(2, rel=0.1)


def test_a_group_shares_the_deviation_of_its_middle_cell():
    passes = [0, 0, 1, 1, 2, 2]
    quiet, usual, wild = ([value + step * run_pass for value, run_pass in zip((0, 1) * 3, passes)] for step in (0, 1, 50))
    found = components.pooled([(quiet, passes), (usual, passes), (wild, passes)])
    assert found == Between(components.between_passes(usual, passes), 4)  # 3 cells of 2 degrees, correlated: 6 / 1.5
    assert components.pooled([(quiet, passes)]) == Between(0, 2)
    assert components.pooled([([1, 2, 3], [0, 0, 0])]) is components.pooled([]) is None


def test_the_quantiles_of_t_are_those_of_the_table():
    for degrees, error, expected in ((1, 0.05, 12.7062), (2, 0.05, 4.30265), (3, 0.01, 5.84091), (4, 0.05, 2.77645),
                                     (5, 0.001, 6.86883), (30, 0.05, 2.04227)):
        assert components.t_quantile(degrees, error) == pytest.approx(expected, rel=1e-5)


def test_the_error_of_passes_is_the_larger_of_the_own_and_that_of_the_group():
    values, passes = [1, 3, 4, 6, 7, 9], [0, 0, 1, 1, 2, 2]
    for known, t, deviation in ((None, 4.30265, math.sqrt(8)), (Between(1, 4), 2.77645, math.sqrt(8)),
                                (Between(5, 4), 2.77645, 5)):
        found = components.pass_error(values, passes, known).reach(0.05)
        assert found == pytest.approx(t * deviation / math.sqrt(3), rel=1e-5)


def test_what_ran_in_one_pass_has_no_error_of_passes():
    assert components.pass_error([1, 2, 3], [], Between(9, 9)).reach(0.05) == 0
    assert components.pass_error([1, 2, 3], [0, 0, 0], Between(9, 9)).reach(0.05) == 0


def test_an_error_of_passes_weighs_a_short_pass_less():
    shorter = components.pass_error([0, 2, 0, 2, 1], [0, 0, 1, 1, 2], Between(1, 4)).reach(0.05)
    assert shorter == pytest.approx(2.77645 * math.sqrt(4 + 4 + 1) / 5, rel=1e-5)
