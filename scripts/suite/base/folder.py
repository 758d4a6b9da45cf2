"""The output folder before anything is written to it: may it be written, is it free, whose files does it hold?"""

import fcntl
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from suite.base.errors import UserError

MARKS = {"report.md": "<!-- generated: scripts/poolmark report",
         "decisions.md": "<!-- generated: scripts/poolmark report",
         "report.html": "<title>Should these objects be reused, and how? Poolmark"}
MARK_BYTES = 4096  # both stand at the top
CHARTS = "charts"


@contextmanager
def no_trace(out: Path) -> Iterator[None]:
    """Makes the folder, and takes away again what was made of it and its parents and is empty at the end."""
    made = [folder for folder in (out, *out.parents) if not folder.exists()]
    try:
        out.mkdir(parents=True, exist_ok=True)
        yield
    finally:
        for folder in made:
            with suppress(OSError):  # not empty, or never made
                folder.rmdir()


def check_writable(out: Path) -> None:
    """Tries the folder before anything is measured, and leaves none behind that was not there."""
    try:
        with no_trace(out), tempfile.TemporaryFile(dir=out):
            pass
    except OSError as failure:
        raise UserError(f"cannot write to {out} ({failure.strerror}); choose another folder with --out DIR") from None


@contextmanager
def lock(out: Path) -> Iterator[None]:
    """Holds the folder itself, so no file is left behind; the kernel lets go however the process ends."""
    handle = os.open(out, os.O_RDONLY | os.O_DIRECTORY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UserError(f"{out} is being measured by another process; wait for it, or choose another --out DIR"
                            ) from None
        except OSError:  # a file system without locks
            pass
        yield
    finally:
        os.close(handle)


def refuse_foreign(out: Path) -> None:
    """Pages may replace pages, never a file that this command did not make."""
    foreign = next((path for path in _foreign(out)), None)
    if foreign:
        raise UserError(f"{foreign} was not made by this command and would be replaced; "
                        "move it away, or choose another folder with --out DIR")


def _foreign(out: Path) -> Iterator[Path]:
    page = _text(out / "report.md")
    for name, mark in MARKS.items():
        if os.path.lexists(out / name) and mark not in _text(out / name)[:MARK_BYTES]:
            yield out / name
    charts = out / CHARTS
    if not os.path.lexists(charts):
        return
    if charts.is_symlink() or not charts.is_dir():
        yield charts
        return
    ours = set(re.findall(r"[(`]charts/([^)/`]+)\.svg[)`]", page)) if MARKS["report.md"] in page[:MARK_BYTES] else set()
    for path in sorted(charts.iterdir()):
        if path.stem not in ours or path.suffix not in (".svg", ".png") or not path.is_file():
            yield path


def _text(path: Path) -> str:
    """A file as text; empty when it is none."""
    try:
        return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
    except OSError:
        return ""


def write_whole(path: Path, text: str) -> None:
    """Writes a file whole or not at all: a temporary one in the same folder takes its place once it is on disk."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        # JSON reads what backslashreplace makes of half a surrogate pair: a name that was no text stays what it was.
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(name, 0o644)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
