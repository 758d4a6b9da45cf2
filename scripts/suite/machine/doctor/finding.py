"""A fact about the machine, what it does to a run, and what fixes it."""

from dataclasses import dataclass

OK, WARN, PROBLEM = "ok", "warn", "problem"


@dataclass(frozen=True)
class Finding:
    """`problem`: a run made now would not be sound. `warn`: it would be, with something lost that `effect` names.

    `verdict` says whether a verdict could come out otherwise; a heap that is not installed only skips its rows.
    """

    topic: str
    name: str
    value: str
    state: str = OK
    effect: str = ""
    fix: str = ""
    verdict: bool = False


def ok(topic: str, name: str, value: object) -> Finding:
    """A fact that is as it should be."""
    return Finding(topic, name, str(value))


def warn(topic: str, name: str, value: object, effect: str, fix: str, verdict: bool = True) -> Finding:
    """One that costs something."""
    return Finding(topic, name, str(value), WARN, effect, fix, verdict)


def problem(topic: str, name: str, value: object, effect: str, fix: str) -> Finding:
    """One that stands against citing."""
    return Finding(topic, name, str(value), PROBLEM, effect, fix, True)
