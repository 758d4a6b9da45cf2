"""Where a strategy pays when two things decide: its time against the baseline over a grid of two swept parameters, one
of them a percentage, with the line between the points where it is faster and those where it is not.

Nothing is interpolated: the line runs along the edges of measured points, solid where both sides are settled and dotted
where one of them is open. Beside each row stands what the baseline itself took there.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from statistics import median
from typing import Any

from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from suite.charts import heatmap
from suite.charts.palette import INK, MUTED
from suite.charts.style import Chart, frame, stem
from suite.results import crossover, model, selection, wording
from suite.results.model import Cell, Results, numeric

PLACE = {"breakeven": 20}
LEAST, MOST = 3, 3  # values of each parameter; figures of a workload
ROW = 0.42  # inches
NOWHERE, UNSETTLED, UNSTEADY = "nowhere", "not settled", "now and then"
SIDES = "Blue, inside the dark line: it pays. Orange: it does not."
HOW = ("How to read it: each field is a measured point, its number the time relative to the baseline there (0.5 is half "
       "of it). Inside the dark line the strategy pays. Along a dotted line one side is not settled; hatched is not settled.")


@dataclass(frozen=True)
class Grid:
    """One strategy at all values of both parameters; the percentage lies across."""

    workload: str
    strategy: str
    across: str
    up: str
    columns: tuple[Any, ...]
    rows: tuple[Any, ...]
    cells: dict[tuple[int, int], Cell]  # (column, row)
    baseline: str
    baseline_ns: tuple[float | None, ...]

    @property
    def family(self) -> str:
        return next(iter(self.cells.values())).family

    def state(self, column: int, row: int) -> str:
        """Whether it pays there, as the crossovers have it."""
        cell = self.cells.get((column, row))
        return crossover.Step(None, cell.verdict if cell.holds else model.UNRESOLVED).state if cell else crossover.OPEN


def figures(results: Results, workload: str) -> list[tuple[int, Chart]]:
    """With their ranks."""
    return [(10, chart) for chart in plan(results, workload)]


def plan(results: Results, workload: str) -> list[Chart]:
    """A figure for each of the strategies that pay at most points: the best of each family first, so that next to ours
    stand what one writes first and what others have written."""
    found = grids(results.of_workload(workload))
    paying = sorted(found, key=lambda grid: -sum(grid.state(*place) == crossover.PAYS for place in grid.cells))
    best = {grid.family: grid for grid in reversed(paying)}
    paying = sorted(paying, key=lambda grid: best[grid.family] is not grid)
    return [Chart(name=f"breakeven-{stem(workload)}-{stem(grid.strategy)}", workload=workload, kind="breakeven",
                  title=finding(grid), how=f"{finding(grid)}. {HOW}", table=table(grid),
                  alt=f"Heat map of {grid.strategy} against the baseline of {workload}. {finding(grid)}.",
                  draw=partial(draw, grid, results.margin_of(workload))) for grid in paying[:MOST]]


def grids(cells: list[Cell]) -> list[Grid]:
    """What of a workload can be drawn so: exactly two numeric parameters, each with several values, and no other."""
    cells = [cell for cell in cells if not cell.twin and not cell.control]
    baselines = {cell.group: cell for cell in cells if cell.verdict == model.BASELINE}
    rivals = [cell for cell in selection.contenders(cells) if cell.group in baselines
              and cell.allocator == baselines[cell.group].allocator and cell.verdict != model.BASELINE]
    names = list(dict.fromkeys(key for cell in rivals for key in cell.parameters))
    share = [name for name in names if selection.is_percentage(name)]
    if len(names) != 2 or len(share) != 1:
        return []
    across, up = share[0], next(name for name in names if name != share[0])
    return [grid for strategy in dict.fromkeys(cell.strategy for cell in rivals)
            if (grid := _grid([cell for cell in rivals if cell.strategy == strategy], across, up, baselines))]


def _grid(cells: list[Cell], across: str, up: str, baselines: dict[str, Cell]) -> Grid | None:
    columns, rows = (tuple(sorted({cell.parameters.get(name) for cell in cells},
                                  key=lambda value: numeric(value) or 0.0)) for name in (across, up))
    if min(len(columns), len(rows)) < LEAST or any(numeric(value) is None for value in (*columns, *rows)):
        return None
    placed = {(columns.index(cell.parameters[across]), rows.index(cell.parameters[up])): cell for cell in cells}
    took = [[baselines[cell.group].nanoseconds.estimate for (_, y), cell in placed.items()
             if y == row and baselines[cell.group].nanoseconds] for row in range(len(rows))]
    return Grid(cells[0].workload, cells[0].strategy, across, up, columns, rows, placed,
                baselines[cells[0].group].strategy, tuple(median(some) if some else None for some in took))


def pays_from(grid: Grid, column: int) -> int | None:
    """The first row from which on it pays in every row that is settled, and in at least one."""
    states = [grid.state(column, row) for row in range(len(grid.rows))]
    paying = [row for row, state in enumerate(states) if state == crossover.PAYS
              and crossover.NOT not in states[row:]]
    return paying[0] if paying else None


def finding(grid: Grid) -> str:
    """The title: for each percentage, from which cost on it pays."""
    known = [(value, pays_from(grid, column)) for column, value in enumerate(grid.columns)]
    paying = groupby((one for one in known if one[1] is not None), key=lambda one: one[1])
    pays = [f"{wording.whole(grid.rows[row])} at {_percentages(value for value, _ in some)}" for row, some in paying]
    if not pays:
        return f"{grid.strategy} is settled as faster nowhere on this grid"
    rest = {word: [value for column, (value, row) in enumerate(known) if row is None and _otherwise(grid, column) == word]
            for word in (NOWHERE, UNSETTLED, UNSTEADY)}
    return (f"{grid.strategy} pays from {grid.up} {', '.join(pays)}"
            + "".join(f"; {word} at {_percentages(values)}" for word, values in rest.items() if values))


def _percentages(values: Iterable[Any]) -> str:
    *before, last = map(wording.whole, values)
    return f"{', '.join(before)}{' and ' if before else ''}{last}\N{NO-BREAK SPACE}%"


def _otherwise(grid: Grid, column: int) -> str:
    """What to say of a percentage without a cost from which on it pays."""
    states = {grid.state(column, row) for row in range(len(grid.rows))}
    if crossover.PAYS in states:
        return UNSTEADY
    return NOWHERE if states == {crossover.NOT} else UNSETTLED


def table(grid: Grid) -> tuple[tuple[str, ...], ...]:
    head = (grid.up, "baseline, ns", *(f"{grid.across} {wording.whole(value)}" for value in grid.columns))
    lines = [head]
    for row, value in enumerate(grid.rows):
        took = grid.baseline_ns[row]
        found = [grid.cells.get((column, row)) for column in range(len(grid.columns))]
        lines.append((wording.whole(value), wording.significant(took) if took else "–", *map(_entry, found)))
    return tuple(lines)


def _entry(cell: Cell | None) -> str:
    if cell is None or not cell.ratio:
        return "–"
    return f"{wording.GLYPHS.get(cell.verdict, '?')} {wording.times(cell.ratio.estimate)}"


def draw(grid: Grid, margin: float) -> Figure:
    """The figure: the dearest row on top."""
    canvas = frame(finding(grid), f"{grid.workload}: time of {grid.strategy} relative to {grid.baseline}. {SIDES}",
                   ROW * len(grid.rows), left=2.6, right=1.2)
    axes = canvas.axes
    axes.set_xlim(0, len(grid.columns))
    axes.set_ylim(0, len(grid.rows))
    for (x, y), cell in grid.cells.items():
        _field(axes, x, y, cell, margin, grid.state(x, y) == crossover.OPEN)
    for line, style in _edges(grid):
        axes.plot(*line, color=INK, lw=2.4, ls=style, clip_on=False, solid_capstyle="butt", zorder=4)
    axes.set_xticks([x + 0.5 for x in range(len(grid.columns))], [wording.whole(value) for value in grid.columns])
    axes.set_yticks([y + 0.5 for y in range(len(grid.rows))], [_row_name(grid, y) for y in range(len(grid.rows))])
    axes.tick_params(length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.set_xlabel(wording.axis(grid.across))
    axes.set_ylabel(wording.axis(grid.up))
    return canvas.figure


def _row_name(grid: Grid, row: int) -> str:
    took = grid.baseline_ns[row]
    return wording.whole(grid.rows[row]) + (f"  (baseline {wording.significant(took)} ns)" if took else "")


def _field(axes, x: int, y: int, cell: Cell, margin: float, unsettled: bool) -> None:
    ratio = cell.ratio.estimate if cell.ratio else None
    axes.add_patch(Rectangle((x, y), 1, 1, fc=heatmap.colour(ratio, margin) if ratio else "white", ec="white", lw=0.8,
                             hatch="////" if unsettled else None))
    axes.text(x + 0.5, y + 0.5, wording.times(ratio) if ratio else wording.GLYPHS.get(cell.verdict, "·"), ha="center",
              va="center", size=8.5, color=INK if ratio else MUTED, zorder=5,
              bbox={"fc": "white", "ec": "none", "pad": 1.0, "alpha": 0.75})


def _edges(grid: Grid) -> list[tuple[tuple[list[float], list[float]], str]]:
    """The sides of fields between which the answer changes."""
    lines = []
    for x, y in grid.cells:
        for beyond, side in (((x + 1, y), ([x + 1, x + 1], [y, y + 1])), ((x, y + 1), ([x, x + 1], [y + 1, y + 1]))):
            states = {grid.state(x, y), grid.state(*beyond)}
            if beyond in grid.cells and crossover.PAYS in states and len(states) == 2:
                lines.append((side, "-" if crossover.NOT in states else ":"))
    return lines
