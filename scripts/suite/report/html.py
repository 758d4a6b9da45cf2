"""report.html: one file that opens offline and is complete without its script. What comes from outside is escaped."""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path

from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup

from suite.charts.palette import on_dark
from suite.charts.style import Chart
from suite.report import answers as explanation, content, decisions_page, regime, sentences, tables
from suite.report.content import Content
from suite.report.findings import Finding
from suite.report.markdown import TRUST
from suite.results import selection, wording
from suite.results.crossover import Line
from suite.results.model import Results

TEMPLATES = Path(__file__).parent / "templates"
SHORT = 14  # rows that a table may have and still stand open
PAINT = re.compile(r' (?:style|fill|stroke)="[^"]*"')
COLOUR = re.compile(r"#([0-9a-f]{6})\b")


def render(whole: Content, drawings: dict[str, str]) -> str:
    """The page; `drawings` holds the SVG of each chart by its name."""
    results = whole.results
    environment = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, trim_blocks=True, lstrip_blocks=True)
    environment.globals |= {
        "words": wording, "anchor": tables.anchor, "rows": tables.rows, "columns": tables.columns,
        "availability": tables.availability, "version": tables.version, "sentences": sentences.of, "why": decisions_page.why}
    script = _without_blank_lines((TEMPLATES / "report.js").read_text(encoding="utf-8"))
    colours: dict[str, str] = {}
    inlined = {name: Markup(_inline(svg, colours)) for name, svg in drawings.items()}
    page = environment.get_template("report.html.j2").render(
        whole=whole, results=results, findings=whole.findings, run=results.raw.get("run") or {},
        style=Markup(_theme(colours) + (TEMPLATES / "report.css").read_text(encoding="utf-8")), script=Markup(script),
        script_hash=_hash(script), badge=regime.badge(results), regime=regime.sentences(results),
        overview=[chart for chart in whole.charts if chart.kind == "heatmap" and not chart.workload],
        evidence=[chart for chart in whole.charts if chart.kind in TRUST],
        sections=[_section(results, finding, whole.charts, whole.crossovers.get(finding.workload, []))
                  for finding in whole.findings], drawings=inlined,
        quality_meaning=tables.QUALITY.get(results.quality, ""), problems=tables.problems(results),
        environment=tables.environment(results), digest=len(tables.digest(results)),
        allocators=results.raw.get("allocators") or [],
        command=tables.command(results), protocol=tables.protocol(results), aa=_aa(results), short=SHORT,
        floors=content.floors(results), planted=content.planted_sentence(whole.controls), rule=decisions_page.RULE)
    return _without_blank_lines(page)


def _without_blank_lines(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if line.strip()) + "\n"


def _section(results: Results, finding: Finding, charts: list[Chart], crossings: list[Line]) -> dict:
    """A workload with its charts; the table of a point stands below its forest, the others come after."""
    mine = [chart for chart in charts if chart.workload == finding.workload]
    every = {point.group: point for point in selection.points_of(results.of_workload(finding.workload))}
    below = {chart.name: every[chart.groups[0]] for chart in mine if chart.kind == "forest"}
    shown = {point.group for point in below.values()}
    about = next((one for one in results.workloads if one["name"] == finding.workload), {})
    return {"finding": finding, "charts": mine, "below": below, "about": about, "why": explanation.why_of(results, finding.workload),
            "rest": [point for group, point in every.items() if group not in shown], "crossings": crossings}


def _inline(svg: str, colours: dict[str, str]) -> str:
    """An SVG as part of a page: the page gives it its size, its language and its colours."""
    head, rest = svg.split(">", 1)
    for namespace in (' xmlns="http://www.w3.org/2000/svg"', ' version="1.1"'):
        head = head.replace(namespace, "")

    def named(found: re.Match) -> str:
        colours.setdefault(found[1], f"--c{len(colours)}")
        return f"var({colours[found[1]]})"
    # Only attributes of markup: a label may hold anything that looks like a colour.
    styled = re.sub(r"<[^>]+>", lambda tag: PAINT.sub(lambda part: COLOUR.sub(named, part[0]), tag[0]), rest)
    return f"{head}>{styled.strip()}"


def _theme(colours: dict[str, str]) -> str:
    """Every colour of the drawings, on a light page and on a dark one; one strategy keeps one hue on both."""
    light = ";".join(f"{name}:#{colour}" for colour, name in colours.items())
    dark = ";".join(f"{name}:{on_dark('#' + colour)}" for colour, name in colours.items())
    return f":root{{{light}}}\n@media screen and (prefers-color-scheme:dark){{:root{{{dark}}}}}\n" if colours else ""


def _hash(script: str) -> str:
    """What the page's policy lets run: this script and no other."""
    return "sha256-" + base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii")


def _aa(results: Results) -> str:
    """The A/A comparisons in one line."""
    twins = (results.raw.get("calibration") or {}).get("aa") or []
    half = (results.raw.get("calibration") or {}).get("median_half_width")
    if not twins:
        return "This run made no A/A comparison, so it has no floor and nothing in it can be cited."
    text = f"{wording.count(len(twins), 'A/A comparison')} in this run"
    return text + (f"; the median half-width of their intervals is {wording.percent(half)}." if half else ".")
