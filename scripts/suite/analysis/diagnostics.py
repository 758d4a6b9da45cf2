"""What the rounds say beside their median: whether they depend on one another, drift, or have several modes.

Nothing here changes an interval, because its unit is the process. It is printed so that a reader knows what kind of number
a median stands for.
"""

from collections.abc import Sequence
from itertools import pairwise
from statistics import fmean

MAX_AUTOCORRELATION = 0.2
MAX_DRIFT = 0.8
MIN_FOR_DRIFT = 16  # below, a rank correlation of 0.8 is still luck
SEVERAL_MODES = 2.8  # of the sum of steps up and down over the highest bin: 2 is one mode, 4 are two
BINS = 12


def autocorrelation(values: Sequence[float]) -> float | None:
    """Of neighbours in one process."""
    if len(values) < 4:
        return None
    middle = fmean(values)
    spread = sum((value - middle) ** 2 for value in values)
    return sum((a - middle) * (b - middle) for a, b in pairwise(values)) / spread if spread else None


def _ranks(values: Sequence[float]) -> list[float]:
    order = sorted(values)
    return [(2 * order.index(value) + order.count(value) - 1) / 2 for value in values]


def drift(values: Sequence[float]) -> float | None:
    """Spearman's rank correlation with time: 1 when each process was slower than the one before."""
    ranks, times = _ranks(values), list(range(len(values)))
    if len(values) < 4 or len(set(values)) < 2:
        return None
    ranks_middle, times_middle = fmean(ranks), fmean(times)
    both = sum((a - ranks_middle) * (b - times_middle) for a, b in zip(ranks, times, strict=True))
    own = sum((a - ranks_middle) ** 2 for a in ranks) * sum((b - times_middle) ** 2 for b in times)
    return both / own**0.5


def modes(values: Sequence[float]) -> float | None:
    """The sum of all steps of the histogram over its highest bin: near 2 for one mode, near 4 for two."""
    if len(values) < 40:
        return None
    ordered = sorted(values)
    low, high = ordered[len(ordered) // 50], ordered[-1 - len(ordered) // 50]  # a lone epoch far off is no mode
    if high <= low:
        return None
    bins = [0] * (BINS + 2)
    for value in ordered:
        if low <= value <= high:
            bins[1 + min(BINS - 1, int((value - low) / (high - low) * BINS))] += 1
    return sum(abs(a - b) for a, b in pairwise(bins)) / max(bins)


def of_cell(by_process: Sequence[Sequence[float]], medians: Sequence[float]) -> dict[str, float | None]:
    """All three, from the logarithms of the ratios of each process's rounds and the median of each process."""
    own = [found for values in by_process if (found := autocorrelation(values)) is not None]
    centred = [value - middle for values, middle in zip(by_process, medians, strict=True) for value in values]
    found = {"autocorrelation": fmean(own) if own else None, "drift": drift(medians), "modes": modes(centred)}
    return {key: None if value is None else float(f"{value:.3g}") for key, value in found.items()}


def footnotes(found: dict[str, float | None]) -> list[str]:
    """What a reader should know of it."""
    lines = []
    if (found.get("autocorrelation") or 0) > MAX_AUTOCORRELATION:
        lines.append(f"neighbouring rounds depend on one another (autocorrelation {found['autocorrelation']:.2f}): more "
                     "rounds would add little, more processes do")
    if (found.get("modes") or 0) > SEVERAL_MODES:
        lines.append(f"several modes (m-value {found['modes']:.1f}): the median stands for none of them alone")
    return lines


def drifts(found: dict[str, float | None], processes: int) -> bool:
    """Whether the ratio changed steadily while it was measured."""
    return processes >= MIN_FOR_DRIFT and abs(found.get("drift") or 0) > MAX_DRIFT
