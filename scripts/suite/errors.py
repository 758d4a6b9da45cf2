"""The one error that a reader is meant to see: one line that names the mend, and exit code 2."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class UserError(Exception):
    """Bad use or bad input. The message says what is wrong and how to mend it, in one line."""

    def __str__(self) -> str:
        return " ".join(str(part) for part in self.args).replace("\n", " ").strip()


class Interrupted(BaseException):
    """SIGINT or SIGTERM. Not an Exception, so that no handler of failures takes it for one."""


@contextmanager
def writing(path: Path, mend: str) -> Iterator[None]:
    """Names the file that cannot be written: the system's own error does so only when it could not be opened."""
    try:
        yield
    except OSError as failure:
        raise UserError(f"cannot write {path} ({failure.strerror or failure}); {mend}") from None
