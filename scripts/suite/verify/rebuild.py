"""Runs of before witnesses. Their numbers are computed again like all others; what they say of these follows the rules of
their time, so a verdict is held against its own interval only.

The rounds of a run as its folder holds them, and the plan beside them.

The same results once more: the plan is read back out of results.json, every number comes from the rounds.

The driver's own `assemble` does the work, as a whole, so that what is checked is what is made. What a run only says of
itself (its id, its machine) is passed through: no round can prove it.
"""

import gzip
import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from suite.analysis import ceilings, extra_summaries
from suite.analysis.cell import CITABLE, TWINS
from suite.analysis.verdicts import LARGEST_EQUALITY
from suite.base import redaction
from suite.base.errors import UserError
from suite.measure.journal import PARTIAL, PLAN, ROUNDS, Outcome
from suite.plan.cells import Cell, Group, Heap
from suite.plan.describe import Allocator, Description, Entrant, Strategy, Workload
from suite.plan.presets import MARGIN, PRESETS, Look, Preset
from suite.results import assemble, runs

Json = dict[str, Any]
NOTE = ("its verdicts, reasons, margins, controls and quality follow the rules of that version: verdicts were held against "
        "their intervals, the others were not checked")
JUDGED = (*CITABLE, "NOT CITABLE")
OF_CELLS = ("verdict", "reason", "adjusted")
OF_CALIBRATION = ("quality", "reasons", "effective_margin", "margins")
OF_PROTOCOL, OF_CONTROLS = ("correction", "comparisons"), ("verdict", "right", "reason")
RESTORE = "copy it again from where it was made"
SAME = ("id", "started", "preset", "seed", "cell_seconds")
TOLD = ("reference", "moves", "waited_seconds", "asked_seconds")  # of the witness: no round has them


def filled(outcome: Json) -> Json:
    """A measured group as the file has it, with what the first versions did not write: one link order, no faults counted."""
    for record in outcome["records"].values():
        for sample in record["samples"]:
            sample["layout"].setdefault("build", 0)
            if "operations" not in sample and "witness" not in sample:
                sample |= {"operations": 0, "minor_faults": 0}
    return outcome


def is_older(measured: Mapping[str, Any], outcomes: Sequence[Outcome]) -> bool:
    """Whether neither the results nor any of the rounds know of witnesses."""
    return "witness" not in measured and not any(
        sample.get("witness") for outcome in outcomes for record in outcome.records.values() for sample in record.samples)


def with_its_rules(again: Json, measured: Mapping[str, Any], outcomes: Sequence[Outcome]) -> Json:
    """The results that were made again, with what the stored ones say of them by their own rules."""
    stored = {cell["id"]: cell for cell in measured["cells"]}
    if _is_first(outcomes):
        again = _as_first(again, measured, stored)
    controls = [_adopted(row, old, OF_CONTROLS) for row, old in
                zip(again["controls"], measured.get("controls", again["controls"]), strict=True)] if "controls" in again else None
    widest = max(LARGEST_EQUALITY, measured["calibration"]["effective_margin"])  # that was called no difference then
    return again | {
        "cells": [_adopted(cell, stored[cell["id"]], OF_CELLS) if _may_judge(cell, stored.get(cell["id"]), widest) else cell
                  for cell in again["cells"]],
        "calibration": _adopted(again["calibration"], measured["calibration"], OF_CALIBRATION),
        "protocol": _adopted(again["protocol"], measured["protocol"], OF_PROTOCOL),
    } | ({} if controls is None else {"controls": controls})


def _is_first(outcomes: Sequence[Outcome]) -> bool:
    """Whether the rounds are of the first versions, which counted no operations: theirs is a shorter file."""
    return not any(sample["operations"] for outcome in outcomes for record in outcome.records.values() for sample in record.samples)


def _as_first(again: Json, measured: Mapping[str, Any], stored: Mapping[str, Any]) -> Json:
    """Without tests of a family, controls and notes on how rounds are distributed, where the file has none."""
    cells = [_without(cell, stored.get(cell["id"], {}), ("adjusted", "confidence"))
             | {"notes": [note for note in cell["notes"] if note in stored.get(cell["id"], cell)["notes"]]}
             for cell in again["cells"]]
    return _without(again, measured, ("controls",)) | {"cells": cells}


def _without(again: Json, stored: Mapping[str, Any], keys: Sequence[str]) -> Json:
    return {key: value for key, value in again.items() if key in stored or key not in keys}


def _adopted(again: Json, stored: Mapping[str, Any], keys: Sequence[str]) -> Json:
    return again | {key: stored[key] for key in keys if key in stored}


def _may_judge(again: Mapping[str, Any], stored: Mapping[str, Any] | None, widest: float) -> bool:
    """Whether the stored verdict is one that some margin allows over the interval that the rounds make."""
    if stored is None or again["verdict"] not in JUDGED or stored["verdict"] not in JUDGED:
        return False
    found = again["ratio"]
    if stored["verdict"] == "NOT CITABLE" or not found or found["low"] is None:
        return stored["verdict"] == "NOT CITABLE"
    return {"FASTER": found["high"] < 1 / (1 + MARGIN), "SLOWER": found["low"] > 1 + MARGIN,
            "EQUIVALENT": found["low"] <= 1 + widest and found["high"] >= 1 / (1 + widest)}.get(stored["verdict"], True)


def read(folder: Path, commit: str) -> list[Outcome]:
    """The measured groups. While a run is under way a group has a line for each look, and its last one counts."""
    path = next((folder / name for name in (ROUNDS, PARTIAL) if (folder / name).is_file()), None)
    if path is None:
        raise UserError(f"{folder} holds no {ROUNDS}, and without the rounds nothing can be recomputed; {RESTORE}")
    try:
        return list({outcome.group: outcome for outcome in _outcomes(path, commit)}.values())
    except (EOFError, gzip.BadGzipFile, zlib.error):
        raise UserError(f"{path} is damaged or was cut short; {RESTORE}") from None
    except UnicodeDecodeError:
        raise UserError(f"{path} is no text once it is unpacked; {RESTORE}") from None


