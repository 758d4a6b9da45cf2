"""What is built for programs of others, and which heaps there are to run them on."""

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from suite.base import build
from suite.base.errors import UserError

TARGET = "poolmark-programs"
PARTS = ("poolmark-program", "libpoolmark_window.so", "libpoolmark_record.so", "libpoolmark_route.so")


@dataclass(frozen=True)
class Heap:
    """A heap to preload; the first of the catalog needs nothing."""

    name: str
    library: str
    reason: str = ""  # why it cannot be used
    limit: bool = False


@dataclass(frozen=True)
class Tools:
    """Where they are."""

    folder: Path

    @property
    def program(self) -> Path:
        return self.folder / PARTS[0]

    def preload(self, name: str) -> Path:
        """A preload by its short name."""
        return self.folder / f"libpoolmark_{name}.so"

    def answer(self, *words: str) -> str:
        """What `poolmark-program` says to a command."""
        done = subprocess.run([self.program, *words], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise UserError((done.stderr.strip().splitlines() or [f"poolmark-program {words[0]} failed"])[-1]
                            .removeprefix("poolmark-program: "))
        return done.stdout

    def heaps(self) -> tuple[Heap, ...]:
        """The catalog, the C library's first."""
        rows = [line.split("\t") for line in self.answer("heaps").splitlines()]
        return tuple(Heap(name, library, reason, limit == "1") for name, library, reason, limit in rows)


def ensure() -> Tools:
    """All of it, built."""
    build.target(TARGET, "building what runs beside programs")
    return Tools(build.FOLDER)


def chosen(catalog: Sequence[Heap], entries: Sequence[str]) -> tuple[Heap, ...]:
    """The heaps that were asked for, the catalog's baseline always among them; all that can be used where none was."""
    known = {heap.name: heap for heap in catalog}
    if not entries:
        return tuple(heap for heap in catalog if not heap.reason)
    found = [catalog[0]]
    for entry in entries:
        name, equals, library = entry.partition("=")
        if equals and name in known:
            raise UserError(f"--allocator: {name} is in the catalog; call your library something else, e.g. my_{name}={library}")
        if equals and not Path(library).is_file():
            raise UserError(f"--allocator: {library} is not there")
        if not equals and name not in known:
            raise UserError(f"unknown allocator '{name}'; known: {', '.join(known)}, or NAME=LIBRARY.so")
        heap = Heap(name, str(Path(library).resolve())) if equals else known[name]
        if heap.reason:
            raise UserError(f"--allocator: {name}: {heap.reason}")
        if heap not in found:
            found.append(heap)
    return tuple(found)
