"""What a run asks beside time: bytes, single operations, and what the machine can do at most.

Each pass starts processes of its own, so that nothing it does shows in an epoch.

What the machine can do at most, asked in several fresh processes on the CPU that everything is timed on.

A run that is taken up again asks again: it may have been moved to another machine's CPU meanwhile.

Single operations of each contender of a group, timed one by one in processes of their own, one process at a time.

Bytes of each contender of a group, in processes of their own.

Bytes do not depend on what runs beside them, so a process works on each CPU while others merely wait to see what is
still kept after some seconds.
"""

import random
import sys
import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from suite.base.streams import printable
from suite.measure import launch
from suite.measure.contender import Contender, ContenderFailure
from suite.measure.journal import Record
from suite.measure.launch import Launcher
from suite.plan.cells import Cell

AT_WORK = 2  # processes that build and release; waiting takes no CPU
MAX_WAITING = 64
USUAL_BYTES = 1 << 10  # of an object whose size is not among the parameters: a hash map for each record
USUAL_OBJECTS = 1_000_000
SHARE_OF_MEMORY = 0.5
OVERHEAD = 1.5


@dataclass(frozen=True)
class Asked:
    """One group as a pass sees it. `attempt` runs a step of one contender: when it fails, the cell is out."""

    launcher: Launcher
    cells: Mapping[str, Cell]
    records: Mapping[str, Record]
    chance: random.Random
    alive: dict[str, Contender]
    attempt: Callable[[str, Callable[[], Any]], Any]

    def names(self) -> list[str]:
        """The contenders that have something to answer: no limit rows, and no baseline a second time."""
        return [name for name, cell in self.cells.items()
                if cell.role != "limit" and "#" not in name and cell.answers]

    def start(self, name: str, begin: Callable[[], Contender]) -> bool:
        """Starts a process of one contender; false where it is out or could not be started."""
        def step() -> bool:
            self.alive[name] = begin()
            return True
        return not self.records[name].failed and bool(self.attempt(name, step))

    def wait(self, name: str, answer: Callable[[Contender], Any]) -> Any:
        """What a living contender answers; None where it is out."""
        return self.attempt(name, lambda: answer(self.alive[name])) if name in self.alive else None

    def end(self, name: str) -> None:
        """Gives back what a contender held."""
        if name in self.alive:
            self.alive.pop(name).kill()


def measure_ceilings(launcher: Launcher, stop: threading.Event) -> list[list[dict[str, Any]]]:
    """One list of ceilings for each process that answered. One that does not is no reason to lose a run, nor to wait for the
    others: they would not answer either."""
    found: list[list[dict[str, Any]]] = []
    while len(found) < launcher.preset.ceiling_processes and not stop.is_set():
        try:
            found.append(_ask(launcher))
        except ContenderFailure as failure:
            if not stop.is_set():
                print(f"note: the machine's limits were asked {len(found)} times instead of "
                      f"{launcher.preset.ceiling_processes}: {printable(failure.reason)}", file=sys.stderr)
            break
    return found


def _ask(launcher: Launcher) -> list[dict[str, Any]]:
    contender = launcher.ceilings()
    try:
        return contender.ceilings()["ceilings"]
    finally:
        contender.kill()


def measure_latency(asked: Asked) -> None:
    """Every process of the group, in an order that is drawn anew each time round."""
    for _ in range(asked.launcher.preset.latency_processes):
        names = asked.names()
        asked.chance.shuffle(names)
        for name in names:
            layout = launch.draw(asked.chance)
            if asked.start(name, lambda n=name, at=layout: asked.launcher.latency(asked.cells[n], at)):
                event = asked.wait(name, lambda contender: contender.latency())
                if event is not None:
                    asked.records[name].latency.append(event)
                asked.end(name)


def measure_memory(asked: Asked) -> None:
    """All processes of the group. The first of each contender waits, the others only weigh."""
    preset = asked.launcher.preset
    for number in range(preset.memory_processes):
        _round(asked, preset.memory_wait_seconds if number == 0 else 0.0)


def _round(asked: Asked, wait_seconds: float) -> None:
    working: deque[str] = deque()
    waiting: deque[str] = deque()
    room = max_waiting(next(iter(asked.cells.values())).parameters, _available_bytes())
    for number, name in enumerate(asked.names()):
        while len(working) >= AT_WORK:
            _released(asked, working, waiting)
        while len(waiting) >= room:
            _collect(asked, waiting)
        layout = launch.draw(asked.chance)
        if asked.start(name, lambda n=name, i=number, at=layout: asked.launcher.memory(
                asked.cells[n], at, wait_seconds, here=i % AT_WORK == 1)):
            working.append(name)
    while working:
        _released(asked, working, waiting)
    while waiting:
        _collect(asked, waiting)


def _released(asked: Asked, working: deque[str], waiting: deque[str]) -> None:
    """The oldest one at work is done with it; from then on it waits."""
    name = working.popleft()
    asked.wait(name, lambda contender: contender.released())
    if name in asked.alive:
        waiting.append(name)


def _collect(asked: Asked, waiting: deque[str]) -> None:
    name = waiting.popleft()
    event = asked.wait(name, lambda contender: contender.memory())
    if event is not None:
        asked.records[name].memory.append(event)
    asked.end(name)


def max_waiting(parameters: dict, available_bytes: int) -> int:
    """How many may wait at once: a pool that gives nothing back holds all of its objects until it ends."""
    sizes = [parameters.get("live", USUAL_OBJECTS), parameters.get("bytes", USUAL_BYTES)]
    live, size = (value if type(value) is int and value > 0 else 1 for value in sizes)
    return max(1, min(MAX_WAITING, int(SHARE_OF_MEMORY * available_bytes / (OVERHEAD * live * size))))


def _available_bytes() -> int:
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:"))
    except (OSError, ValueError, StopIteration):
        return 1 << 30
