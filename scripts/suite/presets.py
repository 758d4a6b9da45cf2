"""How much a run measures.

`smoke` tries every cell once, `quick` is the default, `wide` measures every point and every pool with fewer processes, `full` is
for results to publish.
"""

from dataclasses import dataclass

MARGIN = 0.02  # differences below 2 % rarely decide a design review
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Preset:
    """The numbers of one preset; times in nanoseconds."""

    name: str
    rank: int  # a point takes part when its own preset's rank is not higher
    processes: int
    long_processes: int  # for groups whose epochs take so long that this many already cost more than all others
    rounds: int
    epoch_ns: float  # the fastest contender's epoch lasts at least this long
    longest_epoch_ns: float = 1.5e6  # a shared machine changes its speed within milliseconds: rivals must be close
    shortest_epoch_ns: float = 25e3  # a thousand times what reading the clock takes
    process_budget_ns: float = 60e6  # all epochs of the slowest contender in one process
    fewest_rounds: int = 8
    fewest_long_rounds: int = 3  # a median of fewer has no robustness left
    memory_processes: int = 1  # resident bytes of a million objects differ by less than a tenth of a percent
    memory_objects: int | None = None  # None leaves it to the binary
    smoke: bool = False
    twin: bool = True


PRESETS = {
    preset.name: preset
    for preset in (
        Preset("smoke", 0, processes=1, long_processes=1, rounds=1, epoch_ns=0, memory_processes=1, memory_objects=1000,
               smoke=True, twin=False),
        Preset("quick", 0, processes=17, long_processes=10, rounds=34, epoch_ns=50e3),
        Preset("wide", 1, processes=13, long_processes=8, rounds=24, epoch_ns=50e3),
        Preset("full", 1, processes=40, long_processes=20, rounds=40, epoch_ns=50e3, process_budget_ns=100e6,
               memory_processes=3),
    )
}
DEFAULT = "quick"


def rank_of(name: str) -> int:
    """The rank of a preset that the binary names; an unknown one is measured only by the most thorough preset."""
    return PRESETS[name].rank if name in PRESETS else PRESETS["full"].rank
