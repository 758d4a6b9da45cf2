"""Memory: how much, in which pages, how freely it is promised, on how many nodes."""

import os
from typing import Any

from suite.environment.source import ABSENT, Source, number

HUGE = "/sys/kernel/mm/transparent_hugepage"
INFO = "/proc/meminfo"


def total_bytes(source: Source) -> int | None:
    """All there is."""
    return _bytes(source, "MemTotal")


def _bytes(source: Source, name: str) -> int | None:
    found = number(source.field(INFO, name))
    return None if found is None else found * 1024


def huge_pages(source: Source) -> str:
    """The choices of transparent huge pages, the one in force in brackets."""
    return source.text(f"{HUGE}/enabled")


def describe(source: Source) -> dict[str, Any]:
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
