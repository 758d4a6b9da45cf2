"""The state of a heap before a workload begins: which ones are asked, what a contender is told, and what a page says of them."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from driver import ROOT, description
from suite.base.errors import UserError
from suite.measure import launch
from suite.measure.contender import ContenderFailure
from suite.plan import groups, heap_states
from suite.plan.cells import Selection
from suite.plan.presets import PRESETS
from suite.report import answers
from suite.results import littered, model
from test_report_answers import FAST, SLOW, answer, cell, run


def asked(preset="quick", source=None, **selection):
    """The names of the groups, without the controls."""
    return [group.name for group in groups.make(source or description(), Selection(**selection), PRESETS[preset])
            if group.baseline.workload != "controls"]


def marked(littered=True):
    """The description with points that ask for litter."""
    source = description()
    return replace(source, workloads=tuple(replace(one, points=tuple(replace(point, littered=littered) for point in one.points))
                                           for one in source.workloads))


@pytest.mark.parametrize(("given", "words"), [
    (["clean"], ("clean",)), (["clean,aged", "littered=0.4"], ("clean", "aged", "littered40")), (["littered=.05", "littered=0.05"], ("littered5",)),
    (["littered=0", "aged", "littered=1", "littered=1.0"], ("aged", "littered100"))])
def test_states_are_words_of_parameters(given, words):
    assert heap_states.split(given) == words


@pytest.mark.parametrize("given", ["", "dirty", "littered", "littered=", "littered=40", "littered=1.5", "littered=-0.1", "aged=1", "clean=1", "littered=0.4.1"])
def test_an_unknown_state_is_one_line_with_the_way_out(given):
    with pytest.raises(UserError, match="use clean, aged, or littered=0.4") as refused:
        heap_states.split([given])
    assert "\n" not in str(refused.value)


def test_a_marked_point_is_asked_on_both_heaps_and_in_smoke_on_the_clean_one():
    assert asked(workloads=("good",)) == ["good/live=10,hot=true", "good/live=100,hot=true"]
    assert asked(workloads=("good",), source=marked())[:2] == ["good/live=10,hot=true", "good/live=10,hot=true,heap=littered40"]
    assert not any("heap=" in name for name in asked("smoke", marked()))


def test_the_reader_chooses_the_states_and_a_name_may_hold_one():
    both = asked(workloads=("good",), source=marked(), heaps=("aged", "clean"))
    assert both[:2] == ["good/live=10,hot=true,heap=aged", "good/live=10,hot=true"] and len(both) == 4
    assert asked(workloads=("good/live=10,*",), heaps=("aged",)) == ["good/live=10,hot=true,heap=aged"]
    assert asked(workloads=("good/live=10,hot=true,heap=littered7",)) == ["good/live=10,hot=true,heap=littered7"]
    assert asked(workloads=("bad", "good/live=10,hot=true,heap=littered7")).count("good/live=10,hot=true,heap=littered7") == 1
    assert not any(name.startswith("bad") and "littered7" in name for name in asked(workloads=("bad", "good/live=10,hot=true,heap=littered7")))


def test_bytes_and_single_operations_are_asked_on_a_clean_heap():
    made = groups.make(marked(), Selection(("good",)), PRESETS["quick"])
    used = [group for group in made if heap_states.in_name(group.name)]
    assert used and not any(group.memory or group.latency for group in used)


def program(folder: Path, body: str) -> Path:
    path = folder / "bench"
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return path


def test_all_of_a_group_find_litter_of_the_sizes_that_its_baseline_asks_for(tmp_path):
    bench = program(tmp_path, 'echo "$*" "$LD_PRELOAD" >>"$0.asked"; echo "5;64:9"')
    used = groups.make(marked(), Selection(("good",)), PRESETS["quick"])[-1]
    assert {launch.litter(bench, one) for one in used.cells} == {"5;64:9"}
    assert (tmp_path / "bench.asked").read_text() == (  # once for all of them, and a checkout may lie below a folder with spaces
        "--sizes=good/live=100,hot=true/fresh_heap $ORIGIN/libpoolmark_sizes.so\n")


def test_sizes_that_cannot_be_counted_cost_their_cell_and_say_why(tmp_path):
    used = groups.make(marked(), Selection(("good",)), PRESETS["quick"])[-1]
    with pytest.raises(ContenderFailure, match="its sizes cannot be counted: no preload"):
        launch.litter(program(tmp_path, 'echo "no preload" >&2; exit 2'), used.cells[0])


CHURN = "churn/live=100000,bytes=64"
USED = f"{CHURN},heap=littered40"


def test_the_answer_on_a_littered_heap_stands_beside_the_clean_one():
    found = answer("pool", cell(CHURN, "fresh_heap@glibc"), cell(CHURN, "object_pool@glibc", FAST),
                   cell(USED, "fresh_heap@glibc"), cell(USED, "object_pool@glibc", (0.5, 0.45, 0.55, "FASTER")))
    assert found.short.startswith("Yes, object_pool: 4.0 times")
    assert found.littered == "On a littered heap (40 % of it in use): 2.0 times as fast (1.82 to 2.22), 0.500× [0.450, 0.550]"


def test_a_littered_heap_alone_answers_nothing_and_a_clean_one_needs_none():
    only = answer("pool", cell(USED, "fresh_heap@glibc"), cell(USED, "object_pool@glibc", FAST))
    assert not only.answered
    assert not answer("pool", cell(CHURN, "fresh_heap@glibc"), cell(CHURN, "object_pool@glibc", FAST)).littered


@pytest.mark.parametrize(("used", "turns"), [(SLOW, True), (FAST, False), ((1.0, 0.8, 1.25, "UNRESOLVED"), False),
                                             ((1.5, 1.4, 1.6, "SLOWER", False), False)])
def test_an_answer_that_turns_round_under_litter_is_said_before_all_numbers(used, turns):
    more = {"adjusted": used[4]} if len(used) > 4 else {}
    said = littered.turned(run(cell(CHURN, "fresh_heap@glibc"), cell(CHURN, "object_pool@glibc", FAST),
                               cell(USED, "fresh_heap@glibc"), cell(USED, "object_pool@glibc", used[:4], **more)))
    assert bool(said) is turns
    assert not turns or said == ("object_pool on glibc in churn (100,000 live objects, 64 bytes each): faster than the baseline on a clean heap, "
                                 "slower on a littered heap (40 % of it in use).")


def test_a_question_about_some_workloads_is_answered_by_no_other():
    raw = run(cell(CHURN, "fresh_heap@glibc"), cell(CHURN, "fresh_heap@mimalloc", FAST)).raw | {"run": {"preset": "heaps"}}
    assert not [one.short for one in answers.of(model.load(raw)) if one.answered]


def test_a_run_of_heaps_has_its_own_questions():
    assert not run(cell(CHURN, "fresh_heap@glibc")).of_heaps
    assert model.load(run(cell(CHURN, "fresh_heap@glibc")).raw | {"run": {"preset": "heaps"}}).of_heaps


def test_the_table_of_the_field_names_what_is_there():
    table = [row for row in (ROOT / "docs/heaps.md").read_text().splitlines() if row.startswith("| ")][-38:]
    named = {word for row in table for word in re.findall(r"`([a-z_]+)`", row.split("|")[-2])}
    assert named - {file.stem for file in (ROOT / "benchmarks/workloads").glob("*.cpp")} <= {
        "program", "explain", "no_heap", "bump", "compare", "replicate", "advise", "cite", "dladdr"}
    of_heaps = {file.stem for file in (ROOT / "benchmarks/workloads").glob("*.cpp") if "from = preset::heaps" in file.read_text()}
    page = (ROOT / "docs/heaps.md").read_text()
    assert of_heaps and not [name for name in of_heaps if f"`{name}`" not in page]
