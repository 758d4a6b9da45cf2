"""Why a workload comes out as it does: the mechanism in two sentences, and the two cells of this run that show it.

The answer on one screen: five lines, one for each comparison of the card, from citable cells only.
"""

from __future__ import annotations

from dataclasses import dataclass

from suite.analysis import verdicts
from suite.charts import answer as drawing
from suite.charts.style import Chart
from suite.report import comparisons
from suite.report.comparisons import Comparison, Pick
from suite.results import littered, model, wording
from suite.results.model import Cell, Interval, Results, name

UNCONFIRMED = "not confirmed in this run"
BESIDE = {"heap": 2, "pool": 1, "singleton": 1, "layout": 1, "resource": 1, "both": 0}  # of its kind, shown with the pick


@dataclass(frozen=True)
class Why:
    """A workload's explanation, and what this run says to it."""

    text: str
    figures: str = ""
    confirmed: bool = True

    @property
    def line(self) -> str:
        """All of it as one paragraph."""
        said = f" In this run: {self.figures}{'' if self.confirmed else f' ({UNCONFIRMED})'}." if self.figures else ""
        return self.text + said


def why_of(results: Results, workload: str) -> Why | None:
    """The explanation, where the workload has one."""
    entry = next((one for one in results.raw.get("workloads") or () if one.get("name") == workload), {}).get("why")
    text = name(entry.get("text") or "", 1000) if isinstance(entry, dict) else ""
    if not text:
        return None
    known = {cell.id: cell for cell in results.cells if cell.measured}
    slower, faster = (known.get(name(entry.get(key) or "", 400)) for key in ("slower", "faster"))
    if not slower or not faster:
        return Why(text)
    times = " against ".join(f"{_why_label(cell, slower, faster)} {wording.significant(cell.nanoseconds.estimate)} ns"
                             for cell in (slower, faster))
    return Why(text, times, _is_slower(slower, faster))


def _why_label(cell: Cell, slower: Cell, faster: Cell) -> str:
    """What tells the two apart: the contender, the point, or both."""
    parts = [wording.contender(cell)] if slower.contender != faster.contender else []
    parts += [wording.point(cell.parameters)] if slower.group != faster.group else []
    return ", ".join(parts) or cell.id


def _is_slower(slower: Cell, faster: Cell) -> bool:
    """Of one group by their ratios, else by their times; never by luck, where there are intervals."""
    one, other = (slower.ratio, faster.ratio) if slower.group == faster.group else (slower.nanoseconds, faster.nanoseconds)
    return _low(one) > _high(other) if one and other else slower.nanoseconds.estimate > faster.nanoseconds.estimate


def _low(found: Interval) -> float:
    return found.low if found.has_interval else found.estimate


def _high(found: Interval) -> float:
    return found.high if found.has_interval else found.estimate


@dataclass(frozen=True)
class Answer:
    """A question in plain words and what this run says to it."""

    question: str
    short: str  # what somebody with ten seconds reads
    figures: str = ""  # nanoseconds before and after, and the ratio
    beside: str = ""  # who else the chart shows
    where: str = ""
    shared: str = ""  # the same beside a busy sibling
    littered: str = ""  # the same on heaps that were in use before
    loses: str = ""
    why: Why | None = None
    cell: Cell | None = None
    chart: Chart | None = None

    @property
    def answered(self) -> bool:
        return self.cell is not None


def of(results: Results) -> list[Answer]:
    """All of them, in the order of the card."""
    return [_answer(results, asked) for asked in comparisons.every(results.of_heaps)]


