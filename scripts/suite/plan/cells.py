"""The words of a plan: heaps, cells, groups, and what the reader selected. `groups.py` makes a plan of them.

A cell group is one point of one workload; its first cell is the baseline, and all its cells are measured together.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from suite.base.errors import UserError
from suite.plan import heap_states
from suite.plan.describe import Allocator, Description

EMPTY_LOOP = "empty_loop"  # the limit row that tells whether a cell measured anything; it always takes part
CONTROLS = "controls"  # the workload whose true ratios are known; it always takes part
TWIN, DUPLICATE = "twin", "duplicate"  # the baseline in other processes, and from another link of the program


@dataclass(frozen=True)
class Heap:
    """An allocator that takes part; `own` when the reader brought the library."""

    name: str
    library: str
    available: bool = True
    reason: str = ""
    preload: bool = True
    own: bool = False
    settings: tuple[tuple[str, str], ...] = ()  # variables that it reads when its process begins

    @property
    def argument(self) -> str:
        """What `--allocator=` is given."""
        return f"{self.name}={self.library}" if self.own else self.name


@dataclass(frozen=True)
class Cell:
    """A contender at a point. `skip` holds the reason when it cannot be measured."""

    workload: str
    parameters: Mapping[str, Any]
    strategy: str
    heap: Heap
    role: str = "contender"
    aa: str = ""  # TWIN or DUPLICATE when it is the baseline once more
    skip: str = ""
    answers: bool = True  # what the passes ask beside time
    baseline: str = ""  # the strategy that its group is compared with

    @property
    def group(self) -> str:
        """The identity of the group."""
        return f"{self.workload}/{parameters_text(self.parameters)}"

    @property
    def threads(self) -> int:
        """How many threads it has, each on a CPU of its own as far as there are so many."""
        return int(self.parameters.get("threads", 1))

    @property
    def subject(self) -> str:
        """What the contender process is told to do."""
        return f"{self.group}/{self.strategy}"

    @property
    def id(self) -> str:
        """The identity of the cell in results.json."""
        return f"{self.subject}@{self.heap.name}{f'#{self.aa}' if self.aa else ''}"


@dataclass(frozen=True)
class Group:
    """Cells that are measured together against the first of them."""

    cells: tuple[Cell, ...]
    memory: bool
    latency: bool = False

    @property
    def baseline(self) -> Cell:
        """The cell every other is compared with."""
        return self.cells[0]

    @property
    def name(self) -> str:
        """The identity of the group."""
        return self.baseline.group

    @property
    def contenders(self) -> tuple[Cell, ...]:
        """The cells that can be measured."""
        return tuple(cell for cell in self.cells if not cell.skip)


@dataclass(frozen=True)
class Selection:
    """What the reader asked for; None and empty mean everything."""

    workloads: tuple[str, ...] = ()
    strategies: tuple[str, ...] = ()
    allocators: tuple[str, ...] = ()
    heaps: tuple[str, ...] = ()  # their states; none: clean, and littered where a workload asks for it


def parameters_text(parameters: Mapping[str, Any]) -> str:
    """`key=value,key=value`, in the order of the description; booleans as JSON writes them."""
    def text(value: Any) -> str:
        return str(value).lower() if isinstance(value, bool) else str(value)
    return ",".join(f"{key}={text(value)}" for key, value in parameters.items())


def split_allocators(arguments: Iterable[str]) -> tuple[str, ...]:
    """`a,b=/x.so` as single entries, each library checked and made absolute before anything else is done."""
    entries = []
    for entry in (entry for argument in arguments for entry in argument.split(",")):
        name, equals, library = entry.strip().partition("=")
        if not name:
            raise UserError("--allocator: a name is empty; give NAME or NAME=LIBRARY.so, with a comma between two")
        if equals:
            if not re.fullmatch(r"[A-Za-z0-9_.+-]+", name):
                raise UserError(f"--allocator: '{name}' is no name; use letters, digits and _ . + -")
            if not Path(library).is_file():
                raise UserError(f"--allocator: there is no library '{library}' for {name}; give the path of its .so")
            entries.append(f"{name}={Path(library).resolve()}")
        else:
            entries.append(name)
    names = [entry.partition("=")[0] for entry in entries]
    for name in names:
        if names.count(name) > 1:
            raise UserError(f"--allocator: {name} is named twice; name it once, or give your library another name")
    return tuple(entries)


def heaps(description: Description, entries: tuple[str, ...]) -> tuple[Heap, ...]:
    """The heaps that take part, in the catalog's order, the reader's own ones last."""
    def of_catalog(entry: Allocator) -> Heap:
        first = entry.name == description.allocators[0].name
        return Heap(entry.name, entry.library, entry.available, entry.reason, preload=not first and bool(entry.library),
                    settings=tuple(entry.settings.items()))
    known = {entry.name: entry for entry in description.allocators}
    if not entries:
        return tuple(map(of_catalog, known.values()))
    own = []
    for entry in entries:
        name, equals, library = entry.partition("=")
        if equals and name == description.allocators[0].name:
            raise UserError(f"--allocator: {name} is the baseline; call your library something else, "
                            f"e.g. my_{name}={library}")
        if equals:
            own.append(Heap(name, library, own=True))
        elif name not in known:
            raise UserError(f"unknown allocator '{name}'; known: {', '.join(known)}, or NAME=LIBRARY.so")
    return tuple(of_catalog(entry) for name, entry in known.items() if name in entries) + tuple(own)


def matches(globs: tuple[str, ...], *names: str) -> bool:
    return not globs or any(fnmatchcase(name, glob) for glob in globs for name in names)


def check_globs(description: Description, selection: Selection) -> None:
    """Refuses a glob that matches nothing, and names what it could have matched."""
    groups = [name for workload in description.workloads for point in workload.points
              for name in (workload.name, f"{workload.name}/{parameters_text(point.parameters)}")]
    for kind, globs, names, shown in (
        ("workload", selection.workloads, groups, [workload.name for workload in description.workloads]),
        ("strategy", selection.strategies, *[[entry.name for entry in description.strategies]] * 2),
    ):
        for glob in globs:
            if not matches((glob.partition(f",{heap_states.PARAMETER}=")[0],), *names):
                raise UserError(f"--{kind} '{glob}' matches nothing; known: {', '.join(shown)}")
