"""Does it scale? Operations a second against threads with the ideal line, and beside it the efficiency.

The figure of a threaded cell is the time of all threads divided by the operations of all, so its inverse is the
throughput of all. Where there are more threads than CPUs they take turns: that part is shaded.
"""

from __future__ import annotations

from functools import partial

from matplotlib.figure import Figure

from suite.charts.palette import BAND, HAIRLINE, INK, MUTED, allocator_marker, mark, mixed_with_white
from suite.charts.style import Chart, frame, label_ends, stem
from suite.results import selection, wording
from suite.results.model import Cell, Results, number, numeric

PLACE = {"threads": 50}
AXIS, HEIGHT = "threads", 3.6
HOW = ("How to read it: higher is better. The dashed line is the baseline's single thread times the number of threads; "
       "efficiency is what is left of a contender's own single thread, 100 % where nobody is in another's way. Shaded: "
       "more threads than CPUs.")
Lines = dict[str, list[tuple[float, Cell]]]


def figures(results: Results, workload: str) -> list[tuple[int, Chart]]:
    """The last one has the largest parameters."""
    every = plan(results, workload, 2)
    return [(30 if chart is every[-1] else 120, chart) for chart in every]


def plan(results: Results, workload: str, most: int) -> list[Chart]:
    """One figure for each set of other parameters that ran with two numbers of threads or more."""
    rows: dict[str, list[selection.Point]] = {}
    for point in selection.points_of(results.of_workload(workload)):
        if numeric(point.parameters.get(AXIS)) is not None:
            rows.setdefault(str({k: v for k, v in point.parameters.items() if k != AXIS}), []).append(point)
    charts = []
    for row in rows.values():
        lines = lines_of(results, sorted(row, key=lambda point: numeric(point.parameters[AXIS])))
        if lines:
            charts.append(_chart(results, row[0], lines, len(charts) + 1))
    return charts[-most:] if most else []


def lines_of(results: Results, row: list[selection.Point]) -> Lines:
    """Contenders with their cells by number of threads, two at least."""
    lines: Lines = {}
    for point in row:
        for cell in selection.shown_of(results, point.cells):
            if cell.measured and not cell.limit:
                lines.setdefault(cell.contender, []).append((numeric(point.parameters[AXIS]), cell))
    kept = {name: line for name, line in lines.items() if len({x for x, _ in line}) > 1}
    first = sorted(kept, key=lambda name: kept[name][-1][1].nanoseconds.estimate)[:selection.LINES]
    return {name: line for name, line in kept.items()
            if name in first or selection.baseline_of([cell for _, cell in line])}


def millions(cell: Cell) -> float:
    """Operations of all threads, in millions a second."""
    return 1000 / cell.nanoseconds.estimate


def efficiency(line: list[tuple[float, Cell]]) -> list[tuple[float, float]]:
    """Throughput over n times that of one thread; empty where one thread was not measured."""
    if line[0][0] != 1:
        return []
    return [(n, millions(cell) / (n * millions(line[0][1]))) for n, cell in line]


def _chart(results: Results, point: selection.Point, lines: Lines, index: int) -> Chart:
    fixed = {key: value for key, value in point.parameters.items() if key != AXIS}
    where = f"{point.workload}: {wording.point(fixed)}" if fixed else point.workload
    cpus = number((results.raw.get("environment") or {}).get("cpus"))
    title = finding(lines, cpus)
    return Chart(name=f"threads-{stem(point.workload)}-{index}", workload=point.workload, kind="threads", title=title,
                 how=HOW, alt=f"Throughput and efficiency against threads for {where}. {title}.", table=table(lines),
                 draw=partial(draw, lines, cpus, title, where))


def finding(lines: Lines, cpus: float | None) -> str:
    """The title: what the last number of threads that the CPUs can run does to the baseline and to the best."""
    def last(line: list[tuple[float, Cell]]) -> tuple[float, Cell]:
        fitting = [(n, cell) for n, cell in line if cpus is None or n <= cpus]
        return (fitting or line)[-1]

    parts = []
    baseline = next((line for line in lines.values() if selection.baseline_of([cell for _, cell in line])), None)
    best = max(lines.values(), key=lambda line: millions(last(line)[1]))
    for line in ([baseline] if baseline else []) + ([best] if best is not baseline else []):
        threads, cell = last(line)
        name = wording.short(wording.contender(cell), 40)
        share = dict(efficiency(line)).get(threads)
        tail = f", {wording.percent(share)} of ideal" if share is not None else ""
        parts.append(f"{name} {wording.significant(millions(cell))}{tail}")
    return f"With {wording.phrase(AXIS, last(best)[0])}, million operations a second: {'; '.join(parts)}"


