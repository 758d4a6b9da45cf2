"""Two questions of two numbers each: time against memory with its frontier, and time against instructions."""

from __future__ import annotations

from functools import partial
from math import log

from matplotlib.figure import Figure

from suite.charts.memory import uses
from suite.charts.palette import HAIRLINE, INK, MUTED, allocator_marker, mark
from suite.charts.style import Chart, frame, log_ticks, spread, stem
from suite.results import model, selection, wording
from suite.results.model import Cell, Interval, Results, number

PLACE = {"pareto": 110, "instructions": 120}
HEIGHT = 3.9
HOW_PARETO = ("How to read it: left is leaner, lower is faster. The line is the frontier: whoever is not on it is beaten "
              "in both by somebody who is. Crosses are the intervals.")
HOW_WHY = ("How to read it: on the diagonal the time is explained by the number of instructions; above it a contender "
           "waits (for memory, for another thread), below it the same instructions run faster. Instructions come from "
           "a run of their own.")
Dot = tuple[Interval, Interval, Cell]


def figures(results: Results, workload: str) -> list[tuple[int, Chart]]:
    """With their ranks."""
    return [*((62, chart) for chart in plan_pareto(results, workload)), *((63, chart) for chart in plan_why(results, workload))]


def plan_pareto(results: Results, workload: str) -> list[Chart]:
    """Time against bytes per object, where both were measured."""
    point = selection.point_with(results, workload, lambda cell: cell.measured and uses([cell]), 3)
    if point is None:
        return []
    dots = [(use.resident, use.cell.nanoseconds, use.cell) for use in uses(list(point.cells))
            if use.cell.measured and not use.cell.limit]
    if len(dots) < 3:
        return []
    best = frontier(dots)
    names = ", ".join(wording.short(wording.contender(cell), 40) for _, _, cell in best[:3])
    title = f"Nothing is both faster and leaner than {names}" + (f" and {len(best) - 3} more" if len(best) > 3 else "")
    where = f"{workload}: {wording.point(point.parameters)}"
    rows = [("contender", "ns/op", "interval, ns", "bytes per object", "interval, bytes", "on the frontier")]
    rows += [(cell.contender, wording.significant(y.estimate), wording.interval(y), wording.significant(x.estimate),
              wording.interval(x), "yes" if (x, y, cell) in best else "no") for x, y, cell in dots]
    return [Chart(name=f"pareto-{stem(workload)}", workload=workload, kind="pareto", title=title, how=HOW_PARETO,
                  alt=f"Scatter of time against bytes per object at {where}. {title}.", table=tuple(rows),
                  draw=partial(draw, dots, best, title, where, ("resident bytes per object, log scale; left is leaner",
                                                               "ns per operation, log scale; lower is faster")))]


def plan_why(results: Results, workload: str) -> list[Chart]:
    """Time ratio against instruction ratio, where instructions were counted."""
    def counted(cell: Cell) -> float | None:
        found = number(cell.part("instructions").get("ratio"))
        return found if found and cell.ratio and not cell.limit else None

    point = selection.point_with(results, workload, counted, 3)
    if point is None:
        return []
    dots = [(Interval(counted(cell)), cell.ratio, cell) for cell in point.cells if counted(cell) and not cell.twin]
    others = [(x, y, cell) for x, y, cell in dots if cell in selection.contenders(point.cells)]
    where = f"{workload}: {wording.point(point.parameters)}"
    off = max(others or dots, key=lambda dot: abs(log(dot[1].estimate / dot[0].estimate)))
    title = (f"Instructions explain {wording.short(wording.contender(off[2]), 50)} least: {wording.times(off[1].estimate)}× time, "
             f"{wording.times(off[0].estimate)}× instructions")
    tool = model.clean(off[2].part("instructions").get("tool", ""))
    rows = [("contender", "time ratio", "interval", "instruction ratio", "instructions per operation")]
    rows += [(cell.contender, f"{wording.times(y.estimate)}×", wording.ratio_interval(y), f"{wording.times(x.estimate)}×",
              wording.significant(number(cell.part("instructions").get("per_operation")) or 0)) for x, y, cell in dots]
    return [Chart(name=f"instructions-{stem(workload)}", workload=workload, kind="instructions", title=title,
                  how=HOW_WHY, alt=f"Scatter of time ratio against instruction ratio at {where}. {title}.", table=tuple(rows),
                  draw=partial(draw, dots, [], title, f"{where}.  Counted by {wording.short(tool, 30)}", (
                      "instructions relative to the baseline, log scale", "time relative to the baseline, log scale")))]


