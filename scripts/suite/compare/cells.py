"""How each cell changed: the ratio of its two ratios, with an interval that holds whatever the shapes.

Within a run a cell was paired with its baseline, round by round. Between runs nothing is paired: the processes of one
run are independent of those of the other. If the old ratio lies in [l, u] with probability a, and the new one in [L, U]
with probability a, then new / old lies in [L / u, U / l] with at least a * a. With a the root of 0.95 that is 95 %, from
order statistics alone; it is wider than what a bell shape would allow, and never too narrow.

A run that looked at its data more than once shares the error between its looks; here it is shared in the same proportion.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import comb, log, sqrt
from typing import Any

from suite import runs, statistics
from suite.presets import CONFIDENCE
from suite.statistics import Interval

Json = Mapping[str, Any]
REGRESSED, IMPROVED, SAME, UNRESOLVED = "REGRESSED", "IMPROVED", "SAME", "UNRESOLVED"
ORDER = (REGRESSED, IMPROVED, UNRESOLVED, SAME)
EACH = sqrt(CONFIDENCE)


@dataclass(frozen=True)
class Row:
    """One cell in both runs. The times are not paired: they say how large the thing is, not whether it changed."""

    cell: str
    verdict: str
    change: Interval | None
    old_ns: float | None
    new_ns: float | None
    reason: str = ""


@dataclass(frozen=True)
class Comparison:
    """All rows, and the cells that only one run has."""

    rows: list[Row]
    only_old: list[str] = field(default_factory=list)
    only_new: list[str] = field(default_factory=list)
    margin: float = 0.0


def quotient(old: Interval, new: Interval) -> Interval:
    """New over old, its interval from the ends that are farthest apart."""
    whole = None not in (old.low, old.high, new.low, new.high)
    return Interval(new.estimate / old.estimate, new.low / old.high if whole else None,
                    new.high / old.low if whole else None)


def _error(processes: int, rank: int) -> float:
    """How often the interval between the rank-th smallest and largest misses."""
    return 2 * sum(comb(processes, i) for i in range(rank)) / 2**processes


def shared(plan: Sequence[Json]) -> list[float]:
    """The confidence at each look, so that together they miss no more often than one look at EACH would.

    The error is shared as the run shares it; what whole ranks leave over goes to the looks in their order."""
    budget, spent = 1 - EACH, [1 - look["confidence"] for look in plan]
    counts = [look["processes"] for look in plan]
    ranks = [statistics.rank(count, 1 - budget * part / sum(spent)) for count, part in zip(counts, spent)]

    def errors(chosen: Sequence[int]) -> list[float]:
        return [_error(count, rank) for count, rank in zip(counts, chosen)]
    for number, count in enumerate(counts):
        while ranks[number] < count // 2:
            more = [rank + (i == number) for i, rank in enumerate(ranks)]
            if sum(errors(more)) > budget:
                break
            ranks = more
    return [1 - error - 1e-12 if rank else EACH for rank, error in zip(ranks, errors(ranks))]


def level(processes: int, protocol: Json) -> float:
    """The confidence for a cell of so many processes. Which of the two plans its group followed is not recorded, so the
    stricter one holds."""
    levels = []
    for name in ("looks", "long_looks"):
        plan = protocol.get(name, ())
        number = next((i for i, look in enumerate(plan) if processes <= look["processes"]), len(plan) - 1)
        levels += [shared(plan)[number]] if len(plan) > 1 else []
    return max(levels, default=EACH)


def _ratio(cell: Json, protocol: Json) -> Interval | None:
    logs = [log(row["ratio"]) for row in cell["samples"] if row["ratio"] is not None]
    return statistics.ratio(logs, level(len(logs), protocol))


def verdict(change: Interval, margin: float) -> str:
    """What may be said about a change."""
    if change.low is None or change.high is None:
        return UNRESOLVED
    if change.low > 1 + margin:
        return REGRESSED
    if change.high < 1 / (1 + margin):
        return IMPROVED
    return SAME if change.low >= 1 / (1 + margin) and change.high <= 1 + margin else UNRESOLVED


def _obstacle(cell: Json, name: str) -> str:
    if cell["verdict"] in runs.MISSING:
        return f"{cell['verdict']} in the {name} run"
    return f"NOT CITABLE in the {name} run: {cell['reason']}" if cell["verdict"] == "NOT CITABLE" else ""


def _row(old: Json, new: Json, margin: float, protocols: tuple[Json, Json]) -> Row:
    times = [cell["ns_per_op"] and cell["ns_per_op"]["median"] for cell in (old, new)]
    reason = _obstacle(old, "old") or _obstacle(new, "new")
    if new["verdict"] in runs.MISSING and old["verdict"] not in runs.MISSING:
        lost = new["verdict"] == "FAILED"  # what worked and now crashes is the worst of regressions
        return Row(new["id"], REGRESSED if lost else UNRESOLVED, None, *times, reason=f"{reason}: {new['reason']}")
    ratios = _ratio(old, protocols[0]), _ratio(new, protocols[1])
    if None in ratios:
        return Row(new["id"], UNRESOLVED, None, *times, reason=reason or "no ratio in one of the runs")
    change = quotient(*ratios)
    if reason:
        return Row(new["id"], UNRESOLVED, change, *times, reason=reason)
    found = verdict(change, margin)
    few = "too few processes for an interval" if change.low is None else ""
    return Row(new["id"], found, change, *times, reason=few)


def compare(old: Json, new: Json) -> Comparison:
    """Every cell that both have, apart from baselines and their twins; regressions first, the largest on top."""
    margin = max(measured["calibration"]["effective_margin"] for measured in (old, new))
    before, after = ({cell["id"]: cell for cell in measured["cells"] if not runs.is_rival(cell)
                      and cell["id"] != cell["baseline"] and cell["role"] == "contender"} for measured in (old, new))
    shared = [name for name in after if name in before
              and not (before[name]["verdict"] in runs.MISSING and after[name]["verdict"] in runs.MISSING)]
    rows = [_row(before[name], after[name], margin, (old["protocol"], new["protocol"])) for name in shared]
    rows.sort(key=lambda row: (ORDER.index(row.verdict), -abs(log(row.change.estimate)) if row.change else 0.0))
    return Comparison(rows, [name for name in before if name not in after],
                      [name for name in after if name not in before], margin)
