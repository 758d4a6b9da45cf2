"""Makes results.json of raw outcomes. Every estimate comes from the samples as the file holds them.

The file holds one sample per process; the rounds behind each stand in rounds.jsonl.gz beside it."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from statistics import median
from typing import Any

from suite.analysis import ceilings, regimes, run_quality, statistics
from suite.analysis.cell import Cell
from suite.analysis.cell_verdicts import judged
from suite.analysis.regimes import Conditions
from suite.base.build import ROOT
from suite.measure.journal import Outcome
from suite.plan.cells import Group, Heap
from suite.plan.describe import Description, Workload
from suite.plan.presets import CONFIDENCE, MARGIN, Preset

Json = dict[str, Any]
CORRECTION = "Holm over the tests of each cell group, family-wise 5 %"


def _allocators(description: Description, heaps: Sequence[Heap], outcomes: Sequence[Outcome]) -> list[Json]:
    told = {record.allocator["name"]: record.allocator for outcome in outcomes
            for record in outcome.records.values() if record.allocator.get("name")}
    entries = {entry.name: (entry.library, entry.available, entry.reason) for entry in description.allocators}
    settings = {entry.name: dict(entry.settings) for entry in description.allocators if entry.settings}
    entries |= {heap.name: (heap.library, heap.available, heap.reason) for heap in heaps if heap.own}
    return [{"name": name, "library": str(told.get(name, {}).get("library") or library).removeprefix(f"{ROOT}/"),
             "version": str(told.get(name, {}).get("version") or ""),
             "served_malloc_by": str(told.get(name, {}).get("served_malloc_by") or ""),
             "available": available, "reason": reason, **({"settings": settings[name]} if name in settings else {})} for name, (library, available, reason) in entries.items()]


def _builds(cells: Sequence[Cell]) -> int:
    """How many link orders of the program took part."""
    return len({row["layout"]["build"] for cell in cells for row in cell.samples}) or 1


def _witness(pairs: run_quality.Pairs, cells: Sequence[Cell], under: Conditions, told: Json, seconds: float) -> Json:
    """What the witnesses say of the run: recomputed from the rounds, but for what only the driver knows."""
    samples = [sample for _, outcome in pairs for record in outcome.records.values() for sample in record.samples]
    rows = regimes.strip(samples)
    by_cpu = {cpu: [row[2] for row in rows if row[1] == cpu] for cpu in sorted({row[1] for row in rows})}
    kinds = {kind: sum(row.get(kind, 0) for cell in cells for row in cell.samples)
             for kind in (regimes.QUIET, regimes.SHARED, regimes.BUSY)}
    spent = sum(sample.get("witness_ns", 0) for sample in samples) / 1e9 + told.get("asked_seconds", 0)
    share = regimes.core_share(samples, under.best)
    return told | {
        "regime": under.run, "core_quiet_share": share and float(f"{share:.4g}"),
        "quiet_share": float(f"{kinds[regimes.QUIET] / max(1, sum(kinds.values())):.4g}"),
        "quiet_within": regimes.WITHIN["core"], "levels": dict(under.best.nanoseconds),
        "core_level": float(f"{under.best.core:.4g}"), "neighbours": regimes.neighbours(samples, under.best),
        "quiet_core_ns": float(f"{under.best.core * under.best.nanoseconds['chain']:.4g}"),
        "never_quiet": sorted(under.best.never),
        "cpus": [{"cpu": cpu, "blocks": len(values), "core": median(values)} for cpu, values in by_cpu.items()],
        "overhead": float(f"{spent / seconds:.3g}") if seconds else None, "strip": rows,
        "notes": list(dict.fromkeys(told.get("notes", []) + _notes(under, share)))}


def _notes(under: Conditions, share: float | None) -> list[str]:
    notes = []
    if under.run == regimes.SHARED:
        notes.append(f"all CPUs were shared throughout: {share:.0%} of the rounds had a quiet core, so every number here is that "
                     "of a shared core")
    notes += [f"the witness {name} was never near its best level on this machine: memory was busy during the whole run"
              for name in sorted(under.best.never)]
    return notes


def results(description: Description, groups: Sequence[Group], outcomes: Sequence[Outcome], preset: Preset,
            run: Json, environment: Json, cell_seconds: float, witness: Json | None = None,
            ceilings_found: Sequence[Sequence[Json]] = ()) -> Json:
    """The whole of results.json, from the groups that have an outcome. `witness` is what the driver knows of the witnesses,
    `ceilings_found` what each process that measured the machine told."""
    by_name = {outcome.group: outcome for outcome in outcomes}
    pairs = [(group, by_name[group.name]) for group in groups if group.name in by_name]
    told = witness or {}
    under = run_quality.conditions(pairs, (told.get("reference") or {}).get("levels"))
    cells = [cell for group, outcome in pairs for cell in judged(group, outcome, preset, under)]
    controls, held = run_quality.controls(cells, preset)
    calibration = run_quality.calibration(cells, preset, run["complete"], held)
    bounds = ceilings.table(ceilings_found)
    heaps = list({cell.heap.name: cell.heap for group in groups for cell in group.cells}.values())
    return {
        "schema": 1, "run": run, "environment": environment,
        "allocators": _allocators(description, heaps, outcomes),
        "strategies": [asdict(strategy) for strategy in description.strategies],
        "workloads": [_workload(workload) for workload in description.workloads],
        "protocol": {"processes": preset.processes, "long_processes": preset.long_looks[-1].processes,
                     "rounds": preset.rounds, "passes": preset.looks[0].passes, "confidence": CONFIDENCE,
                     "actual_confidence": statistics.actual_confidence(preset.processes, preset.looks[-1].confidence),
                     "looks": [asdict(look) for look in preset.looks],
                     "long_looks": [asdict(look) for look in preset.long_looks], "builds": _builds(cells), "margin": MARGIN,
                     "correction": CORRECTION, "comparisons": sum(cell.adjusted is not None for cell in cells),
                     "epoch_ns": preset.epoch_ns, "cell_seconds": cell_seconds},
        "calibration": calibration, "controls": controls,
        **({"witness": _witness(pairs, cells, under, told, run["seconds"])} if under.best.core is not None else {}),
        "ceilings": bounds, "cells": [_bounded(cell, bounds, environment["caches"], preset).entry() for cell in cells],
    }


def _bounded(cell: Cell, bounds: Sequence[Json], caches: Sequence[Json], preset: Preset) -> Cell:
    """The cell beside the ceiling that bounds it. A smoke run has other sizes than its cells say, and an epoch of one iteration."""
    return replace(cell, parts={**cell.parts, "limit": None if preset.smoke else ceilings.limit_of_cell(cell, bounds, caches)})


def _reason(why: Any) -> Json:
    """As the file holds it: from the binary's description, or from a file that is verified."""
    return {key: value for key, value in (why if isinstance(why, dict) else asdict(why)).items() if value}


def _workload(workload: Workload) -> Json:
    told = {key: getattr(workload, key) for key in ("name", "question", "operation", "models", "favours", "ignores")}
    why = getattr(workload, "why", None)
    return told | {"baseline": workload.strategies[0].name} | ({"hash": workload.hash} if workload.hash else {}) \
        | ({"why": _reason(why)} if why else {})
