"""Worst cases: single operations timed one by one, as percentiles on a scale that counts nines.

A percentile is drawn as far as ten timed operations stand behind it and cut off there. What reading the clock costs is
in every figure, so it is drawn as a line and never subtracted.
"""

from __future__ import annotations

from functools import partial

from matplotlib.figure import Figure

from suite.charts.palette import HAIRLINE, INK, MUTED, allocator_marker, mark
from suite.charts.style import Chart, frame, label_ends, log_ticks, stem
from suite.results import selection, wording
from suite.results.model import Cell, Results, number

PLACE = {"latency": 80}
HEIGHT = 4.0
NINES = {2: "50 %", 10: "90 %", 100: "99 %", 1000: "99.9 %", 10_000: "99.99 %", 100_000: "99.999 %"}
HOW = ("How to read it: at 99 % one operation in a hundred takes longer than the line says. A line ends where fewer than "
       "ten timed operations stand behind it. The dashed line is the cost of reading the clock, which is in every "
       "figure. One operation follows the other, so waiting that a queue would add is not in it.")


def figures(results: Results, workload: str) -> list[tuple[int, Chart]]:
    """With its rank."""
    return [(60, chart) for chart in plan(results, workload)]


def plan(results: Results, workload: str) -> list[Chart]:
    """One figure, at the largest point that was timed so."""
    point = selection.point_with(results, workload, curve)
    if point is None:
        return []
    cells = [cell for cell in selection.shown_of(results, point.cells) if curve(cell)]
    cells = sorted(cells or [cell for cell in point.cells if curve(cell)],  # the baseline is never left out
                   key=lambda cell: (selection.baseline_of([cell]) is None, curve(cell)[-1][1]))[:selection.LINES]
    title, where = finding(cells), f"{point.workload}: {wording.point(point.parameters)}"
    return [Chart(name=f"latency-{stem(workload)}", workload=workload, kind="latency", title=title, how=HOW,
                  alt=f"Percentiles of single operations at {where}. {title}.", table=table(point),
                  draw=partial(draw, cells, title, where))]


def percentiles(cell: Cell) -> dict[float, float]:
    """By percentage, those that the sample supports."""
    found = cell.part("latency")
    samples = number(found.get("samples")) or 0
    pairs = {number(_number(key)): number(value) for key, value in (found.get("percentiles") or {}).items()}
    return {key: value for key, value in sorted((k, v) for k, v in pairs.items() if k is not None and v)
            if 0 < key < 100 and samples * (1 - key / 100) >= 10}


def _number(text: str) -> float | None:
    try:
        return float(str(text).lstrip("p"))
    except ValueError:
        return None


def curve(cell: Cell) -> list[tuple[float, float]]:
    """(1 / (1 - q), nanoseconds), from the histogram where there is one, else from the percentiles."""
    found = cell.part("latency")
    buckets = [(number(top), number(count)) for top, count in found.get("histogram") or []]
    buckets = sorted((top, count) for top, count in buckets if top and count)
    total, below, steps = sum(count for _, count in buckets), 0.0, []
    for top, count in buckets:
        below += count
        if total - below < 10:
            break
        steps.append((total / (total - below), top))
    if len(steps) < 4:
        steps = [(100 / (100 - key), value) for key, value in percentiles(cell).items()]
    return [step for step in steps if step[0] >= 1.05]


def finding(cells: list[Cell]) -> str:
    """The title: the highest percentile that all support, for the baseline and for the lowest there."""
    shared = set.intersection(*(set(percentiles(cell)) for cell in cells)) if cells else set()
    if not shared:
        return "Single operations, timed one by one"
    top = max(shared)
    real = [cell for cell in cells if not cell.limit] or cells
    lowest, baseline = min(real, key=lambda cell: percentiles(cell)[top]), selection.baseline_of(cells)
    named = [baseline, lowest] if baseline and baseline is not lowest else [lowest]
    parts = [f"{wording.short(wording.contender(cell), 50)} {wording.significant(percentiles(cell)[top])} ns"
             for cell in named]
    return f"{top:g} % of operations take less than: {', '.join(parts)}"


def table(point: selection.Point) -> tuple[tuple[str, ...], ...]:
    """Every contender that was timed so: its percentiles, the longest, and the clock's own cost."""
    cells = [cell for cell in point.cells if curve(cell) and not cell.twin]
    keys = sorted({key for cell in cells for key in percentiles(cell)})
    rows = [("contender, ns", *(f"{key:g} %" for key in keys), "longest", "clock", "timed operations")]
    for cell in cells:
        found, part = percentiles(cell), cell.part("latency")
        rows.append((cell.contender, *(wording.significant(found[key]) if key in found else "too few" for key in keys),
                     _text(part.get("maximum_ns")),
                     _text(part.get("timer_ns")), wording.whole(part.get("samples"))))
    return tuple(rows)


def _text(value: object) -> str:
    plain = number(value)
    return "–" if plain is None else wording.significant(plain)


def draw(cells: list[Cell], title: str, where: str) -> Figure:
    """The figure."""
    period = number(cells[0].part("latency").get("period"))
    subtitle = f"{where}.  " + (f"One operation in {wording.whole(period)} was timed." if period else "")
    canvas = frame(title, subtitle, HEIGHT, left=0.85, right=2.6)
    axes = canvas.axes
    curves = {cell.id: curve(cell) for cell in cells}
    timer = number(cells[0].part("latency").get("timer_ns"))
    ys = [y for line in curves.values() for _, y in line] + ([timer] if timer else [])
    xs = [x for line in curves.values() for x, _ in line]
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlim(1, max(xs) * 1.1)
    axes.set_ylim(min(ys) / 1.25, max(ys) * 1.25)
    nines = [x for x in NINES if x <= max(xs) * 1.1]
    axes.set_xticks(nines, [NINES[x] for x in nines])
    ticks = log_ticks(min(ys) / 1.25, max(ys) * 1.25)
    axes.set_yticks(ticks, [f"{tick:,g}" for tick in ticks])
    axes.set_xticks([], minor=True)
    axes.set_yticks([], minor=True)
    axes.grid(color=HAIRLINE, lw=0.5)
    axes.set_axisbelow(True)
    axes.set_xlabel("share of operations that take less, by nines")
    axes.set_ylabel("ns for a single operation, log scale")
    if timer:
        axes.axhline(timer, color=MUTED, lw=1, ls=(0, (4, 2)), zorder=1)
        axes.text(0.995, timer, f"reading the clock, {wording.significant(timer)} ns", size=8, color=INK, ha="right",
                  va="bottom", transform=axes.get_yaxis_transform())
    ends = []
    for cell in cells:
        line, colour = curves[cell.id], mark(cell.strategy, cell.family).colour
        axes.plot([x for x, _ in line], [y for _, y in line], color=colour, lw=1.4, zorder=3, ms=4.5,
                  marker=allocator_marker(cell.allocator), markevery=max(1, len(line) // 5),
                  ls="-" if cell.allocator == cells[0].allocator else (0, (5, 1)))
        ends.append((*line[-1], wording.short(cell.contender, 28) + cell.aside, colour))
    label_ends(axes, ends, HEIGHT)
    return canvas.figure
