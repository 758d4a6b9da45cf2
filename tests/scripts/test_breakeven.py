"""The chart of body cost against hit rate: the line lies where verdicts turn, and nowhere else."""

import copy
import dataclasses
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))

import sample_results  # noqa: E402
from suite import charts  # noqa: E402
from suite.charts import breakeven, style  # noqa: E402
from suite.results import crossover, model as data  # noqa: E402

BODIES, PERCENTS = (0, 10, 100, 1000), (10, 50, 90)
COST = 30.0  # of a call that hits; a miss costs as much on top of the body


def results(open_at=()):
    """A cache whose call costs 30 ns: it pays where the hits save more than that."""
    raw = copy.deepcopy(sample_results.build())
    model = next(cell for cell in raw["cells"] if cell["verdict"] == "FASTER" and not cell.get("facts"))
    raw["cells"], raw["workloads"] = [], [raw["workloads"][0] | {"name": "memo"}]
    for body in BODIES:
        for percent in PERCENTS:
            where = f"memo/body_ns={body},hit_percent={percent}"
            ns, ours = body + 2.0, COST + body * (100 - percent) / 100
            for strategy, took in (("recompute", ns), ("lru", ours)):
                ratio = took / ns
                verdict = "BASELINE" if strategy == "recompute" else "FASTER" if ratio < 0.97 else "SLOWER"
                verdict = "UNRESOLVED" if (body, percent) in open_at and strategy == "lru" else verdict
                raw["cells"].append(model | {
                    "id": f"{where}/{strategy}@glibc", "workload": "memo", "strategy": strategy, "allocator": "glibc",
                    "parameters": {"body_ns": body, "hit_percent": percent}, "group": where, "verdict": verdict,
                    "baseline": f"{where}/recompute@glibc", "adjusted": True if verdict == "FASTER" else None,
                    "ns_per_op": {"median": took, "minimum": took, "low": took * 0.99, "high": took * 1.01},
                    "ratio": {"estimate": ratio, "low": ratio * 0.99, "high": ratio * 1.01}})
    return data.load(raw)


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
    assert not any(chart.kind == "breakeven" for chart in charts.plan(data.load(sample_results.build())))


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
