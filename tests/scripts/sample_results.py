"""A synthetic results dict as a real run would write it: every allocator, every verdict, and names that mean harm."""

from __future__ import annotations

import copy
import random
from itertools import product
from pathlib import Path
from typing import Any

HOSTILE = "<script>alert(1)</script>"
ALLOCATORS = {"glibc": 1.0, "mimalloc": 0.42, "jemalloc": 0.5, "tcmalloc": 0.47, "tbbmalloc": 0.6, "scudo": 1.9,
              "bump": 0.15}
FAMILIES = {
    "fresh_heap": "fresh", "slab_pool": "free_list", "stack_pool": "free_list", "arena": "pool",
    "scan_pool": "pool", "boost_pool": "peer", "std_pmr_pool": "peer", "empty_loop": "limit", "fresh_box": "fresh",
    "plain_value": "layout", "boxed_int_table": "singleton", "free_list_box": "free_list",
    "tagged_pointer": "layout", "unordered_map": "layout", "flat_hash_map": "layout", "shape_slots": "layout",
    "slotted": "layout", HOSTILE: "pool",
}
SPEED = {"fresh_heap": 1.0, "slab_pool": 0.2, "stack_pool": 0.07, "arena": 0.09, "scan_pool": 3.4, "boost_pool": 0.8,
         "std_pmr_pool": 0.995, "empty_loop": 0.01, "fresh_box": 1.0, "plain_value": 0.04, "boxed_int_table": 0.3,
         "free_list_box": 0.25, "tagged_pointer": 0.06, "unordered_map": 1.0, "flat_hash_map": 0.6, "shape_slots": 0.12,
         "slotted": 0.05, HOSTILE: 1.3}
POOLS = ["fresh_heap", "slab_pool", "stack_pool", "arena", "boost_pool", "std_pmr_pool"]
BOXES = ["fresh_box", "plain_value", "boxed_int_table", "free_list_box", "tagged_pointer"]
LAYOUTS = ["unordered_map", "flat_hash_map", "shape_slots", "slotted"]
# name, question, strategies, parameters, ns at the baseline
WORKLOADS = [
    ("pair", "What does one object cost when it is given back at once?", [*POOLS, "empty_loop"],
     {"bytes": [16, 64, 256, 4096]}, 11.0),
    ("batch_order", "Does the order of release decide what reuse is worth?", POOLS,
     {"order": ["lifo", "fifo", "shuffled"], "live": [100, 10_000, 1_000_000], "bytes": [64]}, 24.0),
    ("churn", "What does steady replacement cost as the live set grows?", POOLS,
     {"live": [1000, 30_000, 1_000_000], "bytes": [64]}, 31.0),
    ("small_object_pool", "When does a pool with a scanned in-use list stop paying?", ["fresh_heap", "scan_pool",
     "slab_pool", HOSTILE], {"size": [4, 16, 256, 4096], "pattern": ["idle", "fill_drain"]}, 20.0),
    ("boxed_integers", "At which hit rate does a table of boxed integers pay?", BOXES,
     {"hit_rate": [0, 50, 90, 100]}, 9.0),
    ("object_layout", "Slots or a hash map: what does an object's layout cost?", LAYOUTS,
     {"type": ["Vector2D", "LogRecord"], "operation": ["create", "read"]}, 260.0),
    ("shared_pool", "What do threads that share a pool take from one another?", ["fresh_heap", "stack_pool",
     "boost_pool"], {"bytes": [64], "threads": [1, 2, 4]}, 30.0),
    ("pooled_reuse", "What does each pool cost on each heap?", POOLS, {"live": [1000, 1_000_000], "bytes": [64]}, 28.0),
]
PAYLOAD = {"Vector2D": 16, "LogRecord": 40}


def _text(parameters: dict[str, Any]) -> str:
    return ",".join(f"{key}={value}" for key, value in parameters.items())


def _memory(chance: random.Random, parameters: dict[str, Any], strategy: str, allocator: str) -> dict[str, Any]:
    memory: dict[str, Any] = {"peak_rss_bytes": 9_000_000}
    if parameters.get("operation") == "create":
        payload = PAYLOAD[parameters["type"]]
        factor = {"unordered_map": 22.0, "flat_hash_map": 11.0, "shape_slots": 2.0, "slotted": 1.2}[strategy]
        resident = payload * factor * chance.uniform(1.0, 1.25)
        built = resident * 1_000_000
        memory |= {"rss_bytes_per_object": resident, "rss_low": resident * 0.99, "rss_high": resident * 1.01,
                   "requested_bytes_per_object": payload * factor * 0.9, "sizeof_bytes": min(payload * 1.0, 56.0),
                   "payload_bytes": payload, "objects": 1_000_000, "usable_bytes_per_object": payload * factor * 0.95,
                   "timeline": [[0.0, 0.0], [0.2, built], [0.3, built * 0.4], [1.3, built * 0.1], [5.3, built * 0.1]],
                   "kept_bytes": {"0.1": built * 0.4, "1": built * 0.1, "5": built * 0.1},
                   "fragmentation": 1.21 if allocator != "scudo" else None, "faults_per_operation": 0.0021}
    return memory


