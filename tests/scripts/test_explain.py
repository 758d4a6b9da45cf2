"""Instructions beside times: what is counted, how, and that nothing else in the file changes."""

import copy
import json
import shutil
import subprocess

import pytest
import sample_results
from driver import GLIBC, PATIENCE, ROOT, description, executable
from suite.base.errors import UserError
from suite.cli import explain
from suite.measure import instructions
from suite.measure.instructions import Count, Tool
from suite.measure.journal import RESULTS
from suite.plan.cells import Cell
from suite.results import results_file

BENCH = ROOT / "build/bench/poolmark-bench"
GOOD = Cell("good", {"live": 10}, "slab_pool", GLIBC)


def poolmark(*words):
    return subprocess.run([ROOT / "scripts/poolmark", *map(str, words)], capture_output=True, text=True, check=False)


def heap(folder):
    """A heap of the reader's own: glibc's, by another name."""
    source, library = folder / "own.c", folder / "libown.so"
    source.write_text("""void *__libc_malloc(unsigned long); void __libc_free(void *);
        void *__libc_realloc(void *, unsigned long); void *__libc_calloc(unsigned long, unsigned long);
        void *realloc(void *p, unsigned long n) { return __libc_realloc(p, n); }
        void *calloc(unsigned long n, unsigned long m) { return __libc_calloc(n, m); }
        void *malloc(unsigned long n) { return __libc_malloc(n); } void free(void *p) { __libc_free(p); }""")
    subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-fno-builtin", "-o", library, source], check=True)
    return f"own={library}"


def test_what_an_epoch_costs_once_does_not_count():
    assert instructions.slope((2000, 90_000 + 2000 * 7), (12_000, 90_000 + 12_000 * 7)) == 7


@pytest.mark.parametrize("operations", [1, 10, 999, 2000, 5000, 10**6])
def test_the_second_epoch_is_longer_however_large_an_iteration_is(operations):
    few, many = instructions.epochs(operations)
    assert 1 <= few < many
    assert many * operations <= max(13_000, 2 * operations)


def test_cells_with_several_threads_are_left_out():
    assert instructions.excluded(Cell("shared_pool", {"threads": 2}, "slab_pool", GLIBC))
    assert instructions.excluded(Cell("thread_churn", {"threads": 1}, "slab_pool", GLIBC))
    assert not instructions.excluded(Cell("shared_pool", {"threads": 1}, "slab_pool", GLIBC))
    assert not instructions.excluded(GOOD)


def test_the_processor_counts_where_it_can(tmp_path, monkeypatch):
    bench = executable(tmp_path)
    monkeypatch.setattr(instructions.shutil, "which", lambda name: None)
    tool = instructions.choose(bench, GOOD, PATIENCE)
    assert tool == Tool("perf_event")
    assert instructions.count(tool, bench, GOOD, PATIENCE) == Count(7.0)


def test_a_cell_that_fails_costs_nobody_else_anything(tmp_path):
    found = instructions.count(Tool("perf_event"), executable(tmp_path),
                               Cell("bad", {"live": 10}, "crash_at_epoch", GLIBC), PATIENCE)
    assert found == Count(None, "crashed: SIGSEGV")


def test_with_nothing_to_count_with_the_package_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("FAKE_NO_COUNTER", "no hardware counter: No such file or directory")
    monkeypatch.setattr(instructions.shutil, "which", lambda name: None)
    with pytest.raises(UserError, match="apt-get install -y valgrind.*no hardware counter"):
        instructions.choose(executable(tmp_path), GOOD, PATIENCE)


def test_ratios_are_to_the_baseline_and_everything_else_stays():
    loaded = sample_results.build()
    before = copy.deepcopy(loaded)
    rival = next(cell for cell in loaded["cells"] if cell["verdict"] == "FASTER" and "#" not in cell["id"])
    counts = {rival["baseline"]: Count(80.0), rival["id"]: Count(20.0)}
    explain.join(loaded, counts, "callgrind")
    assert rival["instructions"] == {"per_operation": 20.0, "ratio": 0.25, "tool": "callgrind"}
    for cell in loaded["cells"]:
        if cell["id"] in counts:
            assert cell.pop("instructions")["tool"] == "callgrind"
    for cell in before["cells"]:
        if cell["id"] in counts:
            cell.pop("instructions", None)
    assert loaded == before
    explain.join(loaded, {rival["id"]: Count(20.0)}, "callgrind")
    assert rival["instructions"]["ratio"] is None


def test_only_what_was_measured_in_one_thread_is_counted():
    loaded = sample_results.build()
    chosen = explain.select(loaded, ("pair",))
    assert {cell["workload"] for cell in chosen} == {"pair"}
    assert not any("#" in cell["id"] or cell["verdict"] in explain.UNMEASURED for cell in explain.select(loaded, ()))
    with pytest.raises(UserError, match="matches nothing in these results"):
        explain.select(loaded, ("nope",))
    for cell in loaded["cells"]:
        cell["parameters"]["threads"] = 2
    with pytest.raises(UserError, match="several threads"):
        explain.select(loaded, ())


def test_another_build_is_refused(tmp_path):
    loaded = {"environment": {"compiler": "GNU", "flags": "-O3"}}
    with pytest.raises(UserError, match="measured with flags '-O3', and this build has '-O2'"):
        explain.refuse_other_build(loaded, description(), tmp_path)


@pytest.mark.parametrize("words", [(), ("/no/such.json",), ("scripts",), ("scripts/poolmark",)])
def test_a_mistake_is_one_line(words):
    done = poolmark("explain", *words)
    assert done.returncode == 2 and done.stdout == "" and done.stderr.count("\n") == 1


@pytest.mark.skipif(not BENCH.exists() or not shutil.which("valgrind"), reason="no bench build, or no valgrind")
def test_a_run_is_explained_on_each_heap(tmp_path):
    out = tmp_path / "out"
    ran = poolmark("run", "--preset", "smoke", "--out", out, "--workload", "pair/bytes=64", "--strategy", "slab_pool",
                   "--strategy", "fresh_heap", "--allocator", f"glibc,bump,{heap(tmp_path)}")
    assert ran.returncode == 0, ran.stderr
    before = json.loads((out / RESULTS).read_text())
    done = poolmark("explain", out, "--workload", "pair")  # and not the controls, which are counted alike
    assert done.returncode == 0, done.stderr
    assert "instr/op" in done.stdout and "slab_pool@glibc" in done.stdout
    after = results_file.load(out / RESULTS)
    counted = {f"{cell['strategy']}@{cell['allocator']}": cell.pop("instructions") for cell in after["cells"]
               if cell.get("instructions")}
    for cell in before["cells"]:
        cell.pop("instructions", None)
    assert after == before
    # The empty loop counts down and jumps; a free list takes and puts a pointer; malloc and free do much more.
    assert 1 <= counted["empty_loop@glibc"]["per_operation"] <= 4
    assert 4 <= counted["slab_pool@glibc"]["per_operation"] <= 20
    assert 60 <= counted["fresh_heap@glibc"]["per_operation"] <= 220
    assert counted["fresh_heap@own"]["per_operation"] > counted["fresh_heap@glibc"]["per_operation"]
    assert not list(BENCH.parent.glob(".*counted*"))
    assert counted["fresh_heap@bump"]["per_operation"] != counted["fresh_heap@glibc"]["per_operation"]
    assert counted["fresh_heap@glibc"]["ratio"] == 1 and 0 < counted["slab_pool@glibc"]["ratio"] < 0.6
