"""Names that two runs do not share: results keep the names that they were measured under, comparisons know both.

A strategy may have another name today. A heap of another major version is another heap, whatever both are called.
"""

import re
from typing import Any

Json = dict[str, Any]
RENAMED = {"magazine_pool": "stack_pool"}  # it keeps its free slots in a stack, and has no magazines
OLD = re.compile(rf"(?<=/)({'|'.join(RENAMED)})(?=@|$)")
NAMES = ("id", "baseline", "strategy")


def name(strategy: str) -> str:
    """What a strategy, or the strategy of a cell's identity, is called today."""
    return RENAMED.get(strategy) or OLD.sub(lambda found: RENAMED[found[1]], strategy)


def current(measured: Json) -> Json:
    """The results with the names of today."""
    cells = [cell | {key: name(cell[key]) for key in NAMES} for cell in measured["cells"]]
    strategies = [entry | {"name": name(entry["name"])} for entry in measured["strategies"]]
    return {**measured, "cells": cells, "strategies": strategies}


def major(heap: Json) -> str:
    """3 of libmimalloc.so.3, 19 of .../clang/19/..., else of the version; empty where nobody can tell."""
    of_file = re.search(r"(?:\.so\.|/clang/)(\d+)", heap.get("library") or "")
    of_version = re.match(r"\d+", heap.get("version") or "")
    found = of_file or of_version
    return re.sub(r"\D", "", found[0]) if found else ""


def heaps_apart(old: Json, new: Json) -> tuple[Json, Json, list[str]]:
    """Both runs, with the major version behind the name of each heap of which they have different ones, and what that was:
    mimalloc 2 of one run meets mimalloc2 of a run that has mimalloc 3 beside it."""
    before, after = ({heap["name"]: heap for heap in measured["allocators"]} for measured in (old, new))
    apart = [name for name in before if name in after and major(before[name]) and major(after[name])
             and major(before[name]) != major(after[name])]
    notes = [f"{name} is {before[name]['version'] or 'unknown'} in the old run and {after[name]['version'] or 'unknown'} in the new "
             f"one: two heaps, {name}{major(before[name])} and {name}{major(after[name])}" for name in apart]
    return *(_with_heaps(measured, {name: name + major(heaps[name]) for name in apart})
             for measured, heaps in ((old, before), (new, after))), notes


def _with_heaps(measured: Json, names: dict[str, str]) -> Json:
    def renamed(cell: Json) -> Json:
        own = cell["allocator"]
        if own not in names:
            return cell
        return cell | {"allocator": names[own], "id": re.sub(rf"@{re.escape(own)}(?=#|$)", f"@{names[own]}", cell["id"])}
    return {**measured, "cells": list(map(renamed, measured["cells"])),
            "allocators": [heap | {"name": names.get(heap["name"], heap["name"])} for heap in measured["allocators"]]}
