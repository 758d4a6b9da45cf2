"""Cells with their verdicts: what a group's samples allow to be said about each of its contenders."""

from collections.abc import Mapping
from statistics import median
from typing import Any

from suite.analysis import diagnostics, extra_summaries, regimes, samples, statistics, verdicts
from suite.analysis.components import Between
from suite.analysis.regimes import SHARED, UNKNOWN, Conditions
from suite.analysis.statistics import Interval
from suite.measure.outcome import Outcome, Record
from suite.plan.cells import EMPTY_LOOP, Cell, Group
from suite.plan.presets import MARGIN, Preset

Json = dict[str, Any]
Rows = Mapping[str, list[Json]]


def margin_of(group: Group, cells: Mapping[str, Json]) -> float:
    """The margin of a group: 2 %, or what its baseline differs from itself by, whichever is larger."""
    found = [Interval(**cells[cell.id]["ratio"]) for cell in group.cells if cell.aa and cells[cell.id]["ratio"]]
    return float(f"{verdicts.effective_margin(statistics.floor(found), MARGIN):.6g}")


def _a_a_differs(group: Group, cells: Mapping[str, Json]) -> bool:
    """Whether the baseline was called different from itself in this group, beyond what any margin covers."""
    found = [Interval(**cells[cell.id]["ratio"]) for cell in group.cells if cell.aa and cells[cell.id]["ratio"]]
    return any(one.low is not None and (one.low > 1 + MARGIN or one.high < 1 / (1 + MARGIN)) for one in found)


def _passes_left(outcome: Outcome, preset: Preset) -> int:
    """How many passes are missing until anything may be said of the group; rounds of before passes miss none."""
    return max(0, preset.looks_of(outcome.in_heats)[0].passes - outcome.passes) if outcome.passes and not outcome.looks else 0


def _judge(cell: Cell, cells: Mapping[str, Json], group: Group, margin: float, passes_left: int) -> verdicts.Verdict:
    def time_of(strategy: str) -> float | None:
        found = [other["ns_per_op"] for other in cells.values()
                 if other["strategy"] == strategy and other["role"] == "limit" and other["ns_per_op"]]
        return min(times["median"] for times in found) if found else None
    own, baseline = cells[cell.id], cells[group.baseline.id]
    return verdicts.of_cell(verdicts.Evidence(
        ratio=own["ratio"] and Interval(**own["ratio"]),
        processes=sum(row["ratio"] is not None for row in own["samples"]), all_processes=len(own["samples"]),
        rounds=samples.total(own["samples"], "rounds"), rejected_rounds=own["rejected_rounds"],
        other_rounds=sum(row.get("other", 0) for row in own["samples"]), passes_left=passes_left,
        ns_per_op=own["ns_per_op"] and own["ns_per_op"]["median"], empty_loop_ns_per_op=time_of(EMPTY_LOOP),
        baseline_ns_per_op=baseline["ns_per_op"] and baseline["ns_per_op"]["median"], limit=cell.role == "limit",
        drifts=diagnostics.drifts(own["diagnostics"], len(own["samples"])),
        a_a_differs=not cell.aa and _a_a_differs(group, cells),
    ), margin)


