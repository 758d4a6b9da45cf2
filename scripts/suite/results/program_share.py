"""What a faster allocation brings to a whole program: another heap, a pool, an arena, or neither.

By Amdahl's law: where allocation takes a share of the time and another way takes a ratio of that, the share times one minus
the ratio is saved. Only verdicts count: a way that is not settled as faster brings nothing here, however its estimate lies.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log2

from suite.plan import heap_states
from suite.results import model, selection, wording
from suite.results.model import Cell, Interval, Results, numeric

HEAP, POOL, ARENA = "another heap", "a pool", "an arena"
ASKS = {HEAP: "no line of code", POOL: "the code that makes and drops these objects",
        ARENA: "that code, and only where all objects end together"}
LEAST = 0.02  # of the run time: what is less seldom decides a design review
STEADY, TOGETHER = ("churn", "batch_order", "build"), ("build", "batch_order")  # workloads by how well they stand for a program
THREADED = ("shared_pool", "remote_release", "thread_churn", "handoff")
BYTES_WITHIN, LIVE_WITHIN = 1.0, 2.0  # powers of two: a point further off says little of the reader's objects


@dataclass(frozen=True)
class Way:
    """One of the ways, as a run knows it; without a cell, `why` says what stands in the way."""

    name: str
    cell: Cell | None
    why: str = ""

    def saved(self, share: float) -> Interval:
        """Of the run time, with the interval of the ratio."""
        ratio = self.cell.ratio
        return Interval(share * (1 - ratio.estimate), share * (1 - ratio.high), share * (1 - ratio.low))

    @property
    def pays_from(self) -> float | None:
        """The share of allocation from which the way brings the least that counts, by the end of its interval."""
        return LEAST / (1 - self.cell.ratio.high) if self.cell and self.cell.ratio.high < 1 - LEAST else None


@dataclass(frozen=True)
class Case:
    """A point that stands for the reader's objects, and the ways there."""

    point: selection.Point
    ways: tuple[Way, ...]

    def advice(self, share: float) -> Way | None:
        """What to take: the one that surely brings most, unless one that asks less of the program is as near as makes no
        difference. None: neither."""
        able = [way for way in self.ways if way.cell and way.name != ARENA]
        most = max((way.saved(share).low for way in able), default=0.0)
        near = [way for way in able if way.saved(share).low >= most - LEAST] if most >= LEAST else []
        return next((way for way in near if way.saved(share).estimate >= LEAST), None)  # in the order of what they ask

    def together(self, share: float) -> Way | None:
        """The arena, where it surely brings the least that counts: for objects that all end together."""
        return next((way for way in self.ways if way.name == ARENA and way.cell and way.saved(share).low >= LEAST), None)


def of_point(results: Results, point: selection.Point, together: Sequence[selection.Point] = ()) -> Case:
    """The ways at a point; an arena is asked where all objects end together, at the first point that knows."""
    pools = [cell for cell in selection.contenders(point.cells) if not selection.at_once(cell)]
    before = selection.baseline_of(point.cells)
    here = [(HEAP, [cell for cell in pools if before and (cell.strategy, cell.allocator) == (before.strategy, cell.allocator)
                    and cell.allocator != before.allocator]),
            (POOL, [cell for cell in pools if before and cell.allocator == before.allocator and cell.family in selection.POOLS])]
    found = [_way(results, name, before, cells) for name, cells in here]
    for other in together:
        start = selection.baseline_of(other.cells)
        cells = [cell for cell in selection.contenders(other.cells) if selection.at_once(cell) and start and cell.allocator == start.allocator]
        if cells:
            return Case(point, (*found, _way(results, ARENA, start, cells)))
    return Case(point, (*found, Way(ARENA, None, "this run did not ask")))


def _way(results: Results, name: str, before: Cell | None, cells: Sequence[Cell]) -> Way:
    able = [cell for cell in cells if cell.citable]
    if before is None or not able or results.quality == "INVALID":
        return Way(name, None, "nothing of it may be cited" if cells else "this run did not ask")
    faster = selection.faster(able)
    if faster:
        return Way(name, selection.quoted(faster, before, results.margin_of(before.workload)))
    unsettled = any(cell.verdict == model.UNRESOLVED for cell in able)
    return Way(name, None, "not settled" if unsettled else "no gain: as fast at best")


def find(results: Results, size: int, live: int, threads: int, state: str) -> Case | None:
    """The case that stands for so many objects of so many bytes; None where the run asked nothing near."""
    every = [point for one in results.workloads for point in selection.points_of(results.of_workload(one["name"]))]
    near = [point for point in every if _near(point, size, live, threads, state)]

    def nearest(workloads: Sequence[str]) -> list[selection.Point]:
        return sorted((point for point in near if point.workload in workloads),
                      key=lambda point: (workloads.index(point.workload), _distance(point, size, live)))
    first = nearest(THREADED if threads > 1 else STEADY)
    return of_point(results, first[0], nearest(TOGETHER)) if first else None


def _near(point: selection.Point, size: int, live: int, threads: int, state: str) -> bool:
    at = point.parameters
    objects = _objects(point)
    return (heap_states.of(at) == state and "call" not in at and at.get("order") in (None, "shuffled") and (numeric(at.get("threads")) or 1) == threads
            and numeric(at.get("bytes")) is not None and abs(log2(numeric(at["bytes"]) / size)) <= BYTES_WITHIN
            and (objects is None or abs(log2(objects / live)) <= LIVE_WITHIN))


def _objects(point: selection.Point) -> float | None:
    return numeric(point.parameters.get("live", point.parameters.get("objects")))


def _distance(point: selection.Point, size: int, live: int) -> float:
    return abs(log2(numeric(point.parameters["bytes"]) / size)) + abs(log2((_objects(point) or live) / live)) / 4


def said(way: Way, share: float) -> tuple[str, str, str, str]:
    """A row: the way, what it takes, what it saves of the run time, what it asks."""
    if way.cell is None:
        return (way.name, way.why, "–", "")
    saved = way.saved(share)
    low, high = (wording.significant(100 * end) for end in (saved.low, saved.high))
    return (way.name, f"{wording.contender(way.cell)} {wording.ratio(way.cell.ratio)}", f"{wording.significant(100 * saved.estimate)} % ({low} to {high})",
            ASKS[way.name])


def sentence(case: Case, share: float) -> str:
    """The advice."""
    arena = case.together(share)
    beside = f"; where all these objects end together, an arena saves {said(arena, share)[2]}" if arena else ""
    return _general(case, share) + beside


def _general(case: Case, share: float) -> str:
    taken = case.advice(share)
    if taken:
        from_share = f"; it pays from {wording.percent(taken.pays_from)} of the time on" if taken.pays_from else ""
        return f"take {taken.name}: {wording.contender(taken.cell)} saves {said(taken, share)[2].replace(' (', ' of the run time (', 1)}{from_share}"
    best = max((way.saved(share).estimate for way in case.ways if way.cell and way.name != ARENA), default=0.0)
    reason = f"the best of them brings {wording.percent(best)} of the run time, less than {wording.percent(LEAST)} for sure" if best > 0 else "none of them is settled as faster here"
    return f"take neither: {reason}"
