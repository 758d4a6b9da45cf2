"""The `explain` command: counts instructions of the cells of a finished run, and puts them beside their times.

A separate run: counting makes a program many times slower, so nothing counted is ever timed. The results file is replaced
whole, its times untouched, and its pages are made again.
"""

import argparse
import json
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from suite.analysis import extra_summaries
from suite.base import folder, packages, streams
from suite.base.errors import UserError, writing
from suite.measure import instructions, journal
from suite.measure.instructions import Count, Tool
from suite.plan import binary, cells as plan, describe
from suite.plan.cells import Cell, Heap
from suite.plan.describe import Description
from suite.results import results_file

Json = dict[str, Any]
CELL_SECONDS = 300.0  # a million objects under valgrind
UNMEASURED = ("FAILED", "SKIPPED")
KEPT = "the file is as it was; try again once it can be written"


def command(options: argparse.Namespace, words: Sequence[str]) -> int:
    """Counts, writes, draws, sums up."""
    path = options.results / journal.RESULTS if options.results.is_dir() else options.results
    installed = packages.ensure(packages.TO_MEASURE)
    packages.restart_on_system_python(words)
    loaded = results_file.load(path)
    chosen = select(loaded, tuple(options.workload))
    folder.check_writable(path.parent)
    bench = _binary(path.parent, installed)
    description = describe.ask(bench)
    refuse_other_build(loaded, description, path)
    with folder.lock(path.parent):
        tool, counts = _count_all(bench, description, loaded, chosen)
        join(loaded, counts, tool.name)
        _write(loaded, path)
    for line in table(loaded, counts):
        print(line)
    failed = [(name, found.reason) for name, found in counts.items() if found.per_operation is None]
    for name, reason in failed:
        streams.complain(f"not counted: {name}: {reason}")
    print(path.parent / "report.html")
    return 1 if failed else 0


def _binary(run: Path, installed: bool) -> Path:
    """The build that the run measured: with the reader's own types or with everything, where it had."""
    try:
        asked = json.loads((run / journal.PLAN).read_text(encoding="utf-8"))
        types, preset = asked.get("own", []), asked.get("preset", "")
        workloads, strategies = tuple(asked.get("workloads", ())), tuple(asked.get("strategies", ()))
    except (OSError, ValueError, AttributeError):
        types, preset, workloads, strategies = [], "", (), ()
    return binary.ensure(types, preset, workloads, strategies, installed)


def select(loaded: Json, globs: tuple[str, ...]) -> list[Json]:
    """The cells to count: what was measured, in one thread, once (a twin is its baseline)."""
    for glob in globs:
        if not any(plan.matches((glob,), cell["workload"], cell["group"]) for cell in loaded["cells"]):
            known = dict.fromkeys(cell["workload"] for cell in loaded["cells"])
            raise UserError(f"--workload '{glob}' matches nothing in these results; they have: {', '.join(known)}")
    chosen = [cell for cell in loaded["cells"]
              if cell["verdict"] not in UNMEASURED and "#" not in cell["id"]
              and plan.matches(globs, cell["workload"], cell["group"]) and not instructions.excluded(_cell(cell, {}))]
    if not chosen:
        raise UserError("none of these cells can be counted: they failed, were skipped, or have several threads; "
                        "choose others with --workload")
    return chosen


def refuse_other_build(loaded: Json, description: Description, path: Path) -> None:
    """Instructions of another compiler would explain nothing."""
    for key in ("compiler", "flags"):
        measured, here = loaded["environment"][key], str(description.build.get(key, "unknown"))
        if measured != here:
            raise UserError(f"{path} was measured with {key} '{measured[:80]}', and this build has '{here[:80]}'; "
                            "explain a run of this machine and build")


def _cell(source: Json, heaps: Mapping[str, Heap]) -> Cell:
    heap = heaps.get(source["allocator"], Heap(source["allocator"], ""))
    return Cell(source["workload"], source["parameters"], source["strategy"], heap, source["role"])


def _heaps(description: Description, loaded: Json) -> dict[str, Heap]:
    """The heaps by name; one that is not in the catalog was the reader's, and its library stands in the results."""
    known = {heap.name: heap for heap in plan.heaps(description, ())}
    return {entry["name"]: Heap(entry["name"], entry["library"], own=True) for entry in loaded["allocators"]} | known


def _count_all(bench: Path, description: Description, loaded: Json, chosen: Sequence[Json]
               ) -> tuple[Tool, dict[str, Count]]:
    heaps = _heaps(description, loaded)
    cells = [_cell(source, heaps) for source in chosen]
    tool = instructions.choose(bench, cells[0], CELL_SECONDS)
    print(f"counting the instructions of {len(cells)} cells with {tool.name}", file=sys.stderr, flush=True)
    with instructions.stripped(bench) if tool.valgrind else nullcontext(bench) as program, \
            ThreadPoolExecutor(max_workers=len(os.sched_getaffinity(0))) as pool:
        try:
            found = pool.map(lambda cell: instructions.count(tool, program, cell, CELL_SECONDS), cells)
            return tool, dict(zip((source["id"] for source in chosen), _progress(found, len(cells)), strict=True))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _progress(found: Iterable[Count], total: int) -> Iterable[Count]:
    for number, one in enumerate(found, start=1):
        if number % 50 == 0:
            print(f"{number} of {total}", file=sys.stderr, flush=True)
        yield one


def join(loaded: Json, counts: Mapping[str, Count], tool: str) -> None:
    """Puts what was counted into the cells, with the ratio to each one's baseline."""
    extra_summaries.join_instructions(loaded["cells"], {
        name: (float(f"{max(0.0, count.per_operation):.6g}"), tool)
        for name, count in counts.items() if count.per_operation is not None})


def _write(loaded: Json, path: Path) -> None:
    wrong = results_file.violation(loaded)
    if wrong:
        raise AssertionError(f"explain made results that do not hold to their schema, {wrong}")
    from suite import report
    from suite.claims import section
    with writing(path, KEPT):
        folder.write_whole(path, results_file.dump(loaded))
    report.write(loaded, path.parent, section.beside(path.parent, loaded))


def table(loaded: Json, counts: Mapping[str, Count]) -> list[str]:
    """A line a cell: its time, its instructions, and both as ratios to its baseline's."""
    def times(value: float | None) -> str:
        return "-" if value is None else f"{value:.3g}x"
    lines = [f"{'ns/op':>9} {'instr/op':>9} {'time':>7} {'instr':>7}  cell"]
    for cell in loaded["cells"]:
        if counts.get(cell["id"], Count(None)).per_operation is None:
            continue
        counted, ratio, own = cell["instructions"], cell["ratio"], cell["ns_per_op"]
        shown = f"{own['median']:.4g}" if own else "-"  # a cell without a quiet round has no time
        lines.append(f"{shown:>9} {counted['per_operation']:9.4g} "
                     f"{times(ratio and ratio['estimate']):>7} {times(counted['ratio']):>7}  {cell['id']}")
    return lines
