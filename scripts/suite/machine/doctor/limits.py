"""What a run may have of the machine, and what others leave of it.

Half a second of trial rounds on the CPU that a run would time on, judged as a run judges its rounds.
"""

import os
import resource
import shlex
import shutil
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from suite.analysis.verdicts import MAX_REJECTED_OF_RUN
from suite.machine import run_counters
from suite.machine.doctor.finding import Finding, ok, problem, warn

SLICE_NS, SECONDS = 500_000, 0.5
MAX_DELAY = 0.01  # of a round, as in the run
Facts = Mapping[str, Any]
GIB = 1 << 30
ENOUGH_MEMORY, LEAST_MEMORY = 2 * GIB, GIB // 2  # several processes hold a million objects at a time
LEAST_DISK = 200 << 20
MUCH_STEAL, MUCH_PRESSURE, MANY_REJECTED = 0.02, 0.2, 0.1


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
        return switched and passed - worked > MAX_DELAY * passed
    return late - delay > MAX_DELAY * passed


def run(cpus: Iterable[int], seconds: float = SECONDS) -> Probe:
    """The probe on the last of the CPUs, where a run pins what it times."""
    before = run_counters.snapshot()
    allowed, found, end = set(cpus), [], time.monotonic() + seconds
    with suppress(OSError):
        os.sched_setaffinity(0, {max(allowed)})
    try:
        while time.monotonic() < end:
            found.append(_disturbed())
    finally:
        with suppress(OSError):
            os.sched_setaffinity(0, allowed)
    return Probe(len(found), sum(found), run_counters.between(before, run_counters.snapshot()))


def host(facts: Facts) -> list[Finding]:
    """Hypervisor, container, control group."""
    found, topic = facts["host"], "host"
    return [ok(topic, "virtualization", f"{facts['virtualization']}; hypervisor {found['hypervisor']}, container "
               f"{found['container']}, hardware {found['vendor']} {found['product']}"), _quota(facts),
            ok(topic, "CPU set", found["cpuset"]), _memory(facts), _swap(facts["memory"])]


def _quota(facts: Facts) -> Finding:
    found, limit = facts["host"], facts["host"]["cpu_limit"]
    held = found.get("nr_throttled", 0)
    if limit is None:
        return ok("host", "CPU limit", "none")
    value = f"{limit:g} of {facts['cpus']} CPUs, held back {held:,} times until now"
    fix = "docker update --cpu-quota=-1 CONTAINER  # or, of a service: systemctl set-property --runtime UNIT CPUQuota="
    if limit < 1:
        return problem("host", "CPU limit", value, "the control group stops the run within each tenth of a second: more rounds "
                       "are rejected than a run may lose", fix)
    if limit < facts["cpus"]:
        return warn("host", "CPU limit", value, "threads together are held back, and rounds rejected for it", fix)
    return ok("host", "CPU limit", value)


def _memory(facts: Facts) -> Finding:
    limit, free = facts["host"]["memory_limit_bytes"], facts["memory"]["available_bytes"]
    known = [value for value in (limit, free) if value is not None]
    if not known:
        return ok("host", "memory", "unknown")
    value = f"{min(known) / GIB:.1f} GiB to be had"
    if min(known) < LEAST_MEMORY:
        return problem("host", "memory", value, "processes with a million objects are killed, and their cells fail",
                       "ps -eo rss,comm --sort=-rss | head  # and end what is not needed")
    if min(known) < ENOUGH_MEMORY:
        return warn("host", "memory", value, "cells with a million objects may swap or fail",
                    "ps -eo rss,comm --sort=-rss | head  # and end what is not needed")
    return ok("host", "memory", value)


def _swap(memory: Facts) -> Finding:
    total, free = memory["swap_bytes"], memory["swap_free_bytes"]
    if total and free is not None and total - free > total // 10:
        return warn("host", "swap", f"{(total - free) / GIB:.1f} GiB in use", "pages that come back from it reject rounds",
                    "sudo swapoff -a && sudo swapon -a")
    return ok("host", "swap", f"{total / GIB:.1f} GiB" if total else "none")


def heaps(facts: Facts) -> list[Finding]:
    """Variables that tune a heap are passed on to what is measured."""
    found = facts["variables"]
    if not found:
        return [ok("host", "heap variables", "none is set")]
    return [warn("host", "heap variables", ", ".join(f"{name}={value}" for name, value in found.items()),
                 "heaps are measured tuned by them; results record that", f"unset {shlex.join(found)}")]


def disk(out: Path) -> list[Finding]:
    """Room for what a run writes."""
    place = next((folder for folder in (out, *out.parents) if folder.exists()), Path("/"))
    try:
        free = shutil.disk_usage(place).free
    except OSError:
        return [ok("host", "disk", "unknown")]
    value = f"{free / GIB:.1f} GiB free for reports"
    if free < LEAST_DISK:
        return [problem("host", "disk", value, "the run stops when it is full; what was measured is kept",
                        "scripts/poolmark run --out DIR  # with a DIR on a disk that has room")]
    return [ok("host", "disk", value)]


def load(probe: Probe) -> list[Finding]:
    """What happened to half a second of work, by the rule that rejects rounds."""
    told, topic = probe.during, "now"
    who = "ps -eo pcpu,comm --sort=-pcpu | head  # and end what keeps the CPUs busy"
    value = f"{probe.rejected} of {probe.slices} trial rounds were disturbed"
    share = probe.rejected / probe.slices if probe.slices else 0.0
    if share > MAX_REJECTED_OF_RUN:
        first = problem(topic, "neighbours", value, f"a run that loses more than {MAX_REJECTED_OF_RUN:.0%} of its rounds is INVALID", who)
    elif share > MANY_REJECTED:
        first = warn(topic, "neighbours", value, "fewer rounds are left, and the floor rises", who)
    else:
        first = ok(topic, "neighbours", value)
    runnable = f"load {told.get('load_before', 'unknown')}, {told.get('runnable_before', 'unknown')} threads can run"
    return [first, ok(topic, "load", runnable), _steal(told), _pressure(told), _held(told)]


def _steal(told: Facts) -> Finding:
    share = told.get("steal_share")
    if share and share > MUCH_STEAL:
        return warn("now", "steal", f"{share:.1%} of the time", "the hypervisor takes the CPU away within rounds: the floor rises",
                    "scripts/poolmark run --preset full  # at another hour; nothing on this machine fixes it")
    return ok("now", "steal", "unknown" if share is None else f"{share:.1%}")


def _pressure(told: Facts) -> Finding:
    share = told.get("memory_pressure_share")
    if share and share > MUCH_PRESSURE:
        return warn("now", "memory pressure", f"{share:.0%}", "page faults reject rounds",
                    "ps -eo rss,comm --sort=-rss | head  # and end what is not needed")
    shown = [f"{kind} {told[f'{kind}_pressure_share']:.0%}" for kind in ("cpu", "memory", "io")
             if told.get(f"{kind}_pressure_share") is not None]
    return ok("now", "pressure", ", ".join(shown) or "the kernel does not tell")


def _held(told: Facts) -> Finding:
    if told.get("nr_throttled"):
        return problem("now", "held back", f"{told['nr_throttled']} times in half a second",
                       "the control group's limit is used up: rounds are rejected, a threaded cell measures the limit",
                       "docker update --cpu-quota=-1 CONTAINER")
    return ok("now", "held back", "no" if "nr_throttled" in told else "the kernel does not tell")
