"""What stays behind: resident memory while objects are built, released, and seconds after."""

from __future__ import annotations

from functools import partial

from matplotlib.figure import Figure

from suite.charts.palette import HAIRLINE, allocator_marker, mark
from suite.charts.style import Chart, frame, label_ends, stem
from suite.results import model, selection, wording
from suite.results.model import Cell, Results, number

PLACE = {"timeline": 70}
HEIGHT = 2.6
HOW = ("How to read it: each line is the resident memory of one contender above where it started; it rises while objects "
       "are built and falls once they are released. What is left at the right end the process keeps.")


def figures(results: Results, workload: str) -> list[tuple[int, Chart]]:
    """With its rank."""
    return [(64, chart) for chart in plan(results, workload)]


def plan(results: Results, workload: str) -> list[Chart]:
    """One figure, at the largest point with a timeline."""
    point = selection.point_with(results, workload, course)
    if point is None:
        return []
    cells = [cell for cell in selection.shown_of(results, point.cells) if course(cell)][:selection.LINES] or \
        [cell for cell in point.cells if course(cell)][:selection.LINES]
    title, where = finding(cells), f"{point.workload}: {wording.point(point.parameters)}"
    return [Chart(name=f"timeline-{stem(workload)}", workload=workload, kind="timeline", title=title, how=HOW,
                  alt=f"Resident memory over time at {where}. {title}.", table=table(point),
                  draw=partial(draw, cells, title, where))]


def course(cell: Cell) -> list[tuple[float, float]]:
    """(seconds, mebibytes)."""
    pairs = [(number(step[0]), number(step[1])) for step in cell.memory.get("timeline") or [] if len(step) == 2]
    found = [(seconds, size / 2 ** 20) for seconds, size in pairs if seconds is not None and size is not None]
    return found if len(found) > 1 else []


def finding(cells: list[Cell]) -> str:
    """The title: who keeps least and most of its peak at the end."""
    shares = [(course(cell)[-1][1] / max(size for _, size in course(cell)), cell) for cell in cells
              if not cell.limit and max(size for _, size in course(cell)) > 0]
    if not shares:
        return "Resident memory while objects are built and released"
    (least, lean), (most, kept) = min(shares, key=lambda one: one[0]), max(shares, key=lambda one: one[0])
    text = f"{wording.short(wording.contender(lean), 50)} keeps {wording.percent(max(0.0, least))} of its peak in the end"
    return text if lean is kept else f"{text}, {wording.short(wording.contender(kept), 50)} {wording.percent(max(0.0, most))}"


def table(point: selection.Point) -> tuple[tuple[str, ...], ...]:
    cells = [cell for cell in point.cells if course(cell) and not cell.twin]
    delays = sorted({key for cell in cells for key in cell.memory.get("kept_bytes") or {}},
                    key=lambda key: (model.numeric(key) or 0, key))
    rows = [("contender, MiB above the start", "peak", *(f"{key} s after release" for key in delays))]
    for cell in cells:
        kept = {key: number(value) for key, value in (cell.memory.get("kept_bytes") or {}).items()}
        rows.append((cell.contender, wording.significant(max(size for _, size in course(cell))),
                     *(wording.significant(kept[key] / 2 ** 20) if kept.get(key) is not None else "–" for key in delays)))
    return tuple(rows)


def draw(cells: list[Cell], title: str, where: str) -> Figure:
    """The figure."""
    canvas = frame(title, where + ".", HEIGHT, left=0.85, right=2.6)
    axes, ends = canvas.axes, []
    axes.set_xlim(0, max(seconds for cell in cells for seconds, _ in course(cell)) or 1)
    axes.set_ylim(0, 1.08 * max(max(size for _, size in course(cell)) for cell in cells) or 1)
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:,g}")
    axes.grid(color=HAIRLINE, lw=0.5)
    axes.set_axisbelow(True)
    axes.set_xlabel("seconds")
    axes.set_ylabel("MiB resident above the start")
    for cell in cells:
        colour, line = mark(cell.strategy, cell.family).colour, course(cell)
        axes.plot([x for x, _ in line], [y for _, y in line], color=colour, lw=1.4, ms=3.5,
                  marker=allocator_marker(cell.allocator), zorder=3)
        ends.append((*line[-1], wording.short(cell.contender, 28) + cell.aside, colour))
    label_ends(axes, ends, HEIGHT)
    return canvas.figure
