"""The five comparisons that every page opens with: which cells may answer each, and which one does.

What is asked and at which points, in order of preference, is data (`reports/headlines.json`). The first point of a run
that has a citable cell answers, whatever it says; a run that has none of these points answers at one of its own.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from suite.charts import choice, data, points, words
from suite.charts.data import Cell, Results
from suite.errors import UserError

HEADLINES = Path(__file__).resolve().parents[3] / "reports/headlines.json"
POOLS = ("free_list", "pool", "peer")


@dataclass(frozen=True)
class Comparison:
    """A question of the card."""

    name: str
    question: str
    prefer: tuple[str, ...]  # strategies that stand for the kind, where they were measured
    points: tuple[str, ...]  # globs of workload/parameters, the best first


@dataclass(frozen=True)
class Pick:
    """The cell that answers, where it was measured, and who else of its kind was."""

    point: points.Point
    before: Cell
    cell: Cell
    others: tuple[Cell, ...]


def every() -> list[Comparison]:
    """All comparisons, in the order of the card."""
    try:
        found = json.loads(HEADLINES.read_text(encoding="utf-8"))["comparisons"]
        return [Comparison(one["name"], one["question"], tuple(one["prefer"]), tuple(one["points"])) for one in found]
    except (OSError, ValueError, LookupError, TypeError) as failure:
        raise UserError(f"{HEADLINES} cannot be read ({failure}); restore it from the repository") from None


def _pooled(cell: Cell, before: Cell) -> bool:
    return before.family == "fresh" and cell.family in POOLS


# What each comparison holds side by side, told by families, so that it also finds own types and new workloads.
KINDS: dict[str, Callable[[Cell, Cell], bool]] = {
    "heap": lambda cell, before: cell.strategy == before.strategy and cell.allocator != before.allocator,
    "pool": lambda cell, before: cell.allocator == before.allocator and _pooled(cell, before),
    "singleton": lambda cell, before: (cell.allocator == before.allocator and before.family == "fresh"
                                       and cell.family == "singleton"),
    "layout": lambda cell, before: cell.allocator == before.allocator and before.family == cell.family == "layout",
    "both": lambda cell, before: cell.allocator != before.allocator and _pooled(cell, before),
}


def of_kind(name: str, cells: Sequence[Cell]) -> list[Cell]:
    """The contenders of a point that a comparison is about; those that suit only objects that end together are not."""
    before = choice.baseline_of(cells)
    return [] if before is None else [cell for cell in choice.contenders(cells) if KINDS[name](cell, before)
                                      and not choice.at_once(cell)]


def pick(results: Results, asked: Comparison) -> Pick | None:
    """The answer of the first point that has one: a listed one before others, a preferred strategy before others."""
    listed, others = _ordered(results, asked)
    tries = [(some, names) for some in (listed, others) for names in (*((name,) for name in asked.prefer), ())]
    return next((found for some, names in tries for point in some if (found := _at(results, asked, point, names))), None)


def _ordered(results: Results, asked: Comparison) -> tuple[list[points.Point], list[points.Point]]:
    """Points by preference; then those of workloads that nobody listed, the telling point of each first."""
    run = points.of([cell for one in results.workloads for cell in results.of_workload(one["name"])])
    listed = {point.group: point for glob in asked.points for point in run if fnmatchcase(point.group, glob)}
    heads = [point for one in results.workloads for point in points.headline(points.of(
        results.of_workload(one["name"])), 1)]
    known = {glob.split("/")[0] for glob in asked.points}
    others = {point.group: point for point in [*heads, *run] if point.workload not in known}
    return list(listed.values()), list(others.values())


def _at(results: Results, asked: Comparison, point: points.Point, strategies: tuple[str, ...]) -> Pick | None:
    before = choice.baseline_of(point.cells)
    able = [cell for cell in of_kind(asked.name, point.cells) if cell.citable]
    if before is None or not before.measured or not able:
        return None
    chosen = [cell for cell in able if not strategies or cell.strategy in strategies]
    if not chosen:
        return None
    best = _best(chosen, before, results.margin_of(point.workload))
    others = sorted((cell for cell in able if cell is not best), key=lambda cell: (cell.ratio.value, cell.contender))
    return Pick(point, before, best, tuple(others))


def _best(cells: list[Cell], before: Cell, margin: float) -> Cell:
    """By the rule of every title: among the faster ones the quoted one, else whose interval ends lowest."""
    found = [cell for cell in cells if cell.verdict == data.FASTER]
    return choice.quoted(found, before, margin) if found else min(cells, key=lambda cell: cell.ratio.high)


def missing(results: Results, asked: Comparison) -> str:
    """Why a run cannot answer."""
    if results.quality == "INVALID":
        return "the run is INVALID" if any(cell.measured for cell in results.cells) else "the run measured nothing"
    measured = [cell for some in _ordered(results, asked) for point in some for cell in of_kind(asked.name, point.cells)]
    if not measured:
        workload = asked.points[0].split("/")[0]
        more = " and several --allocator" if asked.name in ("heap", "both") else ""
        return f"it measured nothing of the kind; a run with --workload {workload}{more} does"
    why = Counter(cell.reason or cell.verdict.lower() for cell in measured).most_common(1)[0][0]
    return f"none of its {words.count(len(measured), 'cell')} of the kind is citable: {why}"


