"""What the tree is held to. Which way its parts see one another: includes go by the layers that pools/README.md names, imports by the stages
of the package, late ones included. And how many subjects each workload compiles: every one of them is a loop that each build pays for."""

import ast
import json
import re
import subprocess
from collections import Counter
from functools import cache

import pytest
from driver import ROOT

INCLUDE = re.compile(r'^\s*#\s*include "((?:pools|benchmarks|allocators)/[^"]+)"', re.MULTILINE)
REST = "every other header"


def layers() -> list[list[str]]:
    rows = re.findall(r"^\| (?!layer|---)[^|]+\| ([^|]+)\|", (ROOT / "pools/README.md").read_text(), re.MULTILINE)
    return [re.findall(r"`([^`]+)`", row) + ([REST] if REST in row else []) for row in rows]


def layer_of(header: str, known: list[list[str]]) -> int:
    name = header.removeprefix("pools/")
    for number, places in enumerate(known):
        if any(name == place or place.endswith("/") and name.startswith(place) for place in places):
            return number
    assert "/" not in name, f"pools/README.md names no layer for {header}"
    return next(number for number, places in enumerate(known) if REST in places)


def test_the_library_includes_only_layers_below():
    known = layers()
    assert len(known) == 6
    headers = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "pools").rglob("*.hpp"))
    assert len(headers) <= 90
    upward = [f"{header} -> {included}" for header in headers for included in INCLUDE.findall((ROOT / header).read_text())
              if not included.startswith("pools/") or layer_of(included, known) > layer_of(header, known)]
    assert upward == []


def test_nothing_includes_two_catalogs_of_contenders():
    files = [path for folder in ("benchmarks", "tests") for path in (ROOT / folder).rglob("*.?pp")]
    both = [path for path in files if len({name for name in INCLUDE.findall(path.read_text()) if name.endswith("/catalog.hpp")
                                           and name.startswith("benchmarks/contenders/")}) > 1]
    assert both == []


SUITE = ROOT / "scripts/suite"
ROW = tuple(re.findall(r"^  \| `([a-z]+)` \|", (ROOT / "CONTRIBUTING.md").read_text(), re.MULTILINE))  # the stages, top down
FILES = [path for path in sorted(SUITE.rglob("*.py")) if path.parent != SUITE and "probes" not in path.parts]
NAMES = {".".join(("suite", *path.relative_to(SUITE).with_suffix("").parts)).removesuffix(".__init__"): path for path in FILES}


def imported(path):
    """The modules of the package that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "suite":
            whole = [f"{node.module}.{name.name}" for name in node.names]
            yield from (name if name in NAMES else node.module for name in whole)
        elif isinstance(node, ast.Import):
            yield from (name.name for name in node.names if name.name.startswith("suite."))


@pytest.mark.parametrize("name", NAMES)
def test_no_stage_imports_what_stands_to_its_left(name):
    own = ROW.index(name.split(".")[1])
    assert [other for other in imported(NAMES[name]) if ROW.index(other.split(".")[1]) < own] == []


def test_modules_import_in_no_circle():
    left = {name: set(imported(path)) - {name} for name, path in NAMES.items()}
    while free := [name for name, others in left.items() if not others & left.keys()]:
        left = {name: others for name, others in left.items() if name not in free}
    assert left == {}


def test_all_of_the_package_stands_in_a_stage():
    assert {path.name for path in SUITE.iterdir() if path.name != "__pycache__"} == {"__init__.py", "__main__.py", *ROW}


BENCH = ROOT / "build/bench/poolmark-bench-all"
OBJECTS = BENCH.parent / "benchmarks/CMakeFiles"
USUAL = 12
# Those that compile more, with every package there. A larger number makes the build longer: say in the commit what for.
MOST = {
    "batch_order": 36, "build": 27, "churn": 32, "controls": 20, "footprint": 27, "handoff": 22, "memo_crossover": 42,
    "memory_resource": 15, "node_containers": 15, "object_layout": 24, "pair": 33, "small_object_pool": 15,
    "batch_order_others": 108, "build_others": 81, "churn_others": 104, "pair_others": 105,
}


def timed_loops(symbols):
    """The names of all functions that time something, each once."""
    return sorted({name for line in symbols.splitlines() if (name := line[19:]).endswith("::run(unsigned long)")})


@cache
def compiled():
    """Of each object file of a workload, by the workload's name, with `_others` behind it for the second one: its loops."""
    found = {}
    for path in sorted((ROOT / "benchmarks/workloads").glob("*.cpp")):
        for name in (path.stem, f"{path.stem}_others"):
            built = OBJECTS / f"poolmark_workload_{name}.dir/workloads/{path.name}.o"
            if built.exists():
                symbols = subprocess.run(["nm", "--defined-only", built], capture_output=True, text=True, check=True).stdout
                loops = "\n".join(line for line in symbols.splitlines() if line.endswith("3runEm"))  # reading all names takes long
                found[name] = timed_loops(subprocess.run(["c++filt"], input=loops, capture_output=True, text=True, check=True).stdout)
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
