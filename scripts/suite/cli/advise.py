"""`poolmark advise`: objects and a share of the time go in, another heap, a pool, an arena or neither comes out."""

import argparse
import json
from math import log2
from pathlib import Path

from suite.base.errors import UserError
from suite.plan import heap_states
from suite.results import model, program_share, runs, wording

SIZES, POPULATIONS = (16, 64, 256), (1_000, 10_000, 100_000, 1_000_000)  # what churn asks about


def command(options: argparse.Namespace, latest: Path) -> int:
    """Prints the advice; 2 where the run did not ask about such objects."""
    worth = options.share if options.share is not None else _of_program(options.program)
    states = heap_states.split([options.heap])
    if len(states) > 1:
        raise UserError("advise takes one --heap at a time")
    state = states[0]
    path = options.run or latest
    if options.run is None and not latest.exists():
        raise UserError(f"there is no run yet; make one with: {_command(options, state)}")
    results = model.load(runs.load(path))
    case = program_share.find(results, options.bytes, options.live, options.threads, state)
    objects = (f"{wording.count(options.live, 'object')} of {wording.count(options.bytes, 'byte')}, {wording.count(options.threads, 'thread')}, "
               f"on {heap_states.said(state)}")
    if case is None:
        raise UserError(f"the run in {path} did not ask about {objects}; {_command(options, state)} does")
    print(f"{objects}; {wording.percent(worth)} of the time in allocation")
    print(f"{program_share.sentence(case, worth)}\n")
    rows = [("", "which, and its time relative to the baseline", "saves of the run time", "asks for"), *(program_share.said(way, worth) for way in case.ways)]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())
    print(f"\nFrom {case.point.workload} ({wording.point(case.point.parameters)}), run {runs.run_hash(results.raw)}: the nearest point that it measured.")
    return 0


def _of_program(folder: Path | None) -> float:
    """The share that `program` measured: what a heap saves that never frees."""
    if folder is None:
        raise UserError("advise needs what allocation takes of the time: --share 12%, or --program DIR of a run of scripts/poolmark program")
    path = folder / "program.json" if folder.is_dir() else folder
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))["heaps"]["rows"]
        found = next(1 - float(row["ratio"][0]) for row in rows if row["limit"])
    except (OSError, ValueError, LookupError, TypeError, StopIteration) as failure:
        raise UserError(f"{path} does not say what allocation takes ({type(failure).__name__}); give --share 12% instead") from None
    if found <= 0:
        raise UserError(f"{path} cannot say what allocation takes: the heap that never frees is slower there; give --share 12% instead")
    return found


def _command(options: argparse.Namespace, state: str) -> str:
    """What would ask about such objects, at the nearest size that there is."""
    size = min(SIZES, key=lambda known: abs(log2(known / options.bytes)))
    if abs(log2(options.bytes / size)) > program_share.BYTES_WITHIN:
        return f"no workload has objects of such a size, from {SIZES[0] // 2} to {SIZES[-1] * 2} bytes they do; scripts/poolmark run --own HEADER, with a type of yours,"
    heap = "" if state == heap_states.CLEAN else f",{heap_states.PARAMETER}={state}"
    if options.threads > 1:
        return f"scripts/poolmark run --preset full --workload shared_pool{'' if state == heap_states.CLEAN else ' --heap ' + options.heap} (64 bytes, and the numbers of threads that this machine has)"
    live = min(POPULATIONS, key=lambda known: abs(log2(known / options.live)))
    if abs(log2(options.live / live)) > program_share.LIVE_WITHIN:
        return f"no workload has so many objects or so few, from {POPULATIONS[0] // 4:,} to {POPULATIONS[-1] * 4:,} they do; scripts/poolmark run --own HEADER, with a type of yours,"
    return f"scripts/poolmark run --workload 'churn/live={live},bytes={size}{heap}' --workload 'build/live={live},bytes={size}{heap}'"
