"""reports/claims.json: the claims, each in our words, and how each is judged. A ledger that is wrong is refused by the
name of the claim, because a check that never runs looks like one that found nothing."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from suite.base.build import ROOT
from suite.base.errors import UserError

LEDGER = ROOT / "reports/claims.json"
OF_CPYTHON, OF_CPP = ("fact", "time", "bytes"), ("ns", "rss", "kept", "told")
BOUNDS = {"is", "from", "to"}
CHECK_KEYS = {"when", "level", "since", "before", "decides", *BOUNDS}
CLAIM_KEYS = {"id", "says", "claimed", "kind", "checks", "why_not", "note"}
KINDS = ("number", "statement", "advice")


def source_of(check: Mapping[str, Any]) -> str:
    """What a check reads: fact, time, bytes (of CPython), ns, rss, kept (what stays after all was released) or told (of
    a run): `told` names a cell and one of its facts, which stands alone; the others are ratios of two."""
    return next(key for key in (*OF_CPYTHON, *OF_CPP) if key in check)


def is_cpp(check: Mapping[str, Any]) -> bool:
    """Whether a check reads a run of the benchmarks."""
    return source_of(check) in OF_CPP


def wrong_check(check: Any) -> str:
    """What is wrong with a check, or nothing."""
    if not isinstance(check, dict):
        return "a check is no table"
    sources = [key for key in (*OF_CPYTHON, *OF_CPP) if key in check]
    if len(sources) != 1:
        return f"a check reads {len(sources)} sources; it reads one of {', '.join((*OF_CPYTHON, *OF_CPP))}"
    operand = check[sources[0]]
    single = isinstance(operand, str) and sources[0] in ("fact", "bytes")  # times stand only as ratios
    pair = isinstance(operand, list) and len(operand) == 2 and all(isinstance(each, str) for each in operand)
    if not single and not pair:
        return f"'{sources[0]}' needs two names, whose ratio is taken"
    if check.keys() - {sources[0]} - CHECK_KEYS:
        return f"unknown keys {sorted(check.keys() - {sources[0]} - CHECK_KEYS)}"
    if not BOUNDS & check.keys() or "is" in check and {"from", "to"} & check.keys():
        return "a check needs either 'is' or 'from' and 'to'"
    return ""


def wrong(ledger: Any) -> str:
    """The first thing that is wrong with a ledger, or nothing."""
    if not isinstance(ledger, dict) or not isinstance(ledger.get("sources"), list):
        return "it has no list of sources"
    seen: set[str] = set()
    for source in ledger["sources"]:
        if not isinstance(source, dict) or not {"id", "title", "claims"} <= source.keys():
            return "a source needs id, title and claims"
        for claim in source["claims"]:
            name = claim.get("id", "?") if isinstance(claim, dict) else "?"
            if not isinstance(claim, dict) or not {"id", "says", "kind"} <= claim.keys() or claim.keys() - CLAIM_KEYS:
                return f"claim {name} needs id, says and kind, and may have {', '.join(sorted(CLAIM_KEYS))}"
            if name in seen:
                return f"claim {name} stands twice"
            seen.add(name)
            if claim["kind"] not in KINDS:
                return f"claim {name} is of no kind among {', '.join(KINDS)}"
            if not claim.get("checks") and not claim.get("why_not"):
                return f"claim {name} has neither checks nor a reason why it has none"
            problem = next(filter(None, map(wrong_check, claim.get("checks", ()))), "")
            if problem:
                return f"claim {name}: {problem}"
    return ""


def load(path: Path = LEDGER) -> dict[str, Any]:
    """Reads the ledger, or says in one line what is wrong with it."""
    try:
        ledger = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as failure:
        raise UserError(f"{path} cannot be read ({failure}); restore it from the repository") from None
    problem = wrong(ledger)
    if problem:
        raise UserError(f"{path}: {problem}; correct the claim")
    return ledger
