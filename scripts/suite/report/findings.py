"""Sentences, made from verdicts only.

No sentence names a faster contender without its interval, none says "equal" of what is merely not settled, and when
nothing may be cited that is the sentence. Whoever overlaps the quoted contender's interval is named beside it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from suite.analysis import verdicts
from suite.results import model, selection, wording
from suite.results.model import Cell, Results
from suite.results.selection import baseline_of, contenders, quoted

UNCITED = "Nothing citable here"


@dataclass(frozen=True)
class Finding:
    """A workload's question and what this run says to it."""

    workload: str
    question: str
    answer: str
    detail: str
    state: str  # the verdict that the answer rests on
    point: selection.Point | None
    best: Cell | None
    counts: dict[str, int]


def of_workload(results: Results, workload: dict) -> Finding:
    """The finding at the workload's largest point that most contenders ran."""
    name = workload["name"]
    cells = results.of_workload(name)
    chosen = selection.headline_points(selection.points_of(cells), 1)
    counts = dict(Counter(cell.verdict for cell in contenders(cells)))
    question = workload.get("question") or f"What does {name} cost?"
    if not chosen:
        return Finding(name, question, f"{UNCITED}: nothing was measured.", "", model.NOT_CITABLE, None, None, counts)
    state, best, answer = _answer(results, chosen[0])
    return Finding(name, question, answer, _elsewhere(cells, best), state, chosen[0], best, counts)


def _answer(results: Results, point: selection.Point) -> tuple[str, Cell | None, str]:
    rows, margin = contenders(point.cells), results.margin_of(point.workload)
    baseline = baseline_of(point.cells)
    at = wording.at(point.parameters)
    if results.quality == "INVALID":
        return model.NOT_CITABLE, None, f"{UNCITED}: the run is INVALID."
    if baseline is None or not baseline.measured:
        return model.NOT_CITABLE, None, f"{UNCITED}: {at[0].lower()}{at[1:]} the baseline was not measured."
    faster = selection.advisable(rows)
    against = wording.contender(baseline)
    if faster:
        best = quoted(faster, baseline, margin)
        sentence = f"{at}, {wording.contender(best)} {wording.compared(best.ratio, against)}."
        return model.FASTER, best, sentence + _beside(best, faster, margin) + _together(best, rows)
    return _not_faster(rows, at, against, margin)


def _not_faster(rows: list[Cell], at: str, against: str, margin: float) -> tuple[str, Cell | None, str]:
    equal = [cell for cell in rows if cell.verdict == model.EQUIVALENT]
    unsettled = [cell for cell in rows if cell.verdict == model.UNRESOLVED and cell.ratio]
    slower = [cell for cell in rows if cell.verdict == model.SLOWER]
    open_ones = f" {wording.count(len(unsettled), 'contender')} not settled." if unsettled else ""
    if equal:
        best = min(equal, key=lambda cell: cell.ratio.high)
        return model.EQUIVALENT, best, (f"{at}, no difference within {wording.percent(verdicts.equal_within(margin))} between "
                                       f"{wording.contender(best)} and {against}: {wording.ratio(best.ratio)}.{open_ones}")
    if unsettled:
        best = min(unsettled, key=lambda cell: cell.ratio.estimate)
        return model.UNRESOLVED, best, (f"{at}, this run does not settle whether {wording.contender(best)} differs from "
                                       f"{against}: {wording.ratio(best.ratio)}. More processes are needed.")
    if slower:
        best = min(slower, key=lambda cell: cell.ratio.high)
        return model.SLOWER, best, (f"{at}, every contender that is settled is slower than {against}; the nearest, "
                                   f"{wording.contender(best)}, {'takes ' + wording.speed(best.ratio)}, {wording.ratio(best.ratio)}.")
    reasons = Counter(cell.reason or cell.verdict.lower() for cell in rows).most_common(1)
    why = reasons[0][0] if reasons else "nobody else took part"
    return model.NOT_CITABLE, None, f"{UNCITED}: {why}."


def _beside(best: Cell, faster: list[Cell], margin: float) -> str:
    """Whose intervals overlap the quoted contender's."""
    near = selection.overlapping(best, faster, margin)
    if not near:
        return ""
    names = ", ".join(f"{wording.contender(cell)} {wording.ratio(cell.ratio)}" for cell in near[:2])
    more = f" and {len(near) - 2} more" if len(near) > 2 else ""
    return f" By these intervals as fast: {names}{more}."


def _together(best: Cell, rows: list[Cell]) -> str:
    """What is faster still, on a condition that most programs do not meet."""
    whole = min((cell for cell in selection.faster(rows) if selection.at_once(cell)), key=lambda cell: cell.ratio.high,
                default=None)
    if whole is None or selection.at_once(best) or whole.ratio.high >= best.ratio.low:
        return ""
    return f" Only where all objects end together: {wording.contender(whole)} {wording.ratio(whole.ratio)}."


def _elsewhere(cells: list[Cell], best: Cell | None) -> str:
    """Whether the quoted contender keeps its verdict at the workload's other points."""
    if best is None:
        return ""
    same = [cell for cell in cells if cell.contender == best.contender and not cell.twin]
    if len(same) < 2:
        return ""
    tally = Counter(cell.verdict for cell in same)
    parts = ", ".join(f"{verdict.lower()} at {tally[verdict]}" for verdict in wording.GLYPHS if tally[verdict])
    return f"Over the {wording.count(len(same), 'point')} it ran, {wording.contender(best)} is {parts}."
