"""By how much one sample lies beside another, with an exact interval from ranks alone (Mann-Whitney, Hodges-Lehmann).

    old:  . .. . .        all differences new - old in order:  . . .[. . . . . . .]. . .
    new:        . . .. .                                            k-th        k-th from the end

Where nothing but the place differs, each order of the two samples is equally likely, so what k may be is counted and not
assumed: five a side are enough for 95 %. Two intervals, one a side, put together from order statistics take seven a side
and come out twice as wide.
Bad for:  a change of the shape. Then the interval is that of the median difference between one process of each side.

How each cell changed: the ratio of its two ratios, with an exact interval.

Within a run a cell was paired with its baseline, round by round. Between runs nothing is paired: the processes of one
run are independent of those of the other, one number each, so two samples are compared by their ranks.
Where nothing changed they are samples of one distribution, whatever its shape, and the interval misses 1 in at most 5 %.
Processes of one pass share their minute; what passes differ in is added in quadrature, as in the interval of a run.

A run that looked at its data more than once may have stopped at either look. Each pair of looks, one a side, is one more
chance to err, so the pairs share the error, in proportion to the looks' own shares.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from math import comb, exp, hypot, log
from statistics import median
from typing import Any

from suite.analysis import samples, verdicts
from suite.analysis.cell import FAILED, MISSING, NOT_CITABLE, Cell, every
from suite.analysis.components import Between, pass_error
from suite.analysis.statistics import Interval
from suite.base.errors import UserError
from suite.plan.presets import CONFIDENCE, MARGIN
from suite.results import run_regime, runs

FEWEST = 5  # a side; with less on one side and many on the other, luck of a link order would decide
MOST = 500  # processes a side; all their differences are held at once
Json = Mapping[str, Any]
REGRESSED, IMPROVED, SAME, UNRESOLVED = "REGRESSED", "IMPROVED", "SAME", "UNRESOLVED"
ORDER = (REGRESSED, IMPROVED, UNRESOLVED, SAME)
SAID = {"SLOWER": REGRESSED, "FASTER": IMPROVED, "EQUIVALENT": SAME, "UNRESOLVED": UNRESOLVED}
ERROR = 1 - CONFIDENCE


@cache
def ways(old: int, new: int) -> tuple[int, ...]:
    """In how many orders of the two samples a number of pairs stands the other way round, for each such number."""
    counts = [1] + [0] * (old * new)
    for i in range(1, old + 1):  # the Gaussian binomial coefficient: times (1 - q^(new + i)), divided by (1 - q^i)
        for power in range(old * new, new + i - 1, -1):
            counts[power] -= counts[power - new - i]
        for power in range(i, old * new + 1):
            counts[power] += counts[power - i]
    return tuple(counts)


@cache
def rank(old: int, new: int, error: float) -> int:
    """The largest k whose interval misses no more often than `error`; 0 when none does."""
    most, tail = error * comb(old + new, old) / 2, 0
    for k, count in enumerate(ways(old, new)):
        tail += count
        if tail > most:
            return min(k, old * new // 2)
    return 0


def between(old: Sequence[float], new: Sequence[float], error: float) -> Interval | None:
    """New minus old; without low and high where the samples are too small for so small an error."""
    if not old or not new:
        return None
    if max(len(old), len(new)) > MOST:
        raise UserError(f"a cell has {max(len(old), len(new))} processes, and {MOST} are the most that can be compared; no run "
                        "has so many, restore the file")
    apart = sorted(after - before for before in old for after in new)
    k = rank(len(old), len(new), error) if min(len(old), len(new)) >= FEWEST else 0
    return Interval(median(apart), apart[k - 1], apart[-k]) if k else Interval(median(apart))


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
    apart: list[str] = field(default_factory=list)  # in both runs, and in different regimes


def share(processes: int, protocol: Json) -> float:
    """The part of the error that belongs to the look at which a cell has so many processes. Which of the two plans its
    group followed is not recorded, so the stricter one holds."""
    parts = [1.0]
    for name in ("looks", "long_looks"):
        plan = protocol.get(name, ())
        spent = [1 - look["confidence"] for look in plan]
        number = next((i for i, look in enumerate(plan) if processes <= look["processes"]), len(plan) - 1)
        parts += [spent[number] / sum(spent)] if plan else []
    return min(parts)


@dataclass(frozen=True)
class Side:
    """A cell in one of the runs: its logarithms, their passes, and how much passes differ in its group."""

    logs: Sequence[float]
    passes: Sequence[int] = ()
    between: Between | None = None


def change_of(old: Side, new: Side, protocols: tuple[Json, Json]) -> Interval | None:
    """New ratio over old, from the logarithms of each side's processes."""
    shares = [share(len(side.logs), protocol) for side, protocol in zip((old, new), protocols)]
    error = ERROR * shares[0] * shares[1]
    found = between(old.logs, new.logs, error)
    if found is None or found.low is None:
        return found and Interval(exp(found.estimate))
    passes = hypot(*(pass_error(side.logs, side.passes, side.between).reach(error) for side in (old, new)))
    return Interval(exp(found.estimate), exp(found.estimate - hypot(found.estimate - found.low, passes)),
                    exp(found.estimate + hypot(found.high - found.estimate, passes)))


