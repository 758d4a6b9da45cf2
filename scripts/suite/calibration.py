"""How many iterations one epoch has: found once per cell group, and shared by all its contenders.

A shared count means that nobody profits from a longer epoch; the fastest contender decides how long it must be, the
slowest how long it may be.
"""

from math import ceil

from suite.contender import Contender
from suite.presets import Preset

CROSSINGS = 2  # one reading above the threshold may be a disturbance; two in a row hardly are
LARGEST_STEP = 10
MOST_ITERATIONS = 1_000_000_000
LONG_EPOCH_NS = 20e6


def iteration_ns(contender: Contender, shortest_epoch_ns: float) -> float:
    """Grows the count until an epoch lasts long enough twice, and returns the time of one iteration."""
    iterations, crossed = 1, []
    while True:
        real_ns = contender.epoch(iterations)["real_ns"]
        if real_ns >= shortest_epoch_ns or iterations >= MOST_ITERATIONS:
            crossed.append(real_ns / iterations)
            if len(crossed) == CROSSINGS:
                return min(crossed)
        else:
            crossed = []
            estimate = ceil(1.2 * iterations * shortest_epoch_ns / real_ns)
            iterations = min(max(2 * iterations, min(estimate, LARGEST_STEP * iterations)), MOST_ITERATIONS)


def shared_iterations(fastest_ns: float, slowest_ns: float, preset: Preset) -> int:
    """The count of the group, from the time of one iteration of its fastest and its slowest contender."""
    iterations = preset.epoch_ns / fastest_ns
    if iterations * slowest_ns > preset.longest_epoch_ns:
        iterations = max(preset.longest_epoch_ns / slowest_ns, preset.shortest_epoch_ns / fastest_ns)
    return max(1, ceil(iterations))


def is_long(iterations: int, slowest_ns: float) -> bool:
    """Whether an epoch of the slowest outlasts the machine's moods, so that pairing closely gains nothing more."""
    return iterations * slowest_ns > LONG_EPOCH_NS


def rounds(iterations: int, slowest_ns: float, preset: Preset) -> int:
    """The rounds per process that fit its budget, but never fewer than a median needs."""
    fitting = int(preset.process_budget_ns / (iterations * slowest_ns))
    fewest = preset.fewest_long_rounds if is_long(iterations, slowest_ns) else preset.fewest_rounds
    return min(preset.rounds, max(fewest, fitting))
