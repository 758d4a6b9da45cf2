"""How cost grows: nanoseconds per operation against one numeric parameter, a line per contender with its interval.

Every strategy on the baseline allocator, and the baseline strategy on the other allocators: "reuse" and "another heap"
in one picture. The table below the chart has every contender.
"""

from __future__ import annotations

from functools import partial
from math import log
from typing import Any

from matplotlib.figure import Figure
from matplotlib.transforms import blended_transform_factory

from suite.charts.palette import HAIRLINE, INK, MUTED, allocator_marker, mark, mixed_with_white
from suite.charts.style import Chart, frame, log_ticks, spread, stem
from suite.results import selection, wording
from suite.results.model import Cell, Results, clean, number, numeric
from suite.results.selection import baseline_of

PLACE = {"scaling": 40}
HEIGHT, LABEL = 4.6, 0.17  # inches: of a chart with few lines, of one label
HOW = ("How to read it: lower is faster; a line's shade is its interval. A flat line costs the same at every size; "
       "dotted lines mark where the live bytes stop fitting into a cache.")
HOW_PERCENT = "How to read it: lower is faster; a line's shade is its interval."


def figures(results: Results, workload: str) -> list[tuple[int, Chart]]:
    """The first one is the most interesting sweep."""
    every = plan(results, workload, 2)
    return [(40 if chart is every[0] else 110, chart) for chart in every]


def plan(results: Results, workload: str, most: int) -> list[Chart]:
    """The most interesting sweeps of a workload."""
    chosen = [sweep for sweep in selection.sweeps(selection.points_of(results.of_workload(workload)), most + 1)
              if sweep.axis != "threads"]  # threads have a figure of their own
    return [chart for i, sweep in enumerate(chosen[:most], 1) for chart in _chart(results, sweep, i)]


def _chart(results: Results, sweep: selection.Sweep, index: int) -> list[Chart]:
    lines = lines_of(sweep, results.baseline_allocator())
    if not any(len(line) > 2 for line in lines.values()):
        return []  # too little was measured for a course
    where = f"{sweep.workload}: {wording.point(sweep.fixed)}" if sweep.fixed else sweep.workload
    title = finding(sweep, lines)
    caches = (results.raw.get("environment") or {}).get("caches") or []
    return [Chart(
        name=f"scaling-{stem(sweep.workload)}-{index}", workload=sweep.workload, kind="scaling", title=title,
        how=HOW_PERCENT if selection.is_percentage(sweep.axis) else HOW,
        alt=f"Line chart of nanoseconds per operation against {wording.axis(sweep.axis)} for {where}. {title}.",
        groups=tuple(point.group for point in sweep.points), table=table(sweep),
        draw=partial(draw, lines, sweep.axis, title, where, cache_lines(sweep, caches)))]


def table(sweep: selection.Sweep) -> tuple[tuple[str, ...], ...]:
    """Every contender of the sweep: a row each, nanoseconds per operation at each point."""
    names = dict.fromkeys(cell.contender for point in sweep.points for cell in point.cells if not cell.twin)
    head = ("contender, ns per operation", *(wording.phrase(sweep.axis, point.parameters[sweep.axis])
                                             for point in sweep.points))
    at = {(cell.contender, point.group): cell for point in sweep.points for cell in point.cells if not cell.twin}

    def value(name: str, group: str) -> str:
        cell = at.get((name, group))
        if cell is None:
            return "·"
        return wording.significant(cell.nanoseconds.estimate) if cell.nanoseconds else wording.verdict(cell.verdict)

    return (head, *((name, *(value(name, point.group) for point in sweep.points)) for name in names))


def lines_of(sweep: selection.Sweep, allocator: str) -> dict[str, list[tuple[float, Cell]]]:
    """The contenders that are drawn, each with its measured points."""
    baseline = next((found for point in sweep.points if (found := baseline_of(point.cells))), None)
    lines: dict[str, list[tuple[float, Cell]]] = {}
    for point in sweep.points:
        for cell in point.cells:
            shown = cell.allocator == allocator or (baseline and cell.strategy == baseline.strategy)
            if cell.measured and not cell.twin and shown:
                lines.setdefault(cell.contender, []).append((numeric(point.parameters[sweep.axis]), cell))
    return {name: line for name, line in lines.items() if len(line) > 1}


def finding(sweep: selection.Sweep, lines: dict[str, list[tuple[float, Cell]]]) -> str:
    """The title: how much the baseline grows, the fact that size decides or does not."""
    baseline = next((found for point in sweep.points if (found := baseline_of(point.cells))), None)
    line = lines.get(baseline.contender if baseline else "") or next(iter(lines.values()))
    real = [one for one in lines.values() if not one[0][1].limit
            and (one[0][0], one[-1][0]) == (line[0][0], line[-1][0])]
    lowest = min(real or [line], key=lambda one: one[-1][1].nanoseconds.estimate)
    parts = [_course(line)] + ([_course(lowest)] if lowest is not line else [])
    return (f"{wording.span(sweep.axis, line[0][0], line[-1][0])}, nanoseconds per operation: "
            + ", ".join(parts))


def _course(line: list[tuple[float, Cell]]) -> str:
    first, last = line[0][1], line[-1][1]
    return (f"{wording.short(wording.contender(first), 50)} {wording.significant(first.nanoseconds.estimate)} to "
            f"{wording.significant(last.nanoseconds.estimate)}")


