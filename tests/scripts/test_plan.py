"""Which cells take part, what is refused with the known names, and which program a run needs."""

from dataclasses import replace
from pathlib import Path

import pytest
from driver import description
from suite.base import build
from suite.base.errors import UserError
from suite.plan import binary, cells, describe, groups, own
from suite.plan.cells import Selection
from suite.plan.describe import Description, Strategy
from suite.plan.presets import PRESETS

QUICK, FULL, WIDE, SMOKE = (PRESETS[name] for name in ("quick", "full", "wide", "smoke"))


def make(preset=QUICK, source=None, **selection):
    """Without the controls, which stand before everything."""
    made = groups.make(source or description(), Selection(**selection), preset)
    assert made[0].baseline.workload == cells.CONTROLS
    return made[1:]


def ids(group):
    return [cell.id.removeprefix(f"{group.name}/") for cell in group.cells]


def test_a_group_starts_with_the_baseline_and_its_twin():
    first = make(workloads=("good",))[0]
    assert first.name == "good/live=10,hot=true"
    assert ids(first) == ["fresh_heap@glibc", "fresh_heap@glibc#twin", "fresh_heap@glibc#duplicate", "fresh_heap@other",
                          "fresh_heap@absent", "slab_pool@glibc", "slow_pool@glibc", "empty_loop@glibc", "half_line@glibc"]


@pytest.mark.parametrize(("asked", "named"), [
    ({"strategies": ("slab*",), "allocators": ("other",)}, "--allocator other"),
    ({"strategies": ("slab*",), "allocators": ("glibc", "other")}, "--allocator other"),
    ({"strategies": ("slab*",), "allocators": ("mine=/x.so",)}, "--allocator mine"),
    ({"workloads": ("good",), "strategies": ("slab*", "garbage")}, "--strategy 'garbage'"),
    ({"workloads": ("good", "good/live=10,hot=*", "bad"), "strategies": ("garbage", "slow*")}, ""),
    ({"strategies": ("slab*", "fresh_heap"), "allocators": ("other",)}, "")])
def test_what_is_asked_for_by_name_is_measured_or_refused(asked, named):
    if not named:
        assert make(**asked)
        return
    with pytest.raises(UserError, match="^[^\n]*$") as refused:
        make(**asked)
    assert named in str(refused.value)


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
    first = make(workloads=("good",), strategies=("slab*",), allocators=("glibc",))[0]
    assert ids(first) == ["fresh_heap@glibc", "fresh_heap@glibc#twin", "fresh_heap@glibc#duplicate", "slab_pool@glibc",
                          "empty_loop@glibc"]


def test_named_heaps_take_part_at_every_point():
    assert "fresh_heap@other" in ids(make(workloads=("good",), allocators=("other",))[1])


def test_an_own_heap_stands_beside_those_of_the_catalog(tmp_path):
    library = tmp_path / "mine.so"
    library.touch()
    entries = cells.split_allocators([f"other,mine={library}"])
    cell = next(cell for cell in make(allocators=entries)[0].cells if cell.heap.name == "mine")
    assert cell.heap.argument == f"mine={library}" and cell.heap.preload and not cell.skip
    assert cell.id.endswith("fresh_heap@mine")


def test_a_file_of_the_readers_takes_the_place_of_a_heap_of_the_catalog():
    heaps = cells.heaps(description(), ("glibc", "other=/lib/x.so"))
    assert [(heap.name, heap.library, heap.argument) for heap in heaps] == [
        ("glibc", "/lib/libc.so.6", "glibc"), ("other", "/lib/x.so", "other=/lib/x.so")]


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


def curated():
    """The description with one strategy, one workload and one heap that wait for the full preset."""
    source = description()
    tiers = next(workload for workload in source.workloads if workload.name == "tiers")
    entrants = tuple(replace(entrant, preset="full") if entrant.name == "slab_pool" else entrant
                     for entrant in tiers.strategies)
    return replace(
        source, workloads=tuple({"tiers": replace(tiers, strategies=entrants),
                                 "stuck": replace(workload, preset="full")}.get(workload.name, workload)
                                for workload in source.workloads),
        allocators=tuple(replace(heap, preset="full") if heap.name == "other" else heap for heap in source.allocators))


@pytest.mark.parametrize(("preset", "selection", "takes_part"), [
    (QUICK, {}, False), (FULL, {}, True), (WIDE, {}, True), (SMOKE, {}, True),
    (QUICK, {"strategies": ("slab*",)}, True)])
def test_a_strategy_of_the_full_preset_is_in_each_longer_one(preset, selection, takes_part):
    assert ("slab_pool@glibc" in ids(make(preset, curated(), workloads=("tiers",), **selection)[0])) == takes_part


@pytest.mark.parametrize(("preset", "workloads", "points"), [
    (QUICK, (), 0), (QUICK, ("good",), 0), (QUICK, ("stuck",), 2), (QUICK, ("stu*", "good"), 2),
    (QUICK, ("stuck/live=1000,*",), 1), (FULL, (), 3), (WIDE, (), 3), (SMOKE, (), 2)])
def test_a_workload_of_the_full_preset_is_asked_there_in_smoke_runs_and_where_it_is_named(preset, workloads, points):
    made = make(preset, curated(), workloads=workloads)
    assert sum(group.baseline.workload == "stuck" for group in made) == points


