"""What to take, point by point, from verdicts only, so that whoever has to can defend each line.

Another contender is taken only where it is settled as FASTER, several comparisons corrected for; among those that
overlap, the one that asks least of a program (results/selection.py). Where nothing may be faster the default stays; where something still
may be, the line says that it is open. Limit rows and heaps that never free are no advice; what gives nothing back
before the last object is gone stands beside the advice, with that condition.

Decisions as a matrix: one row for what stays fixed, one column for each step of the size.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from suite.results import model, selection, wording
from suite.results.model import Cell, Results, numeric

TAKE, KEEP, OPEN, NONE = "take", "keep", "open", "none"
MEANING = {TAKE: "another contender is settled as faster", KEEP: "nothing is faster: it does not matter, or it harms",
           OPEN: "not settled: keep the default until it is", NONE: "nothing citable"}


@dataclass(frozen=True)
class Decision:
    """The advice at one point of a workload."""

    point: selection.Point
    state: str
    default: Cell | None
    pick: Cell | None = None
    near: tuple[Cell, ...] = ()
    together: Cell | None = None  # faster still, for objects that all end at once
    why: str = ""


def of_workload(results: Results, workload: str) -> list[Decision]:
    """A decision for each point, in the order of the file."""
    return [decide(results, point) for point in selection.points_of(results.of_workload(workload))]


def decide(results: Results, point: selection.Point) -> Decision:
    """The advice at a point."""
    default, rows = selection.baseline_of(point.cells), selection.contenders(point.cells)
    margin = results.margin_of(point.workload)
    if results.quality == "INVALID":
        return Decision(point, NONE, default, why="the run is INVALID")
    if default is None or not default.measured:
        return Decision(point, NONE, default, why="the default was not measured")
    faster = selection.faster(rows)
    general = [cell for cell in faster if not selection.at_once(cell)]
    whole = min((cell for cell in faster if selection.at_once(cell)), key=lambda cell: cell.ratio.high, default=None)
    if general:
        pick = selection.quoted(general, default, margin)
        together = whole if whole and whole.ratio.high < pick.ratio.low else None
        return Decision(point, TAKE, default, pick, tuple(selection.overlapping(pick, general, margin)), together,
                        _undecided(rows, margin))
    state, why = _without(rows, margin)
    return Decision(point, state, default, None, (), whole, why)


def _may_be_faster(cell: Cell, margin: float) -> bool:
    """An open row whose interval reaches below the margin; one that is faster, but not once corrected, too."""
    if cell.verdict == model.FASTER:
        return not cell.holds
    open_row = cell.verdict in (model.UNRESOLVED, model.NOT_CITABLE) and cell.measured
    return open_row and (cell.ratio is None or not cell.ratio.has_interval or cell.ratio.low < 1 / (1 + margin))


def _undecided(rows: list[Cell], margin: float) -> str:
    count = sum(_may_be_faster(cell, margin) for cell in rows)
    return f"{wording.count(count, 'contender')} not settled" if count else ""


def _without(rows: list[Cell], margin: float) -> tuple[str, str]:
    """State and reason where nothing is settled as faster."""
    equal = sum(cell.verdict == model.EQUIVALENT for cell in rows)
    slower = sum(cell.verdict == model.SLOWER for cell in rows)
    tally = ", ".join(text for count, text in ((equal, f"{equal} equivalent"), (slower, f"{slower} slower")) if count)
    unsettled = _undecided(rows, margin)
    if unsettled:
        return OPEN, ", ".join(part for part in (unsettled, tally) if part)
    if not tally:
        return NONE, "nobody else has a verdict"
    return KEEP, f"nothing is faster by more than {wording.percent(margin)}: {tally}"


def tally(decisions: list[Decision]) -> str:
    """`Of 49 points: 40 take another contender, 7 keep the default, 2 are open.`"""
    found = {state: sum(one.state == state for one in decisions) for state in MEANING}
    parts = [f"{found[TAKE]} take another contender", f"{found[KEEP]} keep the default",
             f"{found[OPEN]} {'is' if found[OPEN] == 1 else 'are'} open"]
    if found[NONE]:
        parts.append(f"{found[NONE]} {'has' if found[NONE] == 1 else 'have'} nothing citable")
    return f"Of {wording.count(len(decisions), 'point')}: {', '.join(parts)}."


@dataclass(frozen=True)
class Row:
    """Points that differ in the axis only, in its order."""

    fixed: dict
    decisions: tuple[Decision, ...]

    def at(self, axis: str, step: object) -> Decision | None:
        """The decision at a step of the axis."""
        return next((one for one in self.decisions if one.point.parameters.get(axis) == step), None)


@dataclass(frozen=True)
class Advice:
    """A workload's decisions, arranged."""

    workload: str
    axis: str  # empty where no number tells the points apart
    steps: tuple[object, ...]
    rows: tuple[Row, ...]

    @property
    def decisions(self) -> list[Decision]:
        return [one for row in self.rows for one in row.decisions]


