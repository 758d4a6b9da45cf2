"""Who wins, and how sure: one row per contender, its ratio to the baseline on a logarithmic axis, with its interval.

Filled marks are settled, hollow ones are not; the grey band around 1 is what the run cannot call a difference; the
A/A rows at the foot are the baseline against itself. Failed and skipped contenders keep a row, because a hole is a finding too.
"""

from __future__ import annotations

from functools import partial

from matplotlib.figure import Figure
from matplotlib.transforms import blended_transform_factory

from suite.charts.palette import BAND, HAIRLINE, INK, MUTED, allocator_marker, mark
from suite.charts.style import Chart, fitting, frame, log_ticks, stem
from suite.results import model, selection, wording
from suite.results.model import Cell, Results
from suite.results.selection import advisable, baseline_of, contenders, quoted

PLACE = {"forest": 30}
ROW = 0.235  # inches
LEFT = 2.55
LABEL_POINTS = 72 * LEFT - 11  # but for the gap to the axes
HOW = ("How to read it: each mark is the time of one contender divided by the baseline's; left of the line is faster. "
       "The whisker is the interval, the grey band what counts as no difference, a hollow mark is not settled.")


def figures(results: Results, workload: str) -> list[tuple[int, Chart]]:
    """The last one is that of the largest point, the one the answer speaks of."""
    every = plan(results, workload, 3)
    return [(20 if chart is every[-1] else 100, chart) for chart in every]


def plan(results: Results, workload: str, most: int) -> list[Chart]:
    """One forest for each headline point of a workload."""
    chosen = selection.headline_points(selection.points_of(results.of_workload(workload)), most)
    return [_chart(results, point, i) for i, point in enumerate(chosen, 1)]


def _chart(results: Results, point: selection.Point, index: int) -> Chart:
    title = finding(point, results.margin_of(point.workload))
    where = f"{point.workload}: {wording.point(point.parameters)}"
    return Chart(
        name=f"forest-{stem(point.workload)}-{index}", workload=point.workload, kind="forest", title=title, how=HOW,
        alt=f"Forest plot of time ratios at {where}. {title}.", groups=(point.group,),
        draw=partial(draw, ordered(point.cells), title, where, results.margin_of(point.workload),
                     results.floor_of(point.workload)))


def ordered(cells: tuple[Cell, ...]) -> list[Cell]:
    """Fastest first; then what has no number; at the foot the baseline against itself."""
    with_ratio = [cell for cell in cells if cell.ratio and not cell.twin]
    rest = [cell for cell in cells if not cell.ratio and not cell.twin]
    return (sorted(with_ratio, key=lambda cell: (cell.ratio.estimate, cell.contender))
            + rest + [cell for cell in cells if cell.twin])


def finding(point: selection.Point, margin: float = 0.0) -> str:
    """The title: the lowest ratio that stands, or why there is none."""
    baseline = baseline_of(point.cells)
    if baseline is None or not baseline.measured:
        return "No ratio here: the baseline was not measured"
    against = wording.short(wording.contender(baseline), 60)
    rows = [cell for cell in contenders(ordered(point.cells)) if cell.ratio]
    settled = [cell for cell in rows if cell.verdict in model.SETTLED]
    if not settled:
        return f"Nothing settled against {against}" if rows else f"Only {against} was measured"
    best = quoted(advisable(rows) or settled, baseline, margin)
    name = wording.short(wording.contender(best), 60)
    if best.verdict == model.FASTER:
        return f"{name} is {wording.speed(best.ratio, against)}"
    if best.verdict == model.EQUIVALENT:
        return f"{name} is within the margin of {against}: {wording.ratio(best.ratio)}; nothing is settled as faster"
    return f"Nothing beats {against}: the nearest settled, {name}, takes {wording.speed(best.ratio)}"


