"""What to do with a site, and why. Pure functions over what was counted; what a trial then finds counts more.

The rules are those of `docs/your-program.md`; a test program with one site of each shape is held to them.
"""

from collections.abc import Sequence
from typing import Any

Json = dict[str, Any]
SMALL_SHARE = 0.02  # of all allocations: nothing done at such a site can be seen in the whole
FEW = 1000

SOURCE = {
    "hoist": ("T kept;                        // before the loop, or a member",
              "for (...) {",
              "    kept.assign(...);          // instead of a new T each time"),
    "arena": ("poolmark::arena<T> phase;      // pools/arena.hpp; one a phase",
              "T* one = poolmark::create(phase, ...);   // instead of new T(...)",
              "phase.reset();                 // instead of every delete"),
    "pool": ("poolmark::slab_pool<T> pool;   // pools/slab_pool.hpp; one a thread",
             "T* one = poolmark::create(pool, ...);    // instead of new T(...)",
             "poolmark::destroy(pool, one);  // instead of delete one"),
    "shared_pool": ("poolmark::local_pool<T> pool;  // pools/local_pool.hpp; any thread may release",
                    "T* one = poolmark::create(pool, ...);    // instead of new T(...)",
                    "poolmark::destroy(pool, one);  // instead of delete one, in whichever thread"),
    "size_classes": ("poolmark::pool_resource memory;          // pools/adaptors/pool_resource.hpp, a std::pmr resource",
                     "std::pmr::string text(&memory);          // or vector, or memory.allocate(bytes)",
                     "text.reserve(expected);        // where it grows"),
}
NAMES = {"hoist": "keep one object", "arena": "arena for the phase", "pool": "pool of one size", "shared_pool": "thread-safe pool, or another heap",
         "size_classes": "pool of size classes, or reserve", "nothing": "nothing"}
KINDS = {"hoist": "pool", "arena": "arena", "pool": "pool", "shared_pool": "pool", "size_classes": "pool"}  # what `try` routes it to


def of(site: Json, total: int) -> Json:
    """Advice for one site: which, why, what it looks like in source."""
    kind, why = _judge(site, total)
    return {"advice": kind, "why": why, "source": SOURCE.get(kind, ()), "route": KINDS.get(kind, "")}


def _judge(site: Json, total: int) -> tuple[str, str]:
    if site["share"] < SMALL_SHARE or site["made"] < FEW:
        return "nothing", f"{site['share']:.1%} of {total} allocations: too few to be seen in the whole"
    if site["fits"] < 0.5:
        return "nothing", f"most of its blocks are larger than 512 bytes (up to {site['max_bytes']}): filling them costs more than getting them"
    if site["strict"] > 0.5:
        return "nothing", "its blocks are more strictly aligned than 16 bytes"
    if site["freed_share"] < 0.1:
        return "arena", "its objects are never freed: an arena asks the heap once for many"
    if site["by_other"] >= 0.1:
        return "shared_pool", f"{site['by_other']:.0%} are freed by another thread than made them"
    if site["peak"] == 1:
        return "hoist", "one object at a time, freed before the next is made"
    if site["together"] >= 0.9 and site["peak"] >= 100:
        return "arena", f"{site['together']:.0%} end together, at most {site['peak']} at once"
    if site["mode_share"] < 0.9:
        return "size_classes", f"{len(site['sizes'])}{'+' if len(site['sizes']) == 12 else ''} sizes from {site['min_bytes']} to {site['max_bytes']} bytes" + \
            (f"; {site['moved']:.0%} by realloc" if site["moved"] >= 0.1 else "")
    if site["several_threads"]:
        return "shared_pool", f"made by several threads, {site['mode']} bytes each"
    return "pool", f"{site['mode_share']:.0%} are of {site['mode']} bytes, on one thread, and end in {_order(site)} order"


def _order(site: Json) -> str:
    return "newest-first" if site["newest"] >= 0.9 else "oldest-first" if site["oldest"] >= 0.9 else "any"


def give(found: Sequence[Json], total: int) -> list[Json]:
    """The sites, each with its advice."""
    return [site | of(site, total) for site in found]


def to_try(found: Sequence[Json]) -> list[Json]:
    """Those whose advice can be tried, by share."""
    return [site for site in found if site["route"] and site["module"].startswith("/")]


def lines(found: Sequence[Json], most: int = 8) -> list[str]:
    """What a terminal is told."""
    return [f"  site {site['number']}: {NAMES[site['advice']]}: {site['why']}" for site in found[:most]]
