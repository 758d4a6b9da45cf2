"""Which for which: contenders against workload points, the ratio to the baseline as colour, number and glyph.

No colour is no difference, blue is faster, orange is slower, hatching is not settled, a dot was not measured. Workloads
that share most of their strategies share a figure, so that a matrix is not mostly empty.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from matplotlib.colors import LinearSegmentedColormap, to_hex
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from suite.charts.palette import HAIRLINE, INK, MUTED, contrast_on_white, mixed_with_white
from suite.charts.style import Chart, frame, stem
from suite.results import model, selection, wording
from suite.results.model import Cell, Results

PLACE = {"heatmap": 10}
WIDEST = 15  # columns in one figure
HOW = ("How to read it: a number is the time relative to the baseline of its column (0.5 is half the time). Blue is "
       "faster, orange slower, no colour within the margin; hatched is not settled; a dot was not measured.")
COLOURS = LinearSegmentedColormap.from_list("ratio", ["#0b5fa5", "#8fc1e3", "#ffffff", "#f4b183", "#c24e00"])
REACH = 4.0  # log2: the strongest colours stand for 16x and beyond
ROW = 0.27  # inches
HATCH = "#7b8794"


@dataclass(frozen=True)
class Matrix:
    """Rows by columns of cells; `get` is None where nothing was measured."""

    rows: tuple[str, ...]
    columns: tuple[tuple[str, str], ...]  # workload, point
    cells: dict[tuple[str, int], Cell]


def bundles(results: Results, allocator: str) -> list[list[str]]:
    """Workloads grouped by the strategies they share."""
    groups: list[tuple[set[str], list[str]]] = []
    for one in results.workloads:
        mine = {cell.strategy for cell in results.of_workload(one["name"])
                if cell.allocator == allocator and not cell.limit}
        for shared, names in groups:
            if len(mine & shared) >= 0.4 * min(len(mine), len(shared)) > 0:
                shared |= mine
                names.append(one["name"])
                break
        else:
            groups.append((mine, [one["name"]]))
    # Matrices of one workload each would be mostly margin: they share a figure too.
    alone = [name for _, names in groups if len(names) == 1 for name in names]
    return [names for _, names in groups if len(names) > 1] + ([alone] if alone else [])


def matrix_of(results: Results, names: list[str], row_of: Callable[[Cell], str | None], most: int = 3) -> Matrix:
    """The headline points of some workloads, `most` of each, as far as anybody was compared there; `row_of` names a cell's row, or None to
    leave it out."""
    every = {name: selection.points_of(results.of_workload(name)) for name in names}
    chosen = [point for found in every.values() for point in selection.headline_points(found, most)]
    cells = {(row, i): cell for i, point in enumerate(chosen) for cell in point.cells
             if not cell.twin and (row := row_of(cell)) is not None}
    asked = [i for i in range(len(chosen)) if any(_compared(cell) for (_, column), cell in cells.items() if column == i)]
    cells = {(row, asked.index(i)): cell for (row, i), cell in cells.items() if i in asked}
    rows = tuple(row for row in dict.fromkeys(row for row, _ in cells)
                 if any(_compared(cell) for (name, _), cell in cells.items() if name == row) or _is_base(row, cells))
    columns = tuple((chosen[i].workload, wording.point(_telling(chosen[i], every[chosen[i].workload]))) for i in asked)
    return Matrix(rows, columns, {key: cell for key, cell in cells.items() if key[0] in rows})


def _compared(cell: Cell) -> bool:
    """Whether there is anything to see: a ratio, or that there should have been one."""
    return cell.verdict not in (model.BASELINE, model.SKIPPED)


def _is_base(row: str, cells: dict[tuple[str, int], Cell]) -> bool:
    """The baseline's own row stays: a column says what it is held against."""
    return any(name == row and cell.verdict == model.BASELINE for (name, _), cell in cells.items())


def _telling(point: selection.Point, others: list[selection.Point]) -> dict:
    """The parameters that tell a point from the workload's other points; all of them when none does."""
    telling = {key: value for key, value in point.parameters.items()
               if any(other.parameters.get(key) != value for other in others)}
    return telling or point.parameters


def split(matrix: Matrix) -> list[Matrix]:
    """Parts that are narrow enough to read, about equally wide; a workload's columns stay together."""
    names = [workload for workload, _ in matrix.columns]
    target = math.ceil(len(names) / max(1, math.ceil(len(names) / WIDEST)))
    starts = [0]
    for i, name in enumerate(names):
        wide = i - starts[-1]
        new = i > 0 and name != names[i - 1]
        if wide >= WIDEST or new and (wide >= target or wide + names.count(name) > WIDEST):
            starts.append(i)
    return [part for start, end in zip(starts, [*starts[1:], len(names)]) if (part := _part(matrix, start, end)).rows]


