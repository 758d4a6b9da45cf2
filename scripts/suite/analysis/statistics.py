"""The arithmetic of a ratio, pure functions only.

The unit of replication is the process. Within a process the rounds give one median log-ratio; over processes the median
is the estimate and two order statistics are its interval: exact, deterministic, free of any assumption about shape.
Processes of one pass share their minute, so the interval is widened by what passes differ in (`components.py`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from math import ceil, comb, exp, hypot, inf, log
from statistics import median

from suite.analysis.components import Between, pass_error
from suite.plan.presets import CONFIDENCE

SMALLEST_ERROR = 1e-9  # below it a quantile is rounding
FEWEST_NODES = 6  # with five, no pair of order statistics reaches 95 %
MOST_COVERED = 0.99  # of the intervals over nodes: beyond, they are wider than anybody asked


@dataclass(frozen=True)
class Interval:
    """An estimate with its interval; `low` and `high` are None when there are too few processes for one."""

    estimate: float
    low: float | None = None
    high: float | None = None

    @property
    def has_interval(self) -> bool:
        return self.low is not None and self.high is not None

    def scaled(self, by: float) -> "Interval":
        """All of it times a factor."""
        return Interval(self.estimate * by, self.low and self.low * by, self.high and self.high * by)

    def exponential(self) -> "Interval":
        """The interval of a ratio, from that of its logarithm."""
        return Interval(exp(self.estimate), *(None if end is None else exp(end) for end in (self.low, self.high)))

    @property
    def half_width(self) -> float | None:
        """Half the length of the interval of a ratio on the logarithmic scale."""
        return None if self.low is None or self.high is None else (log(self.high) - log(self.low)) / 2

    def contains(self, value: float) -> bool:
        """Whether the interval exists and holds the value."""
        return self.low is not None and self.high is not None and self.low <= value <= self.high


@cache
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


def interval(values: Sequence[float], confidence: float = CONFIDENCE, passes: Sequence[int] = (),
             between: Between | None = None) -> Interval | None:
    """Median and interval of one value per process; None without values. `passes` names the pass of each process,
    `between` is what `components.pooled` made of the cells of the group; without it the cell speaks for itself."""
    if not values:
        return None
    k = rank(len(values), confidence)
    if not k:
        return Interval(median(values))
    return _widened(sorted(values), k, pass_error(values, passes, between).reach(1 - confidence))


def over_nodes(values: Sequence[float], confidence: float = CONFIDENCE) -> Interval:
    """Median and interval of one value a node: order statistics, as over processes. Eight nodes alone have no pair between
    93.0 % and 99.2 %; there each end lies half way to the next value, and the coverage between the two, whatever the shape."""
    ordered, k = sorted(values), rank(len(values), confidence)
    if not k:
        return Interval(median(ordered))
    inner = k if _is_wide(len(values), confidence) else k - 1
    return Interval(median(ordered), (ordered[k - 1] + ordered[inner]) / 2, (ordered[-k] + ordered[-1 - inner]) / 2)


def _is_wide(nodes: int, confidence: float) -> bool:
    return (actual_confidence(nodes, confidence) or 0) > MOST_COVERED


def confidence_over_nodes(nodes: int, confidence: float = CONFIDENCE) -> float | None:
    """What an interval over nodes reaches: where its ends lie half way, half way between the two levels."""
    reached = actual_confidence(nodes, confidence)
    if reached and _is_wide(nodes, confidence):
        return reached - comb(nodes, rank(nodes, confidence)) / 2**nodes
    return reached


def _widened(ordered: Sequence[float], k: int, error: float) -> Interval:
    """The k-th smallest and the k-th largest value, each moved away from the median in quadrature."""
    middle = median(ordered)
    low, high = ordered[k - 1], ordered[-k]
    if error:
        low, high = middle - hypot(middle - low, error), middle + hypot(high - middle, error)
    return Interval(middle, low, high)


def ratio(log_ratios: Sequence[float], confidence: float = CONFIDENCE, passes: Sequence[int] = (),
          between: Between | None = None) -> Interval | None:
    """The ratio whose per-process median logarithms are given."""
    logs = interval(log_ratios, confidence, passes, between)
    return logs and logs.exponential()


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


def sign_test(log_ratios: Sequence[float], margin: float, passes: Sequence[int] = (),
              between: Between | None = None) -> float:
    """The smallest error at which the interval still lies beyond the nearer edge of the margin. Within one pass this is the
    two-sided sign test: so many values beyond the edge, or more, by chance."""
    edge, count, tail = log(1 + margin), len(log_ratios), 0.0
    ordered = sorted(log_ratios)
    of_passes = pass_error(log_ratios, passes, between)
    for k in range(1, count // 2 + 1):
        tail += comb(count, k - 1) / 2**count
        error = max(2 * tail, SMALLEST_ERROR)
        found = _widened(ordered, k, of_passes.reach(error))
        if found.low > edge or found.high < -edge:
            return error
    return 1.0


def holm(probabilities: Sequence[float], level: float = 1 - CONFIDENCE) -> list[bool]:
    """Which of several tests hold together: the chance that even one of these is wrong is at most `level`."""
    order = sorted(range(len(probabilities)), key=probabilities.__getitem__)
    held = [False] * len(probabilities)
    for place, index in enumerate(order):
        if probabilities[index] > level / (len(order) - place):
            break
        held[index] = True
    return held
