"""How a contender is started: its arguments, its environment, and the random layout that makes it one sample of many.

ASLR stays on. The environment's size and the first allocation's offset differ from process to process, so that the
interval over processes covers the luck of a layout as well.
"""

import os
import random
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from suite.measure.contender import Contender, ContenderFailure
from suite.plan import heap_states
from suite.plan.cells import Cell
from suite.plan.presets import Preset

MAX_BUILDS = 9
CEILINGS_SECONDS = 20.0  # at the least: a process that goes through all of memory answers once, at its end
SIZES = "libpoolmark_sizes.so"
DRIVERS_OWN = ("LD_PRELOAD", "POOLMARK_PADDING")


@dataclass(frozen=True)
class Layout:
    """The part of one process that is left to chance; lengths in bytes."""

    heap_offset: int
    environment_padding: int
    build: int = 0  # which link order of the program


@dataclass(frozen=True)
class Launcher:
    """Starts processes of one program, in one of its link orders, their timed threads on one CPU."""

    bench: Path
    preset: Preset
    cpu: int
    seconds: float

    def contender(self, cell: Cell, layout: Layout, in_turn: int = 1) -> Contender:
        """A process that waits for the token, one of `in_turn`. It is not told whether it is a twin."""
        return self._start(cell, layout, f"--contend={cell.subject}", f"--heap-offset={layout.heap_offset}",
                           f"--in-turn={in_turn}", f"--pin={self._cpus(cell)}", *(["--smoke"] if self.preset.smoke else []))

    def memory(self, cell: Cell, layout: Layout, wait_seconds: float = 0.0, here: bool = False) -> Contender:
        """A process that builds objects, reports what they take and what is kept of it, and exits. Nothing is timed: it
        runs on the CPU of the driver, or `here`, on that of the contenders."""
        count = self.preset.memory_objects
        return self._start(cell, layout, f"--memory={cell.subject}", f"--wait={wait_seconds:g}",
                           *([f"--objects={count}"] if count else []), *([f"--pin={self.cpu}"] if here else []))

    def latency(self, cell: Cell, layout: Layout) -> Contender:
        """A process that times single operations, reports them, and exits."""
        return self._start(cell, layout, f"--latency={cell.subject}", f"--heap-offset={layout.heap_offset}",
                           f"--operations={self.preset.latency_operations}", f"--period={self.preset.latency_period}",
                           f"--pin={self._cpus(cell)}", *(["--smoke"] if self.preset.smoke else []))

    def ceilings(self) -> Contender:
        """A process that measures what the machine can do at most, on the heap that it has by itself."""
        return Contender([str(self.bench), "--ceilings", f"--pin={self.cpu}"], environment_without(),
                         max(self.seconds, CEILINGS_SECONDS))

    def _cpus(self, cell: Cell) -> str:
        """The timed thread stays on `cpu`; the other threads of a workload share as many others as it has threads."""
        others = sorted(os.sched_getaffinity(0) - {self.cpu}, reverse=True)
        return ",".join(map(str, [self.cpu, *others][:cell.threads]))

    def _start(self, cell: Cell, layout: Layout, *arguments: str) -> Contender:
        if heap_states.PARAMETER in cell.parameters:
            arguments = (*arguments, f"--litter={litter(self.bench, cell, self.preset.smoke)}")
        command = [str(programs(self.bench)[layout.build]), f"--allocator={cell.heap.argument}", *arguments]
        return Contender(command, environment(cell, layout), self.seconds)


@cache
def programs(bench: Path) -> tuple[Path, ...]:
    """The program and its other link orders, as far as they are built."""
    others = (bench.with_name(f"{bench.name}-{number}") for number in range(1, MAX_BUILDS))
    return (bench, *(path for path in others if path.exists()))


def litter(bench: Path, cell: Cell, smoke: bool = False) -> str:
    """What the baseline of the cell's group asks its heap for, as --litter takes it: all of a group find the same heap.
    `--heap-offset`, which is recorded, chooses where the litter lies."""
    clean = replace(cell, parameters=heap_states.without(cell.parameters), strategy=cell.baseline)
    return _sizes(bench, clean.subject, smoke)


@cache
def _sizes(bench: Path, subject: str, smoke: bool) -> str:
    command = [str(bench), f"--sizes={subject}", *(["--smoke"] if smoke else [])]
    variables = environment_without() | {"LD_PRELOAD": f"$ORIGIN/{SIZES}"}  # a path is split at its spaces
    try:
        done = subprocess.run(command, env=variables, capture_output=True, text=True, timeout=CEILINGS_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as failure:
        raise ContenderFailure(f"{subject}: its sizes cannot be counted: {failure}") from failure
    if done.returncode:
        raise ContenderFailure(f"{subject}: its sizes cannot be counted: {(done.stderr.strip().splitlines() or ['no reason given'])[-1]}")
    return done.stdout.strip()


def environment_without(inherited: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The reader's environment, without what is the driver's to set."""
    return {name: value for name, value in inherited.items() if name not in DRIVERS_OWN}


def draw(chance: random.Random, build: int = 0) -> Layout:
    """A layout from the seed; the link order is the caller's, because rivals of one block share it."""
    return Layout(heap_offset=16 * chance.randint(0, 255), environment_padding=chance.randint(0, 4095), build=build)


def environment(cell: Cell, layout: Layout, inherited: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The reader's environment without a preload of theirs, with the cell's own and the padding.

    The binary would preload the library itself; doing it here saves it a second exec. A heap of the reader's own it
    must preload itself: a foreign library runs before main, and main first ties the process to the life of the driver.
    """
    variables = environment_without(inherited)
    if cell.heap.preload and cell.heap.library and not cell.heap.own:
        variables["LD_PRELOAD"] = cell.heap.library
    variables |= cell.heap.settings
    variables["POOLMARK_PADDING"] = "x" * layout.environment_padding
    return variables
