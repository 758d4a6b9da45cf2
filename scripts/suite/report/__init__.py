"""From results to pages: charts, report.md, decisions.md and report.html, written whole or not at all."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from suite.base import folder
from suite.base.errors import writing
from suite.charts import style
from suite.report import content, decisions_page, html, markdown, terminal
from suite.results import model

PAGES = ("report.md", "decisions.md", "report.html")


def write(results: dict[str, Any], out: Path, claims: content.ClaimsSection | None = None) -> None:
    """Draws and writes everything into `out`; an error on the way leaves what was there as it was. `claims`: what is said
    of the articles, where somebody was asked."""
    with folder.no_trace(out), writing(out, "choose another folder with --out DIR"):
        folder.refuse_foreign(out)
        # Inside `out`, so that moving it into place never crosses a file system.
        fresh = Path(tempfile.mkdtemp(prefix=".report-", dir=out))
        try:
            build(results, fresh, claims, png=results["run"]["preset"] != "smoke")  # which says nothing that anybody pastes
            folder.refuse_foreign(out)  # drawing takes its time
            _move(fresh, out)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)


def build(results: dict[str, Any], into: Path, claims: content.ClaimsSection | None = None, png: bool = True) -> None:
    """The same, into an empty folder. No page links a PNG: they are copies for whoever pastes a chart elsewhere."""
    whole = content.of(model.load(results), claims=claims)
    (into / "charts").mkdir()
    drawings = {chart.name: style.save(chart, into / "charts", png) for chart in whole.charts}
    for page, text in (("report.md", markdown.render(whole)), ("decisions.md", decisions_page.render(whole)),
                       ("report.html", html.render(whole, drawings))):
        (into / page).write_text(text, encoding="utf-8")


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
    """The answer for the terminal: the same sentences in the same order."""
    return terminal.lines(content.of(model.load(results), drawn=False))
