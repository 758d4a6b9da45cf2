"""Judges raw outcomes and makes results.json of them. Every estimate comes from the samples as the file holds them.

The file holds one sample per process; the rounds behind each stand in rounds.jsonl.gz beside it."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from math import exp, log
from statistics import median
from typing import Any

from suite import assemble_passes, diagnostics, statistics, verdicts
from suite.build import ROOT
from suite.describe import Description
from suite.outcome import Outcome, Record
from suite.plan import CONTROLS, DUPLICATE, EMPTY_LOOP, TWIN, Cell, Group, Heap
from suite.presets import CONFIDENCE, MARGIN, Preset
from suite.statistics import Interval

Json = dict[str, Any]
PLANTED = {"planted_equal": 1.0, "planted_2_percent": 1.02, "planted_5_percent": 1.05, "planted_20_percent": 1.2}
CORRECTION = "Holm over the sign tests of each cell group, family-wise 5 %"


def _digits(value: float) -> float:
    """As written: more than six digits of a time are noise, and the file is easier to compare."""
    return float(f"{value:.6g}")


def _rounded(found: Interval | None) -> Json | None:
    return found and {key: None if value is None else _digits(value) for key, value in asdict(found).items()}


def round_logs(sample: Mapping) -> list[float]:
    """The logarithm of the ratio in each round that was kept; empty for a baseline."""
    return [log(own) - log(base) for number, (own, base) in
            enumerate(zip(sample["ns_per_op"], sample["baseline_ns_per_op"], strict=False))
            if number not in sample["rejected"]]


def process_samples(samples: Sequence[Mapping]) -> list[Json]:
    """One row per process, the unit of the statistics, from the rounds that were kept."""
    rows = []
    for sample in samples:
        times, rejected = sample["ns_per_op"], sample["rejected"]
        kept = [value for number, value in enumerate(times) if number not in rejected]
        middle = statistics.process_median(times, rejected)
        logs = round_logs(sample)
        rows.append({"process": sample["process"], "layout": sample["layout"], "rounds": len(times),
                     "rejected": len(rejected), "ns_per_op": None if middle is None else _digits(middle),
                     "minimum_ns_per_op": min(kept, default=None),
                     "round_spread": float(f"{statistics.round_spread(logs):.3g}") if logs else None,
                     "ratio": _digits(exp(median(logs))) if logs else None})
    return rows


def log_ratios(rows: Sequence[Mapping]) -> list[float]:
    """One value per process: what intervals and tests are made of."""
    return [log(row["ratio"]) for row in rows if row["ratio"] is not None]


def ratio(rows: Sequence[Mapping], confidence: float = CONFIDENCE) -> Interval | None:
    """The ratio of a cell to its baseline, from its rows."""
    return statistics.ratio(log_ratios(rows), confidence)


def _variance(rows: Sequence[Mapping], found: Interval | None) -> Json | None:
    """Where a process's ratio varies, as shares, and what would narrow the interval."""
    kept = [row for row in rows if row["ratio"] is not None]
    parts = statistics.components([(row["layout"].get("build", 0), log(row["ratio"]), row["round_spread"],
                                    row["rounds"] - row["rejected"]) for row in kept])
    if parts is None or not parts.total or found is None or not found.half_width:
        return None
    shares = {key: float(f"{getattr(parts, key) / parts.total:.3f}") for key in ("build", "process", "round")}
    return shares | {"next": _next_spend(shares, len(kept), found.half_width)}


def _next_spend(shares: Mapping[str, float], processes: int, half_width: float) -> str:
    if shares["build"] > 0.5:
        return "more link orders: where the code lies is most of what differs"
    if shares["round"] > 0.5:
        narrower = half_width * (1 - shares["round"] / 2) ** 0.5
        return f"twice the rounds would narrow it from ±{half_width:.1%} to about ±{narrower:.1%}"
    narrower = half_width * (processes / (processes + 10)) ** 0.5
    return f"10 more processes would narrow it from ±{half_width:.1%} to about ±{narrower:.1%}"


