"""What to take, point by point, from verdicts only, so that whoever has to can defend each line.

Another contender is taken only where it is settled as FASTER, several comparisons corrected for; among those that
overlap, the one that asks least of a program (charts/choice.py). Where nothing may be faster the default stays; where something still
may be, the line says that it is open. Limit rows and heaps that never free are no advice; what gives nothing back
before the last object is gone stands beside the advice, with that condition.
"""

from __future__ import annotations

from dataclasses import dataclass

from suite.charts import choice, data, points, words
from suite.charts.data import Cell, Results

TAKE, KEEP, OPEN, NONE = "take", "keep", "open", "none"
MEANING = {TAKE: "another contender is settled as faster", KEEP: "nothing is faster: it does not matter, or it harms",
           OPEN: "not settled: keep the default until it is", NONE: "nothing citable"}


@dataclass(frozen=True)
class Decision:
    """The advice at one point of a workload."""

    point: points.Point
    state: str
    default: Cell | None
    pick: Cell | None = None
    near: tuple[Cell, ...] = ()
    together: Cell | None = None  # faster still, for objects that all end at once
    why: str = ""


def of_workload(results: Results, workload: str) -> list[Decision]:
    """A decision for each point, in the order of the file."""
    return [decide(results, point) for point in points.of(results.of_workload(workload))]


def decide(results: Results, point: points.Point) -> Decision:
    """The advice at a point."""
    default, rows = choice.baseline_of(point.cells), choice.contenders(point.cells)
    margin = results.margin_of(point.workload)
    if results.quality == "INVALID":
        return Decision(point, NONE, default, why="the run is INVALID")
    if default is None or not default.measured:
        return Decision(point, NONE, default, why="the default was not measured")
    faster = choice.faster(rows)
    general = [cell for cell in faster if not choice.at_once(cell)]
    whole = min((cell for cell in faster if choice.at_once(cell)), key=lambda cell: cell.ratio.high, default=None)
    if general:
        pick = choice.quoted(general, default, margin)
        together = whole if whole and whole.ratio.high < pick.ratio.low else None
        return Decision(point, TAKE, default, pick, tuple(choice.overlapping(pick, general, margin)), together,
                        _undecided(rows, margin))
    state, why = _without(rows, margin)
    return Decision(point, state, default, None, (), whole, why)


def _may_be_faster(cell: Cell, margin: float) -> bool:
    """An open row whose interval reaches below the margin; one that is faster, but not once corrected, too."""
    if cell.verdict == data.FASTER:
        return not cell.holds
    open_row = cell.verdict in (data.UNRESOLVED, data.NOT_CITABLE) and cell.measured
    return open_row and (cell.ratio is None or not cell.ratio.has_interval or cell.ratio.low < 1 / (1 + margin))


def _undecided(rows: list[Cell], margin: float) -> str:
    count = sum(_may_be_faster(cell, margin) for cell in rows)
    return f"{words.count(count, 'contender')} not settled" if count else ""


def _without(rows: list[Cell], margin: float) -> tuple[str, str]:
    """State and reason where nothing is settled as faster."""
    equal = sum(cell.verdict == data.EQUIVALENT for cell in rows)
    slower = sum(cell.verdict == data.SLOWER for cell in rows)
    tally = ", ".join(text for count, text in ((equal, f"{equal} equivalent"), (slower, f"{slower} slower")) if count)
    unsettled = _undecided(rows, margin)
    if unsettled:
        return OPEN, ", ".join(part for part in (unsettled, tally) if part)
    if not tally:
        return NONE, "nobody else has a verdict"
    return KEEP, f"nothing is faster by more than {words.percent(margin)}: {tally}"


def tally(decisions: list[Decision]) -> str:
    """`Of 49 points: 40 take another contender, 7 keep the default, 2 are open.`"""
    found = {state: sum(one.state == state for one in decisions) for state in MEANING}
    parts = [f"{found[TAKE]} take another contender", f"{found[KEEP]} keep the default",
             f"{found[OPEN]} {'is' if found[OPEN] == 1 else 'are'} open"]
    if found[NONE]:
        parts.append(f"{found[NONE]} {'has' if found[NONE] == 1 else 'have'} nothing citable")
    return f"Of {words.count(len(decisions), 'point')}: {', '.join(parts)}."
