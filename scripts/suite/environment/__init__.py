"""On what machine the run was made, read from /proc and /sys. A fact that cannot be had is "unknown" or "absent".

No fact names a person, a host or a folder of theirs: results are made to be shown.
"""

import os
import platform
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from suite import private, sources
from suite.environment import clock, cpu, kernel, memory, program, virtualization
from suite.environment.program import commit
from suite.environment.source import UNKNOWN, Source

__all__ = ["commit", "describe", "variables"]

HEAP_VARIABLES = re.compile(r"^(GLIBC_TUNABLES$|MALLOC_|_RJEM_|JE_MALLOC|MIMALLOC_|TCMALLOC_|TBB_MALLOC"
                            r"|SCUDO_OPTIONS$)")


def variables(inherited: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Those that tune a heap and are set. The reader's own preload is not passed on, so it is none."""
    return {name: private.clean(value) for name, value in sorted(inherited.items()) if HEAP_VARIABLES.match(name)}


def _libc() -> str:
    try:
        return os.confstr("CS_GNU_LIBC_VERSION") or UNKNOWN
    except (ValueError, OSError):
        return UNKNOWN


def _load() -> float | None:
    try:
        return round(os.getloadavg()[0], 2)
    except OSError:
        return None


def describe(build: Mapping[str, Any], inherited: Mapping[str, str] = os.environ, bench: Path | None = None,
             root: Path | None = None, source: Source = Source()) -> dict[str, Any]:
    """The `environment` of results.json."""
    found: dict[str, Any] = {
        "cpu": cpu.model(source), "cpus": len(os.sched_getaffinity(0)), "kernel": platform.release() or UNKNOWN,
        "compiler": str(build.get("compiler", UNKNOWN)), "flags": str(build.get("flags", UNKNOWN)), "libc": _libc(),
        "virtualization": virtualization.kind(source), "thp": memory.huge_pages(source),
        "aslr": kernel.randomization(source), "governor": cpu.governor(source), "caches": cpu.caches(source),
        "memory_bytes": memory.total_bytes(source), "load_before": _load(),
        "google_benchmark": str(build.get("google_benchmark", UNKNOWN)), "build": dict(build),
        "variables": variables(inherited),
        "processor": cpu.describe(source), "mitigations": cpu.mitigations(source),
        "memory": memory.describe(source), "settings": kernel.describe(source),
        "host": virtualization.describe(source), "clock": clock.describe(source), "counters": kernel.counters(source),
    }
    if bench:
        found["binary"] = program.binary(bench)
    if root:
        found |= {"checkout": program.checkout(root), "pools": sources.pools_hash(root)}
    return found
