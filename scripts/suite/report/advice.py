"""Decisions in words and as a matrix: one row for what stays fixed, one column for each step of the size."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import groupby

from suite.charts import choice, points, words
from suite.charts.data import Cell, numeric
from suite.report.decisions import KEEP, NONE, OPEN, TAKE, Decision


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


def sentences(advice: Advice) -> list[str]:
    """One sentence for each stretch of a row with the same advice."""
    return [_sentence(row, advice.axis, list(members), i == 0)
            for row in advice.rows
            for i, (_, members) in enumerate(groupby(row.decisions, key=_same))]


def _same(one: Decision) -> tuple:
    return (one.state, one.pick.contender if one.pick else "", one.why if one.state == NONE else "")


def _sentence(row: Row, axis: str, members: list[Decision], first: bool) -> str:
    one = members[0]
    where = _where(row, axis, members)
    default = words.contender(one.default) if one.default else "the default"
    if one.state == NONE:
        return f"{where}: no advice, {one.why}."
    if one.state == TAKE:
        return f"{where}: take {words.contender(one.pick)}; it takes {_span(members)} the time of {default}" \
               f"{_nanoseconds(members)}.{_beside(members)}{_together(members)}"
    lead = "it does not matter, keep" if one.state == KEEP else "keep"
    below = "up to there " if first and one.state == KEEP and len(row.decisions) > len(members) else ""
    why = one.why if len(members) == 1 else _shared(members)
    return f"{where}: {below}{lead} {default}; {'open: ' if one.state == OPEN else ''}{why}.{_together(members)}"


def _where(row: Row, axis: str, members: list[Decision]) -> str:
    """`For 100 to 1,000,000 live objects, 64 bytes each, shuffled order, one thread`."""
    fixed = [words.phrase(key, value) for key, value in row.fixed.items()]
    if not axis:
        sized = []
    elif len(members) == 1:
        sized = [words.phrase(axis, members[0].point.parameters[axis])]
    else:
        span = words.span(axis, members[0].point.parameters[axis], members[-1].point.parameters[axis])
        sized = [span[0].lower() + span[1:]]
    threads = [] if "threads" in members[0].point.parameters else ["one thread"]
    parts = [*sized, *fixed, *threads]
    text = ", ".join(parts)
    return text[0].upper() + text[1:] if text.startswith("from ") else f"For {text}"


def _span(members: list[Decision]) -> str:
    """One ratio with its interval, or the extremes over a stretch, each with its own."""
    ordered = sorted((one.pick for one in members), key=lambda cell: cell.ratio.value)
    if len(ordered) == 1:
        return words.ratio(ordered[0].ratio)
    return f"{words.ratio(ordered[0].ratio)} to {words.ratio(ordered[-1].ratio)}"


def _nanoseconds(members: list[Decision]) -> str:
    if len(members) > 1 or not members[0].pick.nanoseconds:
        return ""
    one = members[0]
    return (f", {words.significant(one.pick.nanoseconds.value)} ns instead of "
            f"{words.significant(one.default.nanoseconds.value)}")


def _beside(members: list[Decision]) -> str:
    everywhere = set.intersection(*({cell.contender for cell in one.near} for one in members))
    names = [cell for cell in members[0].near if cell.contender in everywhere]
    text = f" As good by these intervals: {_names(names)}." if names else ""
    unsettled = [one.why for one in members if one.why]
    return text + (f" Beside it: {unsettled[0]}." if unsettled and len(members) == 1 else "")


def _names(cells: Iterable[Cell]) -> str:
    listed = [words.contender(cell) for cell in cells]
    return ", ".join(listed[:3]) + (f" and {len(listed) - 3} more" if len(listed) > 3 else "")


def _together(members: list[Decision]) -> str:
    cells = [one.together for one in members if one.together]
    if len(cells) < len(members) or len({cell.contender for cell in cells}) > 1:
        return ""
    ordered = sorted(cells, key=lambda cell: cell.ratio.value)
    span = words.ratio(ordered[0].ratio) + (f" to {words.ratio(ordered[-1].ratio)}" if len(ordered) > 1 else "")
    return f" Only where all objects end together: {words.contender(cells[0])}, {span}."


def _shared(members: list[Decision]) -> str:
    reasons = dict.fromkeys(one.why for one in members)
    return next(iter(reasons)) if len(reasons) == 1 else f"{next(iter(reasons))}; the points differ in the count"
