"""The preset that asks which malloc: what it has, what is known to come out, on the data of the newest reference run of it, and
memory as the kernel tells it from outside."""

import json
import re
import subprocess
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from driver import ROOT, description
from suite.analysis.cell import every
from suite.charts import heatmap
from suite.history import heaps
from suite.measure import launch
from suite.plan import describe, groups
from suite.plan.cells import Cell, Heap, Selection
from suite.plan.presets import PRESETS
from suite.report import content, markdown
from suite.results import model, runs

BENCH = ROOT / "build/bench/poolmark-bench"
built = pytest.mark.skipif(not BENCH.exists(), reason="the bench build is not there")
FIELD = {"pair", "batch_order", "slot_replace", "pareto_slots", "fleet", "larson", "handoff", "proxied_messages", "remote_flood", "shared_slots",
         "thread_generations", "false_sharing", "decay", "large_blocks", "growth", "containers", "diffusion", "utilisation", "first_allocation"}


@cache
def measured():
    return runs.load(max(path.parent for path in (ROOT / "reports/runs").glob("*-heaps/results.json.gz")))


@cache
def reference():
    """By workload, parameters, strategy and heap."""
    return {(cell.workload, tuple(sorted(cell.parameters.items())), cell.strategy, cell.allocator): cell
            for cell in every(measured()) if not cell.twin}


@cache
def memory():
    """What a run tells of bytes and faults, by cell."""
    return {entry["id"]: entry["memory"] for entry in measured()["cells"]}


def found(workload, strategy="fresh_heap", allocator=None, **parameters):
    """Cells at a point, by heap."""
    return {key[3]: cell for key, cell in reference().items() if key[0] == workload and key[2] == strategy and cell.measured
            and all(dict(key[1]).get(name) == value for name, value in parameters.items()) and allocator in (None, key[3])}


@built
def test_it_asks_what_the_field_asks_on_every_heap_and_nothing_of_pools():
    made = groups.make(describe.ask(BENCH), Selection(), PRESETS["heaps"])
    assert FIELD == {group.baseline.workload for group in made} - {"controls"}
    assert {"glibc", "mimalloc", "bump", "jemalloc_returning"} <= {cell.heap.name for group in made for cell in group.cells}
    assert not {"object_pool", "slab_pool", "stack_pool"} & {cell.strategy for group in made if group.baseline.workload in ("pair", "batch_order", "handoff") for cell in group.cells}
    quick = groups.make(describe.ask(BENCH), Selection(), PRESETS["quick"])
    assert not {"larson", "fleet"} & {group.baseline.workload for group in quick}


@built
def test_heaps_that_are_told_to_give_back_take_part_where_that_is_the_question_or_they_are_named():
    made = groups.make(describe.ask(BENCH), Selection(), PRESETS["heaps"])
    assert {group.baseline.workload for group in made if any(cell.heap.settings for cell in group.cells)} == {"decay", "large_blocks"}
    named = groups.make(describe.ask(BENCH), Selection(("pair",), (), ("jemalloc_returning",)), PRESETS["quick"])
    assert any(cell.heap.settings == (("MALLOC_CONF", "dirty_decay_ms:10,muzzy_decay_ms:0"),) for group in named for cell in group.cells)


def test_what_a_heap_is_told_reaches_its_processes_whatever_the_reader_has_set():
    told = Cell("pair", {}, "fresh_heap", Heap("jemalloc_returning", "/x.so", settings=(("MALLOC_CONF", "a:1"),)))
    assert launch.environment(told, launch.Layout(0, 3), {"MALLOC_CONF": "b:2"}) == {"MALLOC_CONF": "a:1", "LD_PRELOAD": "/x.so", "POOLMARK_PADDING": "xxx"}


@built
@pytest.mark.parametrize("cell", ["slot_replace/slots=100000,threads=1", "fleet/mib=24", "pareto_slots/slots=262144,largest=1024,access=block"])
def test_the_peak_is_what_the_kernel_says_from_outside(cell):
    command = [BENCH, f"--memory={cell}/fresh_heap", "--wait=1"]  # it lives on for that long once all is freed
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        released, seen = process.stdout.readline(), Path(f"/proc/{process.pid}/status").read_text()
        told = json.loads(process.stdout.readline())
    assert '"released"' in released
    assert told["peak_rss_bytes"] == pytest.approx(1024 * int(re.search(r"VmHWM:\s+(\d+) kB", seen)[1]), rel=0.02)


def test_a_point_that_does_not_fit_is_a_skipped_row_with_the_figure(monkeypatch):
    source = description()
    grown = replace(source, workloads=tuple(replace(one, points=tuple(replace(point, needs_mib=3000) for point in one.points)) for one in source.workloads))
    for there, skipped in ((14_999, True), (15_000, False)):
        monkeypatch.setattr(groups, "memory_mib", lambda there=there: there)
        cells = [cell for group in groups.make(grown, Selection(("good",)), PRESETS["quick"]) for cell in group.cells if cell.heap.available]
        said = "it needs 15,000 MiB for 5 processes side by side, this machine has 14,999"
        assert any(cell.skip == said for cell in cells) is skipped


