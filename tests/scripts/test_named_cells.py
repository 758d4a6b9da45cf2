"""The program that there is: how much of it quick measures; every cell which its workloads, books and pages name is one of its cells, since a
pattern that meets nothing says so only in a page; and who meet have looks of their own, however many."""

import json
import re
import subprocess
from fnmatch import fnmatchcase
from functools import cache

import pytest
from driver import ROOT
from suite.charts import palette, scaling
from suite.claims import ledger
from suite.cli import advise
from suite.plan import describe, groups
from suite.plan.cells import CONTROLS, Selection
from suite.plan.presets import PRESETS
from suite.results.model import Cell, Interval

BENCH = ROOT / "build/bench/poolmark-bench-all"  # the books name pools of the wide preset as well


def needs_the_build():
    if not BENCH.exists():
        pytest.skip("the bench build is not there")


def ids_of(description):
    """Every cell of every preset, and the groups that they are in."""
    heaps = [one["name"] for one in description["allocators"]]
    found = {}
    for workload in description["workloads"]:
        for point in workload["points"]:
            group = f"{workload['name']}/" + ",".join(f"{key}={value}" for key, value in point["parameters"].items())
            aside = {one["strategy"] for one in point["except"]}
            found[group] = {f"{group}/{one['name']}@{heap}" for one in workload["strategies"] if one["name"] not in aside
                            for heap in (heaps if one["allocators"] == "every" else heaps[:1])}
    return found


@pytest.fixture(scope="module")
def description():
    needs_the_build()
    return json.loads(subprocess.run([BENCH, "--describe"], capture_output=True, check=True, text=True).stdout)


@pytest.fixture(scope="module")
def cells(description):
    return ids_of(description)


def checks_of(name):
    book = json.loads((ROOT / "reports" / name).read_text())
    if name == "claims.json":
        return [check for source in book["sources"] for claim in source["claims"] for check in claim.get("checks", ())]
    return [check for one in book["headlines"] for point in one["points"].values() for check in point["checks"]]


def patterns_of(check):
    """The cells that a check names; what a cell tells is named beside it and is none."""
    source = ledger.source_of(check)
    return check[source][:1] if source == "told" else check[source]


def unmet(patterns, names):
    """Those that meet none of the names; literal ones are looked up, which is most of them."""
    names = set(names)
    return [each for each in dict.fromkeys(patterns)
            if each not in names and not (re.search(r"[*?[]", each) and any(fnmatchcase(one, each) for one in names))]


@pytest.mark.parametrize("book", ["claims.json", "findings.json"])
def test_each_counterpart_is_a_cell_of_some_preset(cells, book):
    patterns = [pattern for check in checks_of(book) if ledger.is_cpp(check) for pattern in patterns_of(check)]
    assert len(patterns) > 5
    assert unmet(patterns, (cell for some in cells.values() for cell in some)) == []


def test_both_sides_of_a_ratio_stand_in_one_group(cells):
    """Else their times were never paired, and their ratio is only that of two medians."""
    apart = []
    for check in (check for book in ("claims.json", "findings.json") for check in checks_of(book)
                  if ledger.is_cpp(check) and ledger.source_of(check) == "ns"):
        first, second = check["ns"]
        groups = [group for group, some in cells.items() if not unmet([first], some)]
        if groups and not any(not unmet([second], cells[group]) for group in groups):
            apart.append((first, second))
    assert apart == []


def test_each_cell_that_the_readme_quotes_is_there(cells):
    rows = json.loads((ROOT / "reports/headlines.json").read_text())["rows"]
    assert unmet([row["cell"] for row in rows], (cell for some in cells.values() for cell in some)) == []


def test_who_meet_in_a_workload_have_colours_of_their_own(description):
    assert twins(description) == []


KINDS = ("dependent_chain", "independent", "heap_like", "l3_walk")


@cache
def described():
    needs_the_build()
    return describe.ask(BENCH)


@cache
def planned(preset="quick"):
    return groups.make(described(), Selection(), PRESETS[preset])


def cells_of(preset="quick"):
    return [cell for group in planned(preset) for cell in group.cells]


def asked(preset="quick"):
    return {group.baseline.workload for group in planned(preset)}


