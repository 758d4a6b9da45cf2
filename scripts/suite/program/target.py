"""The program that is asked about: its words, what it reads, what counts as its output; and what cannot be asked about."""

import os
import re
import shutil
import stat
import struct
from dataclasses import dataclass
from pathlib import Path

from suite.base.errors import UserError

INTERPRETERS = 4  # a script whose interpreter is a script, and so on
PT_DYNAMIC = 2
WRAPPERS = ("env", "nice", "ionice", "setarch", "taskset", "chrt")


@dataclass(frozen=True)
class Program:
    """How it is run, each time alike."""

    words: tuple[str, ...]
    stdin: Path | None = None
    before: str = ""  # a command that prepares each run
    metric: str = ""  # a pattern with one group: the figure that the program prints
    load: str = ""  # a command that loads it, for one that does not end by itself
    outputs: tuple[Path, ...] = ()  # files that it writes, beside its standard output
    limit: float = 60.0  # seconds

    @property
    def name(self) -> str:
        """The program itself, past what only starts it."""
        return next((Path(word).name for word in self.words if Path(word).name not in WRAPPERS and "=" not in word and not word.startswith("-")),
                    Path(self.words[0]).name)


def accept(program: Program) -> Program:
    """The program with its full path; refuses what can take no preload, or is not there."""
    if not program.words:
        raise UserError("no program; put it behind --, as in: poolmark program -- ./app arguments")
    found = shutil.which(program.words[0])
    if found is None:
        raise UserError(f"{program.words[0]} is not there, or cannot be run")
    path = Path(found).resolve() if os.sep in program.words[0] else Path(found)
    if program.stdin is not None and not program.stdin.is_file():
        raise UserError(f"--stdin: {program.stdin} is not there")
    try:
        if program.metric and re.compile(program.metric).groups != 1:
            raise UserError("--metric needs one group in parentheses, around the number")
    except re.error as wrong:
        raise UserError(f"--metric: {wrong}") from None
    _refuse_unfit(path)
    return Program((str(path), *program.words[1:]), program.stdin, program.before, program.metric, program.load, program.outputs, program.limit)


def _refuse_unfit(path: Path, depth: int = 0) -> None:
    if path.stat().st_mode & (stat.S_ISUID | stat.S_ISGID):
        raise UserError(f"no call would be seen: {path} is setuid, and takes no preload; copy it without that bit")
    with path.open("rb") as file:
        head = file.read(4096)
    if head.startswith(b"#!") and depth < INTERPRETERS:
        interpreter = head[2:].split(b"\n", 1)[0].split()
        if interpreter and Path(os.fsdecode(interpreter[0])).exists():
            _refuse_unfit(Path(os.fsdecode(interpreter[0])), depth + 1)
    elif head.startswith(b"\x7fELF") and not _dynamic(head):
        raise UserError(f"no call would be seen: {path} is static, and takes no preload; link it dynamically")


def _dynamic(head: bytes) -> bool:
    """Whether an ELF file of 64 bits has a dynamic section and names a loader; true of what cannot be told."""
    if len(head) < 64 or head[4] != 2:
        return True
    start, = struct.unpack_from("<Q", head, 32)
    size, count = struct.unpack_from("<HH", head, 54)
    kinds = [struct.unpack_from("<I", head, start + i * size)[0] for i in range(count) if start + (i + 1) * size <= len(head)]
    return 3 in kinds or (PT_DYNAMIC in kinds and len(kinds) < count)
