"""A claim held against what was measured. Pure: the same values give the same verdict, and other values another.

A claim has checks. A check asks one thing of every interpreter (or of a run), and each answer holds, does not hold, or
stays open because the interval reaches both ways. What holds everywhere is CONFIRMED, nowhere REFUTED; where answers
differ, the claim is CONDITIONAL, and the condition is read off the answers: which check, which version.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

CONFIRMED, REFUTED, CONDITIONAL, NOT_MEASURED = "CONFIRMED", "REFUTED", "CONDITIONAL", "NOT MEASURED"
VERDICTS = (CONFIRMED, REFUTED, CONDITIONAL, NOT_MEASURED)


@dataclass(frozen=True)
class Value:
    """A measured value with its interval, or a word, or why there is none."""

    where: str
    value: Any = None
    low: float | None = None
    high: float | None = None
    reason: str = ""

    @property
    def there(self) -> bool:
        return self.value is not None


@dataclass(frozen=True)
class Answer:
    """What one value says of one check; `holds` is None when it stays open."""

    check: Mapping[str, Any]
    value: Value
    holds: bool | None

    @property
    def label(self) -> str:
        return str(self.check.get("when", ""))


@dataclass(frozen=True)
class Verdict:
    """The word, and the condition or the reason that belongs to it."""

    word: str
    why: str = ""


def holds(check: Mapping[str, Any], value: Value) -> bool | None:
    """Whether a value is what the check asks for; None when its interval reaches inside and outside."""
    if not value.there:
        return None
    if "is" in check:
        return value.value == check["is"] and isinstance(value.value, bool) == isinstance(check["is"], bool)
    if isinstance(value.value, (bool, str)):
        return None
    least, most = check.get("from", float("-inf")), check.get("to", float("inf"))
    low = value.value if value.low is None else value.low
    high = value.value if value.high is None else value.high
    if least <= low and high <= most:
        return True
    return False if high < least or low > most else None


def answers(check: Mapping[str, Any], values: Sequence[Value]) -> list[Answer]:
    """The answers of all interpreters to one check."""
    return [Answer(check, value, holds(check, value)) for value in values]


def judge(found: Sequence[Answer], reason: str = "") -> Verdict:
    """The verdict from the answers that decide. `reason`: why the claim cannot be measured at all."""
    decided = [answer for answer in found if answer.holds is not None]
    if not decided:
        return Verdict(NOT_MEASURED, reason or _why_open(found))
    if all(answer.holds for answer in decided):
        return Verdict(CONFIRMED, _left_open(found))
    if not any(answer.holds for answer in decided):
        return Verdict(REFUTED, _left_open(found))
    return Verdict(CONDITIONAL, condition(decided))


def condition(decided: Sequence[Answer]) -> str:
    """Where a claim holds and where it does not, from the answers themselves."""
    labels = list(dict.fromkeys(answer.label for answer in decided))
    parts: dict[bool, list[str]] = {True: [], False: []}
    for label in labels:
        own = [answer for answer in decided if answer.label == label]
        both = len({answer.holds for answer in own}) == 2
        for side in (True, False):
            where = list(dict.fromkeys(answer.value.where for answer in own if answer.holds is side))
            if where:
                versions = f"on {', '.join(where)}" if both or not label else ""
                parts[side].append(" ".join(filter(None, (label, versions))))
    return f"holds: {'; '.join(parts[True])}. Not: {'; '.join(parts[False])}"


def _why_open(found: Sequence[Answer]) -> str:
    if any(answer.value.there for answer in found):
        return "the interval reaches both ways"
    return next((answer.value.reason for answer in found if answer.value.reason), "nothing here measures it")


def _left_open(found: Sequence[Answer]) -> str:
    """Values that were had and settle nothing are said, not hidden."""
    unsettled = [answer.value.where for answer in found if answer.holds is None and answer.value.there]
    return f"open on {', '.join(dict.fromkeys(unsettled))}" if unsettled else ""