def _answer(results: Results, asked: Comparison) -> Answer:
    kind = asked.kind
    question = asked.question.replace("{heap}", results.baseline_allocator())
    pick = comparisons.pick(results, asked) if results.quality != "INVALID" else None
    if pick is None:
        return Answer(question, f"This run cannot answer it: {comparisons.missing(results, asked)}.")
    rivals = comparisons.rivals(results, kind, pick.point, pick.cell)
    short = _together(results, pick, rivals) if kind == "both" else _short(results, kind, pick)
    beside = pick.others[:BESIDE[kind]]
    rows = [pick.before, *(one.before for one in rivals if one.before is not pick.before), pick.cell, *beside]
    named = [*(one.before for one in rivals if one.before is not pick.before), *beside]
    busy = ", memory busy during the whole run" if pick.cell.regime == "busy" else ""
    return Answer(
        question, short, _figures(kind, pick), _beside(results, kind, named),
        f"{pick.point.workload}, {wording.point(pick.point.parameters)}{busy}", _shared(pick.cell),
        littered.beside(results, pick.cell), comparisons.sentence(results, kind, pick), why_of(results, pick.point.workload), pick.cell,
        drawing.chart(asked.name, [(_label(results, kind, cell), cell) for cell in rows], pick.cell, question, short))


def _label(results: Results, kind: str, cell: Cell) -> str:
    return {"heap": wording.version(results, cell.allocator), "both": wording.contender(cell)}.get(kind, cell.strategy)


def _short(results: Results, kind: str, pick: Pick) -> str:
    """`Yes, object_pool: 5.8 times as fast (5.2 to 7.7)`."""
    cell, name = pick.cell, wording.short(_label(results, kind, pick.cell), 60)
    if cell.verdict == model.FASTER:
        doubt = "" if cell.holds else "; not after correcting for several comparisons"
        return f"{'Likely' if doubt else 'Yes'}, {name}: {wording.speed(cell.ratio)}{doubt}"
    if cell.verdict == model.SLOWER:
        return f"No, {name}: {wording.speed(cell.ratio)}"
    return _open(results, pick, name, cell.verdict, cell.ratio)


def _open(results: Results, pick: Pick, name: str, verdict: str, ratio: Interval) -> str:
    if verdict == model.EQUIVALENT:
        within = wording.percent(verdicts.equal_within(results.margin_of(pick.point.workload)))
        return f"It does not matter, {name}: no difference within {within}"
    if ratio.high < 1 or ratio.low > 1:
        return f"Not decided, {name}: {wording.speed(ratio)}, not shown to exceed the margin"
    low, high = (wording.brief(Interval(end)) for end in (ratio.low, ratio.high))
    return f"Not decided, {name}: between {low} and {high}"


def _together(results: Results, pick: Pick, rivals: list[comparisons.Against]) -> str:
    """A pool on another heap is held against the same pool below, and against that heap alone."""
    name, parts = wording.contender(pick.cell), []
    for one in sorted(rivals, key=lambda one: one.before.strategy == pick.cell.strategy):
        same = one.before.strategy == pick.cell.strategy
        other = f"the pool on {one.before.allocator}" if same else f"{one.before.allocator} alone"
        if one.verdict in (model.FASTER, model.SLOWER):
            parts.append(wording.speed(one.ratio, other))
        elif one.ratio:
            parts.append(f"{'no different from' if one.verdict == model.EQUIVALENT else 'not decided against'} {other}")
    won = [one.verdict == model.FASTER for one in rivals]
    lead = "Yes, " if won and all(won) else "No, " if won and all(one.verdict == model.SLOWER for one in rivals) else ""
    return f"{lead}{name}: {'; '.join(parts) or wording.speed(pick.cell.ratio, wording.contender(pick.before))}"


def _figures(kind: str, pick: Pick) -> str:
    """`26.8 ns instead of 289 ns, 0.0900× [0.0821, 0.0987]`."""
    of = f" ({wording.contender(pick.before)})" if kind == "both" else ""
    return f"{_ns(pick.cell)} instead of {_ns(pick.before)}{of}, {wording.ratio(pick.cell.ratio)}"


def _beside(results: Results, kind: str, named: list[Cell]) -> str:
    """Who else the chart shows: `stack_pool 31.1 ns`."""
    return ", ".join(f"{_label(results, kind, cell)} {_ns(cell)}" for cell in named)


def _ns(cell: Cell) -> str:
    return f"{wording.significant(cell.nanoseconds.estimate)} ns"


def _shared(cell: Cell) -> str:
    return f"Beside a busy sibling: {wording.speed(cell.shared)}, {wording.ratio(cell.shared)}" if cell.shared else ""
