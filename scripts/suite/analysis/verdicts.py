"""What may be said about a cell, and about the run. Pure functions over intervals; no winner when in doubt."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import expm1

from suite.analysis.statistics import Interval, binomial_tail, needed_processes
from suite.plan.presets import MARGIN

NEAR_EMPTY_LOOP = 1.10
MAX_REJECTED = 0.50  # of a cell's rounds: what is left out is left out by evidence, and enough processes must remain
MAX_REJECTED_OF_RUN = 0.30
MIN_CITABLE_PROCESSES = 6  # with five, no interval reaches 95 %
CLEARLY = 2  # times the margin: a difference that must be seen
LARGEST_EQUALITY = 0.1  # nobody takes more than a tenth for no difference, however noisy the machine was
LARGEST_MARGIN = 0.2  # a run that cannot tell a fifth cannot tell anything
NO_INTERVAL = ": no interval"
LIMIT_REASON = "a limit row: it does less than the question asks"


@dataclass(frozen=True)
class Evidence:
    """What a verdict on one measured cell rests on."""

    ratio: Interval | None
    processes: int
    rounds: int
    rejected_rounds: int
    ns_per_op: float | None
    all_processes: int = 0
    nodes: int = 0  # of a cluster
    other_rounds: int = 0  # of another regime than the cell's
    passes_left: int = 0  # until the first interim analysis, where the run was interrupted before it
    empty_loop_ns_per_op: float | None = None
    baseline_ns_per_op: float | None = None
    limit: bool = False
    drifts: bool = False
    a_a_differs: bool = False  # its group calls the baseline different from itself

    @property
    def units(self) -> str:
        """What its interval counts: nodes, where each gives one value."""
        return "nodes" if self.nodes > 1 and self.nodes == self.processes else "processes"


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
    if evidence.passes_left:
        return f"interrupted {evidence.passes_left} passes before its first analysis; continue with --resume"
    if evidence.rounds and evidence.rejected_rounds > MAX_REJECTED * evidence.rounds:
        return (f"{evidence.rejected_rounds} of {evidence.rounds} rounds were disturbed from outside; "
                "run again on a quieter machine")
    if (evidence.ratio is None or evidence.ratio.low is None) and evidence.all_processes >= MIN_CITABLE_PROCESSES:
        return (f"neighbours used the same core or memory in {evidence.other_rounds} of {evidence.rounds} rounds, "
                f"so that only {evidence.processes} of {evidence.all_processes} {evidence.units} count; run again at another time")
    if evidence.ratio is None or evidence.ratio.low is None:
        count = "one process" if evidence.processes == 1 else f"{evidence.processes} {evidence.units}"
        return f"{count}{NO_INTERVAL}"
    if empty is not None and own is not None and own <= NEAR_EMPTY_LOOP * empty:
        return f"not to be told from the empty loop ({own:.3g} against {empty:.3g} ns): nothing was measured"
    if empty is not None and baseline is not None and baseline <= NEAR_EMPTY_LOOP * empty:
        return "its baseline is not to be told from the empty loop"
    if evidence.drifts:
        return "its ratio drifted while it was measured; run again on a machine that has settled"
    if evidence.a_a_differs:
        return "here the baseline came out different from itself; run again"
    return ""


def equal_within(margin: float) -> float:
    """How much may be called no difference. Noise widens what is not claimed, and must not widen this as well."""
    return min(margin, LARGEST_EQUALITY)


def settled(low: float, high: float, margin: float) -> str:
    """What an interval says under a margin."""
    if high < 1 / (1 + margin):
        return "FASTER"
    if low > 1 + margin:
        return "SLOWER"
    equal = 1 + equal_within(margin)
    return "EQUIVALENT" if 1 / equal <= low and high <= equal else "UNRESOLVED"


def of_cell(evidence: Evidence, margin: float) -> Verdict:
    """The verdict under a margin that already is the larger of the reader's margin and the floor."""
    obstacle = _obstacle(evidence)
    if obstacle:
        return Verdict("NOT CITABLE", obstacle)
    if margin > LARGEST_MARGIN:
        return Verdict("NOT CITABLE", f"its baseline differs from itself by up to {margin:.0%} here; run again on a quieter machine")
    found = evidence.ratio
    said = settled(found.low, found.high, margin)
    if said != "UNRESOLVED":
        return Verdict(said)
    if not found.contains(1):
        return Verdict("UNRESOLVED", "different, but not shown to exceed the margin")
    needed = needed_processes(found, evidence.processes, equal_within(margin))
    amount = f"about {needed:.0f}" if needed <= 10_000 else "more than 10000"
    return Verdict("UNRESOLVED", f"would need {amount} {evidence.units} instead of {evidence.processes}")


