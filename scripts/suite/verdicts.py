"""What may be said about a cell, and about the run. Pure functions over intervals; no winner when in doubt."""

from collections.abc import Sequence
from dataclasses import dataclass

from suite.presets import MARGIN
from suite.statistics import Interval, binomial_tail, needed_processes

NEAR_EMPTY_LOOP = 1.10
MOST_REJECTED = 0.30
FEWEST_CITABLE_PROCESSES = 10
LIMIT_REASON = "a limit row: it does less than the question asks"


@dataclass(frozen=True)
class Evidence:
    """What a verdict on one measured cell rests on."""

    ratio: Interval | None
    processes: int
    rounds: int
    rejected_rounds: int
    ns_per_op: float | None
    empty_loop_ns_per_op: float | None = None
    baseline_ns_per_op: float | None = None
    limit: bool = False


@dataclass(frozen=True)
class Verdict:
    """A verdict and why."""

    name: str
    reason: str = ""


@dataclass(frozen=True)
class Quality:
    """How far the whole run can be trusted."""

    name: str
    reasons: tuple[str, ...]


def _obstacle(evidence: Evidence) -> str:
    """Why nothing may be claimed about the cell; empty when something may."""
    empty, own, baseline = evidence.empty_loop_ns_per_op, evidence.ns_per_op, evidence.baseline_ns_per_op
    if evidence.limit:
        return LIMIT_REASON
    if evidence.rounds and evidence.rejected_rounds > MOST_REJECTED * evidence.rounds:
        return (f"{evidence.rejected_rounds} of {evidence.rounds} rounds were disturbed from outside; "
                "run again on a quieter machine")
    if evidence.ratio is None or evidence.ratio.low is None:
        count = "one process" if evidence.processes == 1 else f"{evidence.processes} processes"
        return f"{count}: no interval"
    if empty is not None and own is not None and own <= NEAR_EMPTY_LOOP * empty:
        return f"not to be told from the empty loop ({own:.3g} against {empty:.3g} ns): nothing was measured"
    if empty is not None and baseline is not None and baseline <= NEAR_EMPTY_LOOP * empty:
        return "its baseline is not to be told from the empty loop"
    return ""


def of_cell(evidence: Evidence, margin: float) -> Verdict:
    """The verdict under a margin that already is the larger of the reader's margin and the floor."""
    obstacle = _obstacle(evidence)
    if obstacle:
        return Verdict("NOT CITABLE", obstacle)
    found = evidence.ratio
    lowest, highest = 1 / (1 + margin), 1 + margin
    if found.high < lowest:
        return Verdict("FASTER")
    if found.low > highest:
        return Verdict("SLOWER")
    if lowest <= found.low and found.high <= highest:
        return Verdict("EQUIVALENT")
    if not found.contains(1):
        return Verdict("UNRESOLVED", "different, but not shown to exceed the margin")
    needed = needed_processes(found, evidence.processes, margin)
    amount = f"about {needed:.0f}" if needed <= 10_000 else "more than 10000"
    return Verdict("UNRESOLVED", f"would need {amount} processes instead of {evidence.processes}")


def effective_margin(floor: float | None, margin: float = MARGIN) -> float:
    """A difference below the floor is never claimed."""
    return margin if floor is None else max(margin, floor)


def _a_a_probability(twins: Sequence[Interval], confidence: float | None) -> tuple[int, float]:
    misses = sum(not twin.contains(1) for twin in twins)
    return misses, binomial_tail(misses, len(twins), 1 - confidence) if confidence and twins else 1.0


def of_run(twins: Sequence[Interval], groups: int, processes: int, confidence: float | None, floor: float | None,
           rejected_share: float, complete: bool = True, margin: float = MARGIN) -> Quality:
    """The quality of the run; `twins` holds the A/A intervals there are, at most one per group."""
    misses, probability = _a_a_probability(twins, confidence)
    aa = f"{misses} of {len(twins)} A/A intervals exclude 1 (p = {probability:.2g})"
    invalid = []
    if rejected_share > MOST_REJECTED:
        invalid.append(f"{rejected_share:.0%} of all rounds were disturbed from outside: the machine is too busy")
    if probability < 1e-6:
        invalid.append(f"{aa}: identical programs were called different")
    if invalid:
        return Quality("INVALID", tuple(invalid))
    reasons = []
    if processes < FEWEST_CITABLE_PROCESSES:
        reasons.append(f"{processes} process{'es' if processes != 1 else ''} per contender; "
                       f"{FEWEST_CITABLE_PROCESSES} are the least")
    if len(twins) < groups:
        reasons.append(f"{groups - len(twins)} of {groups} cell groups have no A/A interval")
    if floor is not None and floor > margin:
        reasons.append(f"the floor is {floor:.1%}: the margin is raised to it from {margin:.0%}")
    if probability < 0.01:
        reasons.append(f"{aa}, more than chance explains")
    if not complete:
        reasons.append("interrupted: some cell groups were not measured")
    return Quality("EXPLORATORY" if reasons else "CITABLE", tuple(reasons))
