"""`poolmark cite`: one cell as a sentence that carries its own evidence, and as a BibTeX entry.

A ratio needs its interval, its machine, the floor of that machine and the regime it was measured in; all of it is in the one line.
"""

import re
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from suite.analysis import samples, verdicts
from suite.analysis.cell import Cell, every
from suite.base.errors import UserError
from suite.results import citable, run_regime, runs, wording
from suite.results.runs import plain

Json = Mapping[str, Any]
SHOWN = 6
SOUND = ("SOUND", "CITABLE")
NEVER = {"NOT CITABLE": "the cell is NOT CITABLE", "FAILED": "the cell FAILED", "SKIPPED": "the cell was SKIPPED",
         "BASELINE": "it is the baseline, which everything else is compared with; cite a cell that is compared with it"}
ALONE = " (alone, not after the correction for several comparisons)"
TEX = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "×": r"$\times$",
       **{letter: f"\\{letter}" for letter in "&%$#_{}"}}


def find(measured: Json, wanted: str) -> Cell:
    """The cell of that id, or the only one that a glob matches."""
    cells = {cell.id: cell for cell in every(measured) if not cell.twin}
    if wanted in cells:
        return cells[wanted]
    found = [name for name in cells if fnmatchcase(name, wanted)]
    if len(found) == 1:
        return cells[found[0]]
    if found:
        raise UserError(f"'{plain(wanted)}' matches {len(found)} cells; name one of them, e.g. {_names(found)}")
    near = [name for name in cells if wanted in name] or get_close_matches(wanted, list(cells), SHOWN, 0.5)
    raise UserError(f"there is no cell '{plain(wanted)}'; " + (
        f"near it: {_names(near)}" if near else "a cell is workload/parameters/strategy@allocator, see results.json"))


def _names(names: Sequence[str]) -> str:
    more = f", and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(f"'{plain(name)}'" for name in names[:SHOWN]) + more


def refuse(measured: Json, cell: Cell) -> None:
    """What must not be quoted is not printed in a form that can be."""
    calibration = measured["calibration"]
    if calibration["quality"] == "INVALID":
        raise UserError(f"the run is INVALID ({plain('; '.join(calibration['reasons']))}), so nothing of it can be cited; "
                        "run again")
    if cell.verdict in NEVER:
        reason = f": {plain(cell.reason)}" if cell.reason else ""
        raise UserError(f"'{plain(cell.id)}' cannot be cited, {NEVER[cell.verdict]}{reason}; cite another cell, or "
                        "fix that and run again")
    if cell.said_citable is False:
        raise UserError(f"'{plain(cell.id)}' cannot be cited: {plain(cell.reason) or 'its run says so'}; cite another "
                        "cell, or run again on a quieter machine")
    if cell.allocator in citable.LIMITS:
        raise UserError(f"'{plain(cell.id)}' cannot be cited, {plain(cell.allocator)} never frees: it bounds what is "
                        "possible; cite the same strategy on another heap")
    if not cell.citable:
        raise UserError(f"'{plain(cell.id)}' cannot be cited, it has no interval; run again with --preset quick or full")
    if not _carried(cell, runs.margin_at(measured, cell)):
        raise UserError(f"'{plain(cell.id)}' is called {cell.verdict} and its own interval does not say so; restore "
                        "the file, scripts/poolmark verify names what differs")


def _carried(cell: Cell, margin: float) -> bool:
    """Whether the interval makes the verdict; a file may have been edited by hand."""
    said = verdicts.settled(cell.ratio.low, cell.ratio.high, margin)
    return cell.ratio.contains(cell.ratio.estimate) and cell.verdict in (said, "UNRESOLVED")


def _heap(measured: Json, name: str) -> str:
    version = next((entry["version"] for entry in measured["allocators"] if entry["name"] == name), "")
    return f"{plain(name, 60)} {plain(version, 60)}".strip()


def _claim(measured: Json, cell: Cell) -> tuple[str, str]:
    """What was measured, and what came out."""
    baseline = next((other for other in every(measured) if other.id == cell.baseline), None)
    against = f"{plain(baseline.strategy, 60)} on {_heap(measured, baseline.allocator)}" if baseline else "the baseline"
    what = f"{plain(cell.strategy, 60)} on {_heap(measured, cell.allocator)} at {plain(cell.group)}"
    values = len(samples.per_node(cell.samples)) or len({row["process"] for row in cell.samples if row["ratio"] is not None})
    units = "nodes" if samples.per_node(cell.samples) else "processes"
    confidence = cell.confidence or measured["protocol"]["actual_confidence"]
    level = f", {wording.percent(confidence)} interval" if confidence else ""
    verdict = cell.verdict.lower() + ALONE * (not cell.holds)
    margin = wording.percent(runs.margin_at(measured, cell))
    return what, (f"{wording.ratio(cell.ratio)} the time of {against}, {verdict} at margin {margin} "
                  f"({wording.significant(cell.nanoseconds.estimate)} ns per operation, {values} {units}{level}, "
                  f"A/A floor {wording.percent(runs.floor_of(measured, cell.workload))}, "
                  f"{run_regime.NAMES[run_regime.of_cell(cell)]}{_sibling(cell)})")


def _sibling(cell: Cell) -> str:
    """The second figure: the same ratio in the rounds in which somebody was busy on the other thread of the core."""
    return f"; beside a busy sibling: {wording.ratio(cell.shared)}" if cell.shared else ""


def _machine(measured: Json) -> str:
    environment = measured["environment"]
    return (f"{plain(environment['cpu'], 80)}, {environment['cpus']} CPUs, {plain(environment['compiler'], 60)} "
            f"{plain(environment['flags'], 80)}")


def _quality(measured: Json) -> str:
    quality = measured["calibration"]["quality"]
    return f"{quality} " if quality not in SOUND else ""


def line(measured: Json, cell: Cell) -> str:
    """Everything in one sentence."""
    what, result = _claim(measured, cell)
    return (f"{what}: {result}; {_machine(measured)}; Poolmark {plain(runs.version(measured), 60)}, {_quality(measured)}"
            f"run {plain(measured['run']['id'], 60)} of {measured['run']['started'][:10]}, hash {runs.run_hash(measured)}")


def _tex(text: str) -> str:
    return "".join(TEX.get(letter, letter) for letter in text)


def bibtex(measured: Json, cell: Cell) -> str:
    """The entry, its key made of the run hash and the cell, so that two cells of a run can both be cited."""
    what, result = _claim(measured, cell)
    run = measured["run"]
    name = re.sub(r"[^a-z0-9]+", "-", cell.id.lower())[:80].strip("-")
    fields = {
        "title": f"{{{_tex(what)}}}", "author": "{{Poolmark}}", "year": run["started"][:4],
        "howpublished": f"{{Poolmark {_tex(plain(runs.version(measured), 60))}, "
                        f"{_quality(measured)}run {_tex(plain(run['id'], 60))}}}",
        "note": f"{{{_tex(result)}. {_tex(_machine(measured))}. Run of {run['started'][:10]}, "
                f"hash {runs.run_hash(measured)}}}",
    }
    body = "".join(f"  {key:12} = {value},\n" for key, value in fields.items())
    return f"@misc{{poolmark-{runs.run_hash(measured)}-{name},\n{body}}}"


def command(path: Path, wanted: str) -> int:
    """Prints both."""
    measured = runs.load(path)
    cell = find(measured, wanted)
    refuse(measured, cell)
    print(f"{line(measured, cell)}\n\n{bibtex(measured, cell)}")
    return 0
