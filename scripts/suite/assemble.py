"""Judges raw outcomes and makes results.json of them. Every estimate comes from the samples as the file holds them.

The file holds one sample per process; the rounds behind each stand in rounds.jsonl.gz beside it."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from math import exp, log
from statistics import median
from typing import Any

from suite import statistics, verdicts
from suite.build import ROOT
from suite.describe import Description
from suite.outcome import Outcome, Record
from suite.plan import EMPTY_LOOP, Cell, Group, Heap
from suite.presets import CONFIDENCE, MARGIN, Preset
from suite.statistics import Interval

Json = dict[str, Any]


def _digits(value: float) -> float:
    """As written: more than six digits of a time are noise, and the file is easier to compare."""
    return float(f"{value:.6g}")


def _rounded(found: Interval | None) -> Json | None:
    return found and {key: None if value is None else _digits(value) for key, value in asdict(found).items()}


def process_samples(samples: Sequence[Mapping]) -> list[Json]:
    """One row per process, the unit of the statistics, from the rounds that were kept."""
    rows = []
    for sample in samples:
        times, rejected = sample["ns_per_op"], sample["rejected"]
        kept = [value for number, value in enumerate(times) if number not in rejected]
        middle = statistics.process_median(times, rejected)
        log_ratio = statistics.process_log_ratio(times, sample["baseline_ns_per_op"], rejected) \
            if sample["baseline_ns_per_op"] else None
        rows.append({"process": sample["process"], "layout": sample["layout"], "rounds": len(times),
                     "rejected": len(rejected), "ns_per_op": None if middle is None else _digits(middle),
                     "minimum_ns_per_op": min(kept, default=None),
                     "ratio": None if log_ratio is None else _digits(exp(log_ratio))})
    return rows


def ratio(rows: Sequence[Mapping]) -> Interval | None:
    """The ratio of a cell to its baseline, from its rows."""
    return statistics.ratio([log(row["ratio"]) for row in rows if row["ratio"] is not None])


def ns_per_op(rows: Sequence[Mapping]) -> Json | None:
    """Median, minimum and interval of the time of one operation."""
    kept = [row for row in rows if row["ns_per_op"] is not None]
    found = _rounded(statistics.interval([row["ns_per_op"] for row in kept]))
    return found and {"median": found["estimate"], "minimum": min(row["minimum_ns_per_op"] for row in kept),
                      "low": found["low"], "high": found["high"]}


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


def _sum(rows: Sequence[Mapping], key: str) -> int:
    return sum(row[key] for row in rows)


def _judge(cell: Cell, cells: Mapping[str, Json], group: Group, margin: float) -> verdicts.Verdict:
    def time_of(strategy: str) -> float | None:
        found = [other["ns_per_op"] for other in cells.values()
                 if other["strategy"] == strategy and other["role"] == "limit" and other["ns_per_op"]]
        return min(times["median"] for times in found) if found else None
    own, baseline = cells[cell.id], cells[group.baseline.id]
    return verdicts.of_cell(verdicts.Evidence(
        ratio=own["ratio"] and Interval(**own["ratio"]),
        processes=sum(row["ratio"] is not None for row in own["samples"]),
        rounds=_sum(own["samples"], "rounds"), rejected_rounds=own["rejected_rounds"],
        ns_per_op=own["ns_per_op"] and own["ns_per_op"]["median"], empty_loop_ns_per_op=time_of(EMPTY_LOOP),
        baseline_ns_per_op=baseline["ns_per_op"] and baseline["ns_per_op"]["median"], limit=cell.role == "limit",
    ), margin)


def _measured(cell: Cell, group: Group, outcome: Outcome) -> Json:
    """A cell without its verdict."""
    record = Record() if cell.skip else outcome.records[cell.id]
    state = "SKIPPED" if cell.skip else "FAILED" if record.failed else ""
    rows = process_samples(record.samples)
    return {
        "id": cell.id, "workload": cell.workload, "parameters": dict(cell.parameters), "strategy": cell.strategy,
        "allocator": cell.heap.name, "role": cell.role, "group": group.name, "baseline": group.baseline.id,
        "iterations": None if state else outcome.iterations,
        "operations_per_iteration": record.operations_per_iteration,
        "ns_per_op": None if state else ns_per_op(rows),
        "ratio": None if state else _rounded(Interval(1, 1, 1) if cell.id == group.baseline.id
                                             else ratio(rows)),
        "verdict": state, "reason": cell.skip or record.reason, "memory": _memory(record), "digest": record.digest,
        "rejected_rounds": _sum(rows, "rejected"), "notes": record.notes, "samples": rows,
    }


def _group_cells(group: Group, outcome: Outcome, margin: float | None) -> list[Json]:
    """The cells of a group; without a margin they stay unjudged."""
    cells = {cell.id: _measured(cell, group, outcome) for cell in group.cells}
    for cell in group.cells if margin is not None else ():
        if not cells[cell.id]["verdict"]:
            verdict = verdicts.Verdict("BASELINE") if cell.id == group.baseline.id else \
                _judge(cell, cells, group, margin)
            cells[cell.id] |= {"verdict": verdict.name, "reason": verdict.reason}
    return list(cells.values())


def _a_a(pairs: Sequence[tuple[Group, Outcome]]) -> list[Json]:
    """The A/A rows: one per group whose twin has an interval."""
    rows = []
    for group, outcome in pairs:
        twin = outcome.records.get(f"{group.baseline.id}#twin")
        found = ratio(process_samples(twin.samples)) if twin else None
        if found and found.low is not None:
            written = _rounded(found)
            rows.append({"group": group.name, "workload": group.baseline.workload, "ratio": written["estimate"],
                         "low": written["low"], "high": written["high"],
                         "half_width": float(f"{Interval(**written).half_width:.6g}")})
    return rows


def _calibration(pairs: Sequence[tuple[Group, Outcome]], preset: Preset, complete: bool) -> Json:
    a_a = _a_a(pairs)
    twins = [Interval(row["ratio"], row["low"], row["high"]) for row in a_a]
    floor = statistics.floor(twins)
    rows = [row for _, outcome in pairs for record in outcome.records.values()
            for row in process_samples(record.samples)]
    rounds = _sum(rows, "rounds")
    quality = verdicts.of_run(
        twins, len(pairs), min(preset.processes, preset.long_processes),
        statistics.actual_confidence(preset.processes), floor,
        _sum(rows, "rejected") / rounds if rounds else 0.0, complete)
    return {"floor": floor and float(f"{floor:.6g}"),
            "effective_margin": float(f"{verdicts.effective_margin(floor):.6g}"), "aa": a_a,
            "median_half_width": median(row["half_width"] for row in a_a) if a_a else None,
            "quality": quality.name, "reasons": list(quality.reasons)}


def _allocators(description: Description, heaps: Sequence[Heap], outcomes: Sequence[Outcome]) -> list[Json]:
    told = {record.allocator["name"]: record.allocator for outcome in outcomes
            for record in outcome.records.values() if record.allocator.get("name")}
    entries = {entry.name: (entry.library, entry.available, entry.reason) for entry in description.allocators}
    entries |= {heap.name: (heap.library, heap.available, heap.reason) for heap in heaps if heap.own}
    return [{"name": name, "library": str(told.get(name, {}).get("library") or library).removeprefix(f"{ROOT}/"),
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
        "protocol": {"processes": preset.processes, "long_processes": preset.long_processes, "rounds": preset.rounds, "confidence": CONFIDENCE,
                     "actual_confidence": statistics.actual_confidence(preset.processes), "margin": MARGIN,
                     "epoch_ns": preset.epoch_ns, "cell_seconds": cell_seconds},
        "calibration": calibration,
        "cells": [cell for group, outcome in pairs
                  for cell in _group_cells(group, outcome, calibration["effective_margin"])],
    }
