"""Six findings that surprise, each a chart and three sentences, made from measured values alone.

What a headline shows is data (`reports/findings.json`): points, each a check as in the ledger of claims, and sentences
with holes for the values. A sentence says how much, never which is better, so that it stays true whatever is measured;
one whose value is not there says so, with the command that brings it. Times of a run are of cells that may be cited; a
sentence whose cells may not is left out.
"""

import json
import re
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from suite.analysis.cell import of
from suite.base.errors import UserError
from suite.claims import evidence, ledger
from suite.claims.cpython import Document
from suite.claims.judge import Value
from suite.claims.page import amount
from suite.charts.palette import BAND, HAIRLINE, INK, MUTED
from suite.charts.style import Chart, frame, log_ticks, save
from suite.report.markdown_text import text

HEADLINES = ledger.ROOT / "reports/findings.json"
CPP = "C++"
UNCITED = "no run has these cells so that they can be cited"
Runs = Sequence[tuple[str, Mapping[str, Any]]]
COLOURS = ("#0072b2", "#009e73", "#c05f95", "#9a6a00", "#4a4a4a", "#00573f", "#8a3d68")
MARKERS = ("s", "D", "^", "v", "P", "p", "h")
HOLE = re.compile(r"\{((?:cpp\.|each\.)?)(\w+)\}")

Points = dict[str, list[Value]]


def load() -> list[dict[str, Any]]:
    """The headlines, each check held to the ledger's form (bounds apart)."""
    try:
        found = json.loads(HEADLINES.read_text(encoding="utf-8"))["headlines"]
    except (OSError, ValueError, LookupError, TypeError) as failure:
        raise UserError(f"{HEADLINES} cannot be read ({failure}); restore it from the repository") from None
    return found


def _citable(runs: Runs) -> Runs:
    """The runs with the cells whose times may be quoted: those that may be cited, and their baselines."""
    return [(name, {**run, "cells": [cell for cell in run.get("cells", ()) if cell["id"] == cell["baseline"]
                                     or of(cell).citable]}) for name, run in runs]


def _values(check: Mapping[str, Any], documents: Sequence[Document], runs: Runs) -> list[Value]:
    if "ns" not in check:
        return evidence.values(check, documents, runs)
    found = evidence.values(check, documents, _citable(runs))
    if any(value.there for value in found) or not any(value.there for value in evidence.values(check, documents, runs)):
        return found
    return [Value(value.where, reason=UNCITED) for value in found]


def values_of(headline: Mapping[str, Any], documents: Sequence[Document], runs: Runs) -> Points:
    """The values of each point; those of a run are called C++."""
    found: Points = {}
    for key, point in headline["points"].items():
        found[key] = []
        for check in point["checks"]:
            cpp = ledger.is_cpp(check)
            found[key] += [Value(CPP if cpp else value.where, value.value, value.low, value.high, value.reason)
                           for value in _values(check, documents, runs)]
    return found


def span(values: Sequence[Value]) -> str:
    """From the least to the greatest, or nothing."""
    numbers = [value.value for value in values if value.there]
    ends = dict.fromkeys((amount(min(numbers)), amount(max(numbers)))) if numbers else ()
    return " to ".join(ends)


def sides(values: Sequence[Value]) -> str:
    """The same for CPython and for C++, each by itself."""
    python = span([value for value in values if value.where != CPP])
    cpp = span([value for value in values if value.where == CPP])
    return ", ".join(filter(None, (python, f"C++ {cpp}" if cpp else "")))


def fill(template: str, points: Points) -> str | None:
    """A sentence with its values; None when one is not there."""
    lacking = []

    def put(hole: re.Match[str]) -> str:
        which, key = hole[1], hole[2]
        own = [value for value in points[key] if value.there and (value.where == CPP) == (which == "cpp.")]
        lacking.extend([] if own else [key])
        return ", ".join(f"{amount(value.value)} on {value.where}" for value in own) if which == "each." else span(own)
    filled = HOLE.sub(put, template)
    return None if lacking else filled


def missing(template: str, points: Points) -> str:
    """Why a sentence has no values."""
    for which, key in HOLE.findall(template):
        for value in points[key]:
            if not value.there and (value.where == CPP or "scripts/poolmark run" in value.reason) == (which == "cpp."):
                return value.reason
    return "nothing here measures it"


