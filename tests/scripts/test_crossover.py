"""Where the answer flips: from verdicts only, and told as far as they carry it."""

import dataclasses

import pytest
import sample_results

from suite.report import content, html, markdown, terminal
from suite.results import crossover, model

WORDS = {"F": model.FASTER, "S": model.SLOWER, "E": model.EQUIVALENT, "U": model.UNRESOLVED, "N": model.NOT_CITABLE}


def said(verdicts, values=(16, 64, 256, 1024, 4096)):
    steps = [crossover.Step(value, WORDS[letter]) for value, letter in zip(values, verdicts)]
    return crossover.answer("bytes", steps)


@pytest.mark.parametrize("verdicts, expected", [
    ("SSSFF", "pays from bytes=1,024 (between 256 and 1,024), slower before"),
    ("EEFFF", "pays from bytes=256 (between 64 and 256), no difference before"),
    ("SEFFF", "pays from bytes=256 (between 64 and 256), slower or no difference before"),
    ("FFESS", "pays up to bytes=64 (between 64 and 256), slower or no difference after"),
    ("FFFFF", "always in bytes=16..4,096"),
    ("SSSSS", "never in bytes=16..4,096, slower"),
    ("EEEEE", "never in bytes=16..4,096, no difference"),
    ("SUNFF", "pays from bytes=1,024 (not decided between 16 and 1,024), slower before"),
    ("SFFFU", "pays from bytes=64 (between 16 and 64), slower before; not decided at bytes=4,096"),
    ("UUUUN", "not decided in bytes=16..4,096"),
    ("FFUFF", "always at bytes=16 64 1,024 4,096; not decided at bytes=256"),
    ("SSUUU", "never at bytes=16 64, slower; not decided at bytes=256 1,024 4,096"),
    ("FSFFU", "turns more than once: pays at bytes=16 256 1,024; not at bytes=64; not decided at bytes=4,096"),
    ("SF", "pays from bytes=64 (between 16 and 64), slower before")])
def test_the_answer_follows_the_sequence_of_verdicts(verdicts, expected):
    assert said(verdicts) == expected


@pytest.fixture(scope="module")
def measured():
    return model.load(sample_results.build())


def cells_of(measured, workload):
    return [cell for cell in measured.cells if cell.workload == workload]


def with_verdicts(cells, strategy, axis, verdicts, **more):
    """The cells with other verdicts for one strategy on the baseline's heap."""
    def turned(cell):
        own = cell.strategy == strategy and cell.allocator == "glibc" and not cell.twin
        found = own and verdicts.get(cell.parameters[axis])
        return dataclasses.replace(cell, verdict=found, **more) if found else cell
    return [turned(cell) for cell in cells]


def test_a_sweep_of_one_parameter(measured):
    cells = with_verdicts(cells_of(measured, "boxed_integers"), "boxed_int_table", "hit_rate",
                          {0: model.SLOWER, 50: model.EQUIVALENT, 90: model.FASTER, 100: model.FASTER})
    found = next(one for one in crossover.of(cells) if one.strategy == "boxed_int_table")
    assert found.axis == "hit_rate" and found.fixed == {} and found.flips
    assert found.answer == "pays from hit_rate=90 (between 50 and 90), slower or no difference before"


def test_two_parameters_are_asked_at_each_value_of_the_other(measured):
    cells = with_verdicts(cells_of(measured, "batch_order"), "slab_pool", "live", {100: model.SLOWER, 1000: model.FASTER})
    found = [one for one in crossover.of(cells) if one.strategy == "slab_pool"]
    assert {one.axis for one in found} == {key for key in ("live", "bytes")
                                           if len({cell.parameters[key] for cell in cells}) > 1}
    along = [one for one in found if one.axis == "live"]
    others = {str({k: v for k, v in cell.parameters.items() if k != "live"}) for cell in cells}
    assert {str(one.fixed) for one in along} == others and len(along) == len(others)


def test_other_heaps_twins_limits_and_the_baseline_itself_are_no_strategies(measured):
    cells = cells_of(measured, "batch_order")
    names = {one.strategy for one in crossover.of(cells)}
    assert "fresh_heap" not in names and "empty_loop" not in names and "slab_pool" in names
    assert all(len({step.value for step in one.steps}) == len(one.steps) for one in crossover.of(cells))


def test_what_falls_to_the_correction_is_not_decided(measured):
    cells = cells_of(measured, "boxed_integers")
    fallen = [dataclasses.replace(cell, adjusted=False) for cell in cells]
    assert not any(one.decided for one in crossover.of(fallen)
                   if all(step.verdict != model.EQUIVALENT for step in one.steps))


def test_strategies_with_one_answer_share_a_line_and_flips_come_first():
    def one(strategy, verdicts):
        return crossover.Crossover("w", strategy, "bytes", {"order": "lifo"}, tuple(
            crossover.Step(value, WORDS[letter]) for value, letter in zip((16, 64), verdicts)))
    rows = crossover.lines([one("a", "UU"), one("b", "FF"), one("c", "SF"), one("d", "FF")])
    assert [row.strategies for row in rows] == [("c",), ("b", "d"), ("a",)]
    assert rows[1].sentence == "b, d (lifo order): always in bytes=16..64"


def test_terminal_markdown_and_html_say_the_same():
    raw = sample_results.build()
    for cell in raw["cells"]:
        if cell["workload"] == "boxed_integers" and cell["strategy"] == "boxed_int_table" and cell["ratio"]:
            verdict, ratio = ("FASTER", 0.5) if cell["parameters"]["hit_rate"] >= 90 else ("SLOWER", 1.5)
            cell |= {"verdict": verdict, "adjusted": True, "ratio": {"estimate": ratio, "low": ratio, "high": ratio}}
    whole = content.of(model.load(raw), drawn=False)
    rows = [row for rows in whole.crossovers.values() for row in rows]
    assert any(row.flips for row in rows) and not all(row.flips for row in rows)
    page, plain = html.render(whole, {}), markdown.render(whole)
    assert all(row.answer in page and row.answer in plain for row in rows)
    assert "boxed_integers: boxed_int_table: pays from hit_rate=90 (between 50 and 90), slower before" \
        in "\n".join(terminal.lines(whole))


def test_pages_of_a_run_without_verdicts_show_no_flips():
    told = "\n".join(terminal.lines(content.of(model.load(sample_results.smoke()), drawn=False)))
    assert "pays" not in told and "turns more than once" not in told