def frontier(dots: list[Dot]) -> list[Dot]:
    """Those that nobody beats in both, from lean to fast."""
    best: list[Dot] = []
    for dot in sorted(dots, key=lambda one: (one[0].estimate, one[1].estimate)):
        if not best or dot[1].estimate < best[-1][1].estimate:
            best.append(dot)
    return best


def draw(dots: list[Dot], best: list[Dot], title: str, where: str, axes_text: tuple[str, str]) -> Figure:
    """The figure."""
    canvas = frame(title, where + ".", HEIGHT, left=0.85, right=3.2)
    axes = canvas.axes
    limits = []
    for which, scale in ((0, axes.set_xscale), (1, axes.set_yscale)):
        values = [end for dot in dots for end in (dot[which].estimate, dot[which].low, dot[which].high) if end]
        scale("log")
        pad = max((max(values) / min(values)) ** 0.05, 1.03)
        limits.append((min(values) / pad, max(values) * pad))
    axes.set_xlim(*limits[0])
    axes.set_ylim(*limits[1])
    for ticks, set_ticks in ((log_ticks(*limits[0], most=7), axes.set_xticks), (log_ticks(*limits[1]), axes.set_yticks)):
        set_ticks(ticks, [f"{tick:,g}" for tick in ticks])
        set_ticks([], minor=True)
    axes.grid(color=HAIRLINE, lw=0.5)
    axes.set_axisbelow(True)
    axes.set_xlabel(axes_text[0])
    axes.set_ylabel(axes_text[1])
    if best:
        axes.plot([x.estimate for x, _, _ in best], [y.estimate for _, y, _ in best], color=MUTED, lw=1, drawstyle="steps-post",
                  zorder=1.5)
    else:
        axes.axline((1, 1), (10, 10), color=MUTED, lw=1, ls=(0, (4, 2)), zorder=1.5)
    for x, y, cell in dots:
        _dot(axes, x, y, cell)
    _names(axes, best or [dot for dot in dots if dot[2].allocator == dots[0][2].allocator
                          or dot[2].strategy == dots[0][2].strategy], dots, limits)
    return canvas.figure


def _dot(axes, x: Interval, y: Interval, cell: Cell) -> None:
    colour = mark(cell.strategy, cell.family).colour
    if x.has_interval:
        axes.plot([x.low, x.high], [y.estimate, y.estimate], color=colour, lw=1, zorder=2)
    if y.has_interval:
        axes.plot([x.estimate, x.estimate], [y.low, y.high], color=colour, lw=1, zorder=2)
    axes.plot([x.estimate], [y.estimate], marker=allocator_marker(cell.allocator), ms=6, color=colour, ls="none", mew=0.8,
              mec="white", zorder=3)


def _names(axes, named: list[Dot], dots: list[Dot], limits: list[tuple[float, float]]) -> None:
    """Names beside the plot, in the order of height, each with a line to its dot: at most so many as fit."""
    baseline = [dot for dot in dots if selection.baseline_of([dot[2]])]
    wanted = list({dot[2].id: dot for dot in (*baseline, *named)}.values())[:int(HEIGHT / 0.18)]
    low, high = limits[1]
    heights = [log(y.estimate / low) / log(high / low) for _, y, _ in wanted]
    for (x, _, cell), height, place in zip(wanted, heights, spread(heights, 0.17 / HEIGHT, -0.04, 1.04)):
        start = log(x.estimate / limits[0][0]) / log(limits[0][1] / limits[0][0])
        axes.plot([start + 0.012, 1.01, 1.03], [height, place, place], transform=axes.transAxes, lw=0.5, color=HAIRLINE,
                  clip_on=False, zorder=0.5)
        text = wording.short(cell.contender, 32) + (" (baseline)" if selection.baseline_of([cell]) else "")
        axes.text(1.035, place, text, transform=axes.transAxes, va="center", size=8.5, clip_on=False,
                  color=mark(cell.strategy, cell.family).colour if cell.verdict != "BASELINE" else INK)
