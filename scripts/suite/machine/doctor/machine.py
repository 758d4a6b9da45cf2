"""What the processor, the kernel and the clock do to a run. Pure functions of the facts that results record as well.

Who shares the cores? Asks each CPU as a run does before every block.
"""

import os
from collections.abc import Mapping, Sequence
from typing import Any

from suite.analysis import regimes
from suite.base.build import BENCH
from suite.base.errors import UserError
from suite.machine import calm, known_machine
from suite.machine.calm import Reading
from suite.machine.doctor.finding import Finding, ok, problem, warn

Facts = Mapping[str, Any]
STEADY_CLOCKS = ("tsc", "kvm-clock", "arch_sys_counter", "hyperv_clocksource_tsc_page", "xen")
FAST_READ_NS, FINE_STEP_NS = 1000, 1000  # a round lasts at least 25,000 ns
CLOCK = "/sys/devices/system/clocksource/clocksource0/current_clocksource"
GOVERNORS = "/sys/devices/system/cpu/cpu*/cpufreq/scaling_governor"
TOPIC = "neighbours"
ASKED = 5


def cpu(facts: Facts) -> list[Finding]:
    """Which one, how many of it, at what speed."""
    processor, topic = facts["processor"], "processor"
    caches = ", ".join(f"L{cache['level']} {cache['type'].lower()} {cache['bytes'] >> 10} KiB" for cache in facts["caches"])
    line = next((cache["line_bytes"] for cache in facts["caches"] if "line_bytes" in cache), "unknown")
    return [
        ok(topic, "model", f"{facts['cpu']}, stepping {_told(processor['stepping'])}, microcode {processor['microcode']}"),
        _count(facts), ok(topic, "topology", f"{_told(processor['sockets'])} socket(s), {_told(processor['cores'])} core(s), "
                          f"{_told(processor['threads'])} thread(s), SMT {processor['smt']}"),
        ok(topic, "caches", f"{caches or 'unknown'}; line of {line} bytes"), _governor(facts),
        ok(topic, "turbo", f"{processor['turbo']} (rounds are paired, so both sides see the same speed)"),
        ok(topic, "mitigations", _mitigations(facts["mitigations"])), _counters(facts["counters"])]


def _told(value: Any) -> str:
    return "unknown" if value is None else str(value)


def _count(facts: Facts) -> Finding:
    if facts["cpus"] > 1:
        return ok("processor", "CPUs", f"{facts['cpus']} that a run may use")
    more = facts["processor"]["online"] not in ("0", "absent")
    return warn("processor", "CPUs", "one", "the driver shares it with what it measures: more rounds are rejected, and "
                "workloads with threads measure the scheduler",
                f"taskset -c {facts['processor']['online']} scripts/poolmark run" if more else
                "give the machine a second CPU, or: scripts/poolmark run --preset full")


def _governor(facts: Facts) -> Finding:
    governor = facts["governor"]
    if governor in ("performance", "absent"):
        return ok("processor", "governor", "not to be had here" if governor == "absent" else governor)
    return warn("processor", "governor", governor, "the speed follows the load: intervals widen, and a cell can stay UNRESOLVED",
                f"echo performance | sudo tee {GOVERNORS}")


def _mitigations(found: Mapping[str, str]) -> str:
    active = sum(text.startswith("Mitigation") for text in found.values())
    open_ = sum(text.startswith("Vulnerable") for text in found.values())
    return f"{active} in force, {open_} not mitigated, of {len(found)} known" if found else "unknown"


def _counters(counters: Facts) -> Finding:
    if counters["usable"]:
        return ok("processor", "counters", "can be read")
    if counters["present"]:
        return warn("processor", "counters", counters["reason"], "instructions are counted by valgrind alone",
                    "sudo sysctl -w kernel.perf_event_paranoid=2", verdict=False)
    return ok("processor", "counters", f"none: {counters['reason']}; valgrind counts instructions")


def kernel(facts: Facts) -> list[Finding]:
    """Addresses, turns, pages."""
    settings, memory = facts["settings"], facts["memory"]
    return [ok("kernel", "release", facts["kernel"]), ok("kernel", "boot options", settings["boot_options"] or "none that count"),
            _aslr(facts), _turns(settings), ok("kernel", "isolated CPUs", settings["isolated_cpus"]),
            ok("kernel", "transparent huge pages", f"{facts['thp']}; defrag {memory['thp_defrag']}"),
            _overcommit(memory), ok("kernel", "NUMA nodes", _told(memory["numa_nodes"]))]


