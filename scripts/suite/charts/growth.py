"""When a pool grows: the slowest operations of each contender, where in the stream they fell and how long they took."""

from __future__ import annotations

from functools import partial

from matplotlib.figure import Figure

from suite.charts.palette import HAIRLINE, allocator_marker, mark
from suite.charts.style import Chart, frame, label_ends, log_ticks, stem
from suite.results import selection, wording
from suite.results.model import Cell, Results, number

PLACE = {"growth": 90}
HEIGHT, MOST, KEPT = 3.2, 8, 20
HOW = ("How to read it: each mark is one slow operation. Marks at regular distances, or at doubling ones, are a contender "
       "that fetches more memory; marks all over are the machine. Only the slowest of each are kept.")


def figures(results: Results, workload: str) -> list[tuple[int, Chart]]:
    """With its rank."""
    return [(65, chart) for chart in plan(results, workload)]


def plan(results: Results, workload: str) -> list[Chart]:
    """One figure, at the largest point with such operations."""
    point = selection.point_with(results, workload, spikes)
    if point is None:
        return []
    cells = [cell for cell in selection.shown_of(results, point.cells) if spikes(cell) and not cell.limit]
    cells = sorted(cells, key=lambda cell: (selection.baseline_of([cell]) is None,
                                            cell.allocator != results.baseline_allocator()))[:MOST]
    if not cells:
        return []
    title, where = finding(cells), f"{point.workload}: {wording.point(point.parameters)}"
    return [Chart(name=f"growth-{stem(workload)}", workload=workload, kind="growth", title=title, how=HOW,
                  alt=f"Scatter of the slowest operations at {where}. {title}.", table=table(point),
                  draw=partial(draw, cells, title, where))]


def spikes(cell: Cell) -> list[tuple[float, float]]:
    """(which operation, nanoseconds), in the order of the stream."""
    pairs = [(number(step[0]), number(step[1])) for step in cell.part("latency").get("growth") or [] if len(step) == 2]
    slowest = sorted(((ns, place) for place, ns in pairs if place is not None and ns is not None and ns > 0), reverse=True)
    return sorted((place, ns) for ns, place in slowest[:KEPT])


def finding(cells: list[Cell]) -> str:
    """The title: the longest and the shortest of the slowest."""
    worst = {cell.id: max(ns for _, ns in spikes(cell)) for cell in cells}
    ordered = sorted(cells, key=lambda cell: worst[cell.id])
    named = [ordered[-1]] + ([ordered[0]] if len(ordered) > 1 else [])
    return "The slowest operation: " + ", ".join(
        f"{wording.short(wording.contender(cell), 50)} {wording.significant(worst[cell.id])} ns" for cell in named)


def table(point: selection.Point) -> tuple[tuple[str, ...], ...]:
    rows = [("contender", "slowest, ns", "at operation", "second, ns", "third, ns", "kept")]
    for cell in point.cells:
        found = sorted(spikes(cell), key=lambda step: -step[1])
        if found and not cell.twin:
            times = [wording.significant(ns) for _, ns in found[:3]] + ["–"] * 3
            rows.append((cell.contender, times[0], wording.whole(found[0][0]), times[1], times[2], wording.whole(len(found))))
    return tuple(rows)


def draw(cells: list[Cell], title: str, where: str) -> Figure:
    """The figure."""
    canvas = frame(title, where + ".", HEIGHT, left=1.0, right=2.6)
    axes, every = canvas.axes, [step for cell in cells for step in spikes(cell)]
    low, high = min(ns for _, ns in every) / 1.4, max(ns for _, ns in every) * 1.4
    last = max(place for place, _ in every) or 1
    axes.set_yscale("log")
    axes.set_ylim(low, high)
    axes.set_xlim(-0.02 * last, 1.02 * last)
    ticks = log_ticks(low, high)
    axes.set_yticks(ticks, [f"{tick:,g}" for tick in ticks])
    axes.set_yticks([], minor=True)
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    axes.grid(color=HAIRLINE, lw=0.5)
    axes.set_axisbelow(True)
    axes.set_xlabel("which operation of the stream")
    axes.set_ylabel("ns, log scale")
    ends = []
    for cell in cells:
        colour, found = mark(cell.strategy, cell.family).colour, spikes(cell)
        axes.plot([x for x, _ in found], [y for _, y in found], ls="none", ms=4, color=colour, alpha=0.85,
                  marker=allocator_marker(cell.allocator), zorder=3)
        top = max(found, key=lambda step: step[1])
        ends.append((last, top[1], wording.short(cell.contender, 28), colour))
    label_ends(axes, ends, HEIGHT)
    return canvas.figure
