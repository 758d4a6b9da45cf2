"""The one error that a reader is meant to see: one line that names the fix, and exit code 2.

What Ctrl-C and SIGTERM do: the first ends the measuring, and none after it may spoil the keeping of the results.
"""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

NUMBERS = (signal.SIGINT, signal.SIGTERM)


class UserError(Exception):
    """Bad use or bad input. The message says what is wrong and how to fix it, in one line."""

    def __str__(self) -> str:
        return " ".join(str(part) for part in self.args).replace("\n", " ").strip()


class Interrupted(BaseException):
    """SIGINT or SIGTERM. Not an Exception, so that no handler of failures takes it for one."""


@contextmanager
def writing(path: Path, fix: str) -> Iterator[None]:
    """Names the file that cannot be written: the system's own error does so only when it could not be opened."""
    try:
        yield
    except OSError as failure:
        raise UserError(f"cannot write {path} ({failure.strerror or failure}); {fix}") from None


@contextmanager
def interruptible(interrupt: Callable[[], None]) -> Iterator[None]:
    """The first signal raises `Interrupted`. From then on signals are ignored, and stay so after the block, while
    results and pages are written; `restored` ends that."""
    caught = threading.Event()

    def handle(*_: object) -> None:
        if not caught.is_set():
            caught.set()
            interrupt()
            raise Interrupted
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    previous = {number: signal.signal(number, handle) for number in NUMBERS}
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, signal.SIG_IGN if caught.is_set() else handler)


@contextmanager
def restored() -> Iterator[None]:
    """Leaves signals at the end as they were at the beginning."""
    previous = {number: signal.getsignal(number) for number in NUMBERS}
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