def test_quick_has_about_a_dozen_workloads_and_less_than_300_cells():
    assert 10 <= len(asked()) <= 16
    assert 180 <= len(cells_of()) <= 300, "those that are not installed here count as well"


def test_quick_has_a_control_of_each_kind():
    assert [group.name for group in planned() if group.baseline.workload == CONTROLS] == [f"controls/kind={kind}" for kind in KINDS]


def test_full_and_wide_leave_no_workload_out_and_measure_all_that_quick_does():
    everything = {workload.name for workload in described().workloads}
    short, full, wide = ({cell.id for cell in cells_of(preset)} for preset in ("quick", "full", "wide"))
    assert asked("full") == asked("wide") == asked("smoke") == everything
    assert short <= full
    # wide differs from full by its strategies and heaps alone
    assert {name.rpartition("/")[0] for name in full} == {name.rpartition("/")[0] for name in wide} and full < wide


def test_the_program_that_quick_needs_has_its_workloads_and_the_leading_pools_alone():
    """All cells of quick, and less than half of what there is to compile; beside it the workloads about heaps, which need no pool."""
    needs_the_build()
    fewer = describe.ask(BENCH.with_name("poolmark-bench"))
    here, all_there = ({workload.name: workload.preset for workload in asked.workloads} for asked in (fewer, described()))
    assert set(here) == {name for name, preset in all_there.items() if preset in ("quick", "heaps")}
    assert {cell.id for group in groups.make(fewer, Selection(), PRESETS["quick"]) for cell in group.cells} == {
        cell.id for cell in cells_of()}
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
    measured = {cell.id for cell in cells_of()}
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


def line(strategy, nanoseconds):
    return [(size, Cell(id=f"w/live={size}/{strategy}@glibc", workload="w", parameters={"live": size}, group=f"w/live={size}",
                        strategy=strategy, allocator="glibc", family="layout", limit=False, twin=False, verdict="SLOWER",
                        reason="", median=Interval(nanoseconds), minimum=None, ratio=None)) for size in (10, 1000)]


@pytest.mark.parametrize("count", [3, 40])
def test_every_line_has_its_label_and_no_two_lie_on_one_another(count):
    names = [f"strategy_{number}" for number in range(count)]
    figure = scaling.draw({name: line(name, 10 + 0.001 * place) for place, name in enumerate(names)}, "live", "t", "w", [])
    labels = [text for axes in figure.axes for text in axes.texts if text.get_text().startswith("strategy_")]
    assert {text.get_text() for text in labels} == {f"{name}@glibc" for name in names}
    assert all(-0.1 < text.get_position()[1] < 1.1 for text in labels), "beside the chart, not above it"
    inches = sorted(text.get_position()[1] * figure.axes[0].get_position().height * figure.get_figheight() for text in labels)
    assert min(after - before for before, after in zip(inches, inches[1:])) > 0.13


def test_places_lie_within_the_shades_of_a_family():
    assert all(place < 10 for place in palette.ELSEWHERE.values())
    assert not palette.ELSEWHERE.keys() & {name for names in palette.KNOWN.values() for name in names}
    assert palette.mark("text_moved", "fresh") != palette.mark("text_reserved", "fresh")


def twins(description):
    """Strategies of one workload that have their places in the palette and yet one colour."""
    families = {one["name"]: one["family"] for one in description["strategies"]}
    found = []
    for workload in description["workloads"]:
        seen = {}
        for name in (one["name"] for one in workload["strategies"]):
            if name not in palette.SHADES:  # a place that the name decides, until somebody gives it one
                continue
            look = palette.mark(name, families[name]).colour
            if look in seen:
                found.append((workload["name"], name, seen[look]))
            seen[look] = name
    return found


def test_who_meet_in_a_workload_look_different():
    def described(*names):
        return {"strategies": [{"name": name, "family": "pool"} for name in names],
                "workloads": [{"name": "w", "strategies": [{"name": name} for name in names]}]}
    assert twins(described("weak_interner", "arena_interner", "sharded_interner")) == []
    assert twins(described("weak_interner", "plain_count")) == [("w", "plain_count", "weak_interner")]
