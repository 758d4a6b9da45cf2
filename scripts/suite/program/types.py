"""Types of what a call site makes, from the names of the functions that were inlined there: the library's own say for what they allocate."""

import re
from collections.abc import Iterable

# What allocates, and what stands behind its template arguments when it is the function itself that is called so.
OPENINGS = ((re.compile(r"\b(?:__new_allocator|new_allocator|allocator)<"), "::allocate("), (re.compile(r"\bmake_unique<"), "("))
STRING = re.compile(r"\bbasic_string<(\w+),.*>::(?:_M_\w+|reserve)[<(]")
SHARED = "std::_Sp_counted_ptr_inplace<"
MISSING = "no type: rebuild with -g1"


def of(functions: Iterable[str]) -> str:
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