def ratios(workload, **parameters):
    return {heap: cell.ratio.estimate for heap, cell in found(workload, **parameters).items() if cell.ratio}


def test_a_heap_that_never_frees_bounds_the_others_unless_it_pays_with_new_pages():
    for workload in ("slot_replace", "pareto_slots", "fleet"):
        times = ratios(workload, **({"slots": 100_000} if workload == "slot_replace" else {}))
        assert len(times) >= 6 and min(times, key=times.get) == "bump", workload
    for cell in found("pair").values():
        bump = found("pair", allocator="bump")["bump"]
        below = cell.ratio and cell.ratio.has_interval and cell.ratio.high < bump.ratio.low
        assert not below or memory()[bump.id]["faults_per_operation"] > memory()[cell.id]["faults_per_operation"]


def test_a_resource_that_frees_nothing_loses_once_its_total_outgrows_the_cache():
    small, large = ({cell.verdict for cell in found("utilisation", "std_pmr_monotonic", total=1 << total).values()} for total in (20, 26))
    assert small <= {"FASTER", "EQUIVALENT", "UNRESOLVED"} and large == {"SLOWER"}


def test_an_arena_for_each_list_keeps_what_nodes_of_one_heap_lose_when_they_mix():
    mixed = found("diffusion", "arena", shuffles=5)["glibc"]
    assert mixed.verdict == "FASTER" and mixed.ratio.high < 0.1
    assert found("diffusion", "arena", shuffles=0)["glibc"].verdict != "FASTER"


def test_when_95_percent_are_freed_at_random_most_pages_stay():
    cells = {heap: cell for heap, cell in found("decay", kind="scattered").items() if "_returning" not in heap and heap != "bump"}
    assert len(cells) >= 4
    for heap, cell in cells.items():
        told = memory()[cell.id]
        assert told["kept_bytes"]["1"] > 0.5 * told["objects"] * told["rss_bytes_per_object"], heap


def test_a_handed_over_block_makes_two_threads_share_a_line_on_some_heap():
    """Which blocks lie side by side differs from process to process, so processes are counted."""
    alone, both = (share_of_slow_processes(threads) for threads in (1, 2))
    assert max(share for name, share in both.items() if "#" in name) < 0.1, "the baseline beside itself"
    assert [name for name, share in both.items() if name.startswith("fresh_heap") and share - alone[name] > 0.2], "a fifth of them more than with one thread"


def share_of_slow_processes(threads):
    """Of those of passive false sharing, by contender: how many take half as long again as the baseline or more."""
    ratios = {entry["id"].rpartition("/")[2]: [sample["ratio"] for sample in entry["samples"] if sample.get("ratio")] for entry in measured()["cells"]
              if entry["workload"] == "false_sharing" and entry["parameters"] == {"kind": "passive", "threads": threads}}
    return {name: sum(ratio > 1.5 for ratio in found) / len(found) for name, found in ratios.items() if found}


def test_a_shuffled_order_costs_lists_more_than_stacks():
    folder = max(path.parent for path in (ROOT / "reports/runs").glob("*-vm-*/results.json.gz"))
    at = "batch_order/order=shuffled,live=10000,bytes=64"
    cells = {cell.strategy: cell for cell in every(runs.load(folder)) if cell.group == at and cell.allocator == "glibc" and not cell.twin and cell.ratio}
    assert cells["slab_pool"].ratio.low > cells["stack_pool"].ratio.high


def test_the_matrix_of_the_docs_says_bold_what_is_settled_and_names_each_workload():
    results = model.load(measured())
    lines = heaps.matrix(results)
    head = [name.strip() for name in lines[2].split("|")[2:-1]]
    assert {"mimalloc", "jemalloc", "tcmalloc"} <= set(head) and not {"glibc", "mimalloc_returning"} & set(head)
    assert FIELD == set(re.findall(r"^\| `(\w+)`", "\n".join(lines), re.M))
    told = {"FASTER": r"\*\*[\d.,]+×\*\*", "SLOWER": r"\*\*[\d.,]+×\*\*", "EQUIVALENT": r"[\d.,]+×"}
    seen = set()
    for workload in ("fleet", "pair"):  # of one point each
        figures = next(line for line in lines if line.startswith(f"| `{workload}`")).split("|")[2:-1]
        for heap, figure in zip(head, figures):
            verdict = found(workload, allocator=heap)[heap].verdict
            assert re.fullmatch(told.get(verdict, r"\*[\d.,]+×\*"), figure.strip()), (workload, heap, verdict, figure)
            seen.add(verdict)
    assert "FASTER" in seen


def test_the_page_of_a_heap_run_begins_with_the_matrix_of_heaps():
    whole = content.of(model.load(measured()), drawn=False)
    page = markdown.render(replace(whole, charts=heatmap.plan_overview(whole.results)))
    assert page.index("overview-heap-1.svg") < page.index("overview-1.svg") < page.index("## Verdicts")
