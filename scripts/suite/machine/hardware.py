"""The processor, the memory and the clock.

The processor: which one, how its cores are laid out, how its speed is set, what its caches hold.

Memory: how much, in which pages, how freely it is promised, on how many nodes.

The clock that epochs are timed with: its source, its smallest step as observed, what reading it takes.
"""

import os
import platform
import re
import time
from collections.abc import Collection
from statistics import median
from typing import Any

from suite.machine import kinds
from suite.machine.source import ABSENT, UNKNOWN, Source, number

CPU = "/sys/devices/system/cpu"
STEADY = ("constant_tsc", "nonstop_tsc", "tsc_known_freq", "rdtscp")
HUGE = "/sys/kernel/mm/transparent_hugepage"
INFO = "/proc/meminfo"
READS = 2000


def model(source: Source) -> str:
    """The name a reader knows it by."""
    found = re.search(r"^(?:model name|Hardware|cpu model)\s*:\s*(.+)$", source.text("/proc/cpuinfo", ""), re.MULTILINE)
    return found.group(1).strip() if found else platform.processor() or platform.machine() or UNKNOWN


def size(text: str) -> int | None:
    """`48K` in bytes."""
    found = re.fullmatch(r"(\d+)\s*([KMG]?)B?", text.strip(), re.IGNORECASE)
    return int(found.group(1)) * {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30}[found.group(2).upper()] \
        if found else None


def caches(source: Source, cpu: int = 0) -> list[dict[str, Any]]:
    """The caches that this CPU sees."""
    found = []
    for folder in source.glob(f"{CPU}/cpu{cpu}/cache/index*"):
        held, level = size(source.text(f"{folder}/size", "")), source.text(f"{folder}/level", "")
        if held is not None and level.isdigit():
            entry = {"level": int(level), "type": source.text(f"{folder}/type", UNKNOWN), "bytes": held,
                     "line_bytes": source.number(f"{folder}/coherency_line_size"),
                     "shared_by": source.text(f"{folder}/shared_cpu_list", "") or None}
            found.append({key: value for key, value in entry.items() if value is not None})
    return found


def governor(source: Source, cpu: int = 0) -> str:
    """Who sets the frequency of this CPU."""
    return source.text(f"{CPU}/cpu{cpu}/cpufreq/scaling_governor")


def turbo(source: Source) -> str:
    """Whether the CPU may run faster than its nominal frequency."""
    off = source.number(f"{CPU}/intel_pstate/no_turbo")
    boost = source.number(f"{CPU}/cpufreq/boost")
    if off is None and boost is None:
        return ABSENT
    return "on" if off == 0 or off is None and boost == 1 else "off"


def smt(source: Source, cpu: int = 0) -> str:
    """Whether two hardware threads share a core, as far as the machine admits it."""
    active = source.number(f"{CPU}/smt/active")
    if active is not None:
        return "on" if active else "off"
    siblings = source.text(f"{CPU}/cpu{cpu}/topology/thread_siblings_list", "")
    return UNKNOWN if not siblings else "on" if re.search("[,-]", siblings) else "off"


def describe_cpu(source: Source, allowed: Collection[int] = (0,)) -> dict[str, Any]:
    """The facts beyond the model's name, of the CPUs that the run may use; what differs between CPUs is of the first of them."""
    info, first = "/proc/cpuinfo", min(allowed)
    frequency, kind = f"{CPU}/cpu{first}/cpufreq", kinds.of(source, allowed)
    flags = set((source.field(info, "flags") or "").split())
    places = {(source.text(f"{path}/physical_package_id", ""), source.text(f"{path}/core_id", ""))
              for path in source.glob(f"{CPU}/cpu[0-9]*/topology")}
    temperatures = [value for path in source.glob("/sys/class/thermal/thermal_zone*/temp")
                    if (value := source.number(path)) is not None and value > 0]
    return {
        "vendor": source.field(info, "vendor_id") or UNKNOWN, "family": number(source.field(info, "cpu family")),
        "model": number(source.field(info, r"model\s")), "stepping": number(source.field(info, "stepping")),
        "microcode": source.field(info, "microcode") or ABSENT, "flags": [flag for flag in STEADY if flag in flags],
        "sockets": len({package for package, _ in places}) or None, "cores": len(places) or None,
        "threads": len(source.glob(f"{CPU}/cpu[0-9]*")) or None, "smt": smt(source, first),
        "online": source.text(f"{CPU}/online"), "allowed": sorted(allowed),
        "governor": governor(source, first), "driver": source.text(f"{frequency}/scaling_driver"), "turbo": turbo(source),
        "minimum_khz": source.number(f"{frequency}/scaling_min_freq"),
        "maximum_khz": source.number(f"{frequency}/scaling_max_freq"),
        "current_khz": source.number(f"{frequency}/scaling_cur_freq"),
        "celsius": max(temperatures) / 1000 if temperatures else None,
    } | ({"kind": kind} if kind else {})


def mitigations(source: Source) -> dict[str, str]:
    """What the kernel does about the flaws of the processor; some of it costs time at each system call."""
    return {path.rpartition("/")[2]: source.text(path, UNKNOWN) for path in source.glob(f"{CPU}/vulnerabilities/*")}


def total_bytes(source: Source) -> int | None:
    """All there is."""
    return _bytes(source, "MemTotal")


def _bytes(source: Source, name: str) -> int | None:
    found = number(source.field(INFO, name))
    return None if found is None else found * 1024


def huge_pages(source: Source) -> str:
    """The choices of transparent huge pages, the one in force in brackets."""
    return source.text(f"{HUGE}/enabled")


def describe_memory(source: Source) -> dict[str, Any]:
    """The facts beyond the total."""
    nodes = source.glob("/sys/devices/system/node/node[0-9]*")
    return {
        "available_bytes": _bytes(source, "MemAvailable"), "swap_bytes": _bytes(source, "SwapTotal"),
        "swap_free_bytes": _bytes(source, "SwapFree"), "page_bytes": os.sysconf("SC_PAGE_SIZE"),
        "thp_defrag": source.text(f"{HUGE}/defrag"), "huge_pages": number(source.field(INFO, "HugePages_Total")),
        "huge_page_bytes": _bytes(source, "Hugepagesize"),
        "overcommit": source.number("/proc/sys/vm/overcommit_memory"),
        "swappiness": source.number("/proc/sys/vm/swappiness"), "numa_nodes": len(nodes) or None,
        "numa_balancing": source.text("/proc/sys/kernel/numa_balancing", ABSENT),
    }


def observed() -> tuple[int, float]:
    """The smallest step seen, and nanoseconds a read. Python's own call is in both, so they are upper bounds."""
    read = time.monotonic_ns
    steps, costs = [], []
    for _ in range(7):
        readings = [read() for _ in range(READS)]
        costs.append((readings[-1] - readings[0]) / (READS - 1))
        steps += [after - before for before, after in zip(readings, readings[1:]) if after > before]
    return min(steps, default=0), median(costs)


def describe_clock(source: Source) -> dict[str, Any]:
    """Source, promised and observed resolution, cost."""
    folder = "/sys/devices/system/clocksource/clocksource0"
    step, cost = observed()
    return {"source": source.text(f"{folder}/current_clocksource"),
            "available": source.text(f"{folder}/available_clocksource"),
            "resolution_ns": round(time.clock_getres(time.CLOCK_MONOTONIC) * 1e9, 3), "smallest_step_ns": step,
            "read_ns": round(cost, 1)}
