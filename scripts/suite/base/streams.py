"""Standard streams as a reader may leave them: closed, full, a pipe nobody reads, an encoding that lacks letters."""

import os
import sys
from contextlib import suppress
from typing import Any

from suite.base.errors import UserError


def prepare() -> None:
    """Puts the null device where a stream is closed, so that no file of ours is opened as one, and lets every name be
    printed. In place of a standard output it cannot be written: that nothing arrives is no success."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            with suppress(OSError):
                os.open(os.devnull, os.O_RDONLY if number == 1 else os.O_RDWR)  # takes the lowest free number, and those below are in use by now
                setattr(sys, name, open(number, "r" if number == 0 else "w", encoding="utf-8", closefd=False))
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def printable(text: object) -> str:
    """Text from outside for one line of a terminal: what could move its cursor is a space."""
    return "".join(letter if letter.isprintable() else " " for letter in str(text))


def discard(stream: Any) -> None:
    """Sends what is left in a stream nowhere, so that nothing complains at exit."""
    with suppress(OSError, ValueError, AttributeError):
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, stream.fileno())
        os.close(null)


def flush() -> None:
    """Standard output to its end; a disk that is full shows only here."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:  # `poolmark list | head` is no error
        discard(sys.stdout)
    except OSError as failure:
        discard(sys.stdout)
        raise UserError(f"cannot write to standard output ({failure.strerror})") from None


def complain(text: str) -> None:
    """One line on standard error, if it can be had."""
    try:
        print(f"poolmark: {printable(text)}", file=sys.stderr, flush=True)
    except OSError:
        discard(sys.stderr)