def _part(matrix: Matrix, start: int, end: int) -> Matrix:
    cells = {(row, i - start): cell for (row, i), cell in matrix.cells.items() if start <= i < end}
    return Matrix(tuple(row for row in matrix.rows if any(key[0] == row for key in cells)),
                  matrix.columns[start:end], cells)


def table(matrix: Matrix) -> tuple[tuple[str, ...], ...]:
    """The same numbers as text: nanoseconds first, then the ratio with interval and verdict."""
    def value(cell: Cell | None) -> str:
        if cell is None:
            return "·"
        if not cell.nanoseconds:
            return wording.verdict(cell.verdict)
        nanoseconds = wording.significant(cell.nanoseconds.estimate)
        return f"{nanoseconds} ns; {wording.ratio(cell.ratio)} {wording.verdict(cell.verdict)}"

    head = ("", *(": ".join(part for part in column if part) for column in matrix.columns))
    return (head, *((row, *(value(matrix.cells.get((row, i))) for i in range(len(matrix.columns))))
                    for row in matrix.rows))


def tally(matrix: Matrix, what: str) -> str:
    """The title of an overview; limit rows are not counted."""
    compared = [cell for cell in matrix.cells.values() if cell.verdict != model.BASELINE and not cell.limit]
    faster = sum(cell.verdict == model.FASTER for cell in compared)
    unsettled = sum(cell.verdict not in model.SETTLED for cell in compared)
    head = wording.short(what, 110)
    if compared and unsettled == len(compared):
        return f"{head}: none of {wording.count(unsettled, 'comparison')} is settled"
    return f"{head}: {faster} of {wording.count(len(compared), 'comparison')} faster, {unsettled} not settled"


def reach(matrix: Matrix) -> str:
    """The title of a strategy x allocator matrix: whom the heap moves most, and whom least."""
    ranges = []
    for row in matrix.rows:
        ratios = [cell.ratio.estimate for (name, _), cell in matrix.cells.items() if name == row and cell.ratio
                  and not cell.limit and cell.verdict in (*model.SETTLED, model.BASELINE)]
        if len(ratios) > 2:
            ranges.append((max(ratios) / min(ratios), row, min(ratios), max(ratios)))
    if len(ranges) < 2:
        return ""
    (_, still, a, b), (_, moved, c, d) = min(ranges), max(ranges)
    return (f"The heap moves {wording.short(moved, 40)} between {wording.times(c)}× and {wording.times(d)}×, "
            f"{wording.short(still, 40)} only between {wording.times(a)}× and {wording.times(b)}×")


def figures(results: Results, workload: str) -> list[tuple[int, Chart]]:
    """One is enough."""
    return [(70, chart) for chart in plan_workload(results, workload)[:1]]


def overview(results: Results) -> list[tuple[int, Chart]]:
    """With their ranks."""
    return [(10, chart) for chart in plan_overview(results)]


def plan_overview(results: Results) -> list[Chart]:
    """Strategies on the baseline allocator, and the heap alone; first what the run asks."""
    allocator = results.baseline_allocator()
    strategies: list[Chart] = []
    for bundle in bundles(results, allocator):
        matrix = matrix_of(results, bundle, lambda cell: cell.strategy if cell.allocator == allocator else None)
        strategies += [_chart(results, part, f"overview-{len(strategies) + i}", "", f"Strategies on {allocator}", bundle)
                       for i, part in enumerate(split(matrix), 1)]
    heaps = of_heaps(results)
    alone = [_chart(results, part, f"overview-heap-{i}", "", "The baseline strategy on each heap", [])
             for i, part in enumerate(split(heaps), 1)] if len(heaps.rows) > 1 else []
    return alone + strategies if results.of_heaps else strategies + alone


def of_heaps(results: Results, most: int = 3) -> Matrix:
    """The baseline strategy of each workload on each heap, at `most` points of each."""
    return matrix_of(results, [one["name"] for one in results.workloads], _heap_row, most)


def plan_workload(results: Results, workload: str) -> list[Chart]:
    """Strategy x allocator at the largest point, where several of both were measured."""
    chosen = selection.headline_points(selection.points_of(results.of_workload(workload)), 1)
    charts = []
    for point in chosen:
        cells = [cell for cell in point.cells if not cell.twin]
        heaps = dict.fromkeys(cell.allocator for cell in cells)
        several = {cell.strategy for cell in cells if cell.allocator != results.baseline_allocator()}
        if len(heaps) < 3 or len(several) < 3:
            continue
        matrix = Matrix(tuple(dict.fromkeys(cell.strategy for cell in cells)),
                        tuple(("", heap) for heap in heaps),
                        {(cell.strategy, list(heaps).index(cell.allocator)): cell
                         for cell in cells if cell.allocator in heaps})
        where = f"{workload}: {wording.point(point.parameters)}"
        charts.append(_chart(results, matrix, f"matrix-{stem(workload)}", workload, where, [workload]))
    return charts


