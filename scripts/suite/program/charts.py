"""The drawings of a program's page: what lives when, which sites allocate, and what was measured. SVG, to stand in the page."""

import io
import re
from collections.abc import Sequence
from typing import Any

from matplotlib import rc_context
from matplotlib.figure import Figure

from suite.charts import style
from suite.charts.palette import HAIRLINE, MUTED
from suite.program import sites as words

Json = dict[str, Any]
COLOURS = ("#2f6f9f", "#c4622d", "#3d8b5f", "#8a5aa8", "#b03a5b", "#7a7a2a", "#2a8a8a")
METADATA = re.compile(r"<metadata>.*?</metadata>", re.DOTALL)
OTHERS = "#9aa3ad"
MOST = len(COLOURS)


def colour(place: int) -> str:
    """Of the n-th site; all others share one."""
    return COLOURS[place] if place < MOST else OTHERS


def _svg(figure: Figure) -> str:
    held = io.StringIO()
    figure.savefig(held, format="svg", bbox_inches="tight", metadata={"Date": None})
    return METADATA.sub("", held.getvalue()[held.getvalue().index("<svg"):])


def live(found: Sequence[Json]) -> str:
    """Live objects over the recording, the sites with most of them apart."""
    with rc_context(style.SETTINGS | {"svg.hashsalt": "live"}):
        figure = Figure(figsize=(style.WIDTH, 3))
        axes = figure.subplots()
        order = sorted(found[:MOST], key=lambda site: -site["peak"])
        for place, site in enumerate(found[:MOST]):
            if site in order:
                axes.plot([100 * i / max(len(site["curve"]) - 1, 1) for i in range(len(site["curve"]))], site["curve"], color=colour(place),
                          linewidth=1.4, label=f"{site['number']}: {words.who(site)[:60]}")
        axes.set(xlabel="% of the recording's events", ylabel="live objects", title="Live objects over time, by call site", ylim=(0, None))
        axes.grid(axis="y", color=HAIRLINE, linewidth=0.6)
        if found:
            axes.legend(frameon=False, fontsize=7, loc="upper left", bbox_to_anchor=(1.01, 1))
        return _svg(figure)


def shares(found: Sequence[Json]) -> str:
    """One bar of all allocations, cut at the call sites: as a tree map of one level."""
    with rc_context(style.SETTINGS | {"svg.hashsalt": "shares"}):
        figure = Figure(figsize=(style.WIDTH, 1.1))
        axes = figure.subplots()
        left = 0.0
        for place, site in enumerate(found):
            axes.barh([0], [100 * site["share"]], left=[left], color=colour(place), edgecolor="white", linewidth=0.6)
            if site["share"] >= 0.03:
                axes.text(left + 50 * site["share"], 0, str(site["number"]), ha="center", va="center", color="white", fontsize=8)
            left += 100 * site["share"]
        axes.set(xlim=(0, 100), yticks=[], xlabel="% of all allocations", title="Allocations by call site")
        return _svg(figure)


def measured(rows: Sequence[Json], margin: float, title: str) -> str:
    """Ratios with their intervals; the band is what is not claimed."""
    rows = [row for row in rows if row.get("ratio") and row["ratio"][1]]
    with rc_context(style.SETTINGS | {"svg.hashsalt": title}):
        figure = Figure(figsize=(style.WIDTH, 0.8 + 0.28 * len(rows)))
        axes = figure.subplots()
        axes.axvspan(1 / (1 + margin), 1 + margin, color=HAIRLINE, alpha=0.5, linewidth=0)
        for place, row in enumerate(reversed(rows)):
            estimate, low, high = row["ratio"]
            axes.plot([low, high], [place, place], color=MUTED, linewidth=1.4)
            axes.plot([estimate], [place], "o", color=COLOURS[0], markersize=5)
        axes.set(yticks=range(len(rows)), yticklabels=[row["name"] for row in reversed(rows)], title=title,
                 xlabel="time relative to 1; less is better; the band is the margin")
        axes.axvline(1, color=MUTED, linewidth=0.8)
        return _svg(figure)
