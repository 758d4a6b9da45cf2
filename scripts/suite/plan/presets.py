"""How much a run measures.

`smoke` tries every cell once, `quick` is the default, `full` is for results to publish: every point, with many processes.
`wide` takes every pool there is to every point, with fewer. `heaps` asks which malloc, and nothing of pools.
"""

from dataclasses import dataclass

MARGIN = 0.02  # differences below 2 % rarely decide a design review
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Look:
    """An interim analysis, after so many processes in so many passes through the run: what is settled then leaves, what is
    open goes on to the next one.

    Rounds cost less than processes and say less: most of what differs lies between processes. Two analyses are two chances
    to err, so they share the error between them: their `1 - confidence` add up to at most that of one interval.
    """

    processes: int
    confidence: float
    passes: int = 1


ONCE = (Look(1, CONFIDENCE),)
THREE_PASSES = (Look(18, 0.968, 3), Look(30, 0.983, 5))
OF_HEAPS = (Look(10, 0.975, 3), Look(16, 0.988, 5))
LONG = (Look(12, 0.975, 3), Look(20, 0.988, 5))  # a group whose epochs are long; fewer processes, the same passes
WIDE = (Look(12, 0.97, 3), Look(20, 0.988, 5))
MANY_PASSES = (Look(30, 0.9775, 3), Look(50, 0.983, 5))


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
    min_rounds: int = 8
    min_long_rounds: int = 5  # three of them must be quiet
    memory_processes: int = 1  # resident bytes of a million objects differ by less than a tenth of a percent
    memory_objects: int | None = None  # None leaves it to the binary
    smoke: bool = False
    every_pool: bool = False  # also those that a workload leaves out of its shorter presets
    heaps_only: bool = False  # the workloads about heaps, on every heap, and the first strategy of those in HEAPS_TOO
    twin: bool = True
    memory_wait_seconds: float = 1.0  # what is kept so long after everything was released
    latency_processes: int = 2  # a spike that comes back at the same place is the pool's
    latency_operations: int = 2_000_000  # p99.99 needs a hundred thousand samples
    latency_period: int = 16
    ceiling_processes: int = 5
    aa_half_width: float = 0.01  # an A/A cell goes on until its interval is this narrow: its floor caps every verdict

    @property
    def passes(self) -> int:
        """How often the run goes through all groups at most."""
        return max(self.looks[-1].passes, self.long_looks[-1].passes)

    @property
    def processes(self) -> int:
        """The most processes that a contender gets."""
        return self.looks[-1].processes

    def looks_of(self, in_blocks: bool) -> tuple[Look, ...]:
        """The looks at a group, by whether its epochs are short."""
        return self.looks if in_blocks else self.long_looks

    def span(self, done: int, in_blocks: bool) -> tuple[int, int]:
        """The numbers of the processes that the next pass brings, after `done` passes; empty after the last one."""
        first_pass = first = 0
        for look in self.looks_of(in_blocks):
            if done < look.passes:
                each = (look.processes - first) / (look.passes - first_pass)
                return (first + round(each * (done - first_pass)), first + round(each * (done + 1 - first_pass)))
            first_pass, first = look.passes, look.processes
        return first, first

    def confidence_after(self, looks: int, in_blocks: bool) -> float:
        """The confidence of the interval of a cell that took part in so many looks."""
        plan = self.looks_of(in_blocks)
        return plan[min(max(looks, 1), len(plan)) - 1].confidence


PRESETS = {
    preset.name: preset
    for preset in (
        Preset("smoke", 0, ONCE, ONCE, rounds=1, epoch_ns=0, memory_objects=1000, smoke=True, twin=False, every_pool=True,
               memory_wait_seconds=0, latency_processes=1, latency_operations=2000, ceiling_processes=1),
        Preset("quick", 0, THREE_PASSES, LONG, rounds=30, epoch_ns=50e3, process_budget_ns=20e6,
               min_rounds=5, memory_objects=200_000, latency_processes=1, latency_operations=1_000_000),
        Preset("heaps", 0, OF_HEAPS, OF_HEAPS, rounds=30, epoch_ns=50e3, process_budget_ns=20e6, min_rounds=5, heaps_only=True,
               latency_processes=1, latency_operations=1_000_000, memory_wait_seconds=5.0),
        Preset("wide", 1, WIDE, WIDE, rounds=20, epoch_ns=100e3, memory_wait_seconds=5.0, every_pool=True),
        Preset("full", 1, MANY_PASSES, LONG, rounds=40, epoch_ns=150e3, memory_processes=3,
               memory_wait_seconds=5.0, latency_processes=3, ceiling_processes=9, aa_half_width=0.005),
    )
}
DEFAULT = "quick"
HEAPS = "heaps"
HEAPS_TOO = ("pair", "batch_order", "handoff")  # they ask about pools; their first strategy is the heap


def rank_of(name: str) -> int:
    """From which rank on a preset takes part that the binary names: `heaps` and an unknown one from that of `full` on."""
    return PRESETS[name].rank if name in PRESETS and name != HEAPS else PRESETS["full"].rank
