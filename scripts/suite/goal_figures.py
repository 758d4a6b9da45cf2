"""Goals that are no ratio of times: a share of hits by so many points more than a rival's, bytes of an object.

A share of hits follows from the trace and has no interval; bytes are those of the resident set, weighed once.
"""

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Any

Cell = Mapping[str, Any]


def is_one(goal: Mapping[str, Any]) -> bool:
    """Whether a goal speaks of a figure and not of time."""
    return "fact" in goal or "bytes" in goal


def lines(goal: Mapping[str, Any], runs: Iterable[tuple[str, Mapping[str, Any]]]) -> list[str]:
    """The rows of the table; of several runs, the first that has the goal's points speaks for it."""
    take = _fact if "fact" in goal else _bytes
    found = next((rows for _, results in runs if (rows := take(goal, results["cells"]))), [])
    wanted = f"+{100 * goal['at_least_more']:.1f} points" if "fact" in goal else f"{goal['bytes']:g} bytes"
    return found or [f"| `{'`, `'.join(goal['points'])}` | {goal['ours']} | | | {wanted} | | not measured |"]


def _at(goal: Mapping[str, Any], cells: Iterable[Cell], strategies: Iterable[str]) -> dict[str, dict[str, Cell]]:
    """By group and strategy, on the baseline's heap."""
    wanted, groups = set(strategies), {}
    for cell in cells:
        if cell["strategy"] in wanted and cell["allocator"] == "glibc" and "#" not in cell["id"] \
                and any(fnmatchcase(cell["group"], pattern) for pattern in goal["points"]):
            groups.setdefault(cell["group"], {})[cell["strategy"]] = cell
    return groups


def _fact(goal: Mapping[str, Any], cells: Iterable[Cell]) -> list[str]:
    rows, name, rival = [], goal["fact"], goal["against"]["strategies"][0]
    for group, both in _at(goal, cells, (goal["ours"], rival)).items():
        own, other = ((both.get(one, {}).get("facts") or {}).get(name) for one in (goal["ours"], rival))
        if own is not None and other is not None:
            reached = "yes" if own - other >= goal["at_least_more"] else "**no**"
            rows.append(f"| `{group}` | {goal['ours']} | {rival} | {100 * own:.1f} % : {100 * other:.1f} % ({name}) | "
                        f"+{100 * goal['at_least_more']:.1f} points | {100 * (own - other):+.1f} | {reached} |")
    return rows


def _bytes(goal: Mapping[str, Any], cells: Iterable[Cell]) -> list[str]:
    rows = []
    for group, one in _at(goal, cells, (goal["ours"],)).items():
        resident = (one[goal["ours"]].get("memory") or {}).get("rss_bytes_per_object")
        if resident is not None:
            rows.append(f"| `{group}` | {goal['ours']} | | | {goal['bytes']:g} bytes | {resident:.1f} | "
                        f"{'yes' if resident <= goal['bytes'] else '**no**'} |")
    return rows
