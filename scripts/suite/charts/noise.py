"""Is the noise real? Each process's own A/A ratio, in the order in which they ran; and where the variance sits."""

from __future__ import annotations

from collections import Counter
from functools import partial
from statistics import fmean, median

from matplotlib.figure import Figure

from suite.charts.palette import BAND, HAIRLINE, INK, MUTED
from suite.charts.style import Chart, frame
from suite.results import model, selection, wording
from suite.results.model import Cell, Results, number

MOST, ROW = 8, 0.27
MARKS = ("o", "s", "^", "D", "v", "P", "X")  # link orders
HOW_STRIP = ("How to read it: each mark is one fresh process that compared the baseline with itself, left to right in the "
             "order they ran; marks of one shape share a link order of the binary. A slope is drift, two clouds are two "
             "modes, and marks outside the grey band are what a single process would have got wrong.")
HOW_SHARES = ("How to read it: how much of the variance of a ratio comes from the link order of the binary, from the pass "
              "through the run, from the process and from the round, on average over a workload's cells. More of the longest "
              "part narrows the intervals most.")
SHARES = (("build", "#0072b2", "link order"), ("pass", "#009e73", "pass through the run"), ("process", "#d55e00", "process"),
          ("round", "#8a8a8a", "round"))


def overview(results: Results) -> list[tuple[int, Chart]]:
    """With their ranks."""
    return [(30, chart) for chart in plan(results)]


def plan(results: Results) -> list[Chart]:
    """Both figures, each where its data are there."""
    return _strip(results) + _shares(results)


def strips(results: Results) -> list[tuple[str, list[tuple[float, int]]]]:
    """For each workload the A/A ratios of its largest point, by process: (ratio, link order)."""
    found = []
    for workload in results.workloads:
        every = [point for point in selection.points_of(results.of_workload(workload["name"])) if _ratios(point)]
        if every:
            point = selection.headline_points(every, 1)[0]
            found.append((f"{workload['name']}: {wording.point(point.parameters)}", _ratios(point)))
    return sorted(found, key=lambda one: -max(abs(ratio - 1) for ratio, _ in one[1]))[:MOST]


