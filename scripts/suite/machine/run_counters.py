"""What the machine did to the run: readings of its counters before and after, and the difference."""

import os
import re
import time
from dataclasses import dataclass, field
from typing import Any

from suite.machine import system
from suite.machine.source import Source

STEAL = 8  # the field of /proc/stat, counted from the name of the line
PRESSURES = ("cpu", "memory", "io")


@dataclass(frozen=True)
class Snapshot:
    """Counters that only grow, and the load at one moment."""

    monotonic: float
    real: float
    jiffies: int | None
    steal: int | None
    load: tuple[float, int] | None
    pressure: dict[str, int] = field(default_factory=dict)
    throttled: dict[str, int] = field(default_factory=dict)
    oom_kills: int | None = None
    driver_cpu: float = 0.0  # seconds, of this process
    contenders_cpu: float = 0.0  # and of those that it started and that have ended


def _load(source: Source) -> tuple[float, int] | None:
    """The one-minute load average and how many threads can run now."""
    found = re.match(r"([0-9.]+) [0-9.]+ [0-9.]+ (\d+)/", source.text("/proc/loadavg", ""))
    return (float(found.group(1)), int(found.group(2))) if found else None


def _stall(source: Source, kind: str) -> int | None:
    found = re.search(r"^some .*total=(\d+)", source.text(f"/proc/pressure/{kind}", ""), re.MULTILINE)
    return int(found.group(1)) if found else None


def snapshot(source: Source = Source()) -> Snapshot:
    """The counters now."""
    fields = source.text("/proc/stat", "").split("\n")[0].split()
    ticks = [int(text) for text in fields[1:] if text.isdigit()] if fields[:1] == ["cpu"] else []
    stalls = {kind: value for kind in PRESSURES if (value := _stall(source, kind)) is not None}
    spent = os.times()
    kills = re.search(r"^oom_kill (\d+)", source.text("/proc/vmstat", ""), re.MULTILINE)
    return Snapshot(time.monotonic(), time.time(), sum(ticks[:STEAL]) if len(ticks) >= STEAL else None,
                    ticks[STEAL - 1] if len(ticks) >= STEAL else None, _load(source), stalls,
                    system.throttled(source), int(kills.group(1)) if kills else None, spent.user + spent.system,
                    spent.children_user + spent.children_system)


def _grown(before: dict[str, int], after: dict[str, int]) -> dict[str, int]:
    return {name: after[name] - before[name] for name in after if name in before}


def between(before: Snapshot, after: Snapshot) -> dict[str, Any]:
    """The `during` of the environment. A clock that was set while the run went on shows as a step: it dates the run
    wrongly and nothing else, because epochs are timed with a clock that cannot be set."""
    seconds = after.monotonic - before.monotonic
    found: dict[str, Any] = {"seconds": round(seconds, 1),
                             "clock_step_seconds": round(after.real - before.real - seconds, 1)}
    spent = after.contenders_cpu - before.contenders_cpu
    if spent > 0 and seconds > 0:  # what neither contenders nor the passing of turns filled is the driver's
        found |= {"driver_cpu_seconds": round(after.driver_cpu - before.driver_cpu, 1),
                  "contenders_cpu_seconds": round(spent, 1),
                  "contenders_idle_share": round(max(0.0, 1 - spent / seconds), 4)}
    if before.steal is not None and after.steal is not None and before.jiffies is not None and after.jiffies is not None:
        passed = after.jiffies - before.jiffies
        found["steal_seconds"] = round((after.steal - before.steal) / os.sysconf("SC_CLK_TCK"), 2)
        found["steal_share"] = round((after.steal - before.steal) / passed, 5) if passed > 0 else None
    for name, value in _grown(before.pressure, after.pressure).items():
        found[f"{name}_pressure_share"] = round(value / 1e6 / seconds, 5) if seconds > 0 else None
    found |= _grown(before.throttled, after.throttled)
    if before.oom_kills is not None and after.oom_kills is not None:
        found["oom_kills"] = after.oom_kills - before.oom_kills
    for name, reading in (("before", before.load), ("after", after.load)):
        if reading:
            found |= {f"load_{name}": reading[0], f"runnable_{name}": reading[1]}
    return found
