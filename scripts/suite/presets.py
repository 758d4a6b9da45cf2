"""How much a run measures: `smoke` tries every cell once, `quick` is the default, `full` is for results to publish."""

from dataclasses import dataclass

MARGIN = 0.02  # differences below 2 % rarely decide a design review
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Preset:
    """The numbers of one preset; times in nanoseconds."""

    name: str
    rank: int  # a point takes part when its own preset's rank is not higher
    processes: int
    rounds: int
    epoch_ns: float  # the fastest contender's epoch lasts at least this long
    longest_epoch_ns: float = 8e6  # a few scheduler slices: longer epochs are preempted more often than not
    shortest_epoch_ns: float = 50e3  # a thousand clock ticks
    process_budget_ns: float = 60e6  # all epochs of the slowest contender in one process
    fewest_rounds: int = 3  # a median of fewer has no robustness left
    memory_processes: int = 3
    memory_objects: int | None = None  # None leaves it to the binary
    smoke: bool = False
    twin: bool = True


PRESETS = {
    preset.name: preset
    for preset in (
        Preset("smoke", 0, processes=1, rounds=1, epoch_ns=0, memory_processes=1, memory_objects=1000,
               smoke=True, twin=False),
        Preset("quick", 0, processes=10, rounds=12, epoch_ns=250e3),
        Preset("full", 1, processes=30, rounds=16, epoch_ns=1e6, process_budget_ns=200e6),
    )
}
DEFAULT = "quick"


def rank_of(name: str) -> int:
    """The rank of a preset that the binary names; an unknown one is measured only by the most thorough preset."""
    return PRESETS[name].rank if name in PRESETS else PRESETS["full"].rank