def _latency(chance: random.Random, median: float) -> dict[str, Any]:
    """A body, a slow tail, and a few growths; as far as 40,000 timed operations support."""
    steps = {"50": 1.0, "75": 1.1, "90": 1.4, "99": 3.0, "99.9": 12.0}
    spike = median * chance.uniform(200, 900)
    return {"operations": 4_000_000, "samples": 40_000, "period": 100, "timer_ns": 21.0,
            "percentiles": {name: median * factor + 21 for name, factor in steps.items()}, "maximum_ns": spike,
            "growth": [[4096, spike], [65536, spike * 0.8]],
            "histogram": [[median + 21, 20_000], [median * 1.4 + 21, 16_000], [median * 3 + 21, 3_600],
                          [median * 12 + 21, 360], [spike, 40]]}


def _samples(chance: random.Random, ratio: float | None, median: float) -> list[dict[str, Any]]:
    rows = []
    for process in range(12):
        off = chance.gauss(1.0, 0.003) * (1.004 if process % 3 else 0.996)
        rows.append({"process": process, "rounds": 16, "rejected": 0, "ns_per_op": median * off,
                     "layout": {"build": process % 3, "heap_offset": 16 * process, "environment_padding": 100},
                     "minimum_ns_per_op": median * 0.97, "round_spread": 0.01, "ratio": ratio and ratio * off})
    return rows


def _why(chance: random.Random, name: str, ratio: float, median: float, verdict: str) -> dict[str, Any]:
    """What the later passes add to a cell."""
    build, process = chance.uniform(0, 0.5), chance.uniform(0.1, 0.5)
    extra: dict[str, Any] = {
        "confidence": 0.961, "adjusted": ratio < 0.9 or ratio > 1.1 if verdict in ("FASTER", "SLOWER") else None,
        "variance": {"build": build, "process": process, "round": 1 - build - process,
                     "next": "4 more link orders" if build > process else "10 more processes"},
        "diagnostics": {"autocorrelation": chance.uniform(-0.1, 0.25), "drift": chance.uniform(-0.4, 0.4), "modes": 1.9}}
    if name in ("pair", "batch_order"):
        extra |= {"latency": _latency(chance, median), "limit": {"ceiling": "empty_loop", "ns": 0.4, "share": 0.4 / median},
                  "instructions": {"per_operation": 60 * ratio ** 0.7, "ratio": ratio ** 0.7, "tool": "callgrind"}}
    return extra


def _verdict(low: float, high: float, margin: float) -> str:
    if high < 1 / (1 + margin):
        return "FASTER"
    if low > 1 + margin:
        return "SLOWER"
    return "EQUIVALENT" if low >= 1 / (1 + margin) and high <= 1 + margin else "UNRESOLVED"


def _cell(chance: random.Random, name: str, parameters: dict[str, Any], strategy: str, allocator: str, base: float,
          baseline: str, twin: str) -> dict[str, Any]:
    group = f"{name}/{_text(parameters)}"
    identity = f"{group}/{strategy}@{allocator}" + twin
    first = identity == baseline
    heap = ALLOCATORS[allocator] if strategy not in ("slab_pool", "stack_pool", "arena") else 1.0
    ratio = 1.0 if first else (1.002 if twin else SPEED[strategy] * heap * chance.uniform(0.93, 1.07))
    spread = 0.004 if twin else chance.choice([0.004, 0.01, 0.03, 0.12])
    low, high = (1.0, 1.0) if first else (ratio * (1 - spread), ratio * (1 + spread))
    verdict = "BASELINE" if first else _verdict(low, high, 0.02)
    median = base * ratio
    return {
        "id": identity, "workload": name, "parameters": parameters, "strategy": strategy, "allocator": allocator,
        "role": "limit" if strategy == "empty_loop" else "contender", "group": group, "baseline": baseline,
        "iterations": 1000, "operations_per_iteration": 1000,
        "ns_per_op": {"median": median, "minimum": median * 0.97, "low": median * 0.985, "high": median * 1.015},
        "ratio": {"estimate": ratio, "low": low, "high": high}, "verdict": verdict, "reason": "",
        "memory": _memory(chance, parameters, strategy, allocator), "digest": "9f3c00aa9f3c00aa", "rejected_rounds": 1,
        "notes": [], "samples": _samples(chance, None if first else ratio, median),
    } | _why(chance, name, ratio, median, verdict)


