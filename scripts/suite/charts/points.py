"""Which points of a workload are shown first, and along which parameter its cost grows.

Nothing here knows a workload by name: a numeric parameter with three or more values is an axis, everything else
tells points apart.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from suite.charts.data import Cell, numeric

AXIS_ORDER = ("live", "objects", "size", "bytes", "hit_rate")


@dataclass(frozen=True)
class Point:
    """One cell group: a workload with its parameters, and everyone who was measured there."""

    workload: str
    group: str
    parameters: dict[str, Any]
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Sweep:
    """Points that differ in one numeric parameter only."""

    workload: str
    axis: str
    fixed: dict[str, Any]
    points: tuple[Point, ...]


def is_percentage(axis: str) -> bool:
    """Percentages are drawn on a straight axis, from 0 to 100."""
    return axis in ("hit_rate", "percent") or axis.endswith("_percent")


def of(cells: list[Cell]) -> list[Point]:
    """The points of one workload, in the order of the file."""
    groups: dict[str, list[Cell]] = defaultdict(list)
    for cell in cells:
        groups[cell.group].append(cell)
    return [Point(members[0].workload, group, members[0].parameters, tuple(members))
            for group, members in groups.items()]


def _weight(point: Point) -> tuple:
    """Larger working sets last; text parameters keep the order of the file."""
    return tuple(numeric(point.parameters[key]) for key in AXIS_ORDER
                 if key in point.parameters and numeric(point.parameters[key]) is not None)


def headline(points: list[Point], most: int) -> list[Point]:
    """At most `most` points, spread: the largest, the smallest, the middle; among those that most contenders ran."""
    usable = [point for point in points if any(cell.measured for cell in point.cells)] or points
    widest = max((len(point.cells) for point in usable), default=0)
    crowded = [point for point in usable if len(point.cells) * 2 >= widest]
    rest = sorted((point for point in usable if point not in crowded), key=_weight)
    ordered = sorted(crowded + rest[len(rest) - max(0, most - len(crowded)):], key=_weight)
    if len(ordered) <= most:
        return ordered
    places = {1: [-1], 2: [0, -1]}.get(most, [0, len(ordered) // 2, -1])
    return [ordered[place] for place in places]


def sweeps(points: list[Point], most: int) -> list[Sweep]:
    """The most interesting sweeps: longest first, then most contenders, then the largest fixed parameters."""
    found: list[Sweep] = []
    for axis in dict.fromkeys(key for point in points for key in point.parameters):
        if all(numeric(point.parameters.get(axis)) is None for point in points):
            continue
        lines: dict[str, list[Point]] = defaultdict(list)
        for point in points:
            if numeric(point.parameters.get(axis)) is not None:
                lines[str({k: v for k, v in point.parameters.items() if k != axis})].append(point)
        for members in lines.values():
            if len({numeric(member.parameters[axis]) for member in members}) >= 3:
                ordered = sorted(members, key=lambda member: numeric(member.parameters[axis]))
                fixed = {key: value for key, value in ordered[0].parameters.items() if key != axis}
                found.append(Sweep(ordered[0].workload, axis, fixed, tuple(ordered)))
    found.sort(key=_interest, reverse=True)
    return _varied(found)[:most]


def _interest(sweep: Sweep) -> tuple:
    known = AXIS_ORDER.index(sweep.axis) if sweep.axis in AXIS_ORDER else len(AXIS_ORDER)
    cells = sum(cell.measured for point in sweep.points for cell in point.cells)
    weight = sum(numeric(value) or 0 for value in sweep.fixed.values())
    return (-known, len(sweep.points), cells, weight)


def _varied(found: list[Sweep]) -> list[Sweep]:
    """One sweep of each axis before a second one of any."""
    seen: set[str] = set()
    first = [sweep for sweep in found if not (sweep.axis in seen or seen.add(sweep.axis))]
    return first + [sweep for sweep in found if sweep not in first]
