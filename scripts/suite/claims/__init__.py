"""`poolmark claims`: holds what the articles say against CPython and against runs, and writes the pages.

Measuring and writing are two steps: what the interpreters answered is kept as JSON, so that the pages can be made again
from it, on another machine and with newer runs of the C++ side.
"""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from suite.base.errors import UserError, writing
from suite.base.folder import write_whole
from suite.claims import cpython, evidence, findings, judge, ledger, page
from suite.claims.cpython import Document, Skipped
from suite.claims.page import Judged
from suite.results import results_file

ROOT = ledger.ROOT
MEASURED = ROOT / "reports/cpython.json"
PAGES = ROOT / "docs"


def decide(claim: Mapping[str, Any], documents: Sequence[Document],
           runs: Sequence[tuple[str, Mapping[str, Any]]]) -> Judged:
    """One claim with its answers. CPython decides where it is asked; the counterpart stands beside it, unless the claim
    says that it decides too."""
    found = {check_id: judge.answers(check, evidence.values(check, documents, runs))
             for check_id, check in enumerate(claim.get("checks", ()))}
    python = [answer for answers in found.values() for answer in answers if not ledger.is_cpp(answer.check)]
    cpp = [answer for answers in found.values() for answer in answers if ledger.is_cpp(answer.check)]
    deciding = python + [answer for answer in cpp if answer.check.get("decides") or not python]
    reason = "" if found else claim.get("why_not", "")
    return Judged(claim, tuple(python), tuple(cpp), judge.judge(deciding, reason))


def decide_all(book: Mapping[str, Any], documents: Sequence[Document],
               runs: Sequence[tuple[str, Mapping[str, Any]]]) -> list[Judged]:
    """Every claim of the ledger, in its order."""
    return [decide(claim, documents, runs) for source in book["sources"] for claim in source["claims"]]


def runs_of(paths: Sequence[Path]) -> list[tuple[str, Mapping[str, Any]]]:
    """The runs to take cells from: those named, or all there are, newest first."""
    named = bool(paths)
    paths = paths or [*results_file.published(ROOT / "reports/runs"), *results_file.published(ROOT / "reports/local")]
    found = []
    for path in paths:
        try:
            name = str(path.resolve().relative_to(ROOT)) if path.resolve().is_relative_to(ROOT) else path.name
            found.append((name, results_file.load(path)))
        except UserError as failure:
            if named:
                raise
            print(f"note: left out: {failure}", file=sys.stderr)
    return found if named else newest_first(found)


def newest_first(runs: Sequence[tuple[str, Mapping[str, Any]]]) -> list[tuple[str, Mapping[str, Any]]]:
    """Those that may speak, the newest first: not what only tries each cell, nor what the machine made worthless."""
    may = [(name, run) for name, run in runs
           if run["run"]["preset"] != "smoke" and run["calibration"]["quality"] != "INVALID"]
    return sorted(may, key=lambda each: each[1]["run"]["started"], reverse=True)


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """Asks every interpreter there is, and libpython. What has no answer is kept with its reason."""
    answers: list[Any] = []
    found, skipped = cpython.find(options.python)
    for version, path in found:
        print(f"asking: CPython {version}", file=sys.stderr, flush=True)
        try:
            answers.append(cpython.raw(path, ("--seeds", str(options.seeds), "--objects", str(options.objects))))
        except ValueError as failure:
            skipped.append(Skipped(f"CPython {version}", str(failure)))
    try:
        cpython.build_peer()
        answers.append(cpython.raw_peer(options.seeds))
    except (ValueError, UserError) as failure:
        skipped.append(Skipped("C API", str(failure)))
    return {"schema": 1, "answers": answers, "skipped": [[one.name, one.reason] for one in skipped]}


def documents_of(measured: Any, name: str) -> tuple[list[Document], list[Skipped]]:
    """The documents of a file of answers; one that is none is a skipped row."""
    if not isinstance(measured, dict) or not isinstance(measured.get("answers"), list):
        raise UserError(f"{name} holds no answers; make it with scripts/poolmark claims")
    documents, skipped = [], []
    for answer in measured["answers"]:
        try:
            documents.append(cpython.accept(answer))
        except (ValueError, TypeError, AttributeError) as failure:
            skipped.append(Skipped("an answer", cpython.plain(failure)))
    for row in measured.get("skipped", ()):
        skipped += [Skipped(*map(cpython.plain, row))] if isinstance(row, list) and len(row) == 2 else []
    documents.sort(key=lambda one: (one.level != "python", evidence.release(one.version), one.version))
    return documents, skipped


def beside(run: Path) -> bool:
    """The pages for a run that was just made, in its folder, and whether they are there. A run is no worse without them."""
    try:
        command(argparse.Namespace(results=[run / "results.json"], python=[], measured=None, seeds=5, objects=1_000_000,
                                   out=run / "claims"))
        return True
    except UserError as failure:
        print(f"note: no ledger of claims: {failure}", file=sys.stderr)
        return False


def command(options: argparse.Namespace) -> int:
    """The whole of it."""
    book, out = ledger.load(), options.out or PAGES
    if options.objects < 1000:
        raise UserError(f"{options.objects} objects weigh nothing that can be told; give --objects 1000 or more")
    with writing(out, "name another folder with --out"):
        out.mkdir(parents=True, exist_ok=True)
    if options.measured:
        try:
            measured = json.loads(options.measured.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError) as failure:
            raise UserError(f"{options.measured} cannot be read ({cpython.plain(failure)}); make it with "
                            "scripts/poolmark claims") from None
    else:
        measured = measure(options)
        target = out / "cpython.json" if options.out else MEASURED
        with writing(target, "name another folder with --out"):
            write_whole(target, json.dumps(measured, indent=1, sort_keys=True) + "\n")
    documents, skipped = documents_of(measured, str(options.measured))
    runs = runs_of(options.results)
    for one in skipped:
        print(f"note: not asked: {one.name}: {one.reason}", file=sys.stderr)
    judged = decide_all(book, documents, runs)
    with writing(out / "claims.md", "name another folder with --out"):
        surprising = findings.write(documents, runs, out)
        write_whole(out / "claims.md", f"{page.render(book, judged, documents, skipped, runs).rstrip()}\n\n{surprising}")
    print(page.listed(judged))
    print(out / "claims.md")
    return 0
