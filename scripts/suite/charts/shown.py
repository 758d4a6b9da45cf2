"""Which contenders a figure with room for a dozen lines shows, and at which point of a workload."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from suite.charts import choice, points
from suite.charts.data import Cell, Results

LINES = 10


def of(results: Results, cells: Iterable[Cell]) -> list[Cell]:
    """Every strategy on the baseline allocator, and the baseline strategy on the others: reuse, and another heap."""
    cells = [cell for cell in cells if not cell.twin and not cell.control]
    baseline = choice.baseline_of(cells)
    return [cell for cell in cells
            if cell.allocator == results.baseline_allocator() or baseline and cell.strategy == baseline.strategy]


def point_with(results: Results, workload: str, has: Callable[[Cell], object], least: int = 1) -> points.Point | None:
    """The largest point at which at least so many contenders have something."""
    able = [point for point in points.of(results.of_workload(workload))
            if sum(bool(has(cell)) and not cell.twin for cell in point.cells) >= least]
    return points.headline(able, 1)[0] if able else None
