"""Half a second of trial rounds on the CPU that a run would time on, judged as a run judges its rounds."""

import os
import resource
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from suite.environment import during

SLICE_NS, SECONDS = 500_000, 0.5
MOST_DELAY = 0.01  # of a round, as in the run


@dataclass(frozen=True)
class Probe:
    """How many slices there were, how many were disturbed from outside, and what the machine's counters say."""

    slices: int
    rejected: int
    during: dict[str, Any] = field(default_factory=dict)


def _delay() -> int | None:
    """Nanoseconds that this thread has waited for a CPU since it began."""
    with suppress(OSError, ValueError, IndexError):
        return int(Path("/proc/thread-self/schedstat").read_text(encoding="ascii").split()[1])
    return None


def _disturbed() -> bool:
    """One slice of plain work, and whether it was left alone."""
    delay, switches = _delay(), resource.getrusage(resource.RUSAGE_THREAD).ru_nivcsw
    start, own = time.monotonic_ns(), time.thread_time_ns()
    while time.monotonic_ns() - start < SLICE_NS:
        pass
    passed, worked = time.monotonic_ns() - start, time.thread_time_ns() - own
    late, switched = _delay(), resource.getrusage(resource.RUSAGE_THREAD).ru_nivcsw > switches
    if delay is None or late is None:
        return switched and passed - worked > MOST_DELAY * passed
    return late - delay > MOST_DELAY * passed


def run(cpus: Iterable[int], seconds: float = SECONDS) -> Probe:
    """The probe on the last of the CPUs, where a run pins what it times."""
    before = during.snapshot()
    allowed, found, end = set(cpus), [], time.monotonic() + seconds
    with suppress(OSError):
        os.sched_setaffinity(0, {max(allowed)})
    try:
        while time.monotonic() < end:
            found.append(_disturbed())
    finally:
        with suppress(OSError):
            os.sched_setaffinity(0, allowed)
    return Probe(len(found), sum(found), during.between(before, during.snapshot()))