def _ratios(point: selection.Point) -> list[tuple[float, int]]:
    twin = next((cell for cell in point.cells if cell.twin and cell.measured), None)
    each = max(1, len(twin.samples) // 120) if twin else 1  # of a thousand nodes nobody sees each mark
    rows = [(number(row.get("ratio")), row.get("layout", {}).get("build")) for row in
            (twin.samples[::each] if twin else ())]
    ratios = [(ratio, build if isinstance(build, int) else 0) for ratio, build in rows if ratio and 0.1 < ratio < 10]
    return ratios if len(ratios) > 2 else []


def _strip(results: Results) -> list[Chart]:
    found = strips(results)
    if not found:
        return []
    inside = [abs(ratio - 1) <= results.margin for _, row in found for ratio, _ in row]
    title = (f"A process alone calls the baseline different from itself in {inside.count(False)} of {len(inside)} "
             f"tries, by more than {wording.percent(results.margin)}")
    rows = [("A/A at", "processes", "median ratio", "lowest", "highest")]
    rows += [(name, wording.whole(len(row)), *(wording.times(pick([ratio for ratio, _ in row]))
                                             for pick in (median, min, max))) for name, row in found]
    return [Chart(name="overview-noise", workload="", kind="noise", title=title, how=HOW_STRIP, table=tuple(rows),
                  alt=f"Strips of A/A ratios by process. {title}.", draw=partial(_draw_strip, found, title, results))]


def _draw_strip(found: list[tuple[str, list[tuple[float, int]]]], title: str, results: Results) -> Figure:
    row = 0.62
    subtitle = f"The baseline against its twin, process by process. Grey: within {wording.percent(results.margin)}."
    canvas = frame(title, subtitle,
                   row * len(found), left=3.1, right=0.8)
    axes = canvas.axes
    widest = max(max(abs(ratio - 1) for _, line in found for ratio, _ in line), results.margin) * 1.1
    longest = max(len(line) for _, line in found)
    axes.set_xlim(0, longest + 1)
    axes.set_ylim(len(found), 0)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.set_xlabel("process, in the order they ran")
    left = axes.get_yaxis_transform()
    for y, (name, line) in enumerate(found):
        middle, band = y + 0.5, 0.44 * results.margin / widest
        axes.axhspan(middle - band, middle + band, color=BAND, lw=0, zorder=0)
        axes.axhline(middle, color=INK, lw=0.8, zorder=1)
        axes.text(-0.02, middle, wording.short(name, 48), transform=left, ha="right", va="center", size=8)
        for sign, text in ((-1, 1 + widest), (1, 1 - widest)):
            axes.text(1.01, middle + sign * 0.4, f"{text:.3f}×", transform=left, size=7, color=MUTED, va="center")
        for x, (ratio, build) in enumerate(line, 1):
            axes.plot([x], [middle - 0.44 * (ratio - 1) / widest], marker=MARKS[build % len(MARKS)], ms=3.8, zorder=3,
                      color="#0072b2" if abs(ratio - 1) <= results.margin else "#d55e00", ls="none")
        if y:
            axes.axhline(y, color=HAIRLINE, lw=0.6)
    return canvas.figure


def _variances(results: Results) -> dict[str, list[Cell]]:
    found: dict[str, list[Cell]] = {}
    for cell in selection.contenders(results.cells):
        if all(number(cell.part("variance").get(key, 0)) is not None for key, _, _ in SHARES) and cell.part("variance"):
            found.setdefault(cell.workload, []).append(cell)
    return {name: found[name] for name in found}


def _shares(results: Results) -> list[Chart]:
    found = _variances(results)
    if not found:
        return []
    rows = {name: [fmean(cell.part("variance").get(key, 0) for cell in cells) for key, _, _ in SHARES]
            for name, cells in found.items()}
    whole = [fmean(row[i] for row in rows.values()) for i in range(len(SHARES))]
    most = max(range(len(SHARES)), key=whole.__getitem__)
    title = f"Most of the variance sits in the {SHARES[most][2]}: {wording.percent(whole[most])} on average"
    table = [("workload", *(text for _, _, text in SHARES), "what most cells would gain from")]
    for name, row in rows.items():
        following = Counter(model.name(cell.part("variance").get("next", "")) for cell in found[name])
        table.append((name, *(wording.percent(share) for share in row), following.most_common(1)[0][0] or "–"))
    return [Chart(name="overview-variance", workload="", kind="variance", title=title, how=HOW_SHARES,
                  alt=f"Stacked bars of variance shares by workload. {title}.", table=tuple(table),
                  draw=partial(_draw_shares, rows, title))]


def _draw_shares(rows: dict[str, list[float]], title: str) -> Figure:
    canvas = frame(title, "Shares of the variance of the logarithm of the ratio, mean over a workload's contenders.",
                   ROW * len(rows) + 0.35, left=2.2, right=0.6)
    axes = canvas.axes
    axes.set_xlim(0, 100)
    axes.set_ylim(len(rows), -0.35 / ROW)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.set_xlabel("share of the variance, %")
    for i, (_, colour, text) in enumerate(share for share, used in zip(SHARES, zip(*rows.values())) if any(used)):
        axes.plot([1 + 21 * i], [-0.75], marker="s", ms=7, color=colour, ls="none")
        axes.text(2.6 + 21 * i, -0.72, text, size=8.5, va="center")
    for y, (name, shares) in enumerate(rows.items()):
        start, total = 0.0, sum(shares) or 1.0
        axes.text(-0.015, y + 0.5, wording.short(name, 28), transform=axes.get_yaxis_transform(), ha="right", va="center")
        for share, (_, colour, _) in zip(shares, SHARES):
            width = 100 * share / total
            axes.barh(y + 0.5, width, left=start, height=0.72, color=colour, lw=0)
            if width > 6:
                axes.text(start + width / 2, y + 0.52, f"{width:.0f} %", ha="center", va="center", size=8,
                          color="white")
            start += width
    return canvas.figure
