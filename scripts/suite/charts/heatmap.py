"""Which for which: contenders against workload points, the ratio to the baseline as colour, number and glyph.

No colour is no difference, blue is faster, orange is slower, hatching is not settled, a dot was not measured. Workloads
that share most of their strategies share a figure, so that a matrix is not mostly empty.
"""

from __future__ import annotations

import math
from functools import partial

from matplotlib.colors import LinearSegmentedColormap, to_hex
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from suite.charts import data, points, words
from suite.charts.data import Cell, Results
from suite.charts.matrix import Matrix, bundles, matrix_of, reach, split, table, tally
from suite.charts.style import Chart, frame, stem
from suite.palette import HAIRLINE, INK, MUTED, contrast_on_white, mixed_with_white

HOW = ("How to read it: a number is the time relative to the baseline of its column (0.5 is half the time). Blue is "
       "faster, orange slower, no colour within the margin; hatched is not settled; a dot was not measured.")
COLOURS = LinearSegmentedColormap.from_list("ratio", ["#0b5fa5", "#8fc1e3", "#ffffff", "#f4b183", "#c24e00"])
REACH = 4.0  # log2: the strongest colours stand for 16x and beyond
ROW = 0.27  # inches
HATCH = "#7b8794"


def plan_overview(results: Results) -> list[Chart]:
    """Strategies on the baseline allocator, then the heap alone: the top of the page."""
    allocator = results.baseline_allocator()
    charts = []
    for bundle in bundles(results, allocator):
        matrix = matrix_of(results, bundle, lambda cell: cell.strategy if cell.allocator == allocator else None)
        charts += [_chart(results, part, f"overview-{len(charts) + i}", "", f"Strategies on {allocator}", bundle)
                   for i, part in enumerate(split(matrix), 1)]
    heaps = matrix_of(results, [one["name"] for one in results.workloads], _heap_row)
    if len(heaps.rows) > 1:
        charts += [_chart(results, part, f"overview-heap-{i}", "", "The baseline strategy on each heap", [])
                   for i, part in enumerate(split(heaps), 1)]
    return charts


def plan_workload(results: Results, workload: str) -> list[Chart]:
    """Strategy x allocator at the largest point, where several of both were measured."""
    chosen = points.headline(points.of(results.of_workload(workload)), 1)
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
        where = f"{workload}: {words.point(point.parameters)}"
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
                   foot=words.small_print(margin, floor))
    axes = canvas.axes
    columns = len(matrix.columns)
    axes.set_xlim(0, max(columns, 8))
    axes.set_ylim(len(matrix.rows), -head / ROW)
    axes.set_axis_off()
    for y, row in enumerate(matrix.rows):
        axes.text(-0.12, y + 0.5, words.short(row, 24), ha="right", va="center", size=8.5)
        for x in range(columns):
            _cell(axes, x, y, matrix.cells.get((row, x)), margin)
    _heads(axes, matrix, flat)
    return canvas.figure


def heads(matrix: Matrix) -> list[str]:
    """Column labels; the first of each workload carries its name."""
    return [words.short(terse(point) if x and matrix.columns[x - 1][0] == workload
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
            axes.text(x + 0.5, -0.35, words.short(point, 14), ha="center", va="bottom", size=8.5)
            continue
        first = x == 0 or matrix.columns[x - 1][0] != workload
        if first and x:
            axes.plot([x, x], [-0.2, len(matrix.rows)], color=MUTED, lw=1.0, clip_on=False)
        axes.text(x + 0.5, -0.25, heads(matrix)[x], rotation=42, ha="left", va="bottom", size=7.5,
                  rotation_mode="anchor", weight="bold" if first else "normal", color=INK if first else MUTED)


def _cell(axes, x: int, y: int, cell: Cell | None, margin: float) -> None:
    if cell is None or not cell.ratio and cell.verdict != data.BASELINE:
        text = "·" if cell is None else words.GLYPHS.get(cell.verdict, "·")
        axes.text(x + 0.5, y + 0.5, text, ha="center", va="center", color=MUTED, size=8)
        return
    ratio = cell.ratio.value if cell.ratio else 1.0
    open_question = cell.verdict not in (*data.SETTLED, data.BASELINE)
    fill = colour(ratio, margin)
    if open_question:  # paler, so that the eye does not take for a result what is none
        fill = mixed_with_white(to_hex(fill), 0.5)
    edge, hatch = (HATCH, "////") if open_question else (HAIRLINE, None)
    axes.add_patch(Rectangle((x, y), 1, 1, fc=fill, ec=edge, lw=0.6, hatch=hatch, clip_on=False))
    dark = contrast_on_white(to_hex(fill)) > 3.7
    axes.text(x + 0.5, y + 0.52, "base" if cell.verdict == data.BASELINE else words.times(ratio), ha="center",
              va="center", size=7.5, color="white" if dark and not open_question else INK,
              bbox={"fc": "white", "ec": "none", "pad": 0.8} if open_question else None)
