"""The same results once more: the plan is read back out of results.json, every number comes from the rounds.

The driver's own `assemble` does the work, as a whole, so that what is checked is what is made. What a run only says of
itself (its id, its machine) is passed through: no round can prove it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

from suite import assemble, assemble_passes, private, runs
from suite.describe import Allocator, Description, Entrant, Strategy, Workload
from suite.outcome import Outcome
from suite.plan import Cell, Group, Heap
from suite.presets import PRESETS, Look, Preset

Json = dict[str, Any]
TOLD = ("reference", "moves", "waited_seconds", "asked_seconds")  # of the witness: no round has them


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
    aa = next((mark.removeprefix("#") for mark in runs.RIVALS if source["id"].endswith(mark)), "")
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
                             measured["environment"], measured["protocol"]["cell_seconds"], _told(measured))
    again = assemble_passes.complete(again, assemble_passes.processes_behind(measured.get("ceilings", ())))
    assemble_passes.join_instructions(again["cells"], {
        cell["id"]: (cell["instructions"]["per_operation"], cell["instructions"]["tool"])
        for cell in measured["cells"] if cell.get("instructions")})  # counts are raw; their ratios are made again
    _notes(measured, again)
    return private.clean(again, host=""), _missing(planned, outcomes)


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
