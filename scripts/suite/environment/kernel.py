"""The kernel and what it does to a program's addresses and its turns on the CPU."""

import os
import re
from typing import Any

from suite.environment.source import ABSENT, UNKNOWN, Source

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


def describe(source: Source) -> dict[str, Any]:
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
