"""The table of call sites: what `poolmark-program sites` counted, with names, and climbed through wrappers. Types are those of the
functions that were inlined at a site: the library's own say for what they allocate.
"""

import re
from collections.abc import Iterable, Sequence
from itertools import takewhile
from pathlib import Path
from typing import Any

from suite.program import names
from suite.program.names import Maps, Place

Json = dict[str, Any]
MAX_CLIMB = 8
SHOWN = 12
# What allocates, and what stands behind its template arguments when it is the function itself that is called so.
OPENINGS = ((re.compile(r"\b(?:__new_allocator|new_allocator|allocator)<"), "::allocate("), (re.compile(r"\bmake_unique<"), "("))
STRING = re.compile(r"\bbasic_string<(\w+),.*>::(?:_M_\w+|reserve)[<(]")
SHARED = "std::_Sp_counted_ptr_inplace<"
MISSING_TYPE = "no type: rebuild with -g1"


def named(read: Json, most: int = 60) -> list[Json]:
    """The sites with most allocations: module, offset, name, and the frame above wrappers that most of their calls come from."""
    maps = Maps(read["maps"])
    made = max(read["made"], 1)
    chosen = read["sites"][:most]
    stacks = {id(site): [[maps.place(frame) for frame in frames] for _, *frames in site["stacks"]] for site in chosen}
    known = names.resolve(place for found in stacks.values() for stack in found for place in stack)
    return [_site(number, site, maps, [[known[place] for place in stack] for stack in stacks[id(site)]], made)
            for number, site in enumerate(chosen, 1)]


def _site(number: int, site: Json, maps: Maps, stacks: Sequence[Sequence[Place]], made: int) -> Json:
    place = stacks[0][0] if stacks else maps.place(site["caller"])
    freed = max(site["freed"], 1)
    mode, mode_count = site["sizes"][0]
    counts = [count for count, *_ in site["stacks"]]
    return {
        "number": number, "module": place.module, "offset": place.offset, "name": place.text(), "function": place.where,
        "users": climbed(stacks, counts), "type": type_of(stacks, counts, site["operations"][0][0] in (5, 6)),
        "stack": [place.text() for place in stacks[0]] if stacks else [],
        "made": site["made"], "share": site["made"] / made, "bytes": site["bytes"], "sizes": site["sizes"], "mode": mode,
        "mode_share": mode_count / site["made"], "min_bytes": site["min_bytes"], "max_bytes": site["max_bytes"],
        "peak": site["peak"], "peak_bytes": site["peak_bytes"], "freed_share": site["freed"] / site["made"],
        "life_ns": site["life_ns"], "life_events": site["life_events"], "newest": site["newest"] / freed, "oldest": site["oldest"] / freed,
        "together": site["together"] / freed, "by_other": site["by_other"] / freed, "several_threads": site["several_threads"],
        "saved_bytes": site["saved_bytes"], "strict": site["strict"] / site["made"], "curve": site["curve"],
        "moved": sum(count for how, count in site["operations"] if how == 4) / site["made"],
        "fits": site["small"] / site["made"],
    }


def climbed(stacks: Sequence[Sequence[Place]], counts: Sequence[int]) -> list[list[Any]]:
    """Who asked: the first frame of each stack that is no wrapper, with its share. A site inside `xmalloc` says nothing."""
    found: dict[str, int] = {}
    for stack, count in zip(stacks, counts):
        above = next((level for level in _levels(stack) if level.function and not names.is_wrapper(level)), stack[0])
        found[above.text()] = found.get(above.text(), 0) + count
    total = max(sum(counts), 1)
    return sorted(([name, count / total] for name, count in found.items()), key=lambda user: -user[1])[:4]


def _levels(stack: Sequence[Place]) -> list[Place]:
    return [level for place in stack[:MAX_CLIMB] for level in place.levels()]


