"""`poolmark splice`: what the reference runs say, put into the pages that quote them.

    reports/runs/*/results.json ──► reports/runs/README.md
    the newest that answers most ──► README.md, docs/reading-a-chart.md, docs/methodology.md, docs/pools-measured.md,
                                     between their marks
    those that repeat each other ──► docs/methodology.md
    those with two versions of a heap ──► docs/systems.md
    the newest of the heaps preset ──► docs/heaps.md

What the README asks is data (`reports/headlines.json`); what it answers is never typed by hand. `--check` writes nothing
and fails where a page has drifted from its runs.
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from suite.base.build import ROOT
from suite.base.errors import UserError, writing
from suite.base.folder import write_whole
from suite.history import heaps, index, packaged, promises, readme, versions
from suite.history.past import Run
from suite.results import results_file

PAGE = "report.md"
HEADLINES, RUNS, README = "reports/headlines.json", "reports/runs", "README.md"
METHODOLOGY, READING, MEASURED, SYSTEMS, HEAPS = "docs/methodology.md", "docs/reading-a-chart.md", "docs/pools-measured.md", "docs/systems.md", "docs/heaps.md"
END = "<!-- end of what is generated -->"


def mark(what: str) -> str:
    """The line with which a place begins."""
    return f"<!-- generated: scripts/poolmark {what} -->"


TABLE, ALOUD, REPLICATE = mark("splice"), mark("splice, one row in words"), mark("replicate, over the runs in reports/runs")


def read_runs(root: Path) -> list[Run]:
    """The reference runs, the newest first."""
    found = [Run(path.parent.name, results_file.load(path), PAGE if (path.parent / PAGE).exists() else "")
             for path in results_file.published(root / RUNS)]
    return sorted(found, key=lambda run: run.measured["run"]["started"], reverse=True)


def read_headlines(path: Path) -> Mapping[str, Any]:
    """The questions of the README."""
    try:
        source = json.loads(path.read_text(encoding="utf-8"))
        rows, chart = source["rows"], source["chart"]
        texts = [chart["file"], chart["alt"], *(row[key] for row in rows for key in ("question", "cell"))]
        if not rows or not all(isinstance(text, str) and text for text in texts):
            raise ValueError("a row lacks its question or its cell")
        return source
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as failure:
        raise UserError(f"{path} cannot be read as headlines ({failure}); restore it from the repository") from None


def pages(root: Path) -> dict[Path, str]:
    """Each generated page as it should be."""
    asked, runs = read_headlines(root / HEADLINES), read_runs(root)
    if not runs:
        raise UserError(f"{root / RUNS} holds no run; make one with scripts/poolmark run --out {RUNS}/DATE-MACHINE")
    places = {README: {TABLE: readme.table(asked, runs, RUNS), ALOUD: readme.section(asked, runs, RUNS)},
              MEASURED: {TABLE: packaged.section(runs, f"../{RUNS}")},
              SYSTEMS: {TABLE: versions.section(runs, f"../{RUNS}")},
              HEAPS: {TABLE: heaps.section(runs, f"../{RUNS}")},
              READING: {ALOUD: readme.section(asked, runs, f"../{RUNS}")},
              METHODOLOGY: {TABLE: promises.section(asked, runs, f"../{RUNS}"), REPLICATE: index.section(runs)}}
    return {root / name: _filled(root / name, texts) for name, texts in places.items()} | {
        root / RUNS / README: index.page(asked, runs, TABLE)}


def _filled(path: Path, texts: Mapping[str, str]) -> str:
    """The page with each text in its place."""
    try:
        page = path.read_text(encoding="utf-8")
    except OSError as failure:
        raise UserError(f"{path} cannot be read ({failure.strerror}); restore it from the repository") from None
    for begin, text in texts.items():
        if begin != REPLICATE or begin in page:
            page = spliced(page, begin, text, path)
    return page


def spliced(page: str, begin: str, text: str, path: Path) -> str:
    """The page with the text in one of its places."""
    before, begun, rest = page.partition(begin)
    _, ended, after = rest.partition(END)
    if not begun or not ended or begin in rest or "<!-- generated" in rest[:rest.index(END)]:
        raise UserError(f"{path} lacks its marks; put {begin} and {END} around what is to be generated")
    return f"{before}{begin}\n{text}{END}{after}"


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""


def drift(root: Path) -> list[str]:
    """The pages that are not what their runs make."""
    return [str(path.relative_to(root)) for path, text in pages(root).items() if _text(path) != text]


def command(check: bool, root: Path = ROOT) -> int:
    """Writes the pages, or with `check` says which it would."""
    if check:
        drifted = drift(root)
        for name in drifted:
            print(f"{name} is not what the runs make; write it again with scripts/poolmark splice", file=sys.stderr)
        return 1 if drifted else 0
    for path, text in pages(root).items():
        if _text(path) != text:
            with writing(path, "run as the user that owns the checkout"):
                write_whole(path, text)
            print(path)
    return 0