def _aslr(facts: Facts) -> Finding:
    if facts["settings"]["fixed_addresses"]:
        return problem("kernel", "address randomization", "off for this process",
                       "one layout is frozen: intervals cover the luck of that layout alone",
                       "exit  # and start again from a shell that neither setarch -R nor a debugger began")
    if facts["aslr"] in ("2", "absent"):
        return ok("kernel", "address randomization", "on" if facts["aslr"] == "2" else "unknown")
    return problem("kernel", "address randomization", facts["aslr"],
                   "layouts are frozen: intervals cover the luck of one layout alone",
                   "sudo sysctl -w kernel.randomize_va_space=2")


def _turns(settings: Facts) -> Finding:
    value = f"{settings['policy']}, nice {settings['nice']}"
    if settings["policy"] in ("batch", "idle"):
        return warn("kernel", "scheduling", value, "others go first: rounds are rejected", "chrt --other 0 scripts/poolmark run")
    if settings["nice"] > 0:
        return warn("kernel", "scheduling", value, "others go first: rounds are rejected", "sudo renice -n 0 -p $$")
    return ok("kernel", "scheduling", value)


def _overcommit(memory: Facts) -> Finding:
    if memory["overcommit"] == 2:
        return warn("kernel", "overcommit", "never", "a heap or pool that reserves addresses ahead fails, and its rows with it",
                    "sudo sysctl -w vm.overcommit_memory=0", verdict=False)
    return ok("kernel", "overcommit", _told(memory["overcommit"]))


def clock(facts: Facts) -> list[Finding]:
    """The clock, and whether it is fine and cheap enough for rounds of 25 microseconds and more."""
    found = facts["clock"]
    value = f"{found['source']}, smallest step {found['smallest_step_ns']} ns, {found['read_ns']:.0f} ns a read (from Python)"
    if found["source"] not in (*STEADY_CLOCKS, "absent"):
        return [warn("clock", "source", value, "each reading is a system call or worse: short operations drown in it",
                     f"echo tsc | sudo tee {CLOCK}")]
    if found["smallest_step_ns"] > FINE_STEP_NS or found["read_ns"] > FAST_READ_NS:
        return [warn("clock", "source", value, "too coarse for the shortest rounds: their cells can stay UNRESOLVED",
                     f"cat {CLOCK.replace('current', 'available')}  # and choose tsc where it is offered")]
    return [ok("clock", "source", value)]


def ask() -> list[list[Reading]]:
    """Several answers of all CPUs; none where nothing is built yet."""
    program = BENCH.with_name(calm.NAME)
    if not program.exists():
        return []
    try:
        witness = calm.Witness(program, sorted(os.sched_getaffinity(0)))
    except UserError:
        return []
    try:
        return [found for _ in range(ASKED) if (found := witness.ask())]
    finally:
        witness.close()


def found(answers: Sequence[Sequence[Reading]], known: known_machine.Known) -> list[Finding]:
    """The calmest CPU by name, and whether its core is quiet."""
    if not answers:
        return [warn(TOPIC, "calmest CPU", "unknown", "the program that asks the CPUs is not built yet",
                     "scripts/poolmark run --preset smoke", verdict=False)]
    best = known.levels.get("core")
    calmest = min((reading for each in answers for reading in each), key=lambda one: (one.contended, one.quotient))
    level = min([calmest.quotient] + ([best] if best else []))
    each = ", ".join(f"CPU {cpu}: {_state(readings, level)}" for cpu, readings in _by_cpu(answers).items())
    value = f"CPU {calmest.cpu} ({each})"
    if calmest.contended or not regimes.is_quiet("core", calmest.quotient, level):
        return [warn(TOPIC, "calmest CPU", value, "somebody uses every core that this run may use: its numbers would be those of a "
                     "shared core, or not citable", "end what else runs on this machine, or wait for its neighbours to end")]
    if not best:
        return [warn(TOPIC, "calmest CPU", value, known.note, "scripts/poolmark run, at a quiet time", verdict=False)]
    return [ok(TOPIC, "calmest CPU", value)]


def _by_cpu(answers: Sequence[Sequence[Reading]]) -> dict[int, list[Reading]]:
    return {cpu: [one for each in answers for one in each if one.cpu == cpu] for cpu in sorted({one.cpu for one in answers[0]})}


def _state(readings: Sequence[Reading], level: float) -> str:
    if any(one.contended for one in readings):
        return "busy"
    quiet = sum(regimes.is_quiet("core", one.quotient, level) for one in readings)
    return "quiet" if quiet == len(readings) else f"shared in {len(readings) - quiet} of {len(readings)} readings"
