"""Which cells take part, and what is refused with the known names."""

import pytest
from driver import description
from suite import groups, plan
from suite.errors import UserError
from suite.plan import Selection
from suite.presets import PRESETS

QUICK, FULL, WIDE, SMOKE = (PRESETS[name] for name in ("quick", "full", "wide", "smoke"))


def make(preset=QUICK, **selection):
    """Without the controls, which stand before everything."""
    made = groups.make(description(), Selection(**selection), preset)
    assert made[0].baseline.workload == plan.CONTROLS
    return made[1:]


def ids(group):
    return [cell.id.removeprefix(f"{group.name}/") for cell in group.cells]


def test_a_group_starts_with_the_baseline_and_its_twin():
    first = make(workloads=("good",))[0]
    assert first.name == "good/live=10,hot=true"
    assert ids(first) == ["fresh_heap@glibc", "fresh_heap@glibc#twin", "fresh_heap@glibc#duplicate", "fresh_heap@other",
                          "fresh_heap@absent", "slab_pool@glibc", "slow_pool@glibc", "empty_loop@glibc", "half_line@glibc"]


def test_points_and_heaps_follow_the_preset():
    assert len(make(workloads=("good",))) == len(make(SMOKE, workloads=("good",))) == 2
    assert len(make(FULL, workloads=("good",))) == 3
    assert "fresh_heap@other" not in ids(make(workloads=("good",))[1])
    assert "fresh_heap@other" in ids(make(FULL, workloads=("good",))[1])


def test_a_sweep_is_asked_on_every_heap_by_the_wide_preset_alone():
    swept = {name: ids(make(PRESETS[name], workloads=("good",))[2]) for name in ("full", "wide")}
    assert "fresh_heap@other" not in swept["full"] and "fresh_heap@other" in swept["wide"]


def test_what_cannot_be_had_is_skipped_with_its_reason():
    skipped = {cell.id.rpartition("/")[2]: cell.skip for cell in make(workloads=("good",))[0].cells if cell.skip}
    assert skipped == {"fresh_heap@absent": "not installed: apt install absent", "half_line@glibc": "not built"}


def test_a_strategy_may_be_left_out_of_a_point():
    cell = make(workloads=("bad",))[0].cells[-1]
    assert (cell.strategy, cell.skip) == ("garbage", "too slow here")


def test_the_baseline_and_the_empty_loop_always_take_part():
    first = make(workloads=("good",), strategies=("slab*",), allocators=("other",))[0]
    assert ids(first) == ["fresh_heap@glibc", "fresh_heap@glibc#twin", "fresh_heap@glibc#duplicate", "slab_pool@glibc",
                          "empty_loop@glibc"]


def test_named_heaps_take_part_at_every_point():
    assert "fresh_heap@other" in ids(make(workloads=("good",), allocators=("other",))[1])


def test_an_own_heap_stands_beside_those_of_the_catalog(tmp_path):
    library = tmp_path / "mine.so"
    library.touch()
    entries = plan.split_allocators([f"other,mine={library}"])
    cell = next(cell for cell in make(allocators=entries)[0].cells if cell.heap.name == "mine")
    assert cell.heap.argument == f"mine={library}" and cell.heap.preload and not cell.skip
    assert cell.id.endswith("fresh_heap@mine")


def test_a_note_tells_that_the_baseline_was_added():
    selection = Selection(strategies=("slab*",))
    notes = groups.notes(description(), selection, QUICK, groups.make(description(), selection, QUICK))
    assert any("fresh_heap@glibc" in note and "baseline" in note for note in notes)
    everything = groups.notes(description(), Selection(), QUICK, make())
    assert not any("takes part" in note for note in everything)


@pytest.mark.parametrize(("preset", "strategies", "takes_part"), [
    (QUICK, (), False), (FULL, (), False), (WIDE, (), True), (SMOKE, (), True), (QUICK, ("rare*",), True), (QUICK, ("slab*",), False),
    (FULL, ("slab*",), False), (SMOKE, ("slab*",), False)])
def test_a_strategy_takes_part_from_its_preset_on_or_where_it_is_named(preset, strategies, takes_part):
    first = make(preset, workloads=("tiers",), strategies=strategies, allocators=("glibc",))[0]
    assert ("rare_pool@glibc" in ids(first)) == takes_part
    assert ids(first)[0] == "fresh_heap@glibc" and "empty_loop@glibc" in ids(first)


def test_a_note_tells_which_strategies_wait_for_the_full_preset():
    def told(preset, **selected):
        selection = Selection(**selected)
        notes = groups.notes(description(), selection, preset, groups.make(description(), selection, preset))
        return [note for note in notes if "--preset wide" in note]
    assert told(QUICK) == ["rare_pool: only with --preset wide, or named with --strategy"]
    assert not told(WIDE) and not told(SMOKE) and not told(QUICK, workloads=("good",))
    assert not told(QUICK, strategies=("slab*",))


@pytest.mark.parametrize(("selection", "names"), [
    ({"workloads": ("godo",)}, "good, bad, lost"), ({"strategies": ("xyz*",)}, "fresh_heap, slab_pool"),
    ({"allocators": ("mimaloc",)}, "glibc, other, absent, or NAME=LIBRARY.so"),
    ({"allocators": ("glibc=/lib/x.so",)}, "is in the catalog"),
])
def test_what_matches_nothing_is_refused_with_what_there_is(selection, names):
    with pytest.raises(UserError, match=names.replace("*", r"\*")):
        make(**selection)


@pytest.mark.parametrize("argument", ["mine=/no/such.so", "a b=/lib/x.so", "glibc,glibc"])
def test_a_bad_allocator_is_refused(argument):
    with pytest.raises(UserError):
        plan.split_allocators([argument])


def test_an_unavailable_baseline_skips_its_group():
    source = description()
    first = source.workloads[1]
    turned = type(source)(source.build, source.allocators, source.strategies, (
        type(first)(**{**first.__dict__, "strategies": first.strategies[::-1]}),))
    assert all(cell.skip for cell in groups.make(turned, Selection(), QUICK)[0].cells)


def test_a_point_that_is_named_is_measured_in_any_preset():
    assert [group.name for group in make(workloads=("good/live=1000,*",))] == ["good/live=1000,hot=true"]
    assert len(make(workloads=("good*",))) == 2, "a workload that is named has the points of the preset"
