"""Bytes of each contender of a group, in processes of their own.

Bytes do not depend on what runs beside them, so a process works on each CPU while others merely wait to see what is
still kept after some seconds.
"""

from collections import deque
from pathlib import Path

from suite import launch
from suite.passes import Asked

AT_WORK = 2  # processes that build and release; waiting takes no CPU
MOST_WAITING = 64
USUAL_BYTES = 1 << 10  # of an object whose size is not among the parameters: a hash map for each record
USUAL_OBJECTS = 1_000_000
SHARE_OF_MEMORY = 0.5
OVERHEAD = 1.5


def measure(asked: Asked) -> None:
    """All processes of the group. The first of each contender waits, the others only weigh."""
    preset = asked.launcher.preset
    for number in range(preset.memory_processes):
        _round(asked, preset.memory_wait_seconds if number == 0 else 0.0)


def _round(asked: Asked, wait_seconds: float) -> None:
    working: deque[str] = deque()
    waiting: deque[str] = deque()
    room = most_waiting(next(iter(asked.cells.values())).parameters, _available_bytes())
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


def most_waiting(parameters: dict, available_bytes: int) -> int:
    """How many may wait at once: a pool that gives nothing back holds all of its objects until it ends."""
    sizes = [parameters.get("live", USUAL_OBJECTS), parameters.get("bytes", USUAL_BYTES)]
    live, size = (value if type(value) is int and value > 0 else 1 for value in sizes)
    return max(1, min(MOST_WAITING, int(SHARE_OF_MEMORY * available_bytes / (OVERHEAD * live * size))))


def _available_bytes() -> int:
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:"))
    except (OSError, ValueError, StopIteration):
        return 1 << 30
