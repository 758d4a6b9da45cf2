"""What the stand-in for poolmark-bench (`fake_bench.cpp`) says that it can do, and the times that it makes up."""

import json

from suite.base import build
from suite.plan import sources

PROTOCOL_NS = {"fresh_heap": 100.0, "slab_pool": 50.0, "slow_pool": 200.0, "empty_loop": 1.0, "nothing": 1.05,
               "rare_pool": 70.0, "planted_none": 100.0, "planted_equal": 100.0, "planted_2_percent": 102.0,
               "planted_5_percent": 105.0, "planted_20_percent": 120.0}
STRATEGIES = [*PROTOCOL_NS, "crash_at_ready", "crash_at_epoch", "crash_at_quit", "hang_at_ready", "hang_at_epoch",
              "garbage", "wrong_count", "chatter", "not_finite", "refuse", "exit_3", "other_digest", "disturbed",
              "half_line", "crash_in_memory", "preempted", "takes_turns", "crash_in_latency", "tells", "tells_other",
              "crowded", "visited"]


def describe() -> dict:
    """A small catalog with one workload that goes well and three that do not."""
    points = [{"parameters": {"live": live, "hot": True}, "preset": preset, "every_allocator_from": every,
               "memory": memory, "latency": memory, "except": [{"strategy": "garbage", "reason": "too slow here"}]} for live, preset, every, memory in
              ((10, "quick", "quick", True), (100, "quick", "full", False), (1000, "full", "full", False))]

    def workload(name: str, strategies: list[str]) -> dict:
        return {"name": name, "question": f"what does {name} cost?", "operation": "one", "models": "", "favours": "",
                "ignores": "", "points": points, "strategies": [
                    {"name": strategy, "role": "limit" if strategy == "empty_loop" else "contender",
                     "allocators": "every" if strategy == "fresh_heap" else "baseline",
                     "preset": "wide" if strategy == "rare_pool" else "quick"} for strategy in strategies]}
    return {"protocol": 1, "sources": sources.tree_hash(build.ROOT), "build": {"type": "bench", "sanitizers": "", "compiler": "GNU", "flags": "-O2",
                                     "google_benchmark": "1.7.1"},
            "allocators": [
                {"name": "glibc", "summary": "", "library": "/lib/libc.so.6", "available": True, "reason": "",
                 "package": "libc6"},
                {"name": "other", "summary": "", "library": "", "available": True, "reason": "", "package": ""},
                {"name": "absent", "summary": "", "library": "", "available": False,
                 "reason": "not installed: apt install absent", "package": "absent"}],
            "strategies": [{"name": name, "family": "fresh", "summary": "", "available": name != "half_line",
                            "reason": "not built" if name == "half_line" else ""} for name in STRATEGIES],
            "workloads": [workload("controls", [name for name in PROTOCOL_NS if name.startswith("planted")])
                          | {"points": [points[0] | {"parameters": {"kind": "dependent_chain"}, "memory": False}]},
                          workload("good", ["fresh_heap", "slab_pool", "slow_pool", "empty_loop", "half_line"]),
                          workload("bad", ["fresh_heap", "slab_pool", "crash_at_epoch", "other_digest", "garbage"]),
                          workload("lost", ["crash_at_epoch", "slab_pool"]),
                          workload("stuck", ["fresh_heap", "hang_at_epoch"]),
                          workload("tiers", ["fresh_heap", "slab_pool", "rare_pool", "empty_loop"])]}


def header() -> str:
    """The same for the program."""
    times = ", ".join(f'{{"{name}", {ns}}}' for name, ns in PROTOCOL_NS.items())
    return ("#include <cmath>\n#include <map>\n#include <string>\n"
            f'inline const std::string description = R"~({json.dumps({"event": "describe"} | describe())}\n)~";\n'
            f"inline const std::map<std::string, double> times{{{times}}};\n")
