"""Whom a sentence names: the one rule behind every title, answer and decision.

Among those who are settled, the one whose interval ends lowest, so that a wide interval never wins by luck. Whoever
overlaps that interval is not distinguishable from it; among those the one that asks least of a program is named: no library
that is not there yet before one that is, and the same code before other code. A gap inside the run's margin counts as
an overlap: the run calls nothing different that is that near.

Which points of a workload are shown first, and along which parameter its cost grows.

Nothing here knows a workload by name: a numeric parameter with three or more values is an axis, everything else
tells points apart.

Which contenders a figure with room for a dozen lines shows, and at which point of a workload.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from suite.plan import heap_states
from suite.results import model
from suite.results.model import Cell, Results, numeric

SHIPPED = ("std_", "gnu_")  # peers that come with the compiler are no dependency
POOLS = ("free_list", "pool", "peer")  # families that give storage out again
AT_ONCE = ("arena", "std_pmr_monotonic")  # give nothing back before the last object is gone
AXIS_ORDER = ("live", "objects", "size", "bytes", "hit_rate")
LINES = 10


def baseline_of(cells: Iterable[Cell]) -> Cell | None:
    return next((cell for cell in cells if cell.verdict == model.BASELINE and not cell.twin), None)


def contenders(cells: Iterable[Cell]) -> list[Cell]:
    """Those that may be advised: no limit or planted rows, no twins, no baselines."""
    return [cell for cell in cells if not cell.limit and not cell.twin and cell.verdict != model.BASELINE]


def asks(cell: Cell, baseline: Cell) -> tuple[int, int]:
    """What taking a contender asks of a program: libraries to add, then whether its code changes."""
    peer = cell.family == "peer" and cell.strategy != baseline.strategy and not cell.strategy.startswith(SHIPPED)
    return (int(cell.allocator != baseline.allocator) + int(peer), int(cell.strategy != baseline.strategy))


def _near(settled: Sequence[Cell], margin: float) -> list[Cell]:
    """The one whose interval ends lowest, and whoever is not distinguishable from it."""
    best = min(settled, key=lambda cell: cell.ratio.high)
    return [cell for cell in settled
            if cell.verdict == best.verdict and cell.ratio.low <= best.ratio.high * (1 + margin)]


def quoted(settled: Sequence[Cell], baseline: Cell, margin: float = 0.0) -> Cell:
    """The contender that is named, out of some that share what may be said of them."""
    return min(_near(settled, margin), key=lambda cell: (asks(cell, baseline), cell.ratio.high, cell.contender))


def overlapping(best: Cell, settled: Sequence[Cell], margin: float = 0.0) -> list[Cell]:
    """Who is not distinguishable from the fastest, `best` apart: fastest first."""
    return sorted((cell for cell in _near(settled, margin) if cell is not best), key=lambda cell: cell.ratio.estimate)


def faster(cells: Iterable[Cell]) -> list[Cell]:
    """Contenders that are settled as faster, also after the correction for several comparisons where there is one."""
    return [cell for cell in contenders(cells) if cell.verdict == model.FASTER and cell.holds]


def advisable(cells: Iterable[Cell]) -> list[Cell]:
    """The same without what gives nothing back before the end, unless there is nothing else."""
    found = faster(cells)
    return [cell for cell in found if not at_once(cell)] or found


def at_once(cell: Cell) -> bool:
    """Whether the strategy suits only objects that all end together."""
    return cell.strategy in AT_ONCE


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


def points_of(cells: list[Cell]) -> list[Point]:
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


def headline_points(points: list[Point], most: int) -> list[Point]:
    """At most `most` points, spread: the largest, the smallest, the middle; among those that most contenders ran."""
    clean = [point for point in points if heap_states.PARAMETER not in point.parameters] or points
    usable = [point for point in clean if any(cell.measured for cell in point.cells)] or clean
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


def shown_of(results: Results, cells: Iterable[Cell]) -> list[Cell]:
    """Every strategy on the baseline allocator, and the baseline strategy on the others: reuse, and another heap."""
    cells = [cell for cell in cells if not cell.twin and not cell.control]
    baseline = baseline_of(cells)
    return [cell for cell in cells
            if cell.allocator == results.baseline_allocator() or baseline and cell.strategy == baseline.strategy]


def point_with(results: Results, workload: str, has: Callable[[Cell], object], least: int = 1) -> Point | None:
    """The largest point at which at least so many contenders have something."""
    able = [point for point in points_of(results.of_workload(workload))
            if sum(bool(has(cell)) and not cell.twin for cell in point.cells) >= least]
    return headline_points(able, 1)[0] if able else None
