"""Which ceiling of the machine bounds a cell, and how near the cell comes to it. Pure functions.

A ceiling is only named where the cell cannot get below it by what it does, so most cells have none:

- where the kernel was seen to hand out pages during the epochs, each operation bears its part of them: so many page
  faults, as measured. A huge page counts as one fault, so this is less than what they cost, never more;
- a step of `footprint` needs the address that the step before it read, so it takes at least a latency: that of the
  smallest cache that all objects fit, or of memory;
- in `pair` an acquire needs what the release before it wrote: at least a latency of the first cache.

Misses of `churn` and `batch_order` are known ahead and overlap, so that no latency bounds them; what threads pass
from one to the other depends on where they run. They have none. Nor has a cell that got below its ceiling: the machine
was another one when that was measured.
"""

from collections.abc import Mapping, Sequence
from typing import Any

Json = dict[str, Any]
LEAST_SHARE = 0.01  # of a cell's time: now and then a page is touched first by accident
LEVELS = {1: "l1_latency", 2: "l2_latency", 3: "l3_latency"}
MEMORY = "dram_latency"


def limit_of_cell(cell: Mapping[str, Any], ceilings: Sequence[Mapping[str, Any]],
            caches: Sequence[Mapping[str, Any]]) -> Json | None:
    """The highest of the bounds that fit the cell; null where none does."""
    if not cell.get("ns_per_op") or cell["role"] == "limit":
        return None
    times = {one["name"]: one["ns"] for one in ceilings}
    found = [_page_faults(cell, times), _latency(cell, times, caches)]
    bounds = [bound for bound in found if bound is not None and bound[1] <= cell["ns_per_op"]["median"]]
    if not bounds:
        return None
    name, ns = max(bounds, key=lambda bound: bound[1])
    return {"ceiling": name, "ns": float(f"{ns:.4g}"), "share": float(f"{ns / cell['ns_per_op']['median']:.3g}")}


def _page_faults(cell: Mapping[str, Any], times: Mapping[str, float]) -> tuple[str, float] | None:
    faults = (cell.get("memory") or {}).get("faults_per_operation")
    ns = (faults or 0) * times.get("page_fault", 0)
    return ("page_fault", ns) if ns >= LEAST_SHARE * cell["ns_per_op"]["median"] else None


def _latency(cell: Mapping[str, Any], times: Mapping[str, float],
             caches: Sequence[Mapping[str, Any]]) -> tuple[str, float] | None:
    parameters = cell["parameters"]
    if cell["workload"] == "pair":
        name = LEVELS[1]
    elif cell["workload"] == "footprint":
        name = level_of(parameters["live"] * parameters["bytes"], caches)
    else:
        return None
    return (name, times[name]) if name in times else None


def level_of(working_set: int, caches: Sequence[Mapping[str, Any]]) -> str:
    """The ceiling of the smallest data cache that holds so many bytes."""
    fitting = [cache["level"] for cache in caches
               if cache["type"] != "Instruction" and cache["level"] in LEVELS and cache["bytes"] >= working_set]
    return LEVELS[min(fitting)] if fitting else MEMORY