def _measured(cell: Cell, group: Group, outcome: Outcome, preset: Preset, under: Conditions, rows: list[Json],
              between: Between | None) -> Json:
    """A cell without its verdict."""
    record = Record() if cell.skip else outcome.records[cell.id]
    state = "SKIPPED" if cell.skip else "FAILED" if record.failed else ""
    regime = regimes.of_cell(record.samples, under)
    first = cell.id == group.baseline.id
    confidence = None if state or first else preset.confidence_after(record.looks, outcome.in_heats)
    found = None if state else Interval(1, 1, 1) if first else samples.ratio(rows, confidence, between)
    logs = [] if state or first else [
        one for one in (samples.round_logs(sample, under, regime) for sample in record.samples) if one]
    told = diagnostics.of_cell(logs, [median(one) for one in logs]) if logs else {}
    return {
        "id": cell.id, "workload": cell.workload, "parameters": dict(cell.parameters), "strategy": cell.strategy,
        "allocator": cell.heap.name, "role": cell.role, "group": group.name, "baseline": group.baseline.id,
        "iterations": None if state else outcome.iterations,
        "operations_per_iteration": record.operations_per_iteration,
        "ns_per_op": None if state else samples.ns_per_op(rows),
        "ratio": samples.rounded(found), "confidence": confidence and statistics.actual_confidence(
            len(samples.log_ratios(rows)), confidence),
        "verdict": state, "reason": cell.skip or record.reason, "adjusted": None, "regime": regime,
        "shared": _beside_neighbours(record, under, confidence) if confidence and regime not in (SHARED, UNKNOWN) else None,
        "variance": None if first else samples.variance(rows, found), "diagnostics": told,
        "memory": extra_summaries.memory(record), "latency": extra_summaries.latency(record),
        "digest": record.digest, "rejected_rounds": samples.total(rows, "rejected"),
        "notes": record.notes + diagnostics.footnotes(told), "samples": rows,
    } | ({"facts": record.facts} if record.facts else {})


def _beside_neighbours(record: Record, under: Conditions, confidence: float) -> Json | None:
    """The ratio on a shared core, where enough processes met one."""
    rows = samples.process_samples(record.samples, under, SHARED)
    found = samples.ratio(rows, confidence)
    if found is None or found.low is None:
        return None
    kept = [row for row in rows if row["ratio"] is not None]
    return {"ratio": samples.rounded(found), "processes": len(kept), "rounds": sum(row["shared"] for row in kept)}


def _rows(cell: Cell, outcome: Outcome, under: Conditions) -> list[Json]:
    taken = [] if cell.skip else outcome.records[cell.id].samples
    return samples.process_samples(taken, under, regimes.of_cell(taken, under))


def judged(group: Group, outcome: Outcome, preset: Preset, under: Conditions) -> list[Json]:
    """The cells of a group with their verdicts, and which of these hold over the whole group."""
    rows = {cell.id: _rows(cell, outcome, under) for cell in group.cells}
    between = samples.pooled([rows[cell.id] for cell in group.cells if cell.id != group.baseline.id and cell.role != "limit"])
    cells = {cell.id: _measured(cell, group, outcome, preset, under, rows[cell.id], between) for cell in group.cells}
    margin = margin_of(group, cells)
    for cell in group.cells:
        own = cells[cell.id]
        if not own["verdict"]:
            verdict = verdicts.Verdict("BASELINE") if cell.id == group.baseline.id else \
                _judge(cell, cells, group, margin, _passes_left(outcome, preset))
            own |= {"verdict": verdict.name, "reason": verdict.reason}
        own |= {"margin": margin, "citable": own["verdict"] in verdicts.CITABLE}
        _show(own, cells[group.baseline.id])
    family = [cells[cell.id] for cell in group.cells if _is_compared(cell, cells[cell.id])]
    held = statistics.holm([samples.sign_test(cell["samples"], margin, between) for cell in family])
    for cell, holds in zip(family, held, strict=True):
        if cell["verdict"] in ("FASTER", "SLOWER"):
            cell["adjusted"] = holds
    return list(cells.values())


def _show(own: Json, baseline: Json) -> None:
    """The time to show: the baseline's, times the ratio. A cell and its baseline may have been measured in other minutes, the
    ratio is of pairs: so each time on a page agrees with its ratio, and what was measured stands beside it."""
    if own["ns_per_op"] and own["ratio"] and baseline["ns_per_op"]:
        own["ns_per_op"] |= {"shown": samples.digits(baseline["ns_per_op"]["median"] * own["ratio"]["estimate"])}


def _is_compared(cell: Cell, measured: Json) -> bool:
    """Whether a cell is one of the comparisons that a reader may pick from."""
    return cell.role != "limit" and not cell.aa and bool(measured["ratio"]) and measured["verdict"] != "BASELINE"