def _heap_row(cell: Cell) -> str | None:
    """The allocator of a cell that runs the same strategy as its baseline."""
    return cell.allocator if cell.id.rsplit("@", 1)[0] == cell.baseline.rsplit("@", 1)[0] else None


def _chart(results: Results, matrix: Matrix, name: str, workload: str, what: str, members: list[str]) -> Chart:
    title = (reach(matrix) if workload else "") or tally(matrix, what)
    return Chart(name=name, workload=workload, kind="heatmap", title=title, how=HOW,
                 alt=f"Heat map of time ratios. {what}" + (f" for {', '.join(members)}" if members else "") + ".",
                 table=table(matrix),
                 draw=partial(draw, matrix, title, what if workload else "", results.margin_of(workload),
                              results.floor_of(workload)))


def colour(ratio: float, margin: float) -> str | tuple:
    """Diverging around 1, white inside the margin."""
    if 1 / (1 + margin) <= ratio <= 1 + margin:
        return "#ffffff"
    share = max(-1.0, min(1.0, math.log2(ratio) / REACH))
    return COLOURS(0.5 + 0.5 * math.copysign(abs(share) ** 0.6, share))


def draw(matrix: Matrix, title: str, where: str, margin: float, floor: float | None) -> Figure:
    """The figure."""
    against = f"{where}.  Time relative to the baseline" if where else "Time relative to each column's baseline"
    flat = not any(column[0] for column in matrix.columns)
    height = ROW * len(matrix.rows)
    head = 0.3 if flat else 0.2 + 0.044 * max(len(text) for text in heads(matrix))
    canvas = frame(title, f"{against}.", height + head, left=1.8, right=0.35 if flat else 1.75, bottom=0.2,
                   foot=wording.small_print(margin, floor))
    axes = canvas.axes
    columns = len(matrix.columns)
    axes.set_xlim(0, max(columns, 8))
    axes.set_ylim(len(matrix.rows), -head / ROW)
    axes.set_axis_off()
    for y, row in enumerate(matrix.rows):
        axes.text(-0.12, y + 0.5, wording.short(row, 24), ha="right", va="center", size=8.5)
        for x in range(columns):
            _cell(axes, x, y, matrix.cells.get((row, x)), margin)
    _heads(axes, matrix, flat)
    return canvas.figure


def heads(matrix: Matrix) -> list[str]:
    """Column labels; the first of each workload carries its name."""
    return [wording.short(terse(point) if x and matrix.columns[x - 1][0] == workload
                        else f"{workload}: {terse(point)}", 40)
            for x, (workload, point) in enumerate(matrix.columns)]


def terse(point: str) -> str:
    """A point in the room above a column: `shuffled, 1,000,000 live, 64 B`."""
    for long, brief in ((" live objects", " live"), (" bytes each", " B"), (" order", ""), ("state ", "")):
        point = point.replace(long, brief)
    return point


def _heads(axes, matrix: Matrix, flat: bool) -> None:
    """Points slanted above their columns, workloads above their points."""
    for x, (workload, point) in enumerate(matrix.columns):
        if flat:
            axes.text(x + 0.5, -0.35, wording.short(point, 14), ha="center", va="bottom", size=8.5)
            continue
        first = x == 0 or matrix.columns[x - 1][0] != workload
        if first and x:
            axes.plot([x, x], [-0.2, len(matrix.rows)], color=MUTED, lw=1.0, clip_on=False)
        axes.text(x + 0.5, -0.25, heads(matrix)[x], rotation=42, ha="left", va="bottom", size=7.5,
                  rotation_mode="anchor", weight="bold" if first else "normal", color=INK if first else MUTED)


def _cell(axes, x: int, y: int, cell: Cell | None, margin: float) -> None:
    if cell is None or not cell.ratio and cell.verdict != model.BASELINE:
        text = "·" if cell is None else wording.GLYPHS.get(cell.verdict, "·")
        axes.text(x + 0.5, y + 0.5, text, ha="center", va="center", color=MUTED, size=8)
        return
    ratio = cell.ratio.estimate if cell.ratio else 1.0
    open_question = cell.verdict not in (*model.SETTLED, model.BASELINE)
    fill = colour(ratio, margin)
    if open_question:  # paler, so that the eye does not take for a result what is none
        fill = mixed_with_white(to_hex(fill), 0.5)
    edge, hatch = (HATCH, "////") if open_question else (HAIRLINE, None)
    axes.add_patch(Rectangle((x, y), 1, 1, fc=fill, ec=edge, lw=0.6, hatch=hatch, clip_on=False))
    dark = contrast_on_white(to_hex(fill)) > 3.7
    axes.text(x + 0.5, y + 0.52, "base" if cell.verdict == model.BASELINE else wording.times(ratio), ha="center",
              va="center", size=7.5, color="white" if dark and not open_question else INK,
              bbox={"fc": "white", "ec": "none", "pad": 0.8} if open_question else None)
