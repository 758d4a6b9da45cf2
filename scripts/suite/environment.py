"""On what machine the run was made, read from /proc and /sys. A fact that cannot be had is "unknown" or "absent"."""

import os
import platform
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

UNKNOWN, ABSENT = "unknown", "absent"
HEAP_VARIABLES = re.compile(r"^(GLIBC_TUNABLES$|MALLOC_|_RJEM_|JE_MALLOC|MIMALLOC_|TCMALLOC_|TBB_MALLOC"
                            r"|SCUDO_OPTIONS$)")


def _read(path: str, default: str = ABSENT) -> str:
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace").strip() or default
    except OSError:
        return default


def _run(*command: str, cwd: Path | None = None) -> str | None:
    """What a command prints; None when it cannot be run or fails."""
    try:
        done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def _cpu() -> str:
    found = re.search(r"^(?:model name|Hardware|cpu model)\s*:\s*(.+)$", _read("/proc/cpuinfo", ""), re.MULTILINE)
    return found.group(1).strip() if found else platform.processor() or platform.machine() or UNKNOWN


def _bytes(text: str) -> int | None:
    found = re.fullmatch(r"(\d+)\s*([KMG]?)B?", text.strip(), re.IGNORECASE)
    return int(found.group(1)) * {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30}[found.group(2).upper()] \
        if found else None


def _caches() -> list[dict[str, Any]]:
    found = []
    for folder in sorted(Path("/sys/devices/system/cpu/cpu0/cache").glob("index*")):
        size, level = _bytes(_read(f"{folder}/size", "")), _read(f"{folder}/level", "")
        if size is not None and level.isdigit():
            found.append({"level": int(level), "type": _read(f"{folder}/type", UNKNOWN), "bytes": size})
    return found


def _memory_bytes() -> int | None:
    found = re.search(r"^MemTotal:\s*(\d+) kB", _read("/proc/meminfo", ""), re.MULTILINE)
    return int(found.group(1)) * 1024 if found else None


def _virtualization() -> str:
    if shutil.which("systemd-detect-virt"):
        try:  # it says "none" with exit code 1 on bare metal
            done = subprocess.run(["systemd-detect-virt"], capture_output=True, text=True, timeout=10, check=False)
            if done.stdout.strip():
                return done.stdout.strip()
        except (OSError, subprocess.TimeoutExpired):
            pass
    hypervisor = re.search(r"^flags\s*:.*\bhypervisor\b", _read("/proc/cpuinfo", ""), re.MULTILINE)
    return _read("/sys/devices/virtual/dmi/id/sys_vendor", "a hypervisor, of which kind is unknown") \
        if hypervisor else "none"


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


def commit(root: Path) -> tuple[str, bool]:
    """The commit of the checkout and whether files differ from it. Reports do not count: a run writes its own there."""
    head = _run("git", "rev-parse", "--verify", "HEAD", cwd=root)
    changes = _run("git", "status", "--porcelain", "--", ".", ":(exclude)reports/runs", cwd=root)
    return head or UNKNOWN, changes is None or bool(changes)


def describe(build: Mapping[str, Any], inherited: Mapping[str, str] = os.environ) -> dict[str, Any]:
    """The `environment` of results.json."""
    return {
        "cpu": _cpu(),
        "cpus": len(os.sched_getaffinity(0)),
        "kernel": platform.release() or UNKNOWN,
        "compiler": str(build.get("compiler", UNKNOWN)),
        "flags": str(build.get("flags", UNKNOWN)),
        "libc": _libc(),
        "virtualization": _virtualization(),
        "thp": _read("/sys/kernel/mm/transparent_hugepage/enabled"),
        "aslr": _read("/proc/sys/kernel/randomize_va_space"),
        "governor": _read("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"),
        "caches": _caches(),
        "memory_bytes": _memory_bytes(),
        "load_before": _load(),
        "google_benchmark": str(build.get("google_benchmark", UNKNOWN)),
        "build": dict(build),
        "variables": {name: value for name, value in sorted(inherited.items()) if HEAP_VARIABLES.match(name)},
    }
