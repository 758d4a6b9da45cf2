"""Several runs of one program on one machine, pair by pair: do the intervals of a cell overlap, do its verdicts contradict?

Only cells that may be cited in both runs of a pair count, and only where both were measured in the same regime; the
others are counted apart. Pure: nothing is read or printed here.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from suite import citable, run_regime

Json = Mapping[str, Any]
LEAST_OVERLAP = 0.99  # two 95 % intervals of one truth miss each other far less often than once in a hundred
MOST_TURNED = 0
OPPOSITE = {"FASTER", "SLOWER"}


@dataclass(frozen=True)
class Side:
    """What one run says of a cell."""

    run: int
    estimate: float
    low: float
    high: float
    verdict: str


@dataclass(frozen=True)
class Pair:
    """One cell in two runs."""

    cell: str
    workload: str
    regime: str
    sides: tuple[Side, Side]

    @property
    def apart(self) -> float:
        """The higher low end over the lower high end: above 1, the intervals do not meet."""
        return max(side.low for side in self.sides) / min(side.high for side in self.sides)

    @property
    def overlaps(self) -> bool:
        return self.apart <= 1

    @property
    def turned(self) -> bool:
        """FASTER in one run and SLOWER in the other."""
        return {side.verdict for side in self.sides} == OPPOSITE


@dataclass(frozen=True)
class Tally:
    """Counts over some of the pairs."""

    pairs: int
    overlapping: int
    turned: int

    @property
    def share(self) -> float:
        return self.overlapping / self.pairs

    @property
    def reached(self) -> bool:
        """Whether both bars are met."""
        return self.share >= LEAST_OVERLAP and self.turned <= MOST_TURNED


@dataclass(frozen=True)
class Replication:
    """All pairs, and the cells (each once a pair of runs) that had different regimes and were not compared."""

    pairs: list[Pair]
    mixed: list[str]


def tally(pairs: Sequence[Pair]) -> Tally:
    """What came out of some pairs."""
    return Tally(len(pairs), sum(pair.overlaps for pair in pairs), sum(pair.turned for pair in pairs))


def by(pairs: Sequence[Pair], key: Callable[[Pair], str]) -> dict[str, Tally]:
    """The same for each workload, or each regime, in the order of the runs."""
    groups = defaultdict(list)
    for pair in pairs:
        groups[key(pair)].append(pair)
    return {name: tally(group) for name, group in groups.items()}


def worst(pairs: Sequence[Pair], most: int) -> list[Pair]:
    """Verdicts turned round first, then the intervals that lie farthest from each other; none that agree."""
    wrong = [pair for pair in pairs if pair.turned or not pair.overlaps]
    return sorted(wrong, key=lambda pair: (not pair.turned, -pair.apart))[:most]


def _side(number: int, cell: Json) -> Side:
    ratio = cell["ratio"]
    return Side(number, ratio["estimate"], ratio["low"], ratio["high"], cell["verdict"])


def compare(runs: Sequence[Json]) -> Replication:
    """Every pair of runs, every cell that both may cite."""
    cells = [citable.cells(measured) for measured in runs]
    found = Replication([], [])
    for (first, old), (second, new) in combinations(enumerate(cells), 2):
        for name in (name for name in old if name in new):
            regime = run_regime.of_cell(old[name])
            if regime != run_regime.of_cell(new[name]) or not run_regime.alike(runs[first], runs[second], regime):
                found.mixed.append(name)
            else:
                found.pairs.append(Pair(name, old[name]["workload"], regime,
                                        (_side(first, old[name]), _side(second, new[name]))))
    return found
