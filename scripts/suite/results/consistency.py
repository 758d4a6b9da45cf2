"""What a schema cannot say of results: names that exist, ids that are one cell's alone, looks that spend no more error than
there is. A file that was edited or made up is refused before a number of it is shown as a fact."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from suite.base.streams import printable
from suite.plan.presets import CONFIDENCE

Json = Mapping[str, Any]
PLANS = ("looks", "long_looks")
ROUNDING = 1e-9  # 1 - 0.95 is not 0.05 in binary


def wrong_names(measured: Json) -> str:
    """Two cells of one id, or a cell on a heap that the file does not know; empty when there is none."""
    ids = Counter(cell["id"] for cell in measured["cells"])
    twice = next((name for name, count in ids.items() if count > 1), None)
    if twice is not None:
        return f"{ids[twice]} cells have the id {_shown(twice)}"
    heaps = Counter(entry["name"] for entry in measured["allocators"])
    twice = next((name for name, count in heaps.items() if count > 1), None)
    if twice is not None:
        return f"{heaps[twice]} heaps have the name {_shown(twice)}"
    lost = next((cell for cell in measured["cells"] if cell["allocator"] not in heaps), None)
    return f"{_shown(lost['id'])} is on the heap {_shown(lost['allocator'])}, which is not among its allocators" if lost else ""


def wrong_looks(measured: Json) -> str:
    """What is wrong with the looks at the data; empty when together they err in at most 5 % of cases."""
    return next((found for name in PLANS if (found := _wrong_plan(name, measured["protocol"].get(name, ())))), "")


def _wrong_plan(name: str, plan: Sequence[Json]) -> str:
    counts = [look["processes"] for look in plan]
    if any(not 0 < look["confidence"] < 1 for look in plan):
        return f"protocol/{name} has a confidence that no interval has, it must lie between 0 and 1"
    if counts != sorted(set(counts)) or min(counts, default=1) < 1:
        return f"protocol/{name} has looks that do not follow one another, each must have more processes than the one before"
    spent = sum(1 - look["confidence"] for look in plan)
    if spent > 1 - CONFIDENCE + ROUNDING:
        return f"protocol/{name} spends {spent:.1%} of error over its looks, and there are {1 - CONFIDENCE:.0%} in all"
    return ""


def _shown(name: str) -> str:
    return f"'{printable(name[:100])}'"