def arrange(workload: str, decisions: list[Decision]) -> Advice:
    """Rows and columns from the types of parameters: the size along which a reader scales comes first."""
    axis = _axis(decisions)
    rows: dict[str, list[Decision]] = {}
    for one in decisions:
        rows.setdefault(str({k: v for k, v in one.point.parameters.items() if k != axis}), []).append(one)
    arranged = tuple(
        Row({k: v for k, v in members[0].point.parameters.items() if k != axis},
            steady(sorted(members, key=lambda one: numeric(one.point.parameters.get(axis)) or 0) if axis else members))
        for members in rows.values())
    steps = sorted({one.point.parameters[axis] for one in decisions if axis in one.point.parameters}, key=numeric) \
        if axis else []
    return Advice(workload, axis, tuple(steps), arranged)


def steady(row: list[Decision]) -> tuple[Decision, ...]:
    """The same contender over as many steps as it is as good as the best, so that advice does not flip by luck."""
    result: list[Decision] = []
    while len(result) < len(row):
        stretch, shared = [], set()
        for one in row[len(result):]:
            able = _able(one)
            if stretch and (one.state != stretch[0].state or one.pick and not shared & able):
                break
            shared = shared & able if stretch else able
            stretch.append(one)
        result += [_with(one, _steadiest(stretch, shared)) for one in stretch]
    return tuple(result)


def _able(one: Decision) -> set[str]:
    """The pick, and whoever is as good and asks as little of a program."""
    if one.pick is None:
        return set()
    asked = selection.asks(one.pick, one.default)
    return {one.pick.contender} | {cell.contender for cell in one.near if selection.asks(cell, one.default) == asked}


def _steadiest(stretch: list[Decision], shared: set[str]) -> str:
    """Of those who serve a whole stretch, the pick of most of its points; then the one that is fast at its slowest."""
    def rank(name: str) -> tuple:
        cells = [cell for one in stretch for cell in (one.pick, *one.near) if cell.contender == name]
        return (-sum(one.pick.contender == name for one in stretch), max(cell.ratio.high for cell in cells), name)
    return min(shared, key=rank) if shared else ""


def _with(one: Decision, contender: str) -> Decision:
    if one.pick is None or one.pick.contender == contender:
        return one
    pick = next(cell for cell in one.near if cell.contender == contender)
    return replace(one, pick=pick, near=(one.pick, *(cell for cell in one.near if cell is not pick)))


def _axis(decisions: list[Decision]) -> str:
    keys = dict.fromkeys(key for one in decisions for key in one.point.parameters)
    number_keys = [key for key in keys
                   if all(numeric(one.point.parameters.get(key)) is not None for one in decisions)]
    wide = [key for key in number_keys if len({one.point.parameters[key] for one in decisions}) > 1]
    known = [key for key in selection.AXIS_ORDER if key in wide]
    return (known or wide or [""])[0]