@pytest.mark.parametrize(("preset", "selection", "takes_part"), [
    (QUICK, {}, False), (FULL, {}, True), (SMOKE, {}, True), (QUICK, {"allocators": ("glibc", "other")}, True)])
def test_a_heap_of_the_full_preset_takes_part_there_in_smoke_runs_and_where_it_is_named(preset, selection, takes_part):
    first = make(preset, curated(), workloads=("good",), **selection)[0]
    assert ("fresh_heap@other" in ids(first)) == takes_part


def test_a_note_names_what_waits_for_a_longer_preset():
    def told(preset, source=None, **selected):
        source, selection = source or description(), Selection(**selected)
        notes = groups.notes(source, selection, preset, groups.make(source, selection, preset))
        return [note for note in notes if ": only with --preset" in note]
    wide = "rare_pool: only with --preset wide, or named with --strategy"
    assert told(QUICK) == [wide] and told(FULL) == [wide]
    assert not told(WIDE) and not told(SMOKE) and not told(QUICK, workloads=("good",))
    assert not told(QUICK, strategies=("slab*",))
    assert told(QUICK, curated(), workloads=("tiers",)) == [
        "slab_pool: only with --preset full, or named with --strategy", wide]
    assert told(QUICK, curated())[-1] == "stuck: only with --preset full, or named with --workload"
    assert told(FULL, curated()) == [wide]


def test_many_that_wait_are_counted():
    source = description()
    many = tuple(replace(source.workloads[-1], name=f"later_{number}", preset="full") for number in range(9))
    source = replace(source, workloads=source.workloads + many)
    notes = groups.notes(source, Selection(), QUICK, groups.make(source, Selection(), QUICK))
    assert "9 workloads (scripts/poolmark list workloads): only with --preset full, or named with --workload" in notes


@pytest.mark.parametrize(("selection", "names"), [
    ({"workloads": ("godo",)}, "good, bad, lost"), ({"strategies": ("xyz*",)}, "fresh_heap, slab_pool"),
    ({"allocators": ("mimaloc",)}, "glibc, other, absent, or NAME=LIBRARY.so"),
    ({"allocators": ("glibc=/lib/x.so",)}, "is the baseline"),
])
def test_what_matches_nothing_is_refused_with_what_there_is(selection, names):
    with pytest.raises(UserError, match=names.replace("*", r"\*")):
        make(**selection)


@pytest.mark.parametrize("argument", ["mine=/no/such.so", "a b=/lib/x.so", "glibc,glibc"])
def test_a_bad_allocator_is_refused(argument):
    with pytest.raises(UserError):
        cells.split_allocators([argument])


def test_an_unavailable_baseline_skips_its_group():
    source = description()
    first = source.workloads[1]
    turned = type(source)(source.build, source.allocators, source.strategies, (
        type(first)(**{**first.__dict__, "strategies": first.strategies[::-1]}),))
    assert all(cell.skip for cell in groups.make(turned, Selection(), QUICK)[0].cells)


def test_a_point_that_is_named_is_measured_in_any_preset():
    assert [group.name for group in make(workloads=("good/live=1000,*",))] == ["good/live=1000,hot=true"]
    assert len(make(workloads=("good*",))) == 2, "a workload that is named has the points of the preset"


IN_QUICK = Description({}, (), tuple(Strategy(name, "pool", "", True, "") for name in ("fresh_heap", "slab_pool")),
                       tuple(describe.Workload(name, "", "", "", "", "", (), ()) for name in ("pair", "churn")))


@pytest.fixture
def built(monkeypatch):
    asked = []
    monkeypatch.setattr(build, "ensure", lambda again=False, everything=False: asked.append(everything) or
                        (build.EVERYTHING if everything else build.BENCH))
    monkeypatch.setattr(own, "ensure", lambda types: Path("own"))
    monkeypatch.setattr(describe, "ask", lambda bench: IN_QUICK)
    return asked


@pytest.mark.parametrize(("preset", "workloads", "strategies", "everything"), [
    ("quick", (), (), [False]), ("full", (), (), [True]), ("wide", (), (), [True]), ("smoke", (), (), [True]),
    ("quick", (), ("slab_pool", "fresh_*"), [False]), ("quick", (), ("slab_pool", "cpu_pool"), [False, True]),
    ("quick", ("pair", "churn/live=1*"), (), [False]), ("quick", ("pair", "memo_hits"), (), [False, True]),
    ("quick", ("*",), (), [False, True]), ("quick", ("nonsense",), (), [False, True])])
def test_everything_is_built_where_the_preset_or_a_name_asks(built, preset, workloads, strategies, everything):
    assert binary.ensure((), preset, workloads, strategies) == (build.EVERYTHING if everything[-1] else build.BENCH)
    assert built == everything


def test_a_readers_own_types_are_measured_in_every_pool_by_one_program(built):
    assert binary.ensure(("my_type.hpp",), "wide", (), ("cpu_pool",)) == Path("own") and built == []


def test_a_build_folder_that_was_copied_with_another_checkout_is_made_anew(tmp_path, capsys):
    folder = tmp_path / "build/bench"
    folder.mkdir(parents=True)
    build.discard_moved(folder, tmp_path)
    for home, kept in ((tmp_path, True), (tmp_path / "elsewhere", False)):
        (folder / "CMakeCache.txt").write_text(f"// x\nCMAKE_HOME_DIRECTORY:INTERNAL={home}\n")
        build.discard_moved(folder, tmp_path)
        assert folder.exists() is kept
    assert "another checkout" in capsys.readouterr().err
