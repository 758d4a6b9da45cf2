"""The clock that epochs are timed with: its source, its smallest step as observed, what reading it takes."""

import time
from statistics import median
from typing import Any

from suite.environment.source import Source

READS = 2000


def observed() -> tuple[int, float]:
    """The smallest step seen, and nanoseconds a read. Python's own call is in both, so they are upper bounds."""
    read = time.monotonic_ns
    steps, costs = [], []
    for _ in range(7):
        readings = [read() for _ in range(READS)]
        costs.append((readings[-1] - readings[0]) / (READS - 1))
        steps += [after - before for before, after in zip(readings, readings[1:]) if after > before]
    return min(steps, default=0), median(costs)


def describe(source: Source) -> dict[str, Any]:
    """Source, promised and observed resolution, cost."""
    folder = "/sys/devices/system/clocksource/clocksource0"
    step, cost = observed()
    return {"source": source.text(f"{folder}/current_clocksource"),
            "available": source.text(f"{folder}/available_clocksource"),
            "resolution_ns": round(time.clock_getres(time.CLOCK_MONOTONIC) * 1e9, 3), "smallest_step_ns": step,
            "read_ns": round(cost, 1)}
