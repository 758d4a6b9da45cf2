"""Whom a sentence names: the one rule behind every title, answer and decision.

Among those who are settled, the one whose interval ends lowest, so that a wide interval never wins by luck. Whoever
overlaps that interval is not distinguishable from it; among those the one that asks least of a program is named: no library
that is not there yet before one that is, and the same code before other code. A gap inside the run's margin counts as
an overlap: the run calls nothing different that is that near.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from suite.charts import data
from suite.charts.data import Cell

SHIPPED = ("std_", "gnu_")  # peers that come with the compiler are no dependency
AT_ONCE = ("arena", "std_pmr_monotonic")  # give nothing back before the last object is gone


def baseline_of(cells: Iterable[Cell]) -> Cell | None:
    return next((cell for cell in cells if cell.verdict == data.BASELINE and not cell.twin), None)


def contenders(cells: Iterable[Cell]) -> list[Cell]:
    """Those that may be advised: no limit or planted rows, no twins, no baselines."""
    return [cell for cell in cells if not cell.limit and not cell.twin and cell.verdict != data.BASELINE]


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
    return sorted((cell for cell in _near(settled, margin) if cell is not best), key=lambda cell: cell.ratio.value)


def faster(cells: Iterable[Cell]) -> list[Cell]:
    """Contenders that are settled as faster, also after the correction for several comparisons where there is one."""
    return [cell for cell in contenders(cells) if cell.verdict == data.FASTER and cell.holds]


def advisable(cells: Iterable[Cell]) -> list[Cell]:
    """The same without what gives nothing back before the end, unless there is nothing else."""
    found = faster(cells)
    return [cell for cell in found if not at_once(cell)] or found


def at_once(cell: Cell) -> bool:
    """Whether the strategy suits only objects that all end together."""
    return cell.strategy in AT_ONCE