def table(lines: Lines) -> tuple[tuple[str, ...], ...]:
    counts = sorted({n for line in lines.values() for n, _ in line})
    rows = [("contender, million operations a second (efficiency)", *(wording.phrase(AXIS, n) for n in counts))]
    for name, line in lines.items():
        found, shares = dict(line), dict(efficiency(line))
        rows.append((name, *(f"{wording.significant(millions(found[n]))}"
                             f"{f' ({wording.percent(shares[n])})' if n in shares else ''}" if n in found else "·"
                             for n in counts)))
    return tuple(rows)


def draw(lines: Lines, cpus: float | None, title: str, where: str) -> Figure:
    """Both panels."""
    canvas = frame(title, where + ".", HEIGHT, left=0.8, right=5.5)
    total = canvas.figure.get_figheight()
    second = canvas.figure.add_axes((5.35 / 10, 0.62 / total, 2.5 / 10, HEIGHT / total))
    counts = sorted({n for line in lines.values() for n, _ in line})
    for axes in (canvas.axes, second):
        axes.set_xlim(counts[0] - 0.15, counts[-1] + 0.15)
        axes.set_xticks(counts, [wording.whole(n) for n in counts])
        axes.set_xlabel("threads")
        axes.grid(axis="y", color=HAIRLINE, lw=0.5)
        axes.set_axisbelow(True)
        if cpus is not None and counts[-1] > cpus:
            axes.axvspan(cpus, counts[-1] + 0.15, color=BAND, lw=0, zorder=0)
            axes.text(cpus, 1.01, f" more threads than {wording.count(int(cpus), 'CPU')}", size=7.5, color=MUTED,
                      va="bottom", transform=axes.get_xaxis_transform())
    _throughput(canvas.axes, lines, counts)
    _efficiency(second, lines)
    return canvas.figure


def _throughput(axes, lines: Lines, counts: list[float]) -> None:
    axes.set_ylabel("million operations a second, all threads")
    for line in lines.values():
        look, cell = mark(line[0][1].strategy, line[0][1].family), line[0][1]
        if all(one.nanoseconds.has_interval for _, one in line):
            axes.fill_between([n for n, _ in line], [1000 / one.nanoseconds.high for _, one in line],
                              [1000 / one.nanoseconds.low for _, one in line], lw=0,
                              color=mixed_with_white(look.colour, 0.75), zorder=2)
        axes.plot([n for n, _ in line], [millions(one) for _, one in line], color=look.colour, lw=1.5, ms=4.5,
                  marker=allocator_marker(cell.allocator), zorder=3)
        if selection.baseline_of([one for _, one in line]) and line[0][0] == 1:
            axes.plot(counts, [n * millions(cell) for n in counts], color=MUTED, lw=1, ls=(0, (4, 2)), zorder=1)
    axes.set_ylim(bottom=0)


def _efficiency(axes, lines: Lines) -> None:
    axes.set_ylabel("efficiency, % of n times one thread")
    axes.axhline(100, color=MUTED, lw=1, ls=(0, (4, 2)), zorder=1)
    ends = []
    for name, line in lines.items():
        share, cell = efficiency(line), line[0][1]
        colour = mark(cell.strategy, cell.family).colour
        if share:
            axes.plot([n for n, _ in share], [100 * value for _, value in share], color=colour, lw=1.5, ms=4.5,
                      marker=allocator_marker(cell.allocator), zorder=3)
            ends.append((share[-1][0], 100 * share[-1][1], wording.short(name, 26), colour))
    axes.set_ylim(bottom=0)
    if ends:
        label_ends(axes, ends, HEIGHT)
    else:
        axes.text(0.5, 0.5, "one thread was not measured", transform=axes.transAxes, ha="center", color=INK)