def type_of(stacks: Sequence[Sequence[Place]], counts: Sequence[int], by_new: bool) -> str:
    """What most of it is, where wrappers on the way to whoever asks say it; what would give it, where C++ asks and debug information lacks."""
    found: dict[str, int] = {}
    for stack, count in zip(stacks, counts):
        wrappers = takewhile(lambda level: names.is_wrapper(level), _levels(stack))
        name = allocated(level.function for level in wrappers)
        found[name] = found.get(name, 0) + count
    most = max(found, key=lambda name: found[name], default="")
    return most or (MISSING_TYPE if by_new and stacks and not stacks[0][0].line else "")


def order(site: Json) -> str:
    """How its objects end, in a word."""
    if site["freed_share"] < 0.5:
        return "never freed"
    if site["peak"] == 1:
        return "next"
    if site["together"] >= 0.9:
        return "together"
    if site["newest"] >= 0.9:
        return "newest first"
    return "oldest first" if site["oldest"] >= 0.9 else "any"


def sizes(site: Json) -> str:
    """One size, or from where to where."""
    return f"{site['mode']}" if site["min_bytes"] == site["max_bytes"] else f"{site['min_bytes']}-{site['max_bytes']}"


def life(site: Json) -> str:
    """A mean life, readable."""
    if not site["life_ns"]:
        return f"{site['life_events']:.0f} events"
    for unit, size in (("s", 1e9), ("ms", 1e6), ("µs", 1e3)):
        if site["life_ns"] >= size:
            return f"{site['life_ns'] / size:.3g} {unit}"
    return f"{site['life_ns']:.0f} ns"


def lines(found: Sequence[Json], most: int = SHOWN) -> list[str]:
    """The table for a terminal."""
    rows = [f"{'site':>4} {'made':>10} {'share':>6} {'bytes':>12} {'peak live':>9} {'life':>8} {'ends':12} {'other thread':>12}  who asks"]
    for site in found[:most]:
        rows.append(f"{site['number']:4} {site['made']:10} {site['share']:6.1%} {sizes(site):>12} {site['peak']:9} {life(site):>8} {order(site):12} "
                    f"{site['by_other']:12.0%}  {who(site)}")
    left = len(found) - most
    return rows + ([f"and {left} sites more, of {sum(site['share'] for site in found[most:]):.1%} of the allocations together"] if left > 0 else [])


def who(site: Json) -> str:
    """The site in words: who asks for most of it, through which function, and for what type."""
    user = site["users"][0][0] if site["users"] else site["name"]
    known = site.get("type", "")
    if known and known != MISSING_TYPE:
        return f"{user}: {known}"
    asked = user if user == site["name"] or site["users"][0][1] < 0.3 else f"{user} by {site['function']}" if site["function"] not in user else user
    return f"{asked}; {known}" if known else asked


def debug_information(found: Sequence[Json]) -> str:
    """What the names lack, and what would give them."""
    bare = {Path(site["module"]).name for site in found[:SHOWN] if "(" not in site["name"] and ":" not in site["name"]}
    return f"no lines and no types for {', '.join(sorted(bare)[:3])}: build with -g1, or install its debug symbols" if bare else ""


def allocated(functions: Iterable[str]) -> str:
    """The type that the innermost allocating function is for; nothing where none says."""
    for depth, function in enumerate(functions):
        for opening, ending in OPENINGS[:1] if depth else OPENINGS:  # what is inlined into make_unique() is a constructor, whose blocks are others
            for match in opening.finditer(function):
                first, rest = _arguments(function, match.end())
                if rest.startswith(ending) or (ending == "(" and not rest):
                    return _peeled(first)
        if string := STRING.search(function):
            return string[1]
    return ""


def _arguments(text: str, begin: int) -> tuple[str, str]:
    """The first template argument of a list that begins there, and what follows the list."""
    depth, first = 1, -1
    for at in range(begin, len(text)):
        depth += {"<": 1, "(": 1, ">": -1, ")": -1}.get(text[at], 0)
        if first < 0 and (depth == 0 or (depth == 1 and text[at] == ",")):
            first = at
        if depth == 0:
            return text[begin:first].strip(), text[at + 1:]
    return "", ""


def _peeled(name: str) -> str:
    """An object together with the counts of its shared pointers goes by its own name."""
    return f"{_arguments(name, len(SHARED))[0]} (make_shared)" if name.startswith(SHARED) else name
