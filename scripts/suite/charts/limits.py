"""Where is the limit? Cells on a scale of nanoseconds, among what the machine can do at most in the same run."""

from __future__ import annotations

from functools import partial

from matplotlib.figure import Figure

from suite.charts.palette import HAIRLINE, INK, MUTED, allocator_marker, mark
from suite.charts.style import Chart, frame, log_ticks, spread, stem
from suite.results import model, selection, wording
from suite.results.model import Cell, Results, number
from suite.results.wording import CEILINGS

PLACE = {"limit": 100}
ROW = 0.235
HOW = ("How to read it: vertical lines are what this machine needs for one of each; the share says how much of the "
       "operation's time its own ceiling explains. 100 % is as fast as that ceiling allows; a small share means that "
       "the time goes elsewhere.")


def figures(results: Results, workload: str) -> list[tuple[int, Chart]]:
    """With its rank."""
    return [(61, chart) for chart in plan(results, workload)]


def plan(results: Results, workload: str) -> list[Chart]:
    """One figure, where cells have a ceiling."""
    point = selection.point_with(results, workload, share)
    if point is None or not ceilings(results):
        return []
    cells = sorted((cell for cell in selection.shown_of(results, point.cells) if cell.measured and share(cell) is not None),
                   key=lambda cell: cell.nanoseconds.estimate)[:20]
    if not cells:
        return []
    title, where = finding(cells), f"{point.workload}: {wording.point(point.parameters)}"
    return [Chart(name=f"limit-{stem(workload)}", workload=workload, kind="limit", title=title, how=HOW,
                  alt=f"Times among this machine's limits at {where}. {title}.", table=table(point),
                  draw=partial(draw, cells, ceilings(results), title, where))]


def ceilings(results: Results) -> list[tuple[str, float]]:
    """Name and nanoseconds."""
    found = [(model.name(one.get("name")), number(one.get("ns"))) for one in results.raw.get("ceilings") or ()]
    return [(CEILINGS.get(name, name), ns) for name, ns in found if ns and ns > 0]


def share(cell: Cell) -> float | None:
    return number(cell.part("limit").get("share"))


def _of_limit(cell: Cell) -> str:
    """`31 % of the limit (empty loop)`."""
    found, name = share(cell), model.name(cell.part("limit").get("ceiling", ""))
    return "" if found is None else f"{wording.percent(found)} of the limit ({wording.short(CEILINGS.get(name, name), 24)})"


def finding(cells: list[Cell]) -> str:
    real = [cell for cell in cells if not cell.limit] or cells
    best, baseline = max(real, key=share), selection.baseline_of(cells)
    text = f"{wording.short(wording.contender(best), 50)} reaches {_of_limit(best)}"
    return text if baseline in (None, best) else \
        f"{text}, {wording.short(wording.contender(baseline), 50)} {wording.percent(share(baseline))}"


def table(point: selection.Point) -> tuple[tuple[str, ...], ...]:
    cells = [cell for cell in point.cells if share(cell) is not None and not cell.twin]
    return (("contender", "ns/op", "ceiling", "ceiling, ns", "share of the limit"),
            *((cell.contender, wording.significant(cell.nanoseconds.estimate),
               model.name(cell.part("limit").get("ceiling", "")),
               wording.significant(number(cell.part("limit").get("ns")) or 0), wording.percent(share(cell)))
              for cell in cells))


def draw(cells: list[Cell], lines: list[tuple[str, float]], title: str, where: str) -> Figure:
    """The figure."""
    height, head = ROW * max(2, len(cells)) + 0.1, 0.85
    canvas = frame(title, where + ".", height + head, left=2.4, right=2.75)
    axes, top = canvas.axes, -0.6 - head / ROW
    values = [cell.nanoseconds.estimate for cell in cells] + [ns for _, ns in lines]
    low, high = min(values) / 1.3, max(values) * 1.3
    axes.set_xscale("log")
    axes.set_xlim(low, high)
    axes.set_ylim(len(cells) - 0.5, top)
    ticks = log_ticks(low, high, most=7)
    axes.set_xticks(ticks, [f"{tick:,g}" for tick in ticks])
    axes.set_xticks([], minor=True)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.set_xlabel("ns per operation, log scale; left is faster")
    _ceilings(axes, lines, len(cells) - 0.5, top)
    for y, cell in enumerate(cells):
        colour = mark(cell.strategy, cell.family).colour
        axes.axhline(y, color=HAIRLINE, lw=0.5, zorder=0)
        axes.plot([cell.nanoseconds.estimate], [y], marker=allocator_marker(cell.allocator), ms=6, color=colour, zorder=4,
                  mfc="white" if cell.limit else colour)
        axes.text(-0.02, y, wording.short(cell.contender, 30) + cell.aside, transform=axes.get_yaxis_transform(),
                  ha="right", va="center", color=MUTED if cell.limit else INK)
        axes.text(1.02, y, f"{wording.significant(cell.nanoseconds.estimate)} ns, {_of_limit(cell)}", size=8,
                  transform=axes.get_yaxis_transform(), va="center", color=MUTED if cell.limit else INK)
    return canvas.figure


def _ceilings(axes, lines: list[tuple[str, float]], bottom: float, top: float) -> None:
    """Vertical lines with slanted names that keep apart."""
    axis = axes.transAxes.inverted()
    wanted = [axis.transform(axes.transData.transform((ns, 0)))[0] for _, ns in lines]
    for (name, ns), x, place in zip(lines, wanted, spread(wanted, 0.045, 0.0, 1.0)):
        axes.plot([ns, ns], [bottom, -0.6], color=MUTED, lw=0.9, ls=(0, (2, 2)), zorder=1)
        knee = axis.transform(axes.transData.transform((ns, -0.6)))[1]
        axes.plot([x, place], [knee, knee + 0.04], transform=axes.transAxes, color=MUTED, lw=0.6, clip_on=False)
        axes.text(place, knee + 0.05, f"{name} {wording.significant(ns)}", transform=axes.transAxes, rotation=35, size=7.5,
                  ha="left", va="bottom", rotation_mode="anchor", color=MUTED, clip_on=False)