def _outcomes(path: Path, commit: str) -> Iterator[Outcome]:
    with (gzip.open if path.name == ROUNDS else open)(path, "rt", encoding="utf-8", newline="\n") as stream:
        for number, line in enumerate(stream, start=1):
            try:
                yield Outcome.from_json(filled(json.loads(line)))
            except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
                raise UserError(f"line {number} of {path} is no measured group as this version writes them; {RESTORE}, or "
                                f"verify it with the version that made it: git checkout {runs.plain(commit, 40)}") from None


def against_plan(folder: Path, measured: Mapping[str, Any]) -> list[str]:
    """What the run says of itself against the plan that was written before it began; without a plan, nothing."""
    told = measured["run"] | {"cell_seconds": measured["protocol"]["cell_seconds"]}
    if not (folder / PLAN).is_file():
        return []
    try:
        plan = json.loads((folder / PLAN).read_text(encoding="utf-8"))
        return [f"run/{key}: results.json has {runs.plain(told[key], 60)}, the plan {runs.plain(plan[key], 60)}"
                for key in SAME if plan[key] != told[key]]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        raise UserError(f"{folder / PLAN} cannot be read as a plan; {RESTORE}") from None


def _kept(kind: type, source: Mapping[str, Any], **given: Any) -> Any:
    """A dataclass from what the file has of its fields; texts it does not have are empty."""
    texts = {field.name: "" for field in fields(kind) if field.type in (str, "str")}
    return kind(**texts | {key: value for key, value in source.items() if key in kind.__dataclass_fields__} | given)


def description(measured: Mapping[str, Any]) -> Description:
    """The binary's description, as far as results repeat it."""
    def workload(entry: Json) -> Workload:
        baseline = Entrant(entry["baseline"], "every", "contender", "quick")
        return _kept(Workload, entry, strategies=(baseline,), points=())
    return Description(build=measured["environment"]["build"],
                       allocators=tuple(_kept(Allocator, entry) for entry in measured["allocators"]),
                       strategies=tuple(_kept(Strategy, entry) for entry in measured["strategies"]),
                       workloads=tuple(map(workload, measured["workloads"])))


def preset(measured: Mapping[str, Any]) -> Preset:
    """The preset of that name, with the numbers that were in force then."""
    told = measured["protocol"]
    plain = {name: told[name] for name in Preset.__dataclass_fields__ if name in told}
    looks = {name: tuple(Look(**look) for look in told[name]) for name in ("looks", "long_looks") if name in told}
    if not looks:  # from before there were interim analyses
        looks = {name: (Look(told[count], told["confidence"]),) for name, count in
                 (("looks", "processes"), ("long_looks", "long_processes"))}
    return replace(PRESETS[measured["run"]["preset"]], **plain | looks)


def _cell(source: Json, heaps: Mapping[str, Heap]) -> Cell:
    aa = next((mark.removeprefix("#") for mark in TWINS if source["id"].endswith(mark)), "")
    return Cell(source["workload"], source["parameters"], source["strategy"], heaps[source["allocator"]],
                source["role"], aa, skip=source["reason"] if source["verdict"] == "SKIPPED" else "")


def groups(measured: Mapping[str, Any]) -> list[Group]:
    """The cell groups, in their order, each with its cells in theirs."""
    heaps = {entry["name"]: Heap(entry["name"], entry["library"], entry["available"], entry["reason"])
             for entry in measured["allocators"]}
    by_name: dict[str, list[Cell]] = {}
    for source in measured["cells"]:
        by_name.setdefault(source["group"], []).append(_cell(source, heaps))
    return [Group(tuple(cells), memory=False) for cells in by_name.values()]


def results(measured: Json, outcomes: Sequence[Outcome]) -> tuple[Json, list[str]]:
    """The results that these rounds make, and a line for each cell that only one of the two has."""
    planned = groups(measured)
    again = assemble.results(description(measured), planned, outcomes, preset(measured), measured["run"],
                             measured["environment"], measured["protocol"]["cell_seconds"], _told(measured),
                             ceilings.processes_behind(measured.get("ceilings", ())))
    extra_summaries.join_instructions(again["cells"], {
        cell["id"]: (cell["instructions"]["per_operation"], cell["instructions"]["tool"])
        for cell in measured["cells"] if cell.get("instructions")})  # counts are raw; their ratios are made again
    _notes(measured, again)
    return redaction.clean(again, host=""), _missing(planned, outcomes)


def _told(measured: Json) -> Json:
    """What only the driver knew of the witnesses, without its notes."""
    witness = measured.get("witness") or {}
    return {key: witness[key] for key in TOLD if key in witness}


def _notes(measured: Json, again: Json) -> None:
    """The driver's own notes stand before those that follow from the rounds."""
    own, made = ((found.get("witness") or {}).get("notes", []) for found in (measured, again))
    if made == own[len(own) - len(made):]:
        made[:0] = own[:len(own) - len(made)]


def _missing(planned: Sequence[Group], outcomes: Sequence[Outcome]) -> list[str]:
    shown = {cell.id for group in planned for cell in group.contenders}
    measured = {cell for outcome in outcomes for cell in outcome.records}
    lines = [f"cells: {runs.plain(cell)} was measured and is not in results.json" for cell in sorted(measured - shown)]
    return lines + [f"cells: {runs.plain(cell)} is in results.json and was never measured"
                    for cell in sorted(shown - measured)]
