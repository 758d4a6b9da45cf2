"""Cells with their verdicts: what a group's samples allow to be said about each of its contenders, and which of them the next
pass therefore measures.

A cell leaves at an interim analysis once its verdict is settled. Leaving early is one more chance to err, which the
confidences of the analyses pay for (`presets.py`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from statistics import median
from typing import Any

from suite.analysis import diagnostics, extra_summaries, regimes, run_quality, samples, statistics, verdicts
from suite.analysis.cell import BASELINE, CITABLE, FAILED, FASTER, SKIPPED, SLOWER, Cell
from suite.analysis.components import Between
from suite.analysis.regimes import SHARED, UNKNOWN, Conditions
from suite.analysis.statistics import Interval
from suite.measure.journal import Outcome, Record
from suite.plan.cells import EMPTY_LOOP, Group
from suite.plan.cells import Cell as Planned
from suite.plan.presets import MARGIN, Preset

Json = dict[str, Any]
Cells = Mapping[str, Cell]


def _a_a(group: Group, cells: Cells) -> list[Interval]:
    """What the baseline differs from itself by, in each way in which it was measured again."""
    return [found for cell in group.cells if cell.aa and (found := cells[cell.id].ratio)]


def margin_of(group: Group, cells: Cells) -> float:
    """The margin of a group: 2 %, or what its baseline differs from itself by, whichever is larger."""
    return float(f"{verdicts.effective_margin(statistics.floor(_a_a(group, cells)), MARGIN):.6g}")


def _a_a_differs(group: Group, cells: Cells) -> bool:
    """Whether the baseline was called different from itself in this group, beyond what any margin covers."""
    return any(one.low is not None and (one.low > 1 + MARGIN or one.high < 1 / (1 + MARGIN)) for one in _a_a(group, cells))


def _passes_left(outcome: Outcome, preset: Preset) -> int:
    """How many passes are missing until anything may be said of the group; rounds of before passes miss none."""
    return max(0, preset.looks_of(outcome.in_heats)[0].passes - outcome.passes) if outcome.passes and not outcome.looks else 0


def _judge(cell: Planned, cells: Cells, group: Group, margin: float, passes_left: int) -> verdicts.Verdict:
    def nanoseconds(one: Cell) -> float | None:
        return one.median and one.median.estimate

    def time_of(strategy: str) -> float | None:
        return min((other.median.estimate for other in cells.values()
                    if other.strategy == strategy and other.role == "limit" and other.median), default=None)
    own = cells[cell.id]
    return verdicts.of_cell(verdicts.Evidence(
        ratio=own.ratio, processes=sum(row["ratio"] is not None for row in own.samples), all_processes=len(own.samples),
        nodes=len(samples.nodes(own.samples)),
        rounds=samples.total(own.samples, "rounds"), rejected_rounds=own.rejected_rounds,
        other_rounds=sum(row.get("other", 0) for row in own.samples), passes_left=passes_left,
        ns_per_op=nanoseconds(own), empty_loop_ns_per_op=time_of(EMPTY_LOOP),
        baseline_ns_per_op=nanoseconds(cells[group.baseline.id]), limit=cell.role == "limit",
        drifts=diagnostics.drifts(own.parts["diagnostics"], len(own.samples)),
        a_a_differs=not cell.aa and _a_a_differs(group, cells),
    ), margin)


def _measured(cell: Planned, group: Group, outcome: Outcome, preset: Preset, under: Conditions, rows: Sequence[Json],
              between: Between | None) -> Cell:
    """A cell without its verdict."""
    record = Record() if cell.skip else outcome.records[cell.id]
    state = SKIPPED if cell.skip else FAILED if record.failed else ""
    regime = regimes.of_cell(record.samples, under)
    first = cell.id == group.baseline.id
    confidence = None if state or first else preset.confidence_after(record.looks, outcome.in_heats)
    found = None if state else Interval(1, 1, 1) if first else samples.ratio(rows, confidence, between)
    logs = [] if state or first else [
        one for one in (samples.round_logs(sample, under, regime) for sample in record.samples) if one]
    told = diagnostics.of_cell(logs, [median(one) for one in logs]) if logs else {}
    return Cell(
        id=cell.id, workload=cell.workload, parameters=dict(cell.parameters), strategy=cell.strategy,
        allocator=cell.heap.name, role=cell.role, group=group.name, baseline=group.baseline.id,
        iterations=None if state else outcome.iterations, operations_per_iteration=record.operations_per_iteration,
        median=None if state else samples.ns_per_op(rows),
        minimum=min((row["minimum_ns_per_op"] for row in rows if row["ns_per_op"] is not None), default=None),
        ratio=samples.rounded(found), confidence=confidence and samples.confidence(rows, confidence),
        verdict=state, reason=cell.skip or record.reason, regime=regime,
        memory=extra_summaries.memory(record) or {}, digest=record.digest, rejected_rounds=samples.total(rows, "rejected"),
        notes=(*record.notes, *diagnostics.footnotes(told)), samples=tuple(rows),
        parts={"shared": _beside_neighbours(record, under, confidence) if confidence and regime not in (SHARED, UNKNOWN) and any(
            row.get("shared") for row in rows) else None,
               "variance": None if first else samples.variance(rows, found), "diagnostics": told,
               "latency": extra_summaries.latency(record)} | ({"facts": record.facts} if record.facts else {}))


def _beside_neighbours(record: Record, under: Conditions, confidence: float) -> Json | None:
    """The ratio on a shared core, where enough processes met one."""
    rows = samples.process_samples(record.samples, under, SHARED)
    found = samples.rounded(samples.ratio(rows, confidence))
    if found is None or found.low is None:
        return None
    kept = [row for row in rows if row["ratio"] is not None]
    return {"ratio": asdict(found), "processes": len(kept), "rounds": sum(row["shared"] for row in kept)}


def _rows(cell: Planned, outcome: Outcome, under: Conditions) -> list[Json]:
    taken = [] if cell.skip else outcome.records[cell.id].samples
    return samples.process_samples(taken, under, regimes.of_cell(taken, under))


def judged(group: Group, outcome: Outcome, preset: Preset, under: Conditions) -> list[Cell]:
    """The cells of a group with their verdicts, and which of these hold over the whole group."""
    rows = {cell.id: _rows(cell, outcome, under) for cell in group.cells}
    between = samples.pooled([rows[cell.id] for cell in group.cells if cell.id != group.baseline.id and cell.role != "limit"])
    cells = {cell.id: _measured(cell, group, outcome, preset, under, rows[cell.id], between) for cell in group.cells}
    margin = margin_of(group, cells)
    found = {}
    for cell in group.cells:
        own, said = cells[cell.id], verdicts.Verdict(cells[cell.id].verdict, cells[cell.id].reason)
        if not said.name:
            said = verdicts.Verdict(BASELINE) if own.is_baseline else \
                _judge(cell, cells, group, margin, _passes_left(outcome, preset))
        found[cell.id] = replace(own, verdict=said.name, reason=said.reason, margin=margin, said_citable=said.name in CITABLE,
                                 shown=_shown(own, cells[group.baseline.id]))
    family = [found[cell.id] for cell in group.cells if _is_compared(cell, found[cell.id])]
    held = statistics.holm([samples.sign_test(one.samples, margin, between) for one in family])
    return list((found | {one.id: replace(one, adjusted=holds) for one, holds in zip(family, held, strict=True)
                          if one.verdict in (FASTER, SLOWER)}).values())


def _shown(own: Cell, baseline: Cell) -> float | None:
    """The time to show: the baseline's, times the ratio. A cell and its baseline may have been measured in other minutes, the
    ratio is of pairs: so each time on a page agrees with its ratio, and what was measured stands beside it."""
    return samples.digits(baseline.median.estimate * own.ratio.estimate) if own.median and own.ratio and baseline.median else None


def _is_compared(cell: Planned, measured: Cell) -> bool:
    """Whether a cell is one of the comparisons that a reader may pick from."""
    return cell.role != "limit" and not cell.aa and measured.ratio is not None and not measured.is_baseline


def open_cells(group: Group, outcome: Outcome, preset: Preset, under: Conditions) -> list[str]:
    """The contenders of a group that go on. A/A cells do until their intervals are narrow, because theirs is the margin of all
    the others; planted differences below the margin are open to the end by their nature, and show what the run can see."""
    rivals = [cell for cell in group.contenders if cell.id != group.baseline.id and not outcome.records[cell.id].failed]
    known = {cell.id: cell for cell in judged(group, outcome, preset, under)}

    def is_open(cell: Planned) -> bool:
        own = known[cell.id]
        found, verdict = own.ratio, own.verdict
        if cell.aa:
            width = found.half_width if found else None
            return width is None or width > preset.aa_half_width
        if verdict == "NOT CITABLE":  # disturbed, or beside neighbours: the next processes may be luckier
            return True
        if not own.holds:  # true of this cell alone, but not yet together with its group
            return True
        strict = found and verdicts.settled(found.low, found.high, MARGIN)
        return verdict == "UNRESOLVED" or verdict == "EQUIVALENT" and strict == "UNRESOLVED"
    return [cell.id for cell in rivals if cell.role != "limit" and is_open(cell)]


def next_pass(groups: Sequence[Group], outcomes: Mapping[str, Outcome], preset: Preset,
              number: int, reference: Mapping[str, float] | None = None) -> list[tuple[Group, list[str] | None]]:
    """The groups that are measured in a pass, and their rivals there; None stands for all of them. Rivals leave at an interim
    analysis only: between two of them, everybody goes on."""
    if number == 0:
        return [(group, None) for group in groups if group.name not in outcomes]
    pairs = [(group, outcomes[group.name]) for group in groups]
    under = run_quality.conditions(pairs, reference)
    waiting = []
    for group, outcome in pairs:
        plan = preset.looks_of(outcome.in_heats)
        if outcome.passes != number or number >= plan[-1].passes or not group.contenders:
            continue
        names = _staying(group, outcome)
        if any(look.passes == number for look in plan):
            names = open_cells(group, outcome, preset, under)
        if names:
            waiting.append((group, names))
    return waiting


def _staying(group: Group, outcome: Outcome) -> list[str]:
    """The rivals that took part in the last pass."""
    return [cell.id for cell in group.contenders if cell.id != group.baseline.id and not outcome.records[cell.id].failed
            and outcome.records[cell.id].passes == outcome.passes]
