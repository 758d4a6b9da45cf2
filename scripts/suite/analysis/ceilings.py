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
from statistics import median
from typing import Any

from suite.analysis.cell import Cell

Json = dict[str, Any]
LEAST_SHARE = 0.01  # of a cell's time: now and then a page is touched first by accident
LEVELS = {1: "l1_latency", 2: "l2_latency", 3: "l3_latency"}
MEMORY = "dram_latency"


def table(processes: Sequence[Sequence[Mapping[str, Any]]]) -> list[Json]:
    """The median over processes, from the lowest repetition to the highest of any of them."""
    by_name: dict[str, list[Mapping[str, Any]]] = {}
    for found in processes:
        for one in found:
            by_name.setdefault(one["name"], []).append(one)
    return [{"name": name, "what": told[0]["what"], "ns": float(f"{median(one['ns'] for one in told):.4g}"),
             "low": min(one["low"] for one in told), "high": max(one["high"] for one in told),
             "bytes": told[0]["bytes"], "processes": [[one["ns"], one["low"], one["high"]] for one in told]}
            for name, told in by_name.items()]


def processes_behind(bounds: Sequence[Mapping[str, Any]]) -> list[list[Json]]:
    """What the processes told, from the ceilings as results hold them: to compute them again."""
    each = max((len(one.get("processes", ())) for one in bounds), default=0)
    return [[{"name": one["name"], "what": one["what"], "bytes": one["bytes"],
              **dict(zip(("ns", "low", "high"), one["processes"][number], strict=True))}
             for one in bounds if number < len(one["processes"])] for number in range(each)]


def limit_of_cell(cell: Cell, bounds: Sequence[Mapping[str, Any]], caches: Sequence[Mapping[str, Any]]) -> Json | None:
    """The highest of the bounds that fit the cell; null where none does."""
    if cell.median is None or cell.role == "limit":
        return None
    took, times = cell.median.estimate, {one["name"]: one["ns"] for one in bounds}
    found = [_page_faults(cell, times), _latency(cell, times, caches)]
    fitting = [bound for bound in found if bound is not None and bound[1] <= took]
    if not fitting:
        return None
    name, ns = max(fitting, key=lambda bound: bound[1])
    return {"ceiling": name, "ns": float(f"{ns:.4g}"), "share": float(f"{ns / took:.3g}")}


def _page_faults(cell: Cell, times: Mapping[str, float]) -> tuple[str, float] | None:
    ns = (cell.memory.get("faults_per_operation") or 0) * times.get("page_fault", 0)
    return ("page_fault", ns) if ns >= LEAST_SHARE * cell.median.estimate else None


def _latency(cell: Cell, times: Mapping[str, float], caches: Sequence[Mapping[str, Any]]) -> tuple[str, float] | None:
    if cell.workload == "pair":
        name = LEVELS[1]
    elif cell.workload == "footprint":
        name = level_of(cell.parameters["live"] * cell.parameters["bytes"], caches)
    else:
        return None
    return (name, times[name]) if name in times else None


def level_of(working_set: int, caches: Sequence[Mapping[str, Any]]) -> str:
    """The ceiling of the smallest data cache that holds so many bytes."""
    fitting = [cache["level"] for cache in caches
               if cache["type"] != "Instruction" and cache["level"] in LEVELS and cache["bytes"] >= working_set]
    return LEVELS[min(fitting)] if fitting else MEMORY
