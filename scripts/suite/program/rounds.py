"""Whole processes in paired rounds: each round runs every side once, in random order, and what is compared is of one round.

A process is one sample; the interval is over processes, as everywhere in the suite. The program runs against itself too (A/A): by how much it
differs from itself is the floor, and nothing smaller is claimed. What is stored is what is judged: six numbers a process, rounded once,
from which every figure can be computed again.
"""

import os
import random
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import log

from suite.analysis import statistics, verdicts
from suite.analysis.statistics import Interval
from suite.base.errors import UserError
from suite.program.runs import Ran, Side, once
from suite.program.target import Program
from suite.program.tools import Tools

TWIN = "itself"
FEWEST, MOST = 7, 25  # rounds; with five no interval reaches 95 %
JUDGED, WALL, CPU, STARTUP, RSS_KB, FAULTS = range(6)  # the numbers of a process; times in seconds
Round = list[float]
Rounds = Mapping[str, Sequence[Round]]  # of each side, the same round at the same place


@dataclass
class Measured:
    """What the rounds brought: the processes of each side, and why a side has none."""

    sides: tuple[Side, ...]
    rounds: dict[str, list[Round]] = field(default_factory=dict)
    served: dict[str, str] = field(default_factory=dict)  # by which file malloc is
    refused: dict[str, str] = field(default_factory=dict)
    floor: float | None = None

    @property
    def margin(self) -> float:
        return verdicts.effective_margin(self.floor)


def numbers(program: Program, ran: Ran) -> Round:
    """What is kept of a process. Judged is the figure that the program prints, or else its CPU time without start-up."""
    judged = ran.figure or 0.0 if program.metric else ran.work
    return [*(float(f"{value:.9g}") for value in (judged, ran.wall, ran.cpu, ran.startup)), ran.rss_kb, ran.faults]


def run(tools: Tools, program: Program, sides: Sequence[Side], seconds: float, seed: int = 1, rounds: int = 0) -> Measured:
    """The first side is the program as it is. As many rounds as fit into the time, within bounds."""
    chance = random.Random(seed)
    plain = sides[0]
    first, second = once(tools, program, plain, chance), once(tools, program, plain, chance)
    refuse_unsteady(program, first, second)
    sides = (plain, Side(TWIN, plain.libraries, plain.variables, plain.serves), *sides[1:])
    found = Measured(sides)
    for side in sides[2:]:  # once each before anything counts: warm files, and what cannot take part
        refuse_other(found, side, first, once_or_reason(tools, program, side, chance))
    running = [side for side in sides if side.name not in found.refused]
    count = rounds or max(FEWEST, min(MOST, int(seconds / max(first.wall, 0.01) / len(running))))
    found.rounds = {side.name: [] for side in running}
    for number in range(count):
        for side in chance.sample(running, len(running)):
            if side.name in found.refused:
                continue
            ran = once_or_reason(tools, program, side, chance)
            if refuse_other(found, side, first, ran):
                found.rounds.pop(side.name, None)
                continue
            found.rounds[side.name].append(numbers(program, ran))
            found.served[side.name] = ran.served
        if sys.stderr.isatty():
            print(f"\r{program.name}: round {number + 1} of {count} ", end="", file=sys.stderr, flush=True)
    if sys.stderr.isatty():
        print("\r\x1b[K", end="", file=sys.stderr)
    if TWIN not in found.rounds or plain.name not in found.rounds:
        raise UserError(f"{program.name} differs from run to run: {found.refused.get(TWIN) or found.refused.get(plain.name)}")
    found.floor = floor(found.rounds, plain.name)
    return found


def once_or_reason(tools: Tools, program: Program, side: Side, chance: random.Random) -> Ran | str:
    """A side that fails is refused, and the others go on."""
    try:
        return once(tools, program, side, chance)
    except UserError as failure:
        return str(failure)


def refuse_unsteady(program: Program, first: Ran, second: Ran) -> None:
    if first.code < 0 and not program.load:
        raise UserError(f"{program.name} crashes (signal {-first.code}); it has to run through before it can be measured")
    if first.code in (126, 127):
        raise UserError(f"{program.name} could not be run (exit code {first.code})")
    if first.code != second.code or first.output != second.output:
        what = "exit code" if first.code != second.code else "output"
        raise UserError(f"{program.name} differs from run to run: its {what} is not the same twice; fix its seed, or its clock")


def refuse_other(found: Measured, side: Side, first: Ran, ran: Ran | str) -> bool:
    """Equal output and exit code, on the heap that was asked for, or no number."""
    if isinstance(ran, str):
        reason = ran
    elif ran.code != first.code:
        reason = f"ends with {ran.code} instead of {first.code}"
    elif ran.output != first.output:
        reason = "its output differs"
    elif side.serves and not _same(ran.served, side.serves):
        reason = f"malloc is served by {ran.served or 'nothing that could be seen'}: the program brings its own heap"
    else:
        return False
    found.refused[side.name] = reason
    return True


def _same(a: str, b: str) -> bool:
    return bool(a) and os.path.exists(a) and os.path.realpath(a) == os.path.realpath(b)


def ratio(rounds: Rounds, name: str, against: str, number: int = JUDGED) -> Interval | None:
    """One side against another; one value a round."""
    return statistics.ratio([log(a[number]) - log(b[number]) for a, b in zip(rounds[name], rounds[against]) if a[number] > 0 and b[number] > 0])


def floor(rounds: Rounds, plain: str) -> float | None:
    """By how much the program differs from itself."""
    twin = ratio(rounds, TWIN, plain)
    return statistics.floor([twin] if twin else [])


def verdict(interval: Interval | None, margin: float) -> str:
    """In the suite's words."""
    if interval is None or not interval.has_interval:
        return "NOT CITABLE"
    return verdicts.settled(interval.low, interval.high, margin)