def cache_lines(sweep: selection.Sweep, caches: list[dict[str, Any]]) -> list[tuple[float, str]]:
    """Where live objects x bytes each crosses a cache's size, on this sweep's axis."""
    other = {"live": "bytes", "objects": "bytes", "bytes": "live"}.get(sweep.axis)
    each = numeric(sweep.fixed.get(other)) if other else None
    if not each:
        return []
    found = {}
    for cache in caches:
        size = number(cache.get("bytes"))
        if size and str(cache.get("type", "")).lower() in ("data", "unified"):
            found[f"L{clean(cache.get('level'))}"] = size / each
    return [(x, name) for name, x in found.items()]


def draw(lines: dict[str, list[tuple[float, Cell]]], axis: str, title: str, where: str,
         caches: list[tuple[float, str]]) -> Figure:
    """The figure."""
    height = max(HEIGHT, LABEL * len(lines))  # every line has its label beside it, however many there are
    canvas = frame(title, f"{where}.  Median over processes.", height, left=0.85, right=2.55)
    axes = canvas.axes
    everything = [pair for line in lines.values() for pair in line]
    xs, ys = sorted({x for x, _ in everything}), [cell.nanoseconds.estimate for _, cell in everything]
    logarithmic = not selection.is_percentage(axis) and min(xs) > 0
    axes.set_yscale("log")
    low, high = min(ys) / 1.25, max(ys) * 1.25
    axes.set_ylim(low, high)
    if logarithmic:
        axes.set_xscale("log")
        pad = (max(xs) / min(xs)) ** 0.03
        axes.set_xlim(min(xs) / pad, max(xs) * pad)
    else:
        axes.set_xlim(min(xs) - 0.03 * (max(xs) - min(xs)), max(xs) + 0.03 * (max(xs) - min(xs)))
    axes.set_xticks(_thinned(xs, logarithmic), [wording.whole(x) for x in _thinned(xs, logarithmic)])
    axes.set_xticks([], minor=True)
    ticks = log_ticks(low, high)
    axes.set_yticks(ticks, [f"{tick:,g}" for tick in ticks])
    axes.set_yticks([], minor=True)
    axes.grid(axis="y", color=HAIRLINE, lw=0.5)
    axes.set_axisbelow(True)
    axes.set_xlabel(wording.axis(axis) + (", log scale" if logarithmic else ""))
    axes.set_ylabel("ns per operation, log scale; lower is faster")
    _draw_caches(axes, caches)
    for line in lines.values():
        _line(axes, line)
    _labels(axes, list(lines.values()), low, high, LABEL / height)
    return canvas.figure


def _thinned(xs: list[float], logarithmic: bool) -> list[float]:
    """Ticks at measured values, without those that would print over their neighbour."""
    kept: list[float] = []
    for x in reversed(xs):
        near = kept and ((kept[-1] / x < (max(xs) / min(xs)) ** 0.08) if logarithmic
                         else kept[-1] - x < 0.05 * (max(xs) - min(xs)))
        if not near:
            kept.append(x)
    return kept[::-1]


def _draw_caches(axes, caches: list[tuple[float, str]]) -> None:
    place = blended_transform_factory(axes.transData, axes.transAxes)
    low, high = axes.get_xlim()
    for x, name in caches:
        if low < x < high:
            axes.axvline(x, color=MUTED, lw=0.9, ls=(0, (1, 2)), zorder=1)
            axes.text(x, 1.012, f"{name} full", transform=place, ha="center", va="bottom", size=8, color=MUTED)


def _line(axes, line: list[tuple[float, Cell]]) -> None:
    cell = line[0][1]
    colour = mark(cell.strategy, cell.family).colour
    xs, estimates = [x for x, _ in line], [one.nanoseconds for _, one in line]
    if all(estimate.has_interval for estimate in estimates):
        axes.fill_between(xs, [one.low for one in estimates], [one.high for one in estimates], lw=0,
                          color=mixed_with_white(colour, 0.75), zorder=2)
    axes.plot(xs, [one.estimate for one in estimates], color=colour, lw=1.5, ms=4.5,
              marker=allocator_marker(cell.allocator), mfc="white" if cell.limit else colour,
              ls=(0, (4, 2)) if cell.limit else "-", zorder=3)


def _labels(axes, lines: list[list[tuple[float, Cell]]], low: float, high: float, least: float) -> None:
    """Each line's name at its end, nudged apart in log space, with a hairline back to the line."""
    span = log(high / low)
    wanted = [(log(line[-1][1].nanoseconds.estimate / low)) / span for line in lines]
    places = spread(wanted, least, -0.05, 1.05)
    for line, want, place in zip(lines, wanted, places):
        cell = line[-1][1]
        last = axes.transData.transform((line[-1][0], cell.nanoseconds.estimate))
        start = axes.transAxes.inverted().transform(last)[0]
        axes.plot([start + 0.008, 1.015, 1.035], [want, place, place], transform=axes.transAxes, lw=0.6,
                  color=MUTED, clip_on=False, zorder=1)
        name = wording.short(cell.contender, 30) + cell.aside
        axes.text(1.042, place, name, transform=axes.transAxes, va="center", size=8.5, clip_on=False,
                  color=mark(cell.strategy, cell.family).colour if not cell.limit else INK)
