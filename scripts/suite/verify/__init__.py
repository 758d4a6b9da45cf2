"""`poolmark verify`: computes each number of a run again from its rounds, and its pages from those numbers.

    rounds.jsonl.gz ──► results.json ──► report.md, report.html, charts/
                    1                2

Good for: telling a run as it was measured from one that somebody improved, and pages from pages of another run.
Bad for:  rounds that were made up to fit. Against those stands only the run hash, once it was published elsewhere.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from suite.report.content import ClaimsSection
from suite.results import run_regime, runs
from suite.verify import differences, rebuild

ClaimsOf = Callable[[Path, dict[str, Any]], ClaimsSection | None]


def command(path: Path, with_pages: bool, claims_of: ClaimsOf = lambda *_: None) -> int:
    """Prints what was found; 1 when something differs. `claims_of`: what the pages of a run in a folder say of claims."""
    file = runs.file_of(path)
    measured = runs.load(file)
    outcomes = rebuild.read(file.parent, measured["run"]["commit"])
    found = check_numbers(measured, outcomes, file.parent)
    open_points = "".join(f"--  {line}\n" for line in unchecked(measured))
    if found:
        return differs(found, open_points)
    rounds = sum(len(sample["ns_per_op"]) for outcome in outcomes for record in outcome.records.values()
                 for sample in record.samples)
    print(f"ok  {differences.count(measured['cells']):,} numbers of {len(measured['cells']):,} cells, recomputed from "
          f"{rounds:,} rounds\n{open_points}", end="", flush=True)
    if with_pages:
        there = differences.there(file.parent)
        found = differences.page_differences(measured, file.parent, claims_of(file.parent, measured)) if there else []
        if found:
            return differs(found)
        print(f"ok  {', '.join(there)} and charts are what these results make" if there else
              "--  there are no pages beside it")
    print(f"verified: run {runs.plain(measured['run']['id'])}, hash {runs.run_hash(measured)}")
    return 0


def unchecked(measured: dict[str, Any]) -> list[str]:
    """What no round of the run can prove."""
    if run_regime.of_run(measured) == run_regime.UNKNOWN:
        return ["made before witnesses: whether somebody shared its core cannot be checked", rebuild.NOTE]
    told = [key for key in rebuild.TOLD if key in measured["witness"]]
    return [f"taken as the run says it, because no round has it: witness/{', witness/'.join(told)}"] if told else []


def check_numbers(measured: dict[str, Any], outcomes: list, folder: Path) -> list[str]:
    """One line for each value that is not what the rounds make; the first is the first in the file."""
    found = rebuild.against_plan(folder, measured)
    if found:
        return found
    try:
        again, missing = rebuild.results(measured, outcomes)
        if rebuild.is_older(measured, outcomes):
            again = rebuild.with_its_rules(again, measured, outcomes)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as failure:
        return [f"results.json names what the rounds do not have ({type(failure).__name__}: "
                f"{runs.plain(failure)})"]
    return missing + differences.differences(measured, again)


def differs(found: list[str], open_points: str = "") -> int:
    more = f"         and {len(found) - 1:,} more\n" if len(found) > 1 else ""
    print(f"DIFFERS  {found[0]}\n{more}{open_points}", end="")
    return 1
