"""How every figure is set up and saved: one SVG that is the same bytes each time, one PNG at twice its size.

SVG text stays text (small, searchable, selectable). It is laid out with DejaVu Sans, which comes with matplotlib and is
wider than the usual system fonts, so that the reader's own font always fits where DejaVu did.
"""

from __future__ import annotations

import io
import math
import re
import textwrap
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable
from xml.sax.saxutils import escape, quoteattr

import matplotlib

matplotlib.use("Agg")

from matplotlib.figure import Figure  # noqa: E402  (the backend is chosen first)
from matplotlib.font_manager import FontProperties  # noqa: E402
from matplotlib.textpath import TextToPath  # noqa: E402
from matplotlib.ticker import MaxNLocator  # noqa: E402

from suite.charts.palette import HAIRLINE, INK, MUTED
from suite.results.wording import short

WIDTH = 10.0  # inches, of every figure: pages scale them alike
FONTS = "system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif"
SETTINGS = {
    "svg.fonttype": "none", "font.family": "sans-serif", "font.sans-serif": ["DejaVu Sans"], "font.size": 9,
    "text.parse_math": False,  # names come from outside: a dollar is a dollar
    "axes.edgecolor": HAIRLINE, "axes.labelcolor": MUTED, "xtick.color": MUTED, "ytick.color": INK,
    "text.color": INK, "axes.spines.top": False, "axes.spines.right": False, "axes.linewidth": 0.8,
    "hatch.linewidth": 0.6, "hatch.color": "#6b7480", "xtick.major.width": 0.8, "ytick.major.width": 0.8,
}


def width(text: str, bold: bool = False) -> float:
    """Of a label, in points."""
    font = FontProperties(family=SETTINGS["font.sans-serif"], size=SETTINGS["font.size"], weight="bold" if bold else "normal")
    return TextToPath().get_text_width_height_descent(text, font, ismath=False)[0]


def fitting(before: str, name: str, after: str, points: float, bold: bool = False) -> str:
    """A label with as much of the name as there is room for; letters are of different widths."""
    limit = len(name)
    while limit > 1 and width(before + short(name, limit) + after, bold) > points:
        limit -= 1
    return before + short(name, limit) + after


@dataclass(frozen=True)
class Chart:
    """A figure that is yet to be drawn, with all that a page says around it."""

    name: str
    workload: str
    kind: str
    title: str
    alt: str
    how: str
    draw: Callable[[], Figure]
    groups: tuple[str, ...] = ()
    table: tuple[tuple[str, ...], ...] = field(default=())


@dataclass(frozen=True)
class Frame:
    """A figure with its title and the axes below it, placed in inches so that no text is cut or squeezed."""

    figure: Figure
    axes: matplotlib.axes.Axes


def frame(title: str, subtitle: str, height: float, left: float, right: float, bottom: float = 0.62,
          foot: str = "") -> Frame:
    """`height` is that of the plotting area; title, margins and the small print at the foot are added to it."""
    lines = textwrap.wrap(title, 92) or [""]
    below = textwrap.wrap(subtitle, 125)
    top = 0.25 + 0.24 * len(lines) + 0.19 * len(below) + 0.2
    small = textwrap.wrap(foot, 135)
    bottom += 0.19 * len(small)
    total = height + top + bottom
    figure = Figure(figsize=(WIDTH, total))
    for i, line in enumerate(lines):
        figure.text(0.2 / WIDTH, 1 - (0.2 + 0.24 * i) / total, line, size=12, weight="bold", va="top")
    for i, line in enumerate(below):
        y = 1 - (0.25 + 0.24 * len(lines) + 0.19 * i) / total
        figure.text(0.2 / WIDTH, y, line, size=9, color=MUTED, va="top")
    for i, line in enumerate(reversed(small)):
        figure.text(0.2 / WIDTH, (0.08 + 0.19 * i) / total, line, size=8, color=MUTED, va="bottom")
    axes = figure.add_axes((left / WIDTH, bottom / total, (WIDTH - left - right) / WIDTH, height / total))
    return Frame(figure, axes)


