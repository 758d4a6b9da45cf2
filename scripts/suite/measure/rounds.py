"""One block: fresh processes of a baseline and its rivals, all alive at once, the token going round among them.

What comes out is one sample per contender: the time of each round, the baseline's time in the same round, and which rounds
something outside the program disturbed.

How many iterations one epoch has: found once per cell group, and shared by all its contenders.

A shared count means that nobody profits from a longer epoch; the fastest contender decides how long it must be, the
slowest how long it may be.

In which order the token goes round: a Williams design, its labels shuffled per block from the recorded seed.

In one cycle each contender stands once (twice when their number is odd) in each position and follows each other one
equally often, so neither position nor predecessor favours anyone.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from math import ceil
from typing import Any

from suite.measure.conductor import Turn
from suite.measure.contender import Contender
from suite.measure.launch import Layout
from suite.plan.presets import Preset

LARGEST_JITTER = 1.2  # longer and shorter rounds keep epochs from beating with a periodic disturbance
MIN_JITTERED = 10  # below, a fifth more is not even two iterations
MAX_RUN_DELAY = 0.02  # as the margin: what is shorter turns no verdict
MAX_STEAL = 0.1
MIN_STEAL_TICKS = 2  # the kernel counts stolen time in ticks of 10 ms: one alone may be an epoch's or nobody's
CROSSINGS = 2  # one reading above the threshold may be a disturbance; two in a row hardly are
LARGEST_STEP = 10
MAX_ITERATIONS = 1_000_000_000
LONG_EPOCH_NS = 20e6


@dataclass(frozen=True)
class Round:
    """Every contender once, in an order, all with the same number of iterations."""

    order: Sequence[str]
    iterations: int


def draw_rounds(names: Sequence[str], rounds: int, iterations: int, chance: random.Random) -> list[Round]:
    """The rounds of one block."""
    planned = []
    for order in block_orders(list(names), rounds, chance):
        factor = chance.uniform(1.0, LARGEST_JITTER)
        planned.append(Round(order, round(iterations * factor) if iterations >= MIN_JITTERED else iterations))
    return planned


def turns(rounds: Sequence[Round]) -> list[Turn]:
    """The rounds as the conductor is given them."""
    return [Turn(name, each.iterations) for each in rounds for name in each.order]


def disturbed(epoch: Mapping[str, Any]) -> bool:
    """Whether something outside the program disturbed the epoch. The time itself is never evidence, nor is it that its
    threads wait for one another where they outnumber their CPUs: that is part of the result."""
    waited = epoch["involuntary_switches"] > 0 and epoch["run_delay_ns"] > MAX_RUN_DELAY * epoch["real_ns"]
    preempted = waited and epoch.get("takes_turns") is not True
    return bool(epoch["major_faults"] > 0 or epoch["migrations"] > 0 or preempted)


def stolen_ticks(cpu: int) -> tuple[int, int]:
    """Ticks that the hypervisor took from a CPU so far, and all its ticks; zeros where the kernel does not say."""
    try:
        with open("/proc/stat", encoding="ascii") as lines:
            fields = next(line.split()[1:] for line in lines if line.startswith(f"cpu{cpu} "))
        return int(fields[7]), sum(map(int, fields[:8]))
    except (OSError, StopIteration, ValueError, IndexError):
        return 0, 0


def stolen(before: tuple[int, int], after: tuple[int, int]) -> bool:
    """Whether so much of a block was stolen that none of its rounds can be trusted."""
    ticks, all_ticks = after[0] - before[0], after[1] - before[1]
    return ticks >= MIN_STEAL_TICKS and ticks > MAX_STEAL * all_ticks


def _digits(value: float) -> float:
    """As written: the file holds what the estimates are computed from."""
    return float(f"{value:.5g}")


@dataclass(frozen=True)
class Block:
    """Where and when the rounds of one block ran."""

    process: int
    pass_: int = 0
    cpu: int = 0
    at: float = 0.0  # seconds since the run began

    def to_json(self) -> dict[str, Any]:
        """As a sample holds it."""
        return {"process": self.process, "pass": self.pass_, "cpu": self.cpu, "at": round(self.at, 1)}


def samples(block: Block, layouts: Mapping[str, Layout], baseline: str, rounds: Sequence[Round],
            events: Sequence[Mapping[str, Any] | None], operations: Mapping[str, int],
            ignore_disturbance: bool = False) -> dict[str, dict[str, Any]]:
    """One sample for each contender that answered every turn; `events` in the order of the turns."""
    answered = iter(events)
    by_round = [{name: next(answered) for name in each.order} for each in rounds]
    whole = [name for name in layouts if all(events_of.get(name) is not None for events_of in by_round)]
    if baseline not in whole:
        return {}
    return {name: _sample(block, layouts[name], name, baseline, by_round, operations, ignore_disturbance)
            for name in whole}


def witnesses(events: Sequence[Sequence[Mapping[str, Any]]]) -> dict[str, list[float]]:
    """For each round the worst reading of each witness that all of its epochs have. `events`: the epochs of each round."""
    readings = [[event.get("witness") or {} for event in one] for one in events]
    names = set.intersection(*(set(each) for one in readings for each in one)) if readings else set()
    return {name: [max(max(each[name]) for each in one) for one in readings] for name in sorted(names)}


def _sample(block: Block, layout: Layout, name: str, baseline: str, by_round: Sequence[Mapping[str, Any]],
            operations: Mapping[str, int], ignore_disturbance: bool) -> dict[str, Any]:
    def time_of(events: Mapping[str, Any], which: str) -> float:
        return _digits(events[which]["real_ns"] / (events[which]["iterations"] * operations[which]))
    own, paired = [events[name] for events in by_round], name != baseline
    pair = [[events[which] for which in {name, baseline}] for events in by_round]
    seen = witnesses([epochs for epochs in pair if all("witness" in epoch for epoch in epochs)])
    return {
        **block.to_json(), "layout": asdict(layout),
        "ns_per_op": [time_of(events, name) for events in by_round],
        "baseline_ns_per_op": [time_of(events, baseline) for events in by_round] if paired else [],
        "rejected": [] if ignore_disturbance else
        [number for number, events in enumerate(by_round)
         if disturbed(events[name]) or paired and disturbed(events[baseline])],
        "witness": {name: values for name, values in seen.items() if len(values) == len(by_round)},
        "witness_ns": int(sum(event.get("witness_ns", 0) for event in own)),
        "minor_faults": int(sum(event.get("minor_faults", 0) for event in own)),
        "operations": int(sum(event["iterations"] * operations[name] for event in own)),
    }


def iteration_ns(contender: Contender, shortest_epoch_ns: float) -> float:
    """Grows the count until an epoch lasts long enough twice, and returns the time of one iteration."""
    iterations, crossed = 1, []
    while True:
        real_ns = contender.epoch(iterations)["real_ns"]
        if real_ns >= shortest_epoch_ns or iterations >= MAX_ITERATIONS:
            crossed.append(real_ns / iterations)
            if len(crossed) == CROSSINGS:
                return min(crossed)
        else:
            crossed = []
            estimate = ceil(1.2 * iterations * shortest_epoch_ns / real_ns)
            iterations = min(max(2 * iterations, min(estimate, LARGEST_STEP * iterations)), MAX_ITERATIONS)


def shared_iterations(fastest_ns: float, slowest_ns: float, preset: Preset) -> int:
    """The count of the group, from the time of one iteration of its fastest and its slowest contender."""
    iterations = preset.epoch_ns / fastest_ns
    if iterations * slowest_ns > preset.longest_epoch_ns:
        iterations = max(preset.longest_epoch_ns / slowest_ns, preset.shortest_epoch_ns / fastest_ns)
    return max(1, ceil(iterations))


def is_long(iterations: int, slowest_ns: float) -> bool:
    """Whether an epoch of the slowest outlasts the machine's moods, so that pairing closely gains nothing more."""
    return iterations * slowest_ns > LONG_EPOCH_NS


def round_count(iterations: int, slowest_ns: float, preset: Preset) -> int:
    """The rounds per process that fit its budget, but never fewer than a median needs."""
    fitting = int(preset.process_budget_ns / (iterations * slowest_ns))
    fewest = preset.min_long_rounds if is_long(iterations, slowest_ns) else preset.min_rounds
    return min(preset.rounds, max(fewest, fitting))


def williams(size: int) -> list[list[int]]:
    """The rows of the design over 0..size-1: `size` rows when even, twice as many when odd."""
    if size < 2:
        return [list(range(size))]
    zigzag = [0]
    for step in range(1, size):
        zigzag.append((step + 1) // 2 if step % 2 else size - step // 2)
    rows = [[(label + shift) % size for label in zigzag] for shift in range(size)]
    if size % 2:
        rows += [row[::-1] for row in rows]
    return rows


def block_orders(labels: list[str], rounds: int, chance: random.Random) -> list[list[str]]:
    """One order per round for one block."""
    shuffled = labels[:]
    chance.shuffle(shuffled)
    rows = williams(len(shuffled))
    return [[shuffled[label] for label in rows[number % len(rows)]] for number in range(rounds)]
