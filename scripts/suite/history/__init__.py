"""`poolmark splice`: the index of the reference runs, the README's table and chart, what of its promises a run kept, and
our pools beside the packaged ones.

    reports/runs/*/results.json ──► reports/runs/README.md
    the newest one that may speak ──► README.md, docs/methodology.md and docs/pools-measured.md, between their two marks

What the README asks is data (`reports/headlines.json`); what it answers is never typed by hand. `--check` writes nothing
and fails where a page has drifted from its runs.
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from suite import results
from suite.build import ROOT
from suite.errors import UserError, writing
from suite.history import headlines, index, packaged, promises
from suite.history.past import Run
from suite.journal import write_whole

BEGIN, END = "<!-- generated: scripts/poolmark splice -->", "<!-- end of what is generated -->"
HEADLINES, RUNS, README, METHODOLOGY = "reports/headlines.json", "reports/runs", "README.md", "docs/methodology.md"
MEASURED = "docs/pools-measured.md"


def read_runs(root: Path) -> list[Run]:
    """The reference runs, the newest first."""
    found = [Run(path.parent.name, results.load(path)) for path in results.published(root / RUNS)]
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


def spliced(page: str, text: str, path: Path) -> str:
    """The page with the text between its marks."""
    if page.count(BEGIN) != 1 or page.count(END) != 1 or page.index(BEGIN) > page.index(END):
        raise UserError(f"{path} lacks its marks; put {BEGIN} and {END} around what is to be generated")
    return f"{page[:page.index(BEGIN)]}{BEGIN}\n{text}{page[page.index(END):]}"


def pages(root: Path) -> dict[Path, str]:
    """Each generated page as it should be."""
    asked, runs = read_headlines(root / HEADLINES), read_runs(root)
    if not runs:
        raise UserError(f"{root / RUNS} holds no run; make one with scripts/poolmark run --out {RUNS}/DATE-MACHINE")
    readme, methodology, measured = root / README, root / METHODOLOGY, root / MEASURED
    return {readme: spliced(_old(readme), headlines.section(asked, runs, RUNS), readme),
            methodology: spliced(_old(methodology), promises.section(asked, runs, f"../{RUNS}"), methodology),
            measured: spliced(_old(measured), packaged.section(asked, runs, f"../{RUNS}"), measured),
            root / RUNS / README: index.page(asked, runs, BEGIN)}


def _old(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as failure:
        raise UserError(f"{path} cannot be read ({failure.strerror}); restore it from the repository") from None


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
            print(f"{name} is not what the runs make; mend it with scripts/poolmark splice", file=sys.stderr)
        return 1 if drifted else 0
    for path, text in pages(root).items():
        if _text(path) != text:
            with writing(path, "run as the user that owns the checkout"):
                write_whole(path, text)
            print(path)
    return 0
