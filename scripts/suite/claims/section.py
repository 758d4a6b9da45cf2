"""The ledger of claims as a part of a run's report: one compact row a claim, from the answers that lie beside the run.

    results.json ─────────┐
                          ├──► the same verdicts as in claims/claims.md, so that pages can be made and verified again
    claims/cpython.json ──┘

A run without those answers has no such part. One for which nobody could be asked has it, with the reason.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from suite import claims
from suite.base.errors import UserError
from suite.claims import ledger, page
from suite.claims.judge import Answer
from suite.claims.page import Judged
from suite.report.content import ClaimRow, ClaimsSection

FOLDER = "claims"
ANSWERS = f"{FOLDER}/cpython.json"
LONGEST = 300  # letters of a cell; the page of the ledger has all of it


def beside(folder: Path, results: Mapping[str, Any]) -> ClaimsSection | None:
    """The part of the run in a folder; nothing where nobody was asked for it."""
    path = folder / ANSWERS
    if not path.is_file():
        return None
    try:
        measured = json.loads(path.read_text(encoding="utf-8"))
        documents, skipped = claims.documents_of(measured, ANSWERS)
    except (OSError, ValueError, RecursionError, UserError) as failure:
        return ClaimsSection("", f"{ANSWERS} cannot be read ({type(failure).__name__}); make it again with "
                       "scripts/poolmark claims results.json --out claims", ())
    judged = claims.decide_all(ledger.load(), documents, claims.newest_first([("this run", results)]))
    names = [f"CPython {one.name}" for one in documents] or ["no interpreter"]
    return ClaimsSection(f"{len(judged)} claims: {page.count(judged)}",
                   "; ".join([", ".join(names), *(f"{one.name}: skipped, {one.reason}" for one in skipped)]),
                   tuple(map(row, judged)))


def row(judged: Judged) -> ClaimRow:
    """One claim in plain text: a page escapes it in its own way."""
    verdict = judged.verdict
    return ClaimRow(judged.claim["id"], judged.claim["says"], _short(_told(judged.cpython)), _short(_told(judged.cpp)),
               verdict.word, _short(verdict.why))


def _told(answers: Sequence[Answer]) -> str:
    """By what was asked: one value where all agree, else the value of each version."""
    parts = []
    for label, own in page.by_label(answers).items():
        values = {page.value_of(answer) for answer in own}
        told = values.pop() if len(values) == 1 else "; ".join(
            f"{answer.value.where} {page.value_of(answer)}" for answer in own)
        parts.append(f"{label}: {told}" if label else told)
    return ". ".join(parts) or "–"


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else text[:LONGEST - 1] + "…"