def effective_margin(floor: float | None, margin: float = MARGIN) -> float:
    """A difference below the floor is never claimed. The floor is a logarithm, the margin a share."""
    return margin if floor is None else max(margin, expm1(floor))


def _a_a_probability(twins: Sequence[Interval], confidence: float | None) -> tuple[int, float]:
    misses = sum(not twin.contains(1) for twin in twins)
    return misses, binomial_tail(misses, len(twins), 1 - confidence) if confidence and twins else 1.0


@dataclass(frozen=True)
class Control:
    """A cell with a known ratio, and whether the run found it."""

    planted: float
    found: Interval | None
    verdict: str
    reason: str  # what is wrong; empty when it is right
    blind: bool = False  # nothing false was said, but what was planted was not seen either

    @property
    def right(self) -> bool:
        """Whether the run may be believed as far as this cell tells."""
        return not self.reason


def control(planted: float, found: Interval | None, verdict: str, margin: float) -> Control:
    """Holds a planted difference against what was found. It must lie within the margin of the interval, and be called
    SLOWER when it is clearly larger than the margin; where nothing was planted, nothing may be called different. An interval
    too wide to tell is no lie: it makes the run blind for that kind of work, and not invalid."""
    def wrong() -> tuple[str, bool]:
        if found is None or found.low is None:
            return "has no interval", True
        if not found.low / (1 + margin) <= planted <= found.high * (1 + margin):
            return f"planted {planted - 1:.0%}, found {found.estimate - 1:+.1%} [{found.low - 1:+.1%}, {found.high - 1:+.1%}]", False
        if planted == 1 and verdict in ("FASTER", "SLOWER"):
            return f"nothing was planted, and it was called {verdict}", False
        if planted - 1 > CLEARLY * margin and verdict != "SLOWER":
            return f"planted {planted - 1:.0%} was called {verdict} under a margin of {margin:.1%}", verdict == "UNRESOLVED"
        if planted >= 1 + LARGEST_MARGIN and verdict != "SLOWER":
            return f"planted {planted - 1:.0%} cannot be told under a margin of {margin:.1%}", verdict == "UNRESOLVED"
        return "", False
    reason, blind = wrong()
    return Control(planted, found, verdict, reason, blind)


def of_run(twins: Sequence[Interval], groups: int, processes: int, confidence: float | None,
           rejected_share: float, complete: bool = True, controls: Sequence[Control] = (),
           silent: Sequence[str] = ()) -> Quality:
    """Whether the run as a whole is sound; each cell is citable or not by itself. `twins` holds the A/A intervals there are,
    `silent` the kinds of planted differences of which none could be measured."""
    misses, probability = _a_a_probability(twins, confidence)
    aa = f"{misses} of {len(twins)} A/A intervals exclude 1 (p = {probability:.2g})"
    invalid = []
    if rejected_share > MAX_REJECTED_OF_RUN:
        invalid.append(f"{rejected_share:.0%} of all rounds were disturbed from outside: the machine is too busy")
    if probability < 1e-6:
        invalid.append(f"{aa}: identical programs were called different")
    invalid += [f"negative control failed: {control.reason}" for control in controls
                if not control.right and not control.blind]
    if invalid:
        return Quality("INVALID", tuple(invalid))
    reasons = [] if controls else ["no planted difference was measured, so nothing shows that one would be seen"]
    reasons += [f"no planted difference of {name} could be measured" for name in silent if controls]
    reasons += [f"a planted difference was not seen: {control.reason}" for control in controls if control.blind]
    if processes < MIN_CITABLE_PROCESSES:
        reasons.append(f"{processes} process{'es' if processes != 1 else ''} per contender; "
                       f"{MIN_CITABLE_PROCESSES} are the least")
    if len(twins) < groups:
        reasons.append(f"{groups - len(twins)} of {groups} A/A comparisons have no interval")
    if probability < 0.01:
        reasons.append(f"{aa}, more than chance explains")
    if not complete:
        reasons.append("interrupted: some cell groups were not measured")
    return Quality("SOUND", tuple(reasons))
