"""The five comparisons that every page opens with: which cells may answer each, and which one does.

What is asked and at which points, in order of preference, is data (`reports/headlines.json`). The first point of a run
that has a citable cell answers, whatever it says; a run that has none of these points answers at one of its own.

When it does not pay: the points of a run at which what an answer takes is slower, makes no difference, or needs more
memory.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from suite.analysis import samples, verdicts
from suite.base.build import ROOT
from suite.base.errors import UserError
from suite.plan import heap_states
from suite.results import model, selection, wording
from suite.results.model import Cell, Interval, Results, number

HEADLINES = ROOT / "reports/headlines.json"
HEAVIER = 1.05  # where memory has no interval


@dataclass(frozen=True)
class Comparison:
    """A question of the card."""

    name: str
    question: str
    prefer: tuple[str, ...]  # strategies that stand for the kind, where they were measured
    points: tuple[str, ...]  # globs of workload/parameters, the best first
    kind: str = ""  # of KINDS; its name, where it has no other


@dataclass(frozen=True)
class Pick:
    """The cell that answers, where it was measured, and who else of its kind was."""

    point: selection.Point
    before: Cell
    cell: Cell
    others: tuple[Cell, ...]


def every(of_heaps: bool = False) -> list[Comparison]:
    """All comparisons, in the order of the card; a run of the heaps preset has its own."""
    try:
        found = json.loads(HEADLINES.read_text(encoding="utf-8"))["of_heaps" if of_heaps else "comparisons"]
        return [Comparison(one["name"], one["question"], tuple(one["prefer"]), tuple(one["points"]), one.get("kind", one["name"]))
                for one in found]
    except (OSError, ValueError, LookupError, TypeError) as failure:
        raise UserError(f"{HEADLINES} cannot be read ({failure}); restore it from the repository") from None


def _pooled(cell: Cell, before: Cell) -> bool:
    return before.family == "fresh" and cell.family in selection.POOLS


# What each comparison holds side by side, told by families, so that it also finds own types and new workloads.
KINDS: dict[str, Callable[[Cell, Cell], bool]] = {
    "heap": lambda cell, before: cell.strategy == before.strategy and cell.allocator != before.allocator,
    "pool": lambda cell, before: cell.allocator == before.allocator and _pooled(cell, before),
    "singleton": lambda cell, before: (cell.allocator == before.allocator and before.family == "fresh"
                                       and cell.family == "singleton"),
    "layout": lambda cell, before: cell.allocator == before.allocator and before.family == cell.family == "layout",
    "resource": lambda cell, before: cell.allocator == before.allocator and cell.strategy != before.strategy,
    "both": lambda cell, before: cell.allocator != before.allocator and _pooled(cell, before),
}


def of_kind(name: str, cells: Sequence[Cell]) -> list[Cell]:
    """The contenders of a point that a comparison is about; those that suit only objects that end together are not."""
    before = selection.baseline_of(cells)
    return [] if before is None else [cell for cell in selection.contenders(cells) if KINDS[name](cell, before)
                                      and not selection.at_once(cell)]


def pick(results: Results, asked: Comparison) -> Pick | None:
    """The answer of the first point that has one: a listed one before others, a preferred strategy before others."""
    listed, others = _ordered(results, asked)
    tries = [(some, names) for some in (listed, others) for names in (*((name,) for name in asked.prefer), ())]
    return next((found for some, names in tries for point in some if (found := _at(results, asked, point, names))), None)


def _ordered(results: Results, asked: Comparison) -> tuple[list[selection.Point], list[selection.Point]]:
    """Points by preference; then those of workloads that nobody listed, the telling point of each first."""
    run = [point for point in selection.points_of([cell for one in results.workloads for cell in results.of_workload(one["name"])])
           if heap_states.PARAMETER not in point.parameters]  # a littered heap stands beside a clean one
    listed = {point.group: point for glob in asked.points for point in run if fnmatchcase(point.group, glob)}
    heads = [point for one in results.workloads for point in selection.headline_points(selection.points_of(
        results.of_workload(one["name"])), 1)]
    known = {glob.split("/")[0] for glob in asked.points}
    if asked.kind != asked.name:  # a question about some workloads is answered by no other
        return list(listed.values()), []
    others = {point.group: point for point in [*heads, *run] if point.workload not in known}
    return list(listed.values()), list(others.values())


def _at(results: Results, asked: Comparison, point: selection.Point, strategies: tuple[str, ...]) -> Pick | None:
    before = selection.baseline_of(point.cells)
    able = [cell for cell in of_kind(asked.kind, point.cells) if cell.citable]
    if before is None or not before.measured or not able:
        return None
    chosen = [cell for cell in able if not strategies or cell.strategy in strategies]
    if not chosen:
        return None
    best = _best(chosen, before, results.margin_of(point.workload))
    others = sorted((cell for cell in able if cell is not best), key=lambda cell: (cell.ratio.estimate, cell.contender))
    return Pick(point, before, best, tuple(others))


def _best(cells: list[Cell], before: Cell, margin: float) -> Cell:
    """By the rule of every title: among the faster ones the quoted one, else whose interval ends lowest."""
    found = [cell for cell in cells if cell.verdict == model.FASTER]
    return selection.quoted(found, before, margin) if found else min(cells, key=lambda cell: cell.ratio.high)


def missing(results: Results, asked: Comparison) -> str:
    """Why a run cannot answer."""
    if results.quality == "INVALID":
        return "the run is INVALID" if any(cell.measured for cell in results.cells) else "the run measured nothing"
    measured = [cell for some in _ordered(results, asked) for point in some for cell in of_kind(asked.kind, point.cells)]
    if not measured:
        workload = asked.points[0].split("/")[0]
        more = " and several --allocator" if asked.kind in ("heap", "both") else ""
        return f"it measured nothing of the kind; a run with --workload {workload}{more} does"
    why = Counter(cell.reason or cell.verdict.lower() for cell in measured).most_common(1)[0][0]
    return f"none of its {wording.count(len(measured), 'cell')} of the kind is citable: {why}"


@dataclass(frozen=True)
class Against:
    """A cell beside one that it is held against."""

    point: selection.Point
    cell: Cell
    before: Cell
    ratio: Interval | None
    verdict: str


def rivals(results: Results, kind: str, point: selection.Point, cell: Cell) -> list[Against]:
    """Whom a cell is held against: the baseline; a pool on another heap the same pool below, and that heap alone."""
    before = selection.baseline_of(point.cells)
    if before is None or not before.measured:
        return []
    if kind != "both":
        return [Against(point, cell, before, cell.ratio, cell.verdict if cell.citable else model.NOT_CITABLE)]
    ids = ((cell.strategy, before.allocator), (before.strategy, cell.allocator))
    found = [other for other in point.cells if (other.strategy, other.allocator) in ids and not other.twin]
    return [_paired(results, point, cell, other) for other in found if other.measured]


def _paired(results: Results, point: selection.Point, cell: Cell, other: Cell) -> Against:
    """The ratio of two ratios to one baseline, process by process."""
    found = samples.paired_ratio(cell, other) if cell.citable and other.citable else None
    if found is None or found.low is None or found.high is None:
        return Against(point, cell, other, None, model.NOT_CITABLE)
    verdict = verdicts.settled(found.low, found.high, results.margin_of(point.workload))
    return Against(point, cell, other, found, verdict)


def everywhere(results: Results, kind: str, pick: Pick) -> list[Against]:
    """The same strategy, or the same heap, at all points of a run."""
    found = []
    for one in results.workloads:
        for point in selection.points_of(results.of_workload(one["name"])):
            before = selection.baseline_of(point.cells)
            for cell in selection.contenders(point.cells):
                same = cell.allocator == pick.cell.allocator and (kind == "heap" or cell.strategy == pick.cell.strategy)
                if before and same and KINDS[kind](cell, before):
                    found += rivals(results, kind, point, cell)
    return found


def sentence(results: Results, kind: str, pick: Pick) -> str:
    """One line; that it never lost is said only where all of its points are decided, or with their number."""
    found = [one for one in everywhere(results, kind, pick) if one.cell.measured]
    slower = sorted((one for one in found if one.verdict == model.SLOWER), key=lambda one: -one.ratio.estimate)
    equal = [one for one in found if one.verdict == model.EQUIVALENT]
    heavy = sorted((one for one in found if _heavier(one) > 1), key=lambda one: -_heavier(one))
    parts = []
    if slower:
        parts.append(f"slower {_count(slower, found)}, at most {wording.speed(slower[0].ratio)}{_than(kind, slower[0])} "
                     f"in {_where(slower[0])}")
    if equal:
        example = "" if slower else f": {'for example ' if len(equal) > 1 else ''}{_where(equal[0])}{_than(kind, equal[0])}"
        parts.append(f"no difference {_count(equal, found)}{example}")
    if heavy:
        worst = heavy[0]
        parts.append(f"more memory {_count(heavy, found)}, at most {wording.significant(_bytes(worst.cell))} bytes an object "
                     f"instead of {wording.significant(_bytes(worst.before))} in {_where(worst)}")
    return "; ".join(parts) if parts else _never(found)


def _never(found: list[Against]) -> str:
    decided = sum(one.verdict in model.SETTLED for one in found)
    if decided == len(found):
        return f"in this run it never lost ({wording.count(len(found), 'comparison')})"
    if not decided:
        return "this run cannot tell"
    return f"it never lost where this run can tell ({decided} of {wording.count(len(found), 'comparison')})"


def _count(some: list[Against], found: list[Against]) -> str:
    return f"in {len(some)} of {wording.count(len(found), 'comparison')}" if len(found) > 1 else "here"


def _where(one: Against) -> str:
    return f"{one.point.workload} ({wording.point(one.point.parameters)})"


def _than(kind: str, one: Against) -> str:
    return f" against {wording.contender(one.before)}" if kind == "both" else ""


def _bytes(cell: Cell) -> float:
    return number(cell.memory.get("rss_bytes_per_object")) or 0.0


def _heavier(one: Against) -> float:
    """How many times the memory, where it is more than the measurement's own spread; else nothing."""
    own, its = _bytes(one.cell), _bytes(one.before)
    low, high = number(one.cell.memory.get("rss_low")), number(one.before.memory.get("rss_high"))
    if own <= 0 or its <= 0 or own <= HEAVIER * its or (low and high and low <= high):
        return 0.0
    return own / its
