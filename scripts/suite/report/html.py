"""report.html: one file that opens offline and needs no script. Everything that comes from outside is escaped."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup

from suite.charts import points, words
from suite.charts.data import Results
from suite.charts.style import Chart
from suite.report import tables
from suite.report.findings import Finding

TEMPLATES = Path(__file__).parent / "templates"
SHORT = 14  # rows that a table may have and still stand open


def render(results: Results, findings: list[Finding], answer: list[str], charts: list[Chart],
           drawings: dict[str, str]) -> str:
    """The page; `drawings` holds the SVG of each chart by its name."""
    environment = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, trim_blocks=True, lstrip_blocks=True)
    environment.globals |= {"words": words, "anchor": tables.anchor, "rows": tables.rows,
                            "availability": tables.availability}
    page = environment.get_template("report.html.j2").render(
        results=results, findings=findings, answer=answer, run=results.raw.get("run") or {},
        style=Markup((TEMPLATES / "report.css").read_text(encoding="utf-8")),
        overview=[chart for chart in charts if not chart.workload],
        sections=[_section(results, finding, charts) for finding in findings],
        drawings={name: Markup(_inline(svg)) for name, svg in drawings.items()},
        quality_meaning=tables.QUALITY.get(results.quality, ""), problems=tables.problems(results),
        environment=tables.environment(results), allocators=results.raw.get("allocators") or [],
        command=tables.command(results), protocol=tables.protocol(results), aa=_aa(results), short=SHORT)
    return "\n".join(line for line in page.splitlines() if line.strip()) + "\n"


def _section(results: Results, finding: Finding, charts: list[Chart]) -> dict:
    """A workload with its charts; the table of a point stands below its forest, the others come after."""
    mine = [chart for chart in charts if chart.workload == finding.workload]
    every = {point.group: point for point in points.of(results.of_workload(finding.workload))}
    below = {chart.name: every[chart.groups[0]] for chart in mine if chart.kind == "forest"}
    shown = {point.group for point in below.values()}
    about = next((one for one in results.workloads if one["name"] == finding.workload), {})
    return {"finding": finding, "charts": mine, "below": below, "about": about,
            "rest": [point for group, point in every.items() if group not in shown]}


def _inline(svg: str) -> str:
    """An SVG as part of a page: the page gives it its size and its language."""
    head, rest = svg.split(">", 1)
    for namespace in (' xmlns="http://www.w3.org/2000/svg"', ' version="1.1"'):
        head = head.replace(namespace, "")
    return f"{head}>{rest.strip()}"


def _aa(results: Results) -> str:
    """The A/A comparisons in one line."""
    twins = (results.raw.get("calibration") or {}).get("aa") or []
    half = (results.raw.get("calibration") or {}).get("median_half_width")
    if not twins:
        return "This run made no A/A comparison, so it has no floor and nothing in it can be cited."
    text = f"{words.count(len(twins), 'A/A comparison')} in this run"
    return text + (f"; the median half-width of their intervals is {words.percent(half)}." if half else ".")
