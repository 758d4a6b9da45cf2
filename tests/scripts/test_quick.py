"""The curated preset of the real binary: how much it measures, and the cells that its workloads name."""

from functools import cache

import pytest
from driver import ROOT
from suite.cli import advise
from suite.plan import describe, groups
from suite.plan.cells import CONTROLS, Selection
from suite.plan.presets import PRESETS

BENCH = ROOT / "build/bench/poolmark-bench-all"
pytestmark = pytest.mark.skipif(not BENCH.exists(), reason="the bench build is not there")
KINDS = ("dependent_chain", "independent", "heap_like", "l3_walk")


@cache
def described():
    return describe.ask(BENCH)


@cache
def planned(preset="quick"):
    return groups.make(described(), Selection(), PRESETS[preset])


def cells(preset="quick"):
    return [cell for group in planned(preset) for cell in group.cells]


def asked(preset="quick"):
    return {group.baseline.workload for group in planned(preset)}


def test_quick_has_about_a_dozen_workloads_and_less_than_300_cells():
    assert 10 <= len(asked()) <= 16
    assert 180 <= len(cells()) <= 300, "those that are not installed here count as well"


def test_quick_has_a_control_of_each_kind():
    assert [group.name for group in planned() if group.baseline.workload == CONTROLS] == [f"controls/kind={kind}" for kind in KINDS]


def test_full_and_wide_leave_no_workload_out_and_measure_all_that_quick_does():
    everything = {workload.name for workload in described().workloads}
    short, full, wide = ({cell.id for cell in cells(preset)} for preset in ("quick", "full", "wide"))
    assert asked("full") == asked("wide") == asked("smoke") == everything
    assert short <= full
    # wide differs from full by its strategies and heaps alone
    assert {name.rpartition("/")[0] for name in full} == {name.rpartition("/")[0] for name in wide} and full < wide


def test_the_program_that_quick_needs_has_its_workloads_and_the_leading_pools_alone():
    """All cells of quick, and less than half of what there is to compile; beside it the workloads about heaps, which need no pool."""
    fewer = describe.ask(BENCH.with_name("poolmark-bench"))
    here, all_there = ({workload.name: workload.preset for workload in asked.workloads} for asked in (fewer, described()))
    assert set(here) == {name for name, preset in all_there.items() if preset in ("quick", "heaps")}
    assert {cell.id for group in groups.make(fewer, Selection(), PRESETS["quick"]) for cell in group.cells} == {
        cell.id for cell in cells()}
    assert list(here.values()).count("quick") * 2 < sum(preset != "heaps" for preset in all_there.values())
    assert len(fewer.strategies) * 2 < len(described().strategies)


def test_advise_names_the_sizes_that_churn_asks_about():
    points = [point.parameters for workload in described().workloads if workload.name == "churn" for point in workload.points]
    assert {point["bytes"] for point in points} == set(advise.SIZES) and {point["live"] for point in points} == set(advise.POPULATIONS)


def test_the_recommended_pool_takes_part_wherever_a_free_list_of_one_thread_does():
    for group in planned():
        strategies = {cell.strategy for cell in group.cells}
        assert "slab_pool" not in strategies or "object_pool" in strategies, group.name


def test_every_workload_of_quick_says_why_and_names_cells_that_quick_measures():
    measured = {cell.id for cell in cells()}
    for workload in described().workloads:
        if workload.name not in asked() or workload.name == CONTROLS:
            continue
        why = workload.why
        assert why and why.text.endswith("."), workload.name
        assert why.text.count(". ") <= 1, f"{workload.name}: two sentences"
        assert bool(why.slower) == bool(why.faster), workload.name
        for named in filter(None, (why.slower, why.faster)):
            assert named in measured and named.startswith(workload.name + "/"), named
    assert sum(bool(workload.why and workload.why.slower) for workload in described().workloads) >= 8
