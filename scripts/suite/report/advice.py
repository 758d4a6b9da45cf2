"""Decisions as a matrix: one row for what stays fixed, one column for each step of the size."""

from __future__ import annotations

from dataclasses import dataclass, replace

from suite.charts import choice, points
from suite.charts.data import numeric
from suite.report.decisions import Decision


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
    asked = choice.asks(one.pick, one.default)
    return {one.pick.contender} | {cell.contender for cell in one.near if choice.asks(cell, one.default) == asked}


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
    known = [key for key in points.AXIS_ORDER if key in wide]
    return (known or wide or [""])[0]