def ns_per_op(rows: Sequence[Mapping]) -> Json | None:
    """Median, minimum and interval of the time of one operation."""
    kept = [row for row in rows if row["ns_per_op"] is not None]
    found = _rounded(statistics.interval([row["ns_per_op"] for row in kept]))
    return found and {"median": found["estimate"], "minimum": min(row["minimum_ns_per_op"] for row in kept),
                      "low": found["low"], "high": found["high"]}


def _sum(rows: Sequence[Mapping], key: str) -> int:
    return sum(row[key] for row in rows)


def _a_a_differs(group: Group, cells: Mapping[str, Json], margin: float) -> bool:
    """Whether the baseline was called different from itself in this group."""
    found = [Interval(**cells[cell.id]["ratio"]) for cell in group.cells if cell.aa and cells[cell.id]["ratio"]]
    return any(one.low is not None and (one.low > 1 + margin or one.high < 1 / (1 + margin)) for one in found)


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
        drifts=diagnostics.drifts(own["diagnostics"], len(own["samples"])),
        a_a_differs=not cell.aa and _a_a_differs(group, cells, margin),
    ), margin)


def _measured(cell: Cell, group: Group, outcome: Outcome, preset: Preset) -> Json:
    """A cell without its verdict."""
    record = Record() if cell.skip else outcome.records[cell.id]
    state = "SKIPPED" if cell.skip else "FAILED" if record.failed else ""
    rows = process_samples(record.samples)
    first = cell.id == group.baseline.id
    confidence = None if state or first else preset.confidence_after(record.looks, outcome.in_heats)
    found = None if state else Interval(1, 1, 1) if first else ratio(rows, confidence)
    logs = [] if state or first else [one for one in map(round_logs, record.samples) if one]
    told = diagnostics.of_cell(logs, [median(one) for one in logs]) if logs else {}
    return {
        "id": cell.id, "workload": cell.workload, "parameters": dict(cell.parameters), "strategy": cell.strategy,
        "allocator": cell.heap.name, "role": cell.role, "group": group.name, "baseline": group.baseline.id,
        "iterations": None if state else outcome.iterations,
        "operations_per_iteration": record.operations_per_iteration,
        "ns_per_op": None if state else ns_per_op(rows),
        "ratio": _rounded(found), "confidence": confidence and statistics.actual_confidence(
            len(log_ratios(rows)), confidence),
        "verdict": state, "reason": cell.skip or record.reason, "adjusted": None,
        "variance": None if first else _variance(rows, found), "diagnostics": told,
        "memory": assemble_passes.memory(record), "latency": assemble_passes.latency(record),
        "digest": record.digest, "rejected_rounds": _sum(rows, "rejected"),
        "notes": record.notes + diagnostics.footnotes(told), "samples": rows,
    }


def judged(group: Group, outcome: Outcome, preset: Preset, margin: float) -> list[Json]:
    """The cells of a group with their verdicts, and which of these hold over the whole group."""
    cells = {cell.id: _measured(cell, group, outcome, preset) for cell in group.cells}
    for cell in group.cells:
        if not cells[cell.id]["verdict"]:
            verdict = verdicts.Verdict("BASELINE") if cell.id == group.baseline.id else \
                _judge(cell, cells, group, margin)
            cells[cell.id] |= {"verdict": verdict.name, "reason": verdict.reason}
    family = [cells[cell.id] for cell in group.cells if _is_compared(cell, cells[cell.id])]
    held = statistics.holm([statistics.sign_test(log_ratios(cell["samples"]), margin) for cell in family])
    for cell, holds in zip(family, held, strict=True):
        if cell["verdict"] in ("FASTER", "SLOWER"):
            cell["adjusted"] = holds
    return list(cells.values())


