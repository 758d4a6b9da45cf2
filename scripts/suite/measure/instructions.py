"""How many instructions one operation takes: counted by the CPU where it can be asked, else by valgrind's callgrind.

One process a cell, three epochs. The first one warms up, and the difference of the other two, divided by the difference of
their operations, is free of everything that an epoch costs once. Nothing is timed, so processes may share the machine.
"""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from suite.base.build import BENCH
from suite.base.errors import UserError
from suite.measure import launch
from suite.measure.contender import Contender, ContenderFailure
from suite.plan.cells import Cell

FEW, MANY = 2_000, 12_000  # operations of the two epochs
MISSING = "valgrind is not installed, and this machine has no counter of instructions; apt-get install -y valgrind"
LAYOUT = launch.Layout(heap_offset=0, environment_padding=0)  # instructions do not depend on where things lie
TOTAL = re.compile(r"^(totals|summary):\s*(\d+)", re.MULTILINE)


@dataclass(frozen=True)
class Count:
    """What was found for a cell: instructions per operation, or why there are none."""

    per_operation: float | None
    reason: str = ""


@dataclass(frozen=True)
class Tool:
    """What counts. `valgrind` is empty where the CPU does."""

    name: str
    valgrind: str = ""


def slope(few: tuple[int, int], many: tuple[int, int]) -> float:
    """Instructions per operation from two epochs, each given as (operations, instructions)."""
    return (many[1] - few[1]) / (many[0] - few[0])


def epochs(operations_per_iteration: int) -> tuple[int, int]:
    """The iterations of the two epochs. Both are whole, and the second is longer however large an iteration is."""
    few = max(1, round(FEW / operations_per_iteration))
    return few, max(few + 1, round(MANY / operations_per_iteration))


def excluded(cell: Cell) -> str:
    """Why a cell is not counted; empty when it is."""
    if cell.threads > 1:
        return "several threads: what they execute while they wait would be counted too"
    if cell.workload == "thread_churn":  # its one thread is born and dies in every generation
        return "a thread of its own for each generation"
    return ""


def choose(bench: Path, cell: Cell, seconds: float) -> Tool:
    """Asks the CPU through one contender; valgrind where it cannot answer."""
    with _native(bench, cell, seconds) as contender:
        why = contender.ready().get("instructions")
    if why == "":
        return Tool("perf_event")
    valgrind = shutil.which("valgrind")
    if not valgrind:
        raise UserError(MISSING + (f" ({why})" if why else ""))
    version = subprocess.run([valgrind, "--version"], capture_output=True, text=True, check=False).stdout.strip()
    return Tool(f"callgrind ({version or 'valgrind'})", valgrind)


def count(tool: Tool, bench: Path, cell: Cell, seconds: float) -> Count:
    """One cell. A process that fails costs its own cell and no other."""
    try:
        return Count(_by_callgrind(tool, bench, cell, seconds) if tool.valgrind else _by_cpu(bench, cell, seconds))
    except ContenderFailure as failure:
        return Count(None, failure.reason)


@contextmanager
def stripped(bench: Path) -> Iterator[Path]:
    """A copy without debug information, which callgrind would read at every start; the code is the same. It lies beside the
    program, where our own heap is looked for. Where that is not possible, the program itself."""
    copy = bench.with_name(f".{bench.name}-counted-{os.getpid()}")
    try:
        done = subprocess.run(["strip", "--strip-debug", "-o", copy, bench], capture_output=True, check=False)
        yield copy if done.returncode == 0 else bench
    except FileNotFoundError:
        yield bench
    finally:
        copy.unlink(missing_ok=True)


class _Closing:
    """A contender that ends with its block."""

    def __init__(self, contender: Contender) -> None:
        self.contender = contender

    def __enter__(self) -> Contender:
        return self.contender

    def __exit__(self, *_: object) -> None:
        self.contender.kill()


def _arguments(bench: Path, cell: Cell) -> list[str]:
    return [str(bench), f"--allocator={cell.heap.argument}", f"--contend={cell.subject}", "--instructions"]


def _native(bench: Path, cell: Cell, seconds: float) -> _Closing:
    return _Closing(Contender(_arguments(bench, cell), launch.environment(cell, LAYOUT), seconds))


def _by_cpu(bench: Path, cell: Cell, seconds: float) -> float:
    with _native(bench, cell, seconds) as contender:
        operations = contender.ready()["operations_per_iteration"]
        few, many = epochs(operations)
        told = [contender.epoch(n).get("instructions") for n in (few, few, many)]
        if not all(isinstance(value, int) and value > 0 for value in told):
            raise ContenderFailure("the CPU's counter stopped answering")
        contender.ask_to_quit()
        return slope((few * operations, told[1]), (many * operations, told[2]))


def _by_callgrind(tool: Tool, bench: Path, cell: Cell, seconds: float) -> float:
    """callgrind zeroes its count where an epoch begins and writes it down where one ends."""
    with tempfile.TemporaryDirectory(prefix="poolmark-") as name:
        command = [tool.valgrind, "--tool=callgrind", f"--callgrind-out-file={name}/%p", "--trace-children=yes", "-q",
                   "--zero-before=poolmark_epoch_begins", "--dump-before=poolmark_epoch_ends",
                   *_arguments(bench, cell)]
        with _Closing(Contender(command, _guarded(cell), seconds)) as contender:
            operations = contender.ready()["operations_per_iteration"]
            few, many = epochs(operations)
            for iterations in (few, few, many):
                contender.epoch(iterations)
            contender.ask_to_quit()
            contender.done()
        counts = _dumps(Path(name))
    if len(counts) < 3:
        raise ContenderFailure("callgrind wrote down no epochs")
    return slope((few * operations, counts[1]), (many * operations, counts[2]))


def _dumps(where: Path) -> list[int]:
    """The count of each epoch: the dumps of a process are numbered, its last one has no number."""
    found = {}
    for path in where.iterdir():
        number = path.suffix.removeprefix(".")
        total = TOTAL.search(path.read_text(encoding="utf-8", errors="replace"))
        if number.isdigit() and total:
            found[int(number)] = int(total[2])
    return [found[number] for number in sorted(found)]


def _guarded(cell: Cell) -> dict[str, str]:
    """The heap is preloaded here, and the word set that the program leaves itself before it starts again with a heap: valgrind
    adds a preload of its own, which looks like another heap, and a program cannot start itself again under it."""
    library = cell.heap.library if cell.heap.preload or cell.heap.own else ""
    if cell.heap.own:  # as activate.cpp preloads it
        library = f"{library}:{BENCH.with_name('libpoolmark_missing.so')}"
    preload = {"LD_PRELOAD": library} if library else {}
    return launch.environment(cell, LAYOUT) | preload | {"POOLMARK_ACTIVATED": f"{cell.heap.name}={library}"}
