"""The one error that a reader is meant to see: one line that names the fix, and exit code 2.

What Ctrl-C, SIGTERM and a terminal that hangs up do: the first ends the measuring, and none after it may spoil the keeping of the results.
"""

import os
import signal
import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

NUMBERS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class UserError(Exception):
    """Bad use or bad input. The message says what is wrong and how to fix it, in one line."""

    def __str__(self) -> str:
        return " ".join(str(part) for part in self.args).replace("\n", " ").strip()


class Interrupted(BaseException):
    """SIGINT, SIGTERM or SIGHUP. Not an Exception, so that no handler of failures takes it for one."""


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
    results and pages are written; `restored` ends that. Under nohup the run goes on after a hang-up."""
    caught = threading.Event()

    def handle(number: int, _: object) -> None:
        if number == signal.SIGHUP:
            _let_go_of_the_terminal()
        if not caught.is_set():
            caught.set()
            interrupt()
            raise Interrupted
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    heard = [number for number in NUMBERS if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN]
    previous = {number: signal.signal(number, handle) for number in heard}
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, signal.SIG_IGN if caught.is_set() else handler)


def _let_go_of_the_terminal() -> None:
    """Its end is gone: a line that is still written there fails, and would take the pages with it."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        try:
            if stat.S_ISCHR(os.fstat(stream).st_mode):  # isatty() says no once the line is down
                os.dup2(nowhere, stream)
        except OSError:  # closed
            pass
    os.close(nowhere)


@contextmanager
def ended_in_order() -> Iterator[None]:
    """SIGTERM and SIGHUP, where nothing else is told what to do then, end a command as Ctrl-C does: with a word, and without the
    temporary folders."""
    def handle(*_: object) -> None:
        raise Interrupted
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    with restored():
        for number in (signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) == signal.SIG_DFL:
                signal.signal(number, handle)
        yield


@contextmanager
def restored() -> Iterator[None]:
    """Leaves signals at the end as they were at the beginning."""
    previous = {number: signal.getsignal(number) for number in NUMBERS}
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
