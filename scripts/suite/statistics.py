"""The arithmetic of a ratio, pure functions only.

The unit of replication is the process. Within a process the rounds give one median log-ratio; over processes the median
is the estimate and two order statistics are its interval: exact, deterministic, free of any assumption about shape.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from math import ceil, comb, exp, inf, log, pi
from statistics import fmean, median, variance

from suite.presets import CONFIDENCE


@dataclass(frozen=True)
class Interval:
    """An estimate with its interval; `low` and `high` are None when there are too few processes for one."""

    estimate: float
    low: float | None = None
    high: float | None = None

    @property
    def half_width(self) -> float | None:
        """Half the length of the interval of a ratio on the logarithmic scale."""
        return None if self.low is None or self.high is None else (log(self.high) - log(self.low)) / 2

    def contains(self, value: float) -> bool:
        """Whether the interval exists and holds the value."""
        return self.low is not None and self.high is not None and self.low <= value <= self.high


def rank(processes: int, confidence: float = CONFIDENCE) -> int:
    """The k of the interval [k-th smallest, k-th largest]; 0 when no interval reaches the confidence.

    It is the largest k with sum over i < k of C(processes, i) / 2^processes <= (1 - confidence) / 2.
    """
    best, tail = 0, 0.0
    for k in range(1, processes // 2 + 1):
        tail += comb(processes, k - 1) / 2**processes
        if tail > (1 - confidence) / 2:
            break
        best = k
    return best


def actual_confidence(processes: int, confidence: float = CONFIDENCE) -> float | None:
    """The coverage that the order statistics reach; None when there is no interval."""
    k = rank(processes, confidence)
    return 1 - 2 * sum(comb(processes, i) for i in range(k)) / 2**processes if k else None


def interval(values: Sequence[float], confidence: float = CONFIDENCE) -> Interval | None:
    """Median and interval of one value per process; None without values."""
    if not values:
        return None
    ordered, k = sorted(values), rank(len(values), confidence)
    return Interval(median(ordered), ordered[k - 1], ordered[-k]) if k else Interval(median(ordered))


def ratio(log_ratios: Sequence[float], confidence: float = CONFIDENCE) -> Interval | None:
    """The ratio whose per-process median logarithms are given."""
    logs = interval(log_ratios, confidence)
    if logs is None:
        return None
    low, high = (None if end is None else exp(end) for end in (logs.low, logs.high))
    return Interval(exp(logs.estimate), low, high)


def round_logs(own: Sequence[float], baseline: Sequence[float], rejected: Sequence[int]) -> list[float]:
    """ln(own / baseline) in each accepted round."""
    return [log(a) - log(b) for number, (a, b) in enumerate(zip(own, baseline, strict=True)) if number not in rejected]


def process_log_ratio(own: Sequence[float], baseline: Sequence[float], rejected: Sequence[int]) -> float | None:
    """Median over the accepted rounds of ln(own / baseline); None when no round was accepted."""
    logs = round_logs(own, baseline, rejected)
    return median(logs) if logs else None


def process_median(own: Sequence[float], rejected: Sequence[int]) -> float | None:
    """Median over the accepted rounds of one process."""
    kept = [value for number, value in enumerate(own) if number not in rejected]
    return median(kept) if kept else None


def floor(twins: Sequence[Interval]) -> float | None:
    """What the machine calls different when nothing is: the 95th percentile over the A/A intervals of the larger
    |ln endpoint|, the largest one while there are fewer than 20; None without intervals."""
    ends = sorted(max(abs(log(twin.low)), abs(log(twin.high))) for twin in twins if twin.low and twin.high)
    if not ends:
        return None
    return ends[-1] if len(ends) < 20 else ends[ceil(0.95 * len(ends)) - 1]


def binomial_tail(misses: int, trials: int, rate: float) -> float:
    """The probability of at least `misses` in `trials` when each happens at `rate`."""
    if misses <= 0:
        return 1.0
    return sum(comb(trials, i) * rate**i * (1 - rate) ** (trials - i) for i in range(misses, trials + 1))


def needed_processes(found: Interval, processes: int, margin: float) -> float:
    """How many processes would let the interval clear the nearest edge of the margin.

    The width shrinks with the root of the number of processes. For an estimate of 1 this is P (width / 2 margin)^2.
    """
    half, edge = found.half_width, log(1 + margin)
    if half is None:
        return inf
    distance = min(abs(log(found.estimate) - edge), abs(log(found.estimate) + edge))
    return max(processes + 1, ceil(processes * (half / distance) ** 2)) if distance > 0 else inf


def sign_test(log_ratios: Sequence[float], margin: float) -> float:
    """The two-sided probability of a sign test that the median lies beyond the nearer edge of the margin: as many values
    beyond it, or more, by chance. It assumes as little as the intervals do."""
    edge, count = log(1 + margin), len(log_ratios)
    beyond = max(sum(value < -edge for value in log_ratios), sum(value > edge for value in log_ratios))
    return min(1.0, 2 * binomial_tail(beyond, count, 0.5)) if count else 1.0


def holm(probabilities: Sequence[float], level: float = 1 - CONFIDENCE) -> list[bool]:
    """Which of several tests hold together: the chance that even one of these is wrong is at most `level`."""
    order = sorted(range(len(probabilities)), key=probabilities.__getitem__)
    held = [False] * len(probabilities)
    for place, index in enumerate(order):
        if probabilities[index] > level / (len(order) - place):
            break
        held[index] = True
    return held


@dataclass(frozen=True)
class Components:
    """The variance of one process's logarithm of a ratio, by where it comes from."""

    build: float
    process: float
    round: float

    @property
    def total(self) -> float:
        """All of it."""
        return self.build + self.process + self.round


def round_spread(logs: Sequence[float]) -> float:
    """The standard deviation of a process's rounds, by way of the median deviation: single epochs may be far off."""
    middle = median(logs)
    return 1.4826 * median(abs(value - middle) for value in logs)


def components(processes: Sequence[tuple[int, float, float, int]]) -> Components | None:
    """From one (build, log ratio, spread of its rounds, rounds) per process, as in a nested analysis of variance: what
    the level below explains is taken off each level. None with fewer than two processes a build."""
    by_build = [list(rows) for _, rows in groupby(sorted(processes), key=lambda row: row[0])]
    if not by_build or min(map(len, by_build)) < 2:
        return None
    within_process = fmean(pi / 2 * spread**2 / rounds for _, _, spread, rounds in processes)  # that of a median
    within_build = fmean(variance(row[1] for row in rows) for rows in by_build)
    means = [fmean(row[1] for row in rows) for rows in by_build]
    per_build = fmean(map(len, by_build))
    between = max(0.0, variance(means) - within_build / per_build) if len(means) > 1 else 0.0
    return Components(between, max(0.0, within_build - within_process), min(within_process, within_build))
