"""Where the answer flips: from verdicts only, and told as far as they carry it; and the chart of body cost against hit rate, whose
line lies where verdicts turn, and nowhere else."""

import copy
import dataclasses

import pytest
import sample_results
from suite import charts
from suite.charts import breakeven, style
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


BODIES, PERCENTS = (0, 10, 100, 1000), (10, 50, 90)
COST = 30.0  # of a call that hits; a miss costs as much on top of the body


def results(open_at=()):
    """A cache whose call costs 30 ns: it pays where the hits save more than that."""
    raw = copy.deepcopy(sample_results.build())
    pattern = next(cell for cell in raw["cells"] if cell["verdict"] == "FASTER" and not cell.get("facts"))
    raw["cells"], raw["workloads"] = [], [raw["workloads"][0] | {"name": "memo"}]
    for body in BODIES:
        for percent in PERCENTS:
            where = f"memo/body_ns={body},hit_percent={percent}"
            ns, ours = body + 2.0, COST + body * (100 - percent) / 100
            for strategy, took in (("recompute", ns), ("lru", ours)):
                ratio = took / ns
                verdict = "BASELINE" if strategy == "recompute" else "FASTER" if ratio < 0.97 else "SLOWER"
                verdict = "UNRESOLVED" if (body, percent) in open_at and strategy == "lru" else verdict
                raw["cells"].append(pattern | {
                    "id": f"{where}/{strategy}@glibc", "workload": "memo", "strategy": strategy, "allocator": "glibc",
                    "parameters": {"body_ns": body, "hit_percent": percent}, "group": where, "verdict": verdict,
                    "baseline": f"{where}/recompute@glibc", "adjusted": True if verdict == "FASTER" else None,
                    "ns_per_op": {"median": took, "minimum": took, "low": took * 0.99, "high": took * 1.01},
                    "ratio": {"estimate": ratio, "low": ratio * 0.99, "high": ratio * 1.01}})
    return model.load(raw)


def test_the_title_says_from_which_body_on_it_pays():
    chart, = breakeven.plan(results(), "memo")
    assert chart.title == "lru pays from body_ns 1,000 at 10\N{NO-BREAK SPACE}%, 100 at 50 and 90\N{NO-BREAK SPACE}%"
    assert chart.how.startswith(chart.title), "a narrow page cuts the title that is drawn"
    assert chart.table[0][:3] == ("body_ns", "baseline, ns", "hit_percent 10") and chart.table[3][:2] == ("100", "102")


def test_the_line_runs_between_points_of_another_answer():
    grid, = breakeven.grids(results().of_workload("memo"))
    edges = {(tuple(map(tuple, side)), style) for side, style in breakeven._edges(grid)}
    assert edges == {(((0, 1), (3, 3)), "-"), (((1, 2), (2, 2)), "-"), (((2, 3), (2, 2)), "-"), (((1, 1), (2, 3)), "-")}


def test_what_is_open_is_dotted_and_counts_for_nothing():
    grid, = breakeven.grids(results(open_at={(100, 90), (1000, 10)}).of_workload("memo"))
    assert {style for _, style in breakeven._edges(grid)} == {"-", ":"}
    told = breakeven.finding(grid).replace("\N{NO-BREAK SPACE}", " ")
    assert told == "lru pays from body_ns 100 at 50 %, 1,000 at 90 %; not settled at 10 %"


def test_it_says_what_the_crossovers_say():
    told = {one.fixed["hit_percent"]: one.answer for one in crossover.of(results().of_workload("memo"))
            if one.axis == "body_ns"}
    assert told[10].startswith("pays from body_ns=1,000") and told[50].startswith("pays from body_ns=100")


def test_it_is_drawn_first_and_only_of_a_grid(tmp_path):
    assert charts.of_workload(results(), "memo")[0].kind == "breakeven"
    svg = style.save(charts.of_workload(results(), "memo")[0], tmp_path)
    assert "baseline 102 ns" in svg and svg.count("</text>") >= 12
    assert not any(chart.kind == "breakeven" for chart in charts.plan(model.load(sample_results.build())))


def test_the_best_of_each_family_comes_first():
    """Three figures of our own would leave out what a reader knows: the map of every day and CPython's."""
    whole = results()
    found = {}
    for strategy, family, ratio in (("ours", "pool", 0.1), ("ours_too", "pool", 0.2), ("ours_as_well", "pool", 0.3),
                                    ("peer", "peer", 0.9), ("plain", "fresh", 0.8)):
        cells = [dataclasses.replace(cell, strategy=strategy, family=family, id=cell.id.replace("/lru", f"/{strategy}"),
                                     verdict="FASTER" if ratio < 0.5 else cell.verdict)
                 for cell in whole.cells if cell.strategy == "lru"]
        found[strategy] = cells
    more = dataclasses.replace(whole, cells=(*(cell for cell in whole.cells if cell.strategy != "lru"),
                                             *(cell for cells in found.values() for cell in cells)))
    assert [chart.name.rpartition("-")[2] for chart in breakeven.plan(more, "memo")] == ["ours", "peer", "plain"]
