"""Judges raw outcomes and makes results.json of them. Every estimate comes from the samples as the file holds them."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from statistics import median
from typing import Any

from suite import statistics, verdicts
from suite.describe import Description
from suite.outcome import Outcome, Record
from suite.plan import EMPTY_LOOP, Cell, Group, Heap
from suite.presets import CONFIDENCE, MARGIN, Preset
from suite.statistics import Interval

Json = dict[str, Any]


def _rounded(found: Interval | None) -> Json | None:
    """As written: more than six digits of a time are noise, and the file is easier to compare."""
    return found and {key: None if value is None else float(f"{value:.6g}") for key, value in asdict(found).items()}


def ratio(own: Sequence[Mapping], baseline: Sequence[Mapping]) -> Interval | None:
    """The ratio of two cells from their samples, paired by process and round."""
    others = {sample["process"]: sample for sample in baseline}
    logs = [statistics.process_log_ratio(sample["ns_per_op"], others[sample["process"]]["ns_per_op"],
                                         sample["rejected"])
            for sample in own if sample["process"] in others]
    return statistics.ratio([value for value in logs if value is not None])


def ns_per_op(samples: Sequence[Mapping]) -> Json | None:
    """Median, minimum and interval of the time of one operation."""
    medians = [statistics.process_median(sample["ns_per_op"], sample["rejected"]) for sample in samples]
    found = statistics.interval([value for value in medians if value is not None])
    if found is None:
        return None
    accepted = [value for sample in samples for number, value in enumerate(sample["ns_per_op"])
                if number not in sample["rejected"]]
    rounded = _rounded(found)
    return {"median": rounded["estimate"], "minimum": min(accepted), "low": rounded["low"], "high": rounded["high"]}


def _memory(record: Record) -> Json | None:
    if record.failed or not record.peak_rss_bytes:
        return None
    found: Json = {"peak_rss_bytes": int(median(record.peak_rss_bytes))}
    if record.memory:
        rss = [event["rss_bytes_per_object"] for event in record.memory]
        found |= {"rss_bytes_per_object": median(rss), "rss_low": min(rss), "rss_high": max(rss)}
        found |= {key: record.memory[0].get(key) for key in
                  ("requested_bytes_per_object", "sizeof_bytes", "payload_bytes", "objects")}
    return found


def _rejected(samples: Sequence[Mapping]) -> int:
    return sum(len(sample["rejected"]) for sample in samples)


def _judge(cell: Cell, record: Record, cells: Mapping[str, Json], group: Group, margin: float) -> verdicts.Verdict:
    def time_of(strategy: str) -> float | None:
        found = [other["ns_per_op"] for other in cells.values()
                 if other["strategy"] == strategy and other["role"] == "limit" and other["ns_per_op"]]
        return min(times["median"] for times in found) if found else None
    own, baseline = cells[cell.id], cells[group.baseline.id]
    processes = [sample for sample in record.samples if len(sample["rejected"]) < len(sample["ns_per_op"])]
    return verdicts.of_cell(verdicts.Evidence(
        ratio=own["ratio"] and Interval(**own["ratio"]), processes=len(processes),
        rounds=sum(len(sample["ns_per_op"]) for sample in record.samples), rejected_rounds=own["rejected_rounds"],
        ns_per_op=own["ns_per_op"] and own["ns_per_op"]["median"], empty_loop_ns_per_op=time_of(EMPTY_LOOP),
        baseline_ns_per_op=baseline["ns_per_op"] and baseline["ns_per_op"]["median"], limit=cell.role == "limit",
    ), margin)


def _measured(cell: Cell, group: Group, outcome: Outcome) -> Json:
    """A cell without its verdict."""
    record = Record() if cell.skip else outcome.records[cell.id]
    state = "SKIPPED" if cell.skip else "FAILED" if record.failed else ""
    baseline = [] if group.baseline.skip else outcome.records[group.baseline.id].samples
    return {
        "id": cell.id, "workload": cell.workload, "parameters": dict(cell.parameters), "strategy": cell.strategy,
        "allocator": cell.heap.name, "role": cell.role, "group": group.name, "baseline": group.baseline.id,
        "iterations": None if state else outcome.iterations,
        "operations_per_iteration": record.operations_per_iteration,
        "ns_per_op": None if state else ns_per_op(record.samples),
        "ratio": None if state else _rounded(ratio(record.samples, baseline)),
        "verdict": state, "reason": cell.skip or record.reason, "memory": _memory(record), "digest": record.digest,
        "rejected_rounds": _rejected(record.samples), "notes": record.notes, "samples": record.samples,
    }


def _group_cells(group: Group, outcome: Outcome, margin: float | None) -> list[Json]:
    """The cells of a group; without a margin they stay unjudged."""
    cells = {cell.id: _measured(cell, group, outcome) for cell in group.cells}
    for cell in group.cells if margin is not None else ():
        if not cells[cell.id]["verdict"]:
            verdict = verdicts.Verdict("BASELINE") if cell.id == group.baseline.id else \
                _judge(cell, outcome.records[cell.id], cells, group, margin)
            cells[cell.id] |= {"verdict": verdict.name, "reason": verdict.reason}
    return list(cells.values())


def _a_a(pairs: Sequence[tuple[Group, Outcome]]) -> list[Json]:
    """The A/A rows: one per group whose twin has an interval."""
    rows = []
    for group, outcome in pairs:
        twin = outcome.records.get(f"{group.baseline.id}#twin")
        found = ratio(twin.samples, outcome.records[group.baseline.id].samples) if twin else None
        if found and found.low is not None:
            written = _rounded(found)
            rows.append({"group": group.name, "workload": group.baseline.workload, "ratio": written["estimate"],
                         "low": written["low"], "high": written["high"],
                         "half_width": float(f"{Interval(**written).half_width:.6g}")})
    return rows


def _calibration(pairs: Sequence[tuple[Group, Outcome]], preset: Preset, complete: bool) -> Json:
    rows = _a_a(pairs)
    twins = [Interval(row["ratio"], row["low"], row["high"]) for row in rows]
    floor = statistics.floor(twins)
    baselines = [outcome.records[group.baseline.id].samples for group, outcome in pairs if not group.baseline.skip]
    rounds = sum(len(sample["ns_per_op"]) for samples in baselines for sample in samples)
    quality = verdicts.of_run(
        twins, len(pairs), preset.processes, statistics.actual_confidence(preset.processes), floor,
        sum(map(_rejected, baselines)) / rounds if rounds else 0.0, complete)
    return {"floor": floor and float(f"{floor:.6g}"),
            "effective_margin": float(f"{verdicts.effective_margin(floor):.6g}"), "aa": rows,
            "median_half_width": median(row["half_width"] for row in rows) if rows else None,
            "quality": quality.name, "reasons": list(quality.reasons)}


def _allocators(description: Description, heaps: Sequence[Heap], outcomes: Sequence[Outcome]) -> list[Json]:
    told = {record.allocator["name"]: record.allocator for outcome in outcomes
            for record in outcome.records.values() if record.allocator.get("name")}
    entries = {entry.name: (entry.library, entry.available, entry.reason) for entry in description.allocators}
    entries |= {heap.name: (heap.library, heap.available, heap.reason) for heap in heaps if heap.own}
    return [{"name": name, "library": str(told.get(name, {}).get("library") or library),
             "version": str(told.get(name, {}).get("version") or ""),
             "served_malloc_by": str(told.get(name, {}).get("served_malloc_by") or ""),
             "available": available, "reason": reason} for name, (library, available, reason) in entries.items()]


def results(description: Description, groups: Sequence[Group], outcomes: Sequence[Outcome], preset: Preset,
            run: Json, environment: Json, cell_seconds: float) -> Json:
    """The whole of results.json, from the groups that have an outcome."""
    by_name = {outcome.group: outcome for outcome in outcomes}
    pairs = [(group, by_name[group.name]) for group in groups if group.name in by_name]
    calibration = _calibration(pairs, preset, run["complete"])
    heaps = list({cell.heap.name: cell.heap for group in groups for cell in group.cells}.values())
    return {
        "schema": 1, "run": run, "environment": environment,
        "allocators": _allocators(description, heaps, outcomes),
        "strategies": [asdict(strategy) for strategy in description.strategies],
        "workloads": [{key: getattr(workload, key) for key in
                       ("name", "question", "operation", "models", "favours", "ignores")}
                      | {"baseline": workload.strategies[0].name} for workload in description.workloads],
        "protocol": {"processes": preset.processes, "rounds": preset.rounds, "confidence": CONFIDENCE,
                     "actual_confidence": statistics.actual_confidence(preset.processes), "margin": MARGIN,
                     "epoch_ns": preset.epoch_ns, "cell_seconds": cell_seconds},
        "calibration": calibration,
        "cells": [cell for group, outcome in pairs
                  for cell in _group_cells(group, outcome, calibration["effective_margin"])],
    }
