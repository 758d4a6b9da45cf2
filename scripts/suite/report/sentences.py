"""Decisions in words: one sentence for each stretch of a row with the same advice.

A sentence merges points, and nothing that is true of one of them alone may get lost in it: it names every size that was
measured, the point of each figure, and the point of each caveat.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import groupby

from suite.report.decisions import KEEP, NONE, OPEN, TAKE, Advice, Decision, Row
from suite.results import wording
from suite.results.model import Cell

NAMED = 3  # of those who are as good; the table of charts has them all


def of(advice: Advice) -> list[str]:
    """All sentences of a workload."""
    return [_sentence(row, advice.axis, list(members), i == 0)
            for row in advice.rows
            for i, (_, members) in enumerate(groupby(row.decisions, key=_same))]


def caveats(one: Decision) -> list[str]:
    """What a reader must know of the cells that a decision rests on."""
    own = one.pick.notes if one.pick else ()
    return [*own, *(f"of {wording.contender(one.default)}: {note}" for note in (one.default.notes if one.default else ()))]


def _same(one: Decision) -> tuple:
    return (one.state, one.pick.contender if one.pick else "", one.why if one.state == NONE else "")


def _sentence(row: Row, axis: str, members: list[Decision], first: bool) -> str:
    one, where = members[0], _where(row, axis, members)
    default = wording.contender(one.default) if one.default else "the default"
    tail = f"{_together(axis, members)}{_caveats(axis, members)}"
    if one.state == NONE:
        return f"{where}: no advice, {one.why}.{_caveats(axis, members)}"
    if one.state == TAKE:
        span = _span(axis, [(member, member.pick) for member in members])
        return f"{where}: take {wording.contender(one.pick)}; it {span}.{_beside(axis, members)}{tail}"
    lead = "it does not matter, keep" if one.state == KEEP else "keep"
    below = "up to there " if first and one.state == KEEP and len(row.decisions) > len(members) else ""
    return f"{where}: {below}{lead} {default}; {'open: ' if one.state == OPEN else ''}{_reasons(axis, members)}.{tail}"


def _where(row: Row, axis: str, members: list[Decision]) -> str:
    """`For 100 and 1,000,000 live objects, 64 bytes each, shuffled order, one thread`: what was measured, no range."""
    fixed = [wording.phrase(key, value) for key, value in row.fixed.items()]
    threads = [] if "threads" in members[0].point.parameters else ["one thread"]
    return f"For {', '.join([*([_points(axis, members)] if axis else []), *fixed, *threads])}"


def _points(axis: str, members: Sequence[Decision]) -> str:
    return wording.listed(axis, [one.point.parameters[axis] for one in members])


def _said(axis: str, members: Sequence[Decision], say: Callable[[Decision], Iterable[str]]) -> list[str]:
    """Each text once, with the points that it is true of unless it is of all."""
    found: dict[str, list[Decision]] = {}
    for one in members:
        for line in dict.fromkeys(say(one)):
            found.setdefault(line, []).append(one)
    return [line + _at(axis, some, members) for line, some in found.items()]


def _at(axis: str, some: Sequence[Decision], members: Sequence[Decision]) -> str:
    return f" (at {_points(axis, some)})" if axis and len(some) < len(members) else ""


def _span(axis: str, cells: Sequence[tuple[Decision, Cell]]) -> str:
    """One ratio with its interval, or the extremes over a stretch, each with its point and its nanoseconds."""
    ordered = sorted(cells, key=lambda pair: pair[1].ratio.estimate)
    default = wording.contender(cells[0][0].default)
    if len(ordered) == 1:
        return f"{wording.compared(ordered[0][1].ratio, default)}{_nanoseconds(*ordered[0], ': ')}"
    ends = [f"{wording.brief(cell.ratio)} (at {_points(axis, [one])}{_nanoseconds(one, cell, ': ')}; {wording.ratio(cell.ratio)})"
            for one, cell in (ordered[-1], ordered[0])]
    return f"is {' to '.join(ends)} as {default}"


def _nanoseconds(one: Decision, cell: Cell, before: str) -> str:
    if not cell.nanoseconds or not one.default.nanoseconds:
        return ""
    return (f"{before}{wording.significant(cell.nanoseconds.estimate)} ns instead of "
            f"{wording.significant(one.default.nanoseconds.estimate)}")


def _beside(axis: str, members: list[Decision]) -> str:
    everywhere = set.intersection(*({cell.contender for cell in one.near} for one in members))
    shared = [cell for cell in members[0].near if cell.contender in everywhere]
    some = _said(axis, members, lambda one: [_names(kept)] if (
        kept := [cell for cell in one.near if cell.contender not in everywhere]) else [])
    good = [*([_names(shared)] if shared else []), *some]
    unsettled = _said(axis, members, lambda one: [one.why] if one.why else [])
    return (f" Not distinguishable by these intervals: {'; '.join(good)}." if good else "") + \
        (f" Beside it: {'; '.join(unsettled)}." if unsettled else "")


def _names(cells: Sequence[Cell]) -> str:
    more = f" and {len(cells) - NAMED} more" if len(cells) > NAMED else ""
    return ", ".join(wording.contender(cell) for cell in cells[:NAMED]) + more


def _together(axis: str, members: list[Decision]) -> str:
    found: dict[str, list[tuple[Decision, Cell]]] = {}
    for one in members:
        if one.together:
            found.setdefault(one.together.contender, []).append((one, one.together))
    parts = [f"{wording.contender(pairs[0][1])}, {_ends(pairs)}{_at(axis, [one for one, _ in pairs], members)}"
             for pairs in found.values()]
    return f" Only where all objects end together: {'; '.join(parts)}." if parts else ""


def _ends(pairs: Sequence[tuple[Decision, Cell]]) -> str:
    ordered = sorted((cell for _, cell in pairs), key=lambda cell: cell.ratio.estimate)
    return wording.ratio(ordered[0].ratio) + (f" to {wording.ratio(ordered[-1].ratio)}" if len(ordered) > 1 else "")


def _reasons(axis: str, members: list[Decision]) -> str:
    """Why nothing else is taken; what all points share of it is said once."""
    heads = {one.why.partition(": ")[0] for one in members}
    if len({one.why for one in members}) > 1 and len(heads) == 1 and all(": " in one.why for one in members):
        return f"{heads.pop()}: {'; '.join(_said(axis, members, lambda one: [one.why.partition(': ')[2]]))}"
    return "; ".join(_said(axis, members, lambda one: [one.why]))


def _caveats(axis: str, members: list[Decision]) -> str:
    found = _said(axis, members, caveats)
    return f" Note: {'; '.join(found)}." if found else ""
