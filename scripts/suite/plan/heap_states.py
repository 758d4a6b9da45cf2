"""In which state a workload finds its heap: clean as a fresh process has it, or used before. benchmarks/harness/litter.hpp
makes the states; a cell carries its own as its last parameter."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from suite.base.errors import UserError

PARAMETER, CLEAN, AGED, LITTERED = "heap", "clean", "aged", "littered"
CURATED = f"{LITTERED}40"  # of the points that a workload marks: nearly half of what a heap handed out is still there
USE = "use clean, aged, or littered=0.4, where the number is the share that stays, from 0 to 1 with two digits at most"


def split(arguments: Iterable[str]) -> tuple[str, ...]:
    """`clean,littered=0.4` as the words that parameters have: clean, littered40."""
    return tuple(dict.fromkeys(_word(entry.strip()) for argument in arguments for entry in argument.split(",")))


def _word(entry: str) -> str:
    name, equals, share = entry.partition("=")
    if name in (CLEAN, AGED) and not equals:
        return name
    if name != LITTERED or not re.fullmatch(r"0?\.\d{1,2}|[01](\.0)?", share):
        raise UserError(f"--heap: '{entry}' is no state of a heap; {USE}")
    percent = round(float(share) * 100)
    return f"{LITTERED}{percent}" if percent else AGED


def in_name(group: str) -> str:
    """The state at the end of a group's name; empty where there is none."""
    return group.partition(f",{PARAMETER}=")[2]


def of(parameters: Mapping[str, Any]) -> str:
    """The state that a cell's parameters name."""
    return str(parameters.get(PARAMETER, CLEAN))


def without(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """The same point on a clean heap."""
    return {key: value for key, value in parameters.items() if key != PARAMETER}


def said(word: str) -> str:
    """In a sentence: `a littered heap (40 % of it in use)`."""
    return f"a littered heap ({word.removeprefix(LITTERED)} % of it in use)" if word.startswith(LITTERED) else f"{'an' if word == AGED else 'a'} {word} heap"
