"""By how much one sample lies beside another, with an exact interval from ranks alone (Mann-Whitney, Hodges-Lehmann).

    old:  . .. . .        all differences new - old in order:  . . .[. . . . . . .]. . .
    new:        . . .. .                                            k-th        k-th from the end

Where nothing but the place differs, each order of the two samples is equally likely, so what k may be is counted and not
assumed: five a side are enough for 95 %. Two intervals, one a side, put together from order statistics take seven a side
and come out twice as wide.
Bad for:  a change of the shape. Then the interval is that of the median difference between one process of each side.
"""

from collections.abc import Sequence
from functools import cache
from math import comb
from statistics import median

from suite.errors import UserError
from suite.statistics import Interval

FEWEST = 5  # a side; with less on one side and many on the other, luck of a link order would decide
MOST = 500  # processes a side; all their differences are held at once


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