def _is_compared(cell: Cell, measured: Json) -> bool:
    """Whether a cell is one of the comparisons that a reader may pick from."""
    return cell.role != "limit" and not cell.aa and bool(measured["ratio"]) and measured["verdict"] != "BASELINE"


def _a_a(pairs: Sequence[tuple[Group, Outcome]], preset: Preset) -> list[Json]:
    """The A/A rows: the baseline against other processes of itself, and against another link of itself."""
    rows = []
    for group, outcome in pairs:
        for cell in group.contenders:
            record = outcome.records[cell.id]
            confidence = preset.confidence_after(record.looks, outcome.in_heats)
            found = ratio(process_samples(record.samples), confidence) if cell.aa else None
            if found and found.low is not None:
                written = _rounded(found)
                rows.append({"group": group.name, "workload": group.baseline.workload, "kind": cell.aa,
                             "ratio": written["estimate"], "low": written["low"], "high": written["high"],
                             "half_width": float(f"{Interval(**written).half_width:.6g}")})
    return rows


def floor(pairs: Sequence[tuple[Group, Outcome]], preset: Preset) -> float | None:
    """What this run calls different when nothing is, by what is measured so far."""
    return statistics.floor([Interval(row["ratio"], row["low"], row["high"]) for row in _a_a(pairs, preset)])


def _controls(pairs: Sequence[tuple[Group, Outcome]], preset: Preset, margin: float) -> tuple[list[Json], list]:
    """What the run made of the planted differences."""
    rows, controls = [], []
    for group, outcome in pairs:
        if group.baseline.workload != CONTROLS:
            continue
        for cell in judged(group, outcome, preset, margin):
            planted = PLANTED.get(cell["strategy"])
            if planted is None or "#" in cell["id"] or preset.smoke:
                continue
            held = verdicts.control(planted, cell["ratio"] and Interval(**cell["ratio"]), cell["verdict"], margin)
            controls.append(held)
            rows.append({"cell": cell["id"], "planted": planted, "ratio": cell["ratio"], "verdict": cell["verdict"],
                         "right": held.right, "reason": held.reason})
    return rows, controls


def _calibration(pairs: Sequence[tuple[Group, Outcome]], preset: Preset, complete: bool,
                 controls: Sequence[verdicts.Control]) -> Json:
    a_a = _a_a(pairs, preset)
    twins = [Interval(row["ratio"], row["low"], row["high"]) for row in a_a]
    floor = statistics.floor(twins)
    expected = sum(bool(cell.aa) for group, _ in pairs for cell in group.cells) if preset.twin else len(pairs)
    rows = [row for _, outcome in pairs for record in outcome.records.values()
            for row in process_samples(record.samples)]
    rounds = _sum(rows, "rounds")
    quality = verdicts.of_run(
        twins, expected, min(look.processes for look in (*preset.looks, *preset.long_looks)),
        preset.looks[-1].confidence, floor, _sum(rows, "rejected") / rounds if rounds else 0.0, complete,
        controls=controls)
    return {"floor": floor and float(f"{floor:.6g}"),
            "kinds": {kind: _floor_of(a_a, kind) for kind in (TWIN, DUPLICATE)},
            "effective_margin": float(f"{verdicts.effective_margin(floor):.6g}"), "aa": a_a,
            "median_half_width": median(row["half_width"] for row in a_a) if a_a else None,
            "quality": quality.name, "reasons": list(quality.reasons)}


def _floor_of(a_a: Sequence[Json], kind: str) -> float | None:
    found = statistics.floor([Interval(row["ratio"], row["low"], row["high"]) for row in a_a if row["kind"] == kind])
    return found and float(f"{found:.6g}")


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
    margin = verdicts.effective_margin(floor(pairs, preset))
    controls, held = _controls(pairs, preset, margin)
    calibration = _calibration(pairs, preset, run["complete"], held)
    cells = [cell for group, outcome in pairs for cell in judged(group, outcome, preset, margin)]
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
