"""Who shared the machine? Sorts rounds by their witnesses, never by their own time. Pure functions.

A round is *quiet* when each of its witnesses is near the best level that this machine showed: the core's in that very round,
those of memory, page faults and lines over its block, because one reading of a few dozen steps says little. It is *shared*
when somebody used the same core, and *busy* when the core was its own, but not the memory.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

Sample = Mapping[str, Any]
QUIET, SHARED, BUSY, UNKNOWN = "quiet", "shared", "busy", "unknown"
# How far above its best level a witness may lie in a quiet round. Readings of a quiet core spread by a tenth, and a busy sibling
# raises them by 40 % and more. A walk of some dozen steps depends on which pages its process was given, so that only a multiple
# of the best level is evidence of a neighbour.
WITHIN = {"core": 0.15, "l2": 1.5, "l3": 1.5, "dram": 1.5, "fault": 1.5, "line": 9.0}
BEST_SHARE = 0.05  # the best level is that which so many blocks reach: one reading may be luck
MIN_QUIET = 0.05  # of all rounds; with fewer, the machine showed no quiet core
MIN_ROUNDS = 3  # of one regime in a process: a median of fewer has no robustness left


@dataclass(frozen=True)
class Levels:
    """The best level of each witness, in nanoseconds; the core's as a multiple of the chain's, which any clock rate leaves alone."""

    core: float | None = None
    others: Mapping[str, float] = field(default_factory=dict)
    never: frozenset[str] = frozenset()  # witnesses that were never quiet in this run: they sort nothing
    own: Mapping[str, float] = field(default_factory=dict)  # the same of this run alone
    nanoseconds: Mapping[str, float] = field(default_factory=dict)  # and with the core's in nanoseconds, for a reader


@dataclass(frozen=True)
class Conditions:
    """What a run was measured under: the best levels, and what its verdicts are of."""

    best: Levels = field(default_factory=Levels)
    run: str = UNKNOWN


def conditions(samples: Sequence[Sample], reference: Mapping[str, float] | None = None) -> Conditions:
    """Those of a run, from the samples of all its cells."""
    best = levels(samples, reference)
    return Conditions(best, of_run(core_share(samples, best)))


def is_quiet(name: str, reading: float, best: float) -> bool:
    """Whether one reading is near the best one."""
    return reading <= best * (1 + WITHIN[name])


def _low(values: Iterable[float]) -> float:
    ordered = sorted(values)
    return ordered[int(BEST_SHARE * (len(ordered) - 1))]


def levels(samples: Sequence[Sample], reference: Mapping[str, float] | None = None) -> Levels:
    """The best levels: those of this run, or better ones that this kind of machine showed in an earlier run."""
    known = reference or {}
    seen: dict[str, list[float]] = {}
    core = [median(quotients) for sample in samples if (quotients := _quotients(sample))]
    for sample in samples:
        for name, value in block(sample).items():
            seen.setdefault(name, []).append(value)
    if not core:
        return Levels()
    lows = {name: _low(values) for name, values in seen.items()}
    others = {name: min(low, known.get(name, low)) for name, low in lows.items() if name in WITHIN and name != "core"}
    never = frozenset(name for name, best in others.items()
                      if sum(is_quiet(name, value, best) for value in seen[name]) < MIN_QUIET * len(seen[name]))
    own = {name: float(f"{value:.4g}") for name, value in ({"core": _low(core)} | {name: lows[name] for name in others}).items()}
    return Levels(min(_low(core), known.get("core", _low(core))), others, never, own,
                  {name: float(f"{value:.4g}") for name, value in lows.items()})


def block(sample: Sample) -> dict[str, float]:
    """The medians of a block's witnesses."""
    return {name: median(values) for name, values in (sample.get("witness") or {}).items() if values}


def _quotients(sample: Sample) -> list[float]:
    """The core's witness over the chain's, a round; the chain's is of the whole block."""
    witness = sample.get("witness") or {}
    if not witness.get("core") or not witness.get("chain"):
        return []
    chain = median(witness["chain"])
    return [value / chain for value in witness["core"]]


def of_rounds(sample: Sample, best: Levels) -> list[str]:
    """The regime of each round."""
    quotients = _quotients(sample)
    if not quotients or best.core is None:
        return [UNKNOWN] * len(sample["ns_per_op"])
    calm = all(is_quiet(name, value, best.others[name]) for name, value in block(sample).items()
               if name in best.others and name not in best.never)
    return [SHARED if not is_quiet("core", value, best.core) else QUIET if calm else BUSY for value in quotients]


def of_cell(samples: Sequence[Sample], under: Conditions) -> str:
    """What a cell's verdict is of: the run's regime; *busy* where its memory was never quiet in the whole run."""
    names = {name for sample in samples for name in sample.get("witness") or {}}
    return BUSY if under.run == QUIET and names & under.best.never else under.run


def core_share(samples: Iterable[Sample], best: Levels) -> float | None:
    """The share of rounds whose core was quiet; None where there is no witness."""
    quiet = [is_quiet("core", value, best.core) for sample in samples for value in _quotients(sample)] if best.core else []
    return sum(quiet) / len(quiet) if quiet else None


def of_run(share: float | None) -> str:
    """What the verdicts of a run are of."""
    return UNKNOWN if share is None else QUIET if share >= MIN_QUIET else SHARED


def rejected(sample: Sample, best: Levels, regime: str, kinds: Sequence[str] = ()) -> list[int]:
    """The rounds that do not count for a regime: disturbed, or of another one. What is never quiet does not sort. `kinds`: the
    regime of each, where it is known already."""
    wanted = QUIET if regime == BUSY else regime
    disturbed = set(sample["rejected"])
    return [number for number, kind in enumerate(kinds or of_rounds(sample, best)) if number in disturbed or kind != wanted]


def counts(kinds: Sequence[str]) -> dict[str, int]:
    """How many rounds of each regime a process has; empty without a witness."""
    return {} if UNKNOWN in kinds else {kind: kinds.count(kind) for kind in (QUIET, SHARED, BUSY)}


def neighbours(samples: Sequence[Sample], best: Levels) -> dict[str, float]:
    """How much the neighbours took: the median over the blocks of each witness as a multiple of its best level."""
    seen: dict[str, list[float]] = {}
    for sample in samples:
        if quotients := _quotients(sample):
            seen.setdefault("core", []).append(median(quotients) / best.core)
        for name, value in block(sample).items():
            if name in best.others:
                seen.setdefault(name, []).append(value / best.others[name])
    return {name: float(f"{median(values):.3g}") for name, values in sorted(seen.items())}


def strip(samples: Sequence[Sample]) -> list[list[float]]:
    """One row a block: seconds since the run began, CPU, the core's witness and the chain's in nanoseconds."""
    rows = {(sample["at"], sample["cpu"]): block(sample) for sample in samples if "at" in sample and sample.get("witness")}
    return [[at, cpu, float(f"{found['core']:.4g}"), float(f"{found['chain']:.4g}")] for (at, cpu), found in sorted(rows.items())]
