"""Who shares the cores? Asks each CPU as a run does before every block."""

import os
from collections.abc import Sequence

from suite import calm, known_machine, regimes
from suite.build import BENCH
from suite.calm import Reading
from suite.doctor.finding import Finding, ok, warn
from suite.errors import UserError

TOPIC = "neighbours"
ASKED = 5


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
