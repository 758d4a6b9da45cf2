"""Makes results.json of raw outcomes. Every estimate comes from the samples as the file holds them.

The file holds one sample per process; the rounds behind each stand in rounds.jsonl.gz beside it."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from suite import evidence, statistics, verdicts
from suite.build import ROOT
from suite.describe import Description
from suite.judging import judged
from suite.outcome import Outcome
from suite.plan import Group, Heap
from suite.presets import CONFIDENCE, MARGIN, Preset

Json = dict[str, Any]
CORRECTION = "Holm over the sign tests of each cell group, family-wise 5 %"


def _allocators(description: Description, heaps: Sequence[Heap], outcomes: Sequence[Outcome]) -> list[Json]:
    told = {record.allocator["name"]: record.allocator for outcome in outcomes
            for record in outcome.records.values() if record.allocator.get("name")}
    entries = {entry.name: (entry.library, entry.available, entry.reason) for entry in description.allocators}
    entries |= {heap.name: (heap.library, heap.available, heap.reason) for heap in heaps if heap.own}
    return [{"name": name, "library": str(told.get(name, {}).get("library") or library).removeprefix(f"{ROOT}/"),
             "version": str(told.get(name, {}).get("version") or ""),
             "served_malloc_by": str(told.get(name, {}).get("served_malloc_by") or ""),
             "available": available, "reason": reason} for name, (library, available, reason) in entries.items()]


def _builds(cells: Sequence[Json]) -> int:
    """How many link orders of the program took part."""
    return len({row["layout"]["build"] for cell in cells for row in cell["samples"]}) or 1


def results(description: Description, groups: Sequence[Group], outcomes: Sequence[Outcome], preset: Preset,
            run: Json, environment: Json, cell_seconds: float) -> Json:
    """The whole of results.json, from the groups that have an outcome."""
    by_name = {outcome.group: outcome for outcome in outcomes}
    pairs = [(group, by_name[group.name]) for group in groups if group.name in by_name]
    margins = evidence.margins(pairs, preset)
    controls, held = evidence.controls(pairs, preset, margins)
    calibration = evidence.calibration(pairs, preset, run["complete"], held)
    cells = [cell for group, outcome in pairs for cell in judged(group, outcome, preset, margins[group.baseline.workload])]
    heaps = list({cell.heap.name: cell.heap for group in groups for cell in group.cells}.values())
    return {
        "schema": 1, "run": run, "environment": environment,
        "allocators": _allocators(description, heaps, outcomes),
        "strategies": [asdict(strategy) for strategy in description.strategies],
        "workloads": [{key: getattr(workload, key) for key in
                       ("name", "question", "operation", "models", "favours", "ignores")}
                      | {"baseline": workload.strategies[0].name} | ({"hash": workload.hash} if workload.hash else {})
                      for workload in description.workloads],
        "protocol": {"processes": preset.processes, "long_processes": preset.long_looks[-1].processes,
                     "rounds": preset.rounds, "confidence": CONFIDENCE,
                     "actual_confidence": statistics.actual_confidence(preset.processes, preset.looks[-1].confidence),
                     "looks": [asdict(look) for look in preset.looks],
                     "long_looks": [asdict(look) for look in preset.long_looks], "builds": _builds(cells), "margin": MARGIN,
                     "correction": CORRECTION, "comparisons": sum(cell["adjusted"] is not None for cell in cells),
                     "epoch_ns": preset.epoch_ns, "cell_seconds": cell_seconds},
        "calibration": calibration, "controls": controls, "cells": cells,
    }
