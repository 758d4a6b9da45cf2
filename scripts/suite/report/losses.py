"""When it does not pay: the points of a run at which what an answer takes is slower, makes no difference, or needs more
memory."""

from __future__ import annotations

from dataclasses import dataclass

from suite import pairs, verdicts
from suite.charts import choice, data, points, words
from suite.charts.data import Cell, Estimate, Results, number
from suite.report.comparisons import KINDS, Pick

HEAVIER = 1.05  # where memory has no interval


@dataclass(frozen=True)
class Against:
    """A cell beside one that it is held against."""

    point: points.Point
    cell: Cell
    before: Cell
    ratio: Estimate | None
    verdict: str


def rivals(results: Results, kind: str, point: points.Point, cell: Cell) -> list[Against]:
    """Whom a cell is held against: the baseline; a pool on another heap the same pool below, and that heap alone."""
    before = choice.baseline_of(point.cells)
    if before is None or not before.measured:
        return []
    if kind != "both":
        return [Against(point, cell, before, cell.ratio, cell.verdict if cell.citable else data.NOT_CITABLE)]
    ids = ((cell.strategy, before.allocator), (before.strategy, cell.allocator))
    found = [other for other in point.cells if (other.strategy, other.allocator) in ids and not other.twin]
    return [_paired(results, point, cell, other) for other in found if other.measured]


def _paired(results: Results, point: points.Point, cell: Cell, other: Cell) -> Against:
    """The ratio of two ratios to one baseline, process by process."""
    found = pairs.against(cell.entry, other.entry) if cell.citable and other.citable else None
    if found is None or found.low is None or found.high is None:
        return Against(point, cell, other, None, data.NOT_CITABLE)
    verdict = verdicts.settled(found.low, found.high, results.margin_of(point.workload))
    return Against(point, cell, other, Estimate(found.estimate, found.low, found.high), verdict)


def everywhere(results: Results, kind: str, pick: Pick) -> list[Against]:
    """The same strategy, or the same heap, at all points of a run."""
    found = []
    for one in results.workloads:
        for point in points.of(results.of_workload(one["name"])):
            before = choice.baseline_of(point.cells)
            for cell in choice.contenders(point.cells):
                same = cell.allocator == pick.cell.allocator and (kind == "heap" or cell.strategy == pick.cell.strategy)
                if before and same and KINDS[kind](cell, before):
                    found += rivals(results, kind, point, cell)
    return found


def sentence(results: Results, kind: str, pick: Pick) -> str:
    """One line; that it never lost is said only where all of its points are decided, or with their number."""
    found = [one for one in everywhere(results, kind, pick) if one.cell.measured]
    slower = sorted((one for one in found if one.verdict == data.SLOWER), key=lambda one: -one.ratio.value)
    equal = [one for one in found if one.verdict == data.EQUIVALENT]
    heavy = sorted((one for one in found if _heavier(one) > 1), key=lambda one: -_heavier(one))
    parts = []
    if slower:
        parts.append(f"slower {_count(slower, found)}, at most {words.speed(slower[0].ratio)}{_than(kind, slower[0])} "
                     f"in {_where(slower[0])}")
    if equal:
        example = "" if slower else f": {'for example ' if len(equal) > 1 else ''}{_where(equal[0])}{_than(kind, equal[0])}"
        parts.append(f"no difference {_count(equal, found)}{example}")
    if heavy:
        worst = heavy[0]
        parts.append(f"more memory {_count(heavy, found)}, at most {words.significant(_bytes(worst.cell))} bytes an object "
                     f"instead of {words.significant(_bytes(worst.before))} in {_where(worst)}")
    return "; ".join(parts) if parts else _never(found)


def _never(found: list[Against]) -> str:
    decided = sum(one.verdict in data.SETTLED for one in found)
    if decided == len(found):
        return f"in this run it never lost ({words.count(len(found), 'comparison')})"
    if not decided:
        return "this run cannot tell"
    return f"it never lost where this run can tell ({decided} of {words.count(len(found), 'comparison')})"


def _count(some: list[Against], found: list[Against]) -> str:
    return f"in {len(some)} of {words.count(len(found), 'comparison')}" if len(found) > 1 else "here"


def _where(one: Against) -> str:
    return f"{one.point.workload} ({words.point(one.point.parameters)})"


def _than(kind: str, one: Against) -> str:
    return f" against {words.contender(one.before)}" if kind == "both" else ""


def _bytes(cell: Cell) -> float:
    return number(cell.memory.get("rss_bytes_per_object")) or 0.0


def _heavier(one: Against) -> float:
    """How many times the memory, where it is more than the measurement's own spread; else nothing."""
    own, its = _bytes(one.cell), _bytes(one.before)
    low, high = number(one.cell.memory.get("rss_low")), number(one.before.memory.get("rss_high"))
    if own <= 0 or its <= 0 or own <= HEAVIER * its or (low and high and low <= high):
        return 0.0
    return own / its
