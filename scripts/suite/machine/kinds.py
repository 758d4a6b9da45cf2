"""Machines whose CPUs are not alike: a run is timed on CPUs of one kind, and says which."""

import os
import re
from collections.abc import Iterable

from suite.machine.source import Source

CPU = "/sys/devices/system/cpu"
INTEL = (("performance", "/sys/devices/cpu_core/cpus"), ("efficiency", "/sys/devices/cpu_atom/cpus"))
ALIKE = 1.2  # favoured cores of one kind differ by a few per cent in their highest frequency


def listed(text: str) -> set[int]:
    """`0-3,8` as numbers."""
    found: set[int] = set()
    for first, last in re.findall(r"(\d+)(?:-(\d+))?", text):
        found |= set(range(int(first), int(last or first) + 1))
    return found


def of_machine(source: Source, cpus: Iterable[int]) -> list[tuple[str, tuple[int, ...]]]:
    """(kind, its CPUs), the fastest first; empty where all are alike, or the machine does not say."""
    allowed = sorted(cpus)
    found = [(kind, listed(source.text(place, ""))) for kind, place in INTEL]
    if not any(members for _, members in found):
        found = _by_speed(source, allowed)
    kinds = [(kind, tuple(cpu for cpu in allowed if cpu in members)) for kind, members in found]
    return kinds if sum(bool(members) for _, members in found) > 1 else []


def _by_speed(source: Source, allowed: list[int]) -> list[tuple[str, set[int]]]:
    """By what the kernel calls capacity, else by their highest frequency."""
    for name in ("cpu_capacity", "cpufreq/cpuinfo_max_freq"):
        speeds = {cpu: source.number(f"{CPU}/cpu{cpu}/{name}") for cpu in _all(source) or allowed}
        best = max((speed for speed in speeds.values() if speed), default=0)
        if best and all(speeds.values()):
            fast = {cpu for cpu, speed in speeds.items() if speed and speed * ALIKE > best}
            return [("performance", fast), ("efficiency", set(speeds) - fast)]
    return []


def _all(source: Source) -> list[int]:
    return [int(path.rpartition("cpu")[2]) for path in source.glob(f"{CPU}/cpu[0-9]*")]


def of(source: Source, cpus: Iterable[int]) -> str:
    """The kind of these CPUs; `mixed` when they are of several, empty where all of the machine are alike."""
    kinds = [kind for kind, members in of_machine(source, cpus) if members]
    return "mixed" if len(kinds) > 1 else kinds[0] if kinds else ""


def keep_to_one(source: Source = Source()) -> str:
    """Leaves this process, and all that it starts, the fastest kind of the CPUs that it may use. A line for the reader, or
    nothing where there was no choice. taskset decides otherwise."""
    kinds = [(kind, members) for kind, members in of_machine(source, os.sched_getaffinity(0)) if members]
    if len(kinds) < 2:
        return ""
    kind, members = next(((kind, members) for kind, members in kinds if len(members) > 1), kinds[0])
    os.sched_setaffinity(0, members)
    return f"CPUs of {len(kinds)} kinds: timed on the {len(members)} {kind} ones; to time the others, start with taskset -c CPUS"