def _unmeasured(cell: dict[str, Any], verdict: str, reason: str, notes: list[str]) -> None:
    cell |= {"verdict": verdict, "reason": reason, "notes": notes, "ratio": None, "ns_per_op": None, "memory": None,
             "samples": [], "latency": None, "limit": None, "instructions": None, "variance": None, "adjusted": None}


def _spoil(cells: list[dict[str, Any]]) -> None:
    """What goes wrong in real runs: crashes, missing libraries, an unciteable row."""
    others = [cell for cell in cells if cell["verdict"] != "BASELINE" and "#" not in cell["id"]]
    _unmeasured(others[7], "FAILED", f"killed by signal 11 {HOSTILE}", ["double free & 'quoted' $x_1$ </details>"])
    _unmeasured(others[90], "FAILED", "time limit of 60 s", [])
    for cell in others:
        if cell["allocator"] == "scudo" and cell["workload"] == "churn":
            _unmeasured(cell, "SKIPPED", "not installed: apt install libclang-rt-14-dev", [])
    for cell in others[11::97]:
        if cell["ratio"]:
            cell |= {"verdict": "NOT CITABLE", "reason": "38 % of rounds rejected"}


def build(seed: int = 7) -> dict[str, Any]:
    """The whole file, the same for the same seed."""
    chance, cells = random.Random(seed), []
    for name, _, strategies, parameters, nanoseconds in WORKLOADS:
        for index, values in enumerate(product(*parameters.values())):
            point = dict(zip(parameters, values))
            heaps = list(ALLOCATORS) if index % 3 != 1 else ["glibc"]  # small points run on one heap, as in `quick`
            base = nanoseconds * (1 + 0.16 * sum(len(str(v)) for v in values if isinstance(v, int)) ** 1.3)
            baseline = f"{name}/{_text(point)}/{strategies[0]}@glibc"
            cells += [_cell(chance, name, point, strategy, allocator, base, baseline, "")
                      for strategy in strategies for allocator in heaps
                      if strategy not in ("empty_loop", "plain_value", "tagged_pointer") or allocator == "glibc"]
            cells += [_cell(chance, name, point, strategies[0], "glibc", base, baseline, kind)
                      for kind in ("#twin", "#duplicate")]
    _spoil(cells)
    return _file(cells, _controls(chance, cells))


