"""How many subjects each workload compiles: every one of them is a loop that each build pays for."""

import json
import re
import subprocess
from collections import Counter

import pytest
from driver import ROOT

BENCH = ROOT / "build/bench/poolmark-bench-all"
OBJECTS = BENCH.parent / "benchmarks/CMakeFiles"
USUAL = 12
# Those that compile more, with every package there. A larger number makes the build longer: say in the commit what for.
MOST = {
    "batch_order": 36, "build": 27, "churn": 32, "controls": 20, "footprint": 27, "handoff": 22, "memo_crossover": 42,
    "memory_resource": 15, "node_containers": 15, "object_layout": 24, "pair": 33, "small_object_pool": 15,
    "batch_order_others": 104, "build_others": 78, "churn_others": 100, "pair_others": 101,
}


def timed_loops(symbols):
    """The names of all functions that time something, each once."""
    return sorted({name for line in symbols.splitlines() if (name := line[19:]).endswith("::run(unsigned long)")})


def compiled():
    """Of each object file of a workload, by the workload's name, with `_others` behind it for the second one: its loops."""
    found = {}
    for path in sorted((ROOT / "benchmarks/workloads").glob("*.cpp")):
        for name in (path.stem, f"{path.stem}_others"):
            built = OBJECTS / f"poolmark_workload_{name}.dir/workloads/{path.name}.o"
            if built.exists():
                symbols = subprocess.run(["nm", "-C", "--defined-only", built], capture_output=True, text=True, check=True).stdout
                found[name] = timed_loops(symbols)
    return found


def test_a_loop_counts_once_wherever_it_was_put():
    names = ["a::b<int>::run(unsigned long)", "a::b<int>::verify()", "a::b<long>::run(unsigned long)"]
    assert timed_loops("\n".join(f"{0:016x} t {name}" for name in [*names, names[0]])) == [names[0], names[2]]


@pytest.mark.skipif(not BENCH.exists(), reason="the bench build is not there")
def test_no_workload_compiles_more_subjects_than_it_did():
    loops = compiled()
    assert len(loops) > 30 and len(loops["pair"]) > 10
    assert {name: len(found) for name, found in loops.items() if len(found) > MOST.get(name, USUAL)} == {}


@pytest.mark.skipif(not BENCH.exists(), reason="the bench build is not there")
def test_no_object_size_is_compiled_that_no_point_has():
    described = json.loads(subprocess.run([BENCH, "--describe"], capture_output=True, check=True).stdout)
    asked = {workload["name"]: {str(point["parameters"].get("bytes")) for point in workload["points"]}
             for workload in described["workloads"]}
    unused = {}
    for name, loops in compiled().items():
        sizes = Counter(size for loop in loops for size in re.findall(r"object<(\d+)ul>", loop)[:1])
        sizes = {size: count for size, count in sizes.items() if size not in asked[name.removesuffix("_others")]}
        if sizes and asked[name.removesuffix("_others")] != {"None"}:
            unused[name] = sizes
    assert unused == {}
