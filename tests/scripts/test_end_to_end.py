"""The command on the real binary: a smoke run of every cell, and heaps of a reader's own that misbehave."""

import json
import os
import signal
import subprocess

import pytest
from driver import PATIENCE, ROOT, wait_until
from suite.measure.journal import RESULTS
from suite.results import results_file

BENCH = ROOT / "build/bench/poolmark-bench-all"
pytestmark = pytest.mark.skipif(not BENCH.exists(), reason="the bench build is not there")

HEAPS = {
    "crash": """void *malloc(unsigned long n) { static int left = 900; if (--left == 0) __builtin_trap();
                return __libc_malloc(n); } void free(void *p) { __libc_free(p); }""",
    "hang": """void *malloc(unsigned long n) { static int left = 900; if (--left == 0) for (;;) pause();
               return __libc_malloc(n); } void free(void *p) { __libc_free(p); }""",
    "chatty": """__attribute__((constructor)) static void greet(void) { write(1, "hello\\n", 6); }
                 void *malloc(unsigned long n) { return __libc_malloc(n); } void free(void *p) { __libc_free(p); }""",
    "sound": "void *malloc(unsigned long n) { return __libc_malloc(n); } void free(void *p) { __libc_free(p); }",
    "none": "int nothing;",
}
DECLARATIONS = """void *__libc_malloc(unsigned long); void __libc_free(void *); int pause(void);
long write(int, const void *, unsigned long);
"""


def poolmark(*words, **options):
    return subprocess.run([ROOT / "scripts/poolmark", *words], capture_output=True, text=True, check=False, **options)


def heap(folder, name):
    source, library = folder / f"{name}.c", folder / f"lib{name}.so"
    source.write_text(DECLARATIONS + HEAPS[name])
    subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-fno-builtin", "-o", library, source], check=True)
    return f"{name}={library}"


def test_a_smoke_run_measures_every_cell_and_makes_the_pages(tmp_path):
    out = tmp_path / "out"
    ran = poolmark("run", "--preset", "smoke", "--out", out)
    assert ran.returncode == 0, ran.stderr
    measured = results_file.load(out / RESULTS)
    verdicts = {cell["verdict"] for cell in measured["cells"]}
    assert "FAILED" not in verdicts and measured["run"]["complete"]
    assert {cell["workload"] for cell in measured["cells"]} == {workload["name"] for workload in measured["workloads"]}
    page = (out / "report.html").read_text(encoding="utf-8")
    assert "poolmark run" in page and (out / "report.md").exists() and list((out / "charts").glob("*.svg"))
    assert not (out / "partial.jsonl").exists() and (out / "rounds.jsonl.gz").exists()


def test_a_heap_that_misbehaves_is_a_failed_cell_and_the_rest_goes_on(tmp_path):
    names = ["crash", "hang", "chatty", "none", "sound"]
    ran = poolmark("run", "--preset", "smoke", "--out", tmp_path / "out", "--workload", "pair/bytes=64", "--strategy",
                   "fresh_heap", "--cell-seconds", "3",
                   "--allocator", ",".join(["glibc", *(heap(tmp_path, name) for name in names)]))
    assert ran.returncode == 1, ran.stderr
    cells = {cell["allocator"]: cell for cell in results_file.load(tmp_path / "out" / RESULTS)["cells"]
             if cell["parameters"] == {"bytes": 64} and cell["strategy"] == "fresh_heap"}
    assert {name: cells[name]["verdict"] == "FAILED" for name in names} == dict.fromkeys(names, True) | {"sound": False}
    assert cells["crash"]["reason"].startswith("crashed: SIG")
    assert cells["hang"]["reason"].startswith("no answer within 3 s")
    assert cells["chatty"]["reason"] == "out of protocol: 'hello'"
    assert "malloc is served by" in cells["none"]["reason"]
    # It did the same work and was timed; whether its one round was quiet enough to count is the machine's affair.
    assert cells["sound"]["digest"] == cells["glibc"]["digest"] and cells["sound"]["samples"][0]["rounds"] > 0
    assert cells["sound"]["baseline"] == cells["glibc"]["id"] and cells["glibc"]["verdict"] != "FAILED"


def test_an_interrupted_run_keeps_what_it_has_and_can_be_resumed(tmp_path):
    out = tmp_path / "out"
    words = ["run", "--preset", "smoke", "--out", str(out), "--strategy", "slab_pool", "--allocator", "glibc"]
    for workload in ("pair", "churn", "batch_order/*", "build"):  # dozens of groups: it is not at its end when it is interrupted
        words += ["--workload", workload]
    running = subprocess.Popen([ROOT / "scripts/poolmark", *words], stderr=subprocess.PIPE, stdout=subprocess.PIPE,
                               text=True)
    partial = out / "partial.jsonl"
    wait_until(lambda: partial.exists() and "\n" in partial.read_text())
    os.kill(running.pid, signal.SIGINT)
    _, said = running.communicate(timeout=PATIENCE)
    assert running.returncode == 130 and f"--resume --out {out}" in said
    kept = json.loads((out / RESULTS).read_text(encoding="utf-8"))
    assert kept["run"]["complete"] is False and kept["cells"]
    again = poolmark("run", "--resume", "--out", out)
    assert again.returncode == 0, again.stderr
    whole = results_file.load(out / RESULTS)
    assert whole["run"]["complete"] and whole["run"]["seed"] == kept["run"]["seed"]
    assert {cell["group"] for cell in whole["cells"]} > {cell["group"] for cell in kept["cells"]}


def test_pools_take_part_where_they_can_and_on_the_heaps_that_matter_to_them():
    every_pool = BENCH.with_name("poolmark-bench-all")
    if not every_pool.exists():
        pytest.skip("the program with every pool is not built")
    described = json.loads(subprocess.run([every_pool, "--describe"], capture_output=True, check=True).stdout)
    workloads = {workload["name"]: workload for workload in described["workloads"]}
    live = {point["parameters"]["live"]: {entry["strategy"] for entry in point["except"]}
            for point in workloads["churn"]["points"]}
    assert "static_pool" not in live[1000] and "static_pool" in live[10_000], "its slots are part of its type"
    heaps = {entry["name"]: entry["allocators"] for entry in workloads["pair"]["strategies"]}
    assert (heaps["fresh_heap"], heaps["bounded_free_list"], heaps["slab_pool"]) == ("every", "every", "baseline")


def facts_of(cell):
    ran = subprocess.run([BENCH, "--allocator=glibc", f"--contend={cell}", "--smoke"], input="quit\n", capture_output=True,
                         text=True, check=True)
    return json.loads(ran.stdout.splitlines()[0])["facts"]


def test_allocations_stand_beside_the_time():
    def texts(characters, way):
        return facts_of(f"temporaries/characters={characters}/{way}")["allocations_per_operation"]
    assert [texts(64, way) for way in ("text_by_value", "text_by_reference", "text_moved", "text_reserved", "text_on_stack",
                                       "text_reused")] == [6, 4, 2, 1, 0, 0]
    assert texts(8, "text_by_value") == 0, "all of it fits into the strings themselves"
    events = [facts_of(f"event_parser/kinds=16,small_percent=90/{store}")["allocations_per_event"]
              for store in ("dictionary_events", "string_events", "interned_events", "interned_plain_events")]
    assert events == sorted(events, reverse=True) and events[0] >= 8 and 0 < events[2] <= 4 and events[3] == 0