def _controls(chance: random.Random, cells: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Three planted slow-downs and a planted equal pair, in a workload of their own."""
    point, baseline, controls = {"bytes": 64}, "control/bytes=64/fresh_heap@glibc", []
    cells.append(_cell(chance, "control", point, "fresh_heap", "glibc", 12.0, baseline, ""))
    for name, planted in (("planted_0", 1.0), ("planted_2", 1.02), ("planted_5", 1.05), ("planted_20", 1.2)):
        SPEED.setdefault(name, planted)
        cell = _cell(chance, "control", point, name, "glibc", 12.0, baseline, "")
        cell["ratio"] = {"estimate": planted, "low": planted * 0.995, "high": planted * 1.005}
        cell["verdict"] = _verdict(planted * 0.995, planted * 1.005, 0.02)
        cells.append(cell)
        controls.append({"cell": cell["id"], "planted": planted, "ratio": cell["ratio"], "verdict": cell["verdict"],
                         "right": True, "reason": ""})
    return controls


CEILINGS = [("empty_loop", "one turn of an empty loop", 0.4, None), ("l1_latency", "a load that hits L1", 1.4, 16384),
            ("l2_latency", "a load that hits L2", 4.2, 524288), ("l3_latency", "a load that hits L3", 18.0, 8388608),
            ("dram_latency", "a load from memory", 95.0, 268435456), ("page_fault", "first touch of a page", 480.0, None),
            ("atomic_rmw", "an atomic add, alone", 5.1, None), ("timer", "reading the clock", 21.0, None)]


def _file(cells: list[dict[str, Any]], controls: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "controls": controls,
        "ceilings": [{"name": name, "what": what, "ns": ns, "low": ns * 0.99, "high": ns * 1.02, "bytes": size}
                     for name, what, ns, size in CEILINGS],
        "schema": 1,
        "run": {"id": "3f1c", "started": "2026-01-31T09:14:05Z", "command": "scripts/poolmark run", "preset": "quick",
                "seed": 20260131, "commit": "abc1234", "dirty": False, "seconds": 312.0, "complete": True},
        "environment": {"cpu": "AMD EPYC <b>9R14</b>", "cpus": 2, "kernel": "6.1.0", "compiler": "GNU 12.2.0",
                        "flags": "-O2 -g -DNDEBUG", "libc": "glibc 2.36", "virtualization": "kvm", "thp": "madvise",
                        "aslr": "full", "governor": "absent", "memory_bytes": 4_100_000_000, "load_before": 0.2,
                        "google_benchmark": "1.7.1", "build": {"type": "bench"}, "variables": {},
                        "caches": [{"level": 1, "type": "Data", "bytes": 32768},
                                   {"level": 1, "type": "Instruction", "bytes": 32768},
                                   {"level": 2, "type": "Unified", "bytes": 1048576},
                                   {"level": 3, "type": "Unified", "bytes": 33554432}]},
        "allocators": [{"name": name, "library": f"/usr/lib/lib{name}.so", "version": "1.0",
                        "served_malloc_by": f"/usr/lib/lib{name}.so", "available": name != "scudo",
                        "reason": "" if name != "scudo" else "partly missing"} for name in ALLOCATORS],
        "strategies": [{"name": name, "family": family, "summary": "", "available": True, "reason": ""}
                       for name, family in FAMILIES.items()],
        "workloads": [{"name": name, "question": question, "operation": "acquire, initialise and release one object",
                       "models": "request-shaped lifetimes", "favours": "stacks and free lists", "ignores": "threads",
                       "baseline": strategies[0]} for name, question, strategies, _, _ in WORKLOADS],
        "protocol": {"processes": 12, "long_processes": 12, "rounds": 16, "confidence": 0.95, "actual_confidence": 0.961, "margin": 0.02,
                     "epoch_ns": 2_000_000, "cell_seconds": 60, "builds": 3, "comparisons": 300,
                     "looks": [{"processes": 8, "confidence": 0.99}, {"processes": 12, "confidence": 0.98}],
                     "correction": "Holm over all comparisons of the run"},
        "calibration": {"floor": 0.0091, "effective_margin": 0.02, "median_half_width": 0.0042, "quality": "CITABLE",
                        "reasons": [], "kinds": {"twin": 0.0061, "duplicate": 0.0091},
                        "aa": [{"group": cell["group"], "workload": cell["workload"], "ratio": 1.002, "low": 0.998,
                                "high": 1.006, "half_width": 0.004, "kind": cell["id"].rsplit("#")[1]}
                               for cell in cells if "#" in cell["id"]]},
        "cells": cells,
    }


def pages(kind: str = "build") -> Path:
    """The pages of one of these, without PNG copies, drawn once for all tests; nobody writes into them."""
    from driver import shared, once
    from suite import report
    return once(shared() / f"pages-{kind}", lambda folder: report.build(globals()[kind](), folder, png=False))


def smoke() -> dict[str, Any]:
    """Every cell once: ratios without intervals, and nothing that may be cited."""
    results = copy.deepcopy(build())
    results["run"]["preset"] = "smoke"
    results["calibration"] = {"floor": None, "effective_margin": 0.02, "aa": [], "median_half_width": None,
                              "quality": "EXPLORATORY", "reasons": ["a smoke run measures every cell once"]}
    results["controls"] = []
    for cell in results["cells"]:
        if cell["ratio"]:
            cell["ratio"] |= {"low": None, "high": None}
            cell["ns_per_op"] |= {"low": None, "high": None}
            cell["verdict"] = cell["verdict"] if cell["verdict"] == "BASELINE" else "NOT CITABLE"
            cell["reason"] = "too few processes for an interval"
    return results


def partial() -> dict[str, Any]:
    """An interrupted run in which the baseline of one group failed."""
    results = copy.deepcopy(build())
    results["run"]["complete"] = False
    results["cells"], results["controls"] = results["cells"][:61], []
    for cell in results["cells"]:
        if cell["group"] == results["cells"][0]["group"]:
            _unmeasured(cell, "FAILED", "the baseline failed", ["terminate called"])
    return results


def empty() -> dict[str, Any]:
    """A run that was stopped before its first cell."""
    results = copy.deepcopy(build())
    results["cells"], results["controls"] = [], []
    results["run"]["complete"] = False
    return results