def draw(rows: list[Cell], title: str, where: str, margin: float, floor: float | None) -> Figure:
    """The figure. Pure: the same rows give the same picture."""
    baseline = baseline_of(tuple(rows))
    against = f"time relative to {wording.short(baseline.contender, 60)}" if baseline else "time relative to the baseline"
    canvas = frame(title, where, ROW * max(2, len(rows)) + 0.15, left=LEFT, right=2.95, foot=wording.small_print(margin, floor))
    axes = canvas.axes
    low, high = _limits(rows, margin)
    axes.set_xscale("log")
    axes.set_xlim(low, high)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.axvspan(1 / (1 + margin), 1 + margin, color=BAND, lw=0, zorder=0)
    axes.axvline(1, color=INK, lw=1, zorder=1)
    ticks = log_ticks(low, high)
    axes.set_xticks(ticks, [f"{tick:,g}×" for tick in ticks])
    axes.set_xticks([], minor=True)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.set_xlabel(f"{against}, log scale; left is faster")
    axes.vlines(ticks, -0.6, len(rows) - 0.4, color=HAIRLINE, lw=0.5, zorder=0)
    for y, cell in enumerate(rows):
        _row(axes, y, cell)
    head = 1 + 0.06 / (ROW * max(2, len(rows)) + 0.15)
    for x, text, side in ((1.13, "ns/op", "right"), (1.17, "ratio [interval], verdict", "left")):
        axes.text(x, head, text, transform=axes.transAxes, color=MUTED, size=8, va="bottom", ha=side)
    return canvas.figure


def _limits(rows: list[Cell], margin: float) -> tuple[float, float]:
    values = [1 / (1 + margin) ** 1.5, (1 + margin) ** 1.5]
    for cell in rows:
        if cell.ratio:
            values += [cell.ratio.low or cell.ratio.estimate, cell.ratio.high or cell.ratio.estimate]
    low, high = min(values), max(values)
    pad = max((high / low) ** 0.04, 1.004)
    return low / pad, high * pad


def _label(cell: Cell) -> str:
    if cell.twin:
        what = "compiled again" if cell.id.endswith("#duplicate") else "again"
        return fitting("A/A: ", cell.contender, f" {what}", LABEL_POINTS)
    ending = " (baseline)" if cell.verdict == model.BASELINE else cell.aside
    return fitting("", cell.contender, ending, LABEL_POINTS, bold=cell.verdict == model.BASELINE)


def _row(axes, y: int, cell: Cell) -> None:
    left = blended_transform_factory(axes.transAxes, axes.transData)
    colour = mark(cell.strategy, cell.family).colour
    quiet = cell.twin or cell.limit or not cell.ratio
    axes.text(-0.02, y, _label(cell), transform=left, ha="right", va="center", color=MUTED if quiet else INK,
              weight="bold" if cell.verdict == model.BASELINE else "normal")
    if cell.nanoseconds:
        axes.text(1.13, y, wording.significant(cell.nanoseconds.estimate), transform=left, ha="right", va="center", size=8.5,
                  color=MUTED if quiet else INK)
    if not cell.ratio:
        text = wording.verdict(cell.verdict) + (f": {cell.reason}" if cell.reason else "")
        axes.text(1.17, y, wording.short(text, 32), transform=left, va="center", size=8.5, color=MUTED)
        return
    text = wording.ratio(cell.ratio) if cell.verdict != model.BASELINE else "1×"
    axes.text(1.17, y, f"{text} {wording.GLYPHS.get(cell.verdict, '?')}", transform=left, va="center", size=8.5,
              color=MUTED if quiet else INK)
    if cell.twin and cell.ratio.has_interval:
        axes.axvspan(cell.ratio.low, cell.ratio.high, color="#c3ccd6", lw=0, zorder=0.5, alpha=0.6)
    if cell.ratio.has_interval:
        axes.hlines(y, cell.ratio.low, cell.ratio.high, color=colour, lw=1.8, zorder=3)
    hollow = cell.verdict not in (*model.SETTLED, model.BASELINE)
    axes.plot([cell.ratio.estimate], [y], marker=allocator_marker(cell.allocator), ms=6, mew=1.4, color=colour, ls="none",
              mfc="white" if hollow else colour, zorder=4)
