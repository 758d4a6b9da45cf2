"""How much a run measures.

`smoke` tries every cell once, `quick` is the default, `full` is for results to publish: every point, with many processes.
`wide` takes every pool there is to every point, with fewer.
"""

from dataclasses import dataclass

MARGIN = 0.02  # differences below 2 % rarely decide a design review
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Look:
    """A look at the data after so many processes: what is settled then leaves, what is open goes on to the next look.

    Rounds cost less than processes and say less: most of what differs lies between processes. Looking twice is two chances to err, so the looks share the error between them: their `1 - confidence` add up to
    at most that of one interval.
    """

    processes: int
    confidence: float


ONCE = (Look(1, CONFIDENCE),)
TWICE = (Look(10, 0.978), Look(20, 0.988))
ONCE_LONG = (Look(10, 0.978),)  # the sign test of six is 3 % at best: beside a dozen rivals nothing would hold
TWICE_LONG = (Look(8, 0.992), Look(12, 0.958))
TWICE_WIDE = (Look(8, 0.992), Look(13, 0.958))
THRICE = (Look(13, 0.9775), Look(28, 0.996), Look(40, 0.983))


@dataclass(frozen=True)
class Preset:
    """The numbers of one preset; times in nanoseconds."""

    name: str
    rank: int  # a point takes part when its own preset's rank is not higher
    looks: tuple[Look, ...]
    long_looks: tuple[Look, ...]  # for groups whose epochs take so long that a process costs more than in all others
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
    every_pool: bool = False  # also those that a workload leaves out of its shorter presets
    twin: bool = True
    memory_wait_seconds: float = 1.0  # what is kept so long after everything was released
    latency_processes: int = 2  # a spike that comes back at the same place is the pool's
    latency_operations: int = 2_000_000  # p99.99 needs a hundred thousand samples
    latency_period: int = 16
    ceiling_processes: int = 5
    aa_half_width: float = 0.006  # an A/A cell goes on until its interval is this narrow: its floor caps every verdict

    @property
    def processes(self) -> int:
        """The most processes that a contender gets."""
        return self.looks[-1].processes

    def looks_of(self, in_heats: bool) -> tuple[Look, ...]:
        """The looks at a group, by whether its epochs are short."""
        return self.looks if in_heats else self.long_looks

    def confidence_after(self, looks: int, in_heats: bool) -> float:
        """The confidence of the interval of a cell that took part in so many looks."""
        plan = self.looks_of(in_heats)
        return plan[min(max(looks, 1), len(plan)) - 1].confidence


PRESETS = {
    preset.name: preset
    for preset in (
        Preset("smoke", 0, ONCE, ONCE, rounds=1, epoch_ns=0, memory_objects=1000, smoke=True, twin=False, every_pool=True,
               memory_wait_seconds=0, latency_processes=1, latency_operations=2000, ceiling_processes=1),
        Preset("quick", 0, TWICE, ONCE_LONG, rounds=20, epoch_ns=30e3, process_budget_ns=15e6, memory_objects=200_000,
               latency_processes=1, latency_operations=1_000_000),
        Preset("wide", 1, TWICE_WIDE, TWICE_LONG, rounds=20, epoch_ns=40e3, memory_wait_seconds=5.0, every_pool=True),
        Preset("full", 1, THRICE, TWICE, rounds=40, epoch_ns=60e3, memory_processes=3,
               memory_wait_seconds=5.0, latency_processes=3, ceiling_processes=9, aa_half_width=0.004),
    )
}
DEFAULT = "quick"


def rank_of(name: str) -> int:
    """The rank of a preset that the binary names; an unknown one is measured only by the most thorough preset."""
    return PRESETS[name].rank if name in PRESETS else PRESETS["full"].rank