def draw(title: str, axis: str, rows: Sequence[tuple[str, Sequence[Value]]], band: Sequence[float], log: bool) -> Any:
    """The chart: a row for each point, a mark with its interval for each interpreter. Pure."""
    series = list(dict.fromkeys(value.where for _, values in rows for value in values))
    height = 0.22 * sum(max(1, len(values)) for _, values in rows) + 0.2 * len(rows)
    beside = "; C++ beside it only as a ratio of its own" if CPP in series else ""
    canvas = frame(title, f"CPython by version{beside}.",
                   height, left=3.4, right=1.6)
    axes, y = canvas.axes, 0.0
    ends = [end for _, values in rows for value in values for end in (value.value, value.low, value.high)
            if end is not None]
    low, high = min([1.0, *ends]) / 1.15, max([1.0, *ends]) * 1.15
    if log:
        axes.set_xscale("log")
        ticks = log_ticks(low, high)
        axes.set_xticks(ticks, [f"{tick:,g}×" for tick in ticks])
        axes.set_xticks([], minor=True)
        axes.axvline(1, color=INK, lw=1, zorder=1)
    axes.set_xlim(low if log else -0.03, high if log else max(1.03, high))
    if band:
        axes.axvspan(*band, color=BAND, lw=0, zorder=0)
    for label, values in rows:
        axes.text(-0.02, y + 0.5 * (len(values) - 1), label, transform=axes.get_yaxis_transform(), ha="right",
                  va="center", size=9)
        for value in values:
            place = series.index(value.where)
            colour, marker = ("#d55e00", "o") if value.where == CPP else (COLOURS[place % 7], MARKERS[place % 7])
            if value.low is not None and value.high is not None:
                axes.plot([value.low, value.high], [y, y], color=colour, lw=1.2, zorder=2)
            axes.plot([value.value], [y], color=colour, marker=marker, ms=5, zorder=3)
            axes.text(1.01, y, f"{amount(value.value)}  {value.where}", transform=axes.get_yaxis_transform(),
                      color=MUTED, size=8, va="center")
            y += 1
        axes.axhline(y + 0.0, color=HAIRLINE, lw=0.5)
        y += 1
    axes.set_ylim(y - 0.5, -0.8)
    axes.set_yticks([])
    axes.set_xlabel(axis + (", log scale" if log else ""))
    return canvas.figure


def chart(headline: Mapping[str, Any], points: Points) -> Any:
    """A headline's chart, or None when there is nothing to draw."""
    rows = [(point["label"], [value for value in points[key] if value.there])
            for key, point in headline["points"].items() if not point.get("hidden")]
    rows = [(label, values) for label, values in rows if values]
    if not rows:
        return None
    title = fill(headline["title"], points) or headline["title"].split(":")[0]
    return Chart(name=headline["name"], workload="", kind="headline", title=title, how="",
                 alt=f"{title}. " + "; ".join(f"{label}: {sides(values)}" for label, values in rows) + ".",
                 draw=partial(draw, title, headline["axis"], rows, headline.get("band", ()), headline.get("log", True)))


def section(headline: Mapping[str, Any], points: Points, drawn: Any, folder: str) -> list[str]:
    """The lines of one headline."""
    lines = [f"### {text(drawn.title if drawn else headline['title'].split(':')[0])}", ""]
    lines += [f"![{text(drawn.alt)}]({folder}/{drawn.name}.svg)", ""] if drawn else []
    filled = [fill(sentence, points) for sentence in headline["sentences"]]
    lines += [" ".join(text(each) for each in filled if each), ""] if any(filled) else []
    lacking = [missing(sentence, points) for sentence, each in zip(headline["sentences"], filled) if each is None]
    return lines + [line for reason in lacking if reason != UNCITED for line in (f"> Not measured here: {text(reason)}.", "")]


def write(documents: Sequence[Document], runs: Runs, out: Path) -> str:
    """Draws what can be drawn into a folder beside the page, and returns the part of the page about it."""
    folder = out / "findings"
    folder.mkdir(parents=True, exist_ok=True)
    lines = ["## Six findings that surprise", "",
             "From what CPython and the C++ side measured; the ledger above says on which versions "
             "and with which runs. Two ends are the least and the greatest over the versions.", ""]
    for headline in load():
        points = values_of(headline, documents, runs)
        drawn = chart(headline, points)
        if drawn:
            save(drawn, folder, png=False)
        lines += section(headline, points, drawn, folder.name)
    return "\n".join(lines).rstrip() + "\n"
