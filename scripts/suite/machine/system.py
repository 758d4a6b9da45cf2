"""The kernel and what it does to a program's addresses and its turns on the CPU.

What stands between the run and the hardware: a hypervisor, a container, a control group with limits.
"""

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

from suite.machine.source import ABSENT, UNKNOWN, Source

NO_RANDOM_ADDRESSES = 0x0040000  # ADDR_NO_RANDOMIZE of personality(2), which `setarch -R` sets
# A command line also holds addresses, serial numbers and names of a network: only what bears on speed is told.
TELLING = re.compile(r"^(isolcpus|nohz|nohz_full|rcu_nocbs|rcu_nocb_poll|mitigations|nosmt|pti|nopti|kpti|spectre_v2|"
                     r"spec_store_bypass_disable|l1tf|mds|tsx|nospectre_v[12]|transparent_hugepage|hugepages|hugepagesz|"
                     r"default_hugepagesz|numa_balancing|intel_pstate|amd_pstate|cpufreq\.\w+|intel_idle\.max_cstate|"
                     r"processor\.max_cstate|idle|clocksource|tsc|preempt|threadirqs|nmi_watchdog|nowatchdog|norandmaps|"
                     r"skew_tick|irqaffinity|psi|cpuidle_haltpoll\.\w+|haltpoll\.\w+|init_on_alloc|init_on_free|"
                     r"slub_debug|page_poison)(=[A-Za-z0-9_.,:+-]*)?$")
POLICIES = {getattr(os, name): name.removeprefix("SCHED_").lower()
            for name in ("SCHED_OTHER", "SCHED_BATCH", "SCHED_IDLE", "SCHED_FIFO", "SCHED_RR") if hasattr(os, name)}
GROUPS = "/sys/fs/cgroup"
UNLIMITED = 1 << 60  # what the first version writes for "no limit" is a little below 2^63
CONTAINERS = (("/.dockerenv", "docker"), ("/run/.containerenv", "podman"))


def randomization(source: Source) -> str:
    """How far addresses differ from process to process: 2 is all of them."""
    return source.text("/proc/sys/kernel/randomize_va_space")


def fixed_addresses(source: Source) -> bool:
    """Whether this process, and so each it starts, was told to keep its addresses."""
    try:
        return bool(int(source.text("/proc/self/personality", "0"), 16) & NO_RANDOM_ADDRESSES)
    except ValueError:
        return False


def boot_options(source: Source) -> str:
    """The boot options that bear on speed."""
    words = source.text("/proc/cmdline", "").split(" -- ")[0].split()
    return " ".join(word for word in words if TELLING.match(word))


def describe_kernel(source: Source) -> dict[str, Any]:
    """Settings of the kernel, and of this process, which its children inherit."""
    try:
        policy = POLICIES.get(os.sched_getscheduler(0), UNKNOWN)
    except OSError:
        policy = UNKNOWN
    return {"boot_options": boot_options(source), "fixed_addresses": fixed_addresses(source), "policy": policy,
            "nice": os.nice(0), "isolated_cpus": source.text("/sys/devices/system/cpu/isolated", "") or "none",
            "preemption": source.text("/sys/kernel/realtime", "") or ABSENT,
            "autogroup": source.text("/proc/sys/kernel/sched_autogroup_enabled")}


def counters(source: Source) -> dict[str, Any]:
    """Whether the processor's own counters can be read, and why not."""
    paranoid, unit = source.number("/proc/sys/kernel/perf_event_paranoid"), any(
        source.glob(f"/sys/bus/event_source/devices/{name}") for name in ("cpu", "cpu_core", "armv8_*"))
    allowed = os.geteuid() == 0 or paranoid is not None and paranoid <= 2
    reason = "" if unit and allowed else "the kernel has no perf_event" if paranoid is None else \
        "this machine has no counters, or its hypervisor hides them" if not unit else \
        f"kernel.perf_event_paranoid is {paranoid}"
    return {"perf_event_paranoid": paranoid, "present": unit, "usable": unit and allowed, "reason": reason}


