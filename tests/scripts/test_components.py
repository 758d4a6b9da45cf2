"""Where a ratio varies, against cases worked out by hand and tables of Student's distribution."""

import math
import random

import pytest
from driver import ROOT  # noqa: F401  (puts the package on the path)
from suite.analysis import components
from suite.analysis.components import Between, Process


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
