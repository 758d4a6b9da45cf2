"""How each cell changed: the ratio of its two ratios, with an interval that holds whatever the shapes.

Within a run a cell was paired with its baseline, round by round. Between runs nothing is paired: the processes of one
run are independent of those of the other. If the old ratio lies in [l, u] with probability a, and the new one in [L, U]
with probability a, then new / old lies in [L / u, U / l] with at least a * a. With a the root of 0.95 that is 95 %, from
order statistics alone; it is wider than what a bell shape would allow, and never too narrow.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import log, sqrt
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


def _ratio(cell: Json) -> Interval | None:
    return statistics.ratio([log(row["ratio"]) for row in cell["samples"] if row["ratio"] is not None], EACH)


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


def _row(old: Json, new: Json, margin: float) -> Row:
    times = [cell["ns_per_op"] and cell["ns_per_op"]["median"] for cell in (old, new)]
    reason = _obstacle(old, "old") or _obstacle(new, "new")
    if new["verdict"] in runs.MISSING and old["verdict"] not in runs.MISSING:
        lost = new["verdict"] == "FAILED"  # what worked and now crashes is the worst of regressions
        return Row(new["id"], REGRESSED if lost else UNRESOLVED, None, *times, reason=f"{reason}: {new['reason']}")
    ratios = _ratio(old), _ratio(new)
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
    rows = [_row(before[name], after[name], margin) for name in shared]
    rows.sort(key=lambda row: (ORDER.index(row.verdict), -abs(log(row.change.estimate)) if row.change else 0.0))
    return Comparison(rows, [name for name in before if name not in after],
                      [name for name in after if name not in before], margin)