def verdict(change: Interval, margin: float) -> str:
    """What may be said about a change."""
    if change.low is None or change.high is None:
        return UNRESOLVED
    return SAID[verdicts.settled(change.low, change.high, margin)]


def _obstacle(cell: Cell, name: str) -> str:
    """Why a cell settles nothing. That its own run had too few processes for an interval is none: here two samples are
    compared, and whether they are enough is seen below."""
    if cell.reason.endswith(verdicts.NO_INTERVAL) and cell.verdict == NOT_CITABLE:
        return ""
    if cell.verdict in MISSING:
        return f"{cell.verdict} in the {name} run"
    return f"NOT CITABLE in the {name} run: {cell.reason}" if cell.verdict == NOT_CITABLE else ""


def _groups(cells: Sequence[Cell]) -> dict[str, Between | None]:
    """How much passes differ in each group of a run."""
    rows: dict[str, list[Sequence[Json]]] = {}
    for cell in cells:
        if cell.role != "limit" and not cell.is_baseline:
            rows.setdefault(cell.group, []).append(cell.samples)
    return {group: samples.pooled(members) for group, members in rows.items()}


def _side(cell: Cell, groups: Mapping[str, Between | None]) -> Side:
    return Side(samples.log_ratios(cell.samples), samples.passes(cell.samples), groups.get(cell.group))


def _row(old: Cell, new: Cell, margin: float, protocols: tuple[Json, Json],
         groups: tuple[Mapping[str, Between | None], ...] = ({}, {})) -> Row:
    times = [cell.median and cell.median.estimate for cell in (old, new)]
    reason = _obstacle(old, "old") or _obstacle(new, "new")
    if new.verdict in MISSING and old.verdict not in MISSING:
        lost = new.verdict == FAILED  # what worked and now crashes is the worst of regressions
        return Row(new.id, REGRESSED if lost else UNRESOLVED, None, *times, reason=f"{reason}: {new.reason}")
    change = change_of(_side(old, groups[0]), _side(new, groups[1]), protocols)
    if change is None:
        return Row(new.id, UNRESOLVED, None, *times, reason=reason or "no ratio in one of the runs")
    if reason:
        return Row(new.id, UNRESOLVED, change, *times, reason=reason)
    found = verdict(change, margin)
    few = "too few processes for an interval" if change.low is None else ""
    return Row(new.id, found, change, *times, reason=few)


def compare(old: Json, new: Json) -> Comparison:
    """Every cell that both have in one regime, apart from baselines and their twins; regressions first, the largest on top."""
    sides = [every(measured) for measured in (old, new)]
    before, after = ({cell.id: cell for cell in cells if not cell.twin and not cell.is_baseline and cell.role == "contender"}
                     for cells in sides)

    def margin(name: str) -> float:
        return max(runs.margin_at(old, before[name]), runs.margin_at(new, after[name]))
    both = [name for name in after if name in before
            and not (before[name].verdict in MISSING and after[name].verdict in MISSING)]
    apart = [name for name in both if run_regime.of_cell(before[name]) != run_regime.of_cell(after[name])
             and not {before[name].verdict, after[name].verdict} & {*MISSING, NOT_CITABLE}]
    alike = [name for name in both if name not in apart]
    protocols, groups = (old["protocol"], new["protocol"]), tuple(map(_groups, sides))
    rows = [_row(before[name], after[name], margin(name), protocols, groups) for name in alike]
    rows.sort(key=lambda row: (ORDER.index(row.verdict), -abs(log(row.change.estimate)) if row.change else 0.0))
    return Comparison(rows, [name for name in before if name not in after],
                      [name for name in after if name not in before],
                      max(map(margin, alike), default=MARGIN), apart)
