"""From results to pages: charts, report.md and report.html, written whole or not at all."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from suite import charts, folder
from suite.charts import data, style, words
from suite.errors import writing
from suite.report import findings, html, markdown

PAGES = ("report.md", "report.html")


def write(results: dict[str, Any], out: Path) -> None:
    """Draws and writes everything into `out`; an error on the way leaves what was there as it was."""
    with folder.no_trace(out), writing(out, "choose another folder with --out DIR"):
        folder.refuse_foreign(out)
        # Inside `out`, so that moving it into place never crosses a file system.
        fresh = Path(tempfile.mkdtemp(prefix=".report-", dir=out))
        try:
            build(results, fresh)
            folder.refuse_foreign(out)  # drawing takes its time
            _move(fresh, out)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)


def build(results: dict[str, Any], into: Path) -> None:
    """The same, into an empty folder."""
    loaded = data.load(results)
    found = [findings.of_workload(loaded, workload) for workload in loaded.workloads]
    answer = findings.overall(loaded, found)
    plan = charts.plan(loaded)
    (into / "charts").mkdir()
    drawings = {chart.name: style.save(chart, into / "charts") for chart in plan}
    (into / "report.md").write_text(markdown.render(loaded, found, answer, plan), encoding="utf-8")
    (into / "report.html").write_text(html.render(loaded, found, answer, plan, drawings), encoding="utf-8")


def _move(fresh: Path, out: Path) -> None:
    """Charts first, pages last: a page never names a chart that is not there."""
    old = fresh / "charts-before"
    if (out / "charts").exists():
        os.replace(out / "charts", old)
    try:
        os.replace(fresh / "charts", out / "charts")
    except OSError:
        if old.exists():
            os.replace(old, out / "charts")
        raise
    for page in PAGES:
        os.replace(fresh / page, out / page)


def summary(results: dict[str, Any]) -> list[str]:
    """The answer for the terminal: the same sentences, the floor, and a line per workload."""
    loaded = data.load(results)
    found = [findings.of_workload(loaded, workload) for workload in loaded.workloads]
    lines = [*findings.overall(loaded, found), "",
             f"{loaded.quality}, A/A floor {words.percent(loaded.floor)}, margin {words.percent(loaded.margin)}"]
    lines += [f"  {reason}" for reason in loaded.reasons]
    if not loaded.complete:
        lines.append("  the run was interrupted: cells that are missing were not measured")
    return lines + [f"{words.GLYPHS[finding.state]} {finding.workload}: {finding.answer}" for finding in found]
