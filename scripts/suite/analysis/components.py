"""Where the logarithm of a ratio varies: link orders, passes, processes, rounds. Pure functions only.

A run takes every cell in several passes. What happens to the machine for a minute happens to all processes of a pass, so
a pass adds an error that more processes do not average out. It is estimated by a one-way analysis of variance. Three
passes leave two degrees of freedom, so the estimate is pooled over the cells of a group, which ran in the same minutes.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from math import cos, pi, sin, sqrt, tan
from statistics import fmean, median, variance

SHARED = 0.25  # squared correlation of two cells' pass effects: half of each variance is that of their common baseline


@dataclass(frozen=True)
class Between:
    """The standard deviation between passes, and the degrees of freedom that it rests on."""

    deviation: float
    degrees: int

    def reach(self, error: float) -> float:
        """What a value with this deviation stays within, missed with the probability `error`."""
        return t_quantile(self.degrees, error) * self.deviation if self.deviation else 0.0


@dataclass(frozen=True)
class Components:
    """The variance of one process's logarithm of a ratio, by where it comes from."""

    build: float
    passes: float
    process: float
    round: float

    @property
    def total(self) -> float:
        """All of it."""
        return self.build + self.passes + self.process + self.round


def by_label(values: Sequence[float], labels: Sequence[int]) -> list[list[float]]:
    """The values of each label, in the order of the labels."""
    found: dict[int, list[float]] = {}
    for value, label in sorted(zip(values, labels, strict=True), key=lambda pair: pair[1]):
        found.setdefault(label, []).append(value)
    return list(found.values())


def _between_variance(groups: Sequence[Sequence[float]]) -> float | None:
    """The variance between groups, negative when chance made it so; None without two groups and a repetition."""
    count = sum(map(len, groups))
    if len(groups) < 2 or count == len(groups):
        return None
    means, whole = [fmean(group) for group in groups], fmean(value for group in groups for value in group)
    within = sum((value - mean) ** 2 for group, mean in zip(groups, means) for value in group) / (count - len(groups))
    between = sum(len(group) * (mean - whole) ** 2 for group, mean in zip(groups, means)) / (len(groups) - 1)
    size = (count - sum(len(group) ** 2 for group in groups) / count) / (len(groups) - 1)
    return (between - within) / size


def between_passes(values: Sequence[float], passes: Sequence[int]) -> float:
    """The standard deviation between the passes of one cell; 0 where none shows."""
    return sqrt(max(0.0, _between_variance(by_label(values, passes)) or 0.0))


def pooled(cells: Iterable[tuple[Sequence[float], Sequence[int]]]) -> Between | None:
    """The standard deviation between passes of the cells of a group, each given by its values and their passes. It is the
    median over the cells: one cell that fell into a bad minute alone widens its own interval, not those of the others."""
    found = [(variance, len(set(passes)) - 1) for values, passes in cells
             if (variance := _between_variance(by_label(values, passes))) is not None]
    if not found:
        return None
    degrees = int(sum(each for _, each in found) / (1 + (len(found) - 1) * SHARED))
    return Between(sqrt(max(0.0, median(each for each, _ in found))), max(1, degrees))


@cache
def t_quantile(degrees: int, error: float) -> float:
    """The t that Student's distribution exceeds, on either side, with the probability `error`; by bisection of the finite
    series of Abramowitz and Stegun, 26.7.3 and 26.7.4."""
    def inside(angle: float) -> float:
        odd = degrees % 2
        term, total = (cos(angle) if odd else 1.0), 0.0
        for power in range(1 + odd, degrees, 2):
            total += term
            term *= cos(angle) ** 2 * power / (power + 1)
        return 2 / pi * (angle + sin(angle) * total) if odd else sin(angle) * total
    low, high = 0.0, pi / 2
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if inside(middle) < 1 - error else (low, middle)
    return sqrt(degrees) * tan(low)


def pass_error(values: Sequence[float], passes: Sequence[int], between: Between | None = None) -> Between:
    """The standard error that passes give the estimate of a cell; 0 for what was measured in one pass. The larger counts of
    the cell's own deviation and that of its group."""
    groups = by_label(values, passes) if passes else []
    own = _between_variance(groups)
    if own is None:
        return Between(0.0, 1)
    known = between or Between(0.0, len(groups) - 1)
    deviation = max(sqrt(max(0.0, own)), known.deviation)
    return Between(deviation * sqrt(sum(len(group) ** 2 for group in groups)) / len(values), known.degrees)


def round_spread(logs: Sequence[float]) -> float:
    """The standard deviation of a process's rounds, by way of the median deviation: single epochs may be far off."""
    middle = median(logs)
    return 1.4826 * median(abs(value - middle) for value in logs)


@dataclass(frozen=True)
class Process:
    """What the components need to know of a process."""

    build: int
    run_pass: int
    log_ratio: float
    spread: float  # of its rounds
    rounds: int


def _centred(values: Sequence[float], labels: Sequence[int]) -> list[float]:
    """The values without what their labels have in common."""
    means = {label: fmean(value for value, each in zip(values, labels) if each == label) for label in set(labels)}
    return [value - means[label] for value, label in zip(values, labels)]


def components(processes: Sequence[Process]) -> Components | None:
    """As in an analysis of variance with passes and builds crossed: what the level below explains is taken off each
    level. None with fewer than two processes a build."""
    logs, builds, passes = ([getattr(process, key) for process in processes] for key in ("log_ratio", "build", "run_pass"))
    several = len(set(passes)) > 1
    by_build = by_label(_centred(logs, passes) if several else logs, builds)
    if not by_build or min(map(len, by_build)) < 2:
        return None
    within_process = fmean(pi / 2 * process.spread**2 / process.rounds for process in processes)  # that of a median
    within_build = fmean(map(variance, by_build))
    means = [fmean(values) for values in by_build]
    per_build = fmean(map(len, by_build))
    build = max(0.0, variance(means) - within_build / per_build) if len(means) > 1 else 0.0
    between = between_passes(_centred(logs, builds), passes) ** 2 if several else 0.0
    return Components(build, between, max(0.0, within_build - within_process), min(within_process, within_build))
