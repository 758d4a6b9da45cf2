"""One small chart for each answer: before and after on one line of time, with intervals."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter, NullLocator

from suite.charts.palette import HAIRLINE, INK, MUTED, allocator_marker, mark
from suite.charts.style import Chart, fitting, width
from suite.results import model, wording
from suite.results.model import Cell

WIDTH, WIDEST, RIGHT, ROW, FOOT = 4.1, 1.9, 0.68, 0.19, 0.2  # inches
LONG = 999_500  # nanoseconds: from there on the number would not fit
HOW = "Time of one operation on a logarithmic scale, left is faster; a bar is the interval of the ratio."


def chart(name: str, rows: Sequence[tuple[str, Cell]], pick: Cell, question: str, answer: str) -> Chart:
    """The chart of a comparison: labels and cells, the baseline first, the pick in bold."""
    return Chart(name=f"answer-{name}", workload="", kind="answer", title=f"{question} {answer}", how=HOW,
                 alt=f"{question} {answer}. " + "; ".join(
                     f"{wording.contender(cell)} {wording.significant(cell.nanoseconds.estimate)} ns" for _, cell in rows) + ".",
                 draw=partial(draw, tuple(rows), pick))


def span(cell: Cell) -> tuple[float, float]:
    """The interval of the ratio, in nanoseconds: that of a time alone also holds what both sides share."""
    time, ratio = cell.nanoseconds.estimate, cell.ratio
    if not ratio or not ratio.has_interval:
        return time, time
    return time * ratio.low / ratio.estimate, time * ratio.high / ratio.estimate


def draw(rows: tuple[tuple[str, Cell], ...], pick: Cell) -> Figure:
    """The figure. Pure."""
    height = ROW * len(rows)
    left = min(WIDEST, 0.12 + max(width(name, bold=True) for name, _ in rows) / 72)
    figure = Figure(figsize=(WIDTH, height + FOOT))
    axes = figure.add_axes((left / WIDTH, FOOT / (height + FOOT), (WIDTH - left - RIGHT) / WIDTH, height / (height + FOOT)))
    ends = [end for _, cell in rows for end in span(cell)]
    low, high = min(ends), max(ends)
    pad = max((high / low) ** 0.06, 1.02)
    axes.set_xscale("log")
    axes.set_xlim(low / pad, high * pad)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.xaxis.set_major_locator(NullLocator())
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(NullFormatter())
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.spines["bottom"].set_color(HAIRLINE)
    axes.axvline(rows[0][1].nanoseconds.estimate, color=MUTED, lw=0.8, ls=(0, (3, 2)), zorder=1)
    for y, (name, cell) in enumerate(rows):
        _row(axes, y, fitting("", name, "", 72 * (left - 0.1), bold=True), cell, rows[0][1], cell is pick)
    figure.text(left / WIDTH, 0.03, "ns per operation, log scale; left is faster", size=7, color=MUTED, va="bottom")
    return figure


def _row(axes, y: int, name: str, cell: Cell, before: Cell, chosen: bool) -> None:
    left, colour = axes.get_yaxis_transform(), mark(cell.strategy, cell.family).colour
    weight, ink = ("bold", INK) if chosen else ("normal", MUTED)
    time, ends = cell.nanoseconds.estimate, span(cell)
    axes.text(-0.03, y, name, transform=left, ha="right", va="center", size=8, weight=weight, color=ink)
    axes.text(1.03, y, _told(time), transform=left, ha="left", va="center", size=8, weight=weight, color=ink)
    if chosen:
        axes.plot([before.nanoseconds.estimate, time], [y, y], color=colour, lw=0.9, alpha=0.55, zorder=2)
    axes.plot(ends, [y, y], color=colour, lw=2.6 if chosen else 1.4, solid_capstyle="butt", zorder=3)
    hollow = cell.verdict not in (*model.SETTLED, model.BASELINE)
    axes.plot([time], [y], marker=allocator_marker(cell.allocator), ms=6 if chosen else 4.5, mew=1.1, color=colour,
              mfc="white" if hollow else colour, ls="none", zorder=4)


def _told(nanoseconds: float) -> str:
    return f"{wording.significant(nanoseconds)} ns" if nanoseconds < LONG else f"{wording.significant(nanoseconds / 1e6)} ms"