def kind(source: Source) -> str:
    """Its name in one word where there is one."""
    if source.root == Path("/") and shutil.which("systemd-detect-virt"):
        try:  # it says "none" with exit code 1 on bare metal
            done = subprocess.run(["systemd-detect-virt"], capture_output=True, text=True, timeout=10, check=False)
            if done.stdout.strip():
                return done.stdout.strip()
        except (OSError, subprocess.TimeoutExpired):
            pass
    return hypervisor(source)


def hypervisor(source: Source) -> str:
    """The hypervisor below, a container or not."""
    if not re.search(r"^flags\s*:.*\bhypervisor\b", source.text("/proc/cpuinfo", ""), re.MULTILINE):
        return "none"
    told = source.text("/sys/hypervisor/type", "") or source.text("/sys/class/dmi/id/sys_vendor", "")
    return told or "a hypervisor, of which kind is unknown"


def container(source: Source) -> str:
    """The container, by the mark that its tool leaves."""
    marked = next((name for path, name in CONTAINERS if (source.root / path.lstrip("/")).exists()), "")
    return marked or source.text("/run/systemd/container", "") or \
        ("kubernetes" if (source.root / "var/run/secrets/kubernetes.io").exists() else "none")


def _own(source: Source, controller: str) -> list[str]:
    """Folders of our group and its parents, innermost first; inside a container only the root may be mounted."""
    for line in source.text("/proc/self/cgroup", "").splitlines():
        number, names, path = (line.split(":", 2) + ["", ""])[:3]
        if (controller in names.split(",")) if controller else number == "0":
            parts = [part for part in path.split("/") if part]
            return ["/".join(["", *parts[:count]]) for count in range(len(parts), -1, -1)]
    return [""]


def _limit(values: list[float | None]) -> float | None:
    """The tightest of several limits."""
    return min((value for value in values if value is not None), default=None)


def cpu_limit(source: Source) -> float | None:
    """How many CPUs' worth of time the control group grants; None without a limit."""
    def second(folder: str) -> float | None:
        found = re.fullmatch(r"(\d+) (\d+)", source.text(f"{GROUPS}{folder}/cpu.max", ""))
        return int(found.group(1)) / int(found.group(2)) if found and int(found.group(2)) else None

    def first(folder: str) -> float | None:
        quota = source.number(f"{GROUPS}/cpu{folder}/cpu.cfs_quota_us")
        period = source.number(f"{GROUPS}/cpu{folder}/cpu.cfs_period_us")
        return quota / period if quota and quota > 0 and period else None
    return _limit([*map(second, _own(source, "")), *map(first, _own(source, "cpu"))])


def memory_limit(source: Source) -> int | None:
    """The memory that the control group grants; None without a limit."""
    values = [source.number(f"{GROUPS}{folder}/memory.max") for folder in _own(source, "")]
    values += [source.number(f"{GROUPS}/memory{folder}/memory.limit_in_bytes") for folder in _own(source, "memory")]
    return _limit([value for value in values if value is not None and value < UNLIMITED])


def throttled(source: Source) -> dict[str, int]:
    """How often, and how long, the control group was held back until now."""
    for path in [f"{GROUPS}{folder}/cpu.stat" for folder in _own(source, "")] + \
            [f"{GROUPS}/cpu{folder}/cpu.stat" for folder in _own(source, "cpu")]:
        found = dict(re.findall(r"^(nr_throttled|throttled_usec|throttled_time) (\d+)$", source.text(path, ""),
                                re.MULTILINE))
        if "nr_throttled" in found:
            spent = found.get("throttled_usec") or int(found.get("throttled_time", 0)) // 1000
            return {"nr_throttled": int(found["nr_throttled"]), "throttled_usec": int(spent)}
    return {}


def describe_host(source: Source) -> dict[str, Any]:
    """All of it. The serial numbers beside the product's name are nobody's business."""
    cpuset = source.text(f"{GROUPS}/cpuset.cpus.effective", "") or \
        source.text(f"{GROUPS}/cpuset/cpuset.effective_cpus", "") or source.text(f"{GROUPS}/cpuset/cpuset.cpus")
    return {"hypervisor": hypervisor(source), "container": container(source),
            "vendor": source.text("/sys/class/dmi/id/sys_vendor"),
            "product": source.text("/sys/class/dmi/id/product_name", ABSENT), "cpu_limit": cpu_limit(source),
            "memory_limit_bytes": memory_limit(source), "cpuset": cpuset, **throttled(source)}