def log_ticks(low: float, high: float, most: int = 9) -> list[float]:
    """Round values inside a logarithmic axis: 1-2-5 where they fit, else whole decades."""
    if high / low < 2:  # a logarithm is nearly straight here: evenly spaced round numbers
        return [tick for tick in MaxNLocator(6, steps=[1, 2, 5, 10]).tick_values(low, high) if low <= tick <= high]
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    for steps in ((1, 1.5, 2, 3, 4, 5, 6, 8), (1, 2, 5), (1, 3), (1,)):
        ticks = [step * 10.0 ** power for power in range(first, last + 1) for step in steps]
        inside = [tick for tick in ticks if low <= tick <= high]
        if 2 <= len(inside) <= most:
            return inside
    return inside[::max(1, len(inside) // most)] or [low]


def spread(wanted: list[float], gap: float, low: float, high: float) -> list[float]:
    """Label positions at least `gap` apart and as near to the wanted ones as that allows, in the order given. Where all of
    them do not fit, they go beyond `high` rather than over one another."""
    order = sorted(range(len(wanted)), key=wanted.__getitem__)
    stretches: list[tuple[float, int]] = []  # the sum of what is wanted, the gaps before it taken off, and of how many
    for place, i in enumerate(order):
        total, count = wanted[i] - place * gap, 1
        while stretches and stretches[-1][0] / stretches[-1][1] > total / count:  # would overlap: they move together
            before = stretches.pop()
            total, count = total + before[0], count + before[1]
        stretches.append((total, count))
    most = max(low, high - (len(wanted) - 1) * gap)
    starts = [min(max(total / count, low), most) for total, count in stretches for _ in range(count)]
    result = [0.0] * len(wanted)
    for place, (start, i) in enumerate(zip(starts, order)):
        result[i] = start + place * gap
    return result


def stem(name: str) -> str:
    """A name as part of a file name; two names never share one."""
    plain = "".join(letter if letter.isascii() and letter.isalnum() else "_" for letter in name)
    if plain == name.replace("-", "_") and len(plain) <= 80:
        return plain
    return f"{plain[:40]}_{zlib.crc32(name.encode('utf-8', 'replace')):08x}"


def label_ends(axes, ends: list[tuple[float, float, str, str]], height: float) -> None:
    """Names at the ends of lines: (x, y, text, colour) each, nudged apart, with a hairline back to the line."""
    to_axes = axes.transAxes.inverted()
    starts = [to_axes.transform(axes.transData.transform((x, y))) for x, y, _, _ in ends]
    places = spread([start[1] for start in starts], 0.17 / height, -0.05, 1.05)
    for (_, _, text, colour), (x, y), place in zip(ends, starts, places):
        axes.plot([x + 0.008, 1.015, 1.035], [y, place, place], transform=axes.transAxes, lw=0.6, color=MUTED,
                  clip_on=False, zorder=1)
        axes.text(1.042, place, text, transform=axes.transAxes, va="center", size=8.5, clip_on=False, color=colour)


def lean_svg(svg: str, title: str, alt: str) -> str:
    """matplotlib's SVG without what nobody reads: prologue, metadata, unused ids, repeated font styles."""
    svg = re.sub(r"<\?xml.*?\?>|<!DOCTYPE.*?>|<metadata>.*?</metadata>|<!--.*?-->", "", svg, flags=re.S)
    used = set(re.findall(r"(?:href=\"#|url\(#)([^\")]+)", svg))
    # Only markup is touched: a label may hold any text, numbers and quotes included.
    svg = re.sub(r"<[^>]+>", lambda tag: _lean_tag(tag[0], used), svg)
    svg = re.sub(r">\s+<", "><", svg).strip()
    while "<g></g>" in svg:
        svg = svg.replace("<g></g>", "")
    label = f'<svg role="img" aria-label={quoteattr(alt)} font-family="{FONTS}"'
    return re.sub(r"<svg([^>]*)>", lambda f: f"{label}{f[1]}><title>{escape(title)}</title>", svg, count=1) + "\n"


def _lean_tag(tag: str, used: set[str]) -> str:
    tag = re.sub(r' id="([^"]+)"', lambda found: found[0] if found[1] in used else "", tag)
    tag = tag.replace("xlink:href", "href").replace(' xmlns:xlink="http://www.w3.org/1999/xlink"', "")
    tag = re.sub(r"font: ([^;\"']*?)([\d.]+)px [^;\"]*", lambda found: f"font-size: {found[2]}px" + (
        "; font-weight: bold" if re.search("bold|700", found[1]) else ""), tag)
    tag = re.sub(r' transform="rotate\(-?0 [^)]*\)"|; text-anchor: start|; opacity: 1(?=[;"])', "", tag)
    tag = re.sub(r"(\d+\.\d)\d+", r"\1", tag)
    return re.sub(r"\s*\n\s*", " ", tag)


def save(chart: Chart, folder: Path, png: bool = True) -> str:
    """Draws a chart once, writes NAME.svg and NAME.png, and returns the SVG."""
    with matplotlib.rc_context({**SETTINGS, "svg.hashsalt": f"poolmark-{chart.name}"}):
        figure = chart.draw()
        buffer = io.StringIO()
        figure.savefig(buffer, format="svg", facecolor="white", metadata={"Date": None, "Creator": None})
        svg = lean_svg(buffer.getvalue(), chart.title, chart.alt)
        (folder / f"{chart.name}.svg").write_text(svg, encoding="utf-8")
        if png:
            figure.savefig(folder / f"{chart.name}.png", dpi=144, facecolor="white", metadata={"Software": None})
    return svg
