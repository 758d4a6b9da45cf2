"""Hashes of sources: of all that a binary is built from, and of what each workload measures: its own file and every file of the
benchmarks that it includes.

Pools, other contenders and allocators are left out on purpose. They are what two runs are compared to judge; a workload that asks another
question than before is what makes the comparison void. Blank lines and lines of comment change no question either.
"""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from suite.base.errors import UserError
from suite.plan.describe import Description

WORKLOADS = "benchmarks/workloads"
# Of every workload: who calls it, with what, and what is timed.
TIMED = ("benchmarks/harness/contend.cpp", "benchmarks/harness/epoch.cpp", "benchmarks/harness/team.cpp")
INCLUDE = re.compile(r'^\s*#\s*include\s*"(benchmarks/(?!contenders/)[^"]+)"', re.MULTILINE)
DIGITS = 16
FOLDERS = ("allocators", "pools", "benchmarks/contenders", "benchmarks/harness", "benchmarks/workloads")
ENDINGS = (".c", ".cpp", ".h", ".hpp")


def code(text: str) -> str:
    """The lines that are not empty and no comment."""
    lines = (line.strip() for line in text.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("//"))


def _read(root: Path, name: str) -> str | None:
    try:
        return (root / name).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None


def closure(root: Path, names: Iterable[str]) -> dict[str, str]:
    """The files, and those that they include, with their content; one that is not there is left out."""
    waiting, found = list(names), {}
    while waiting:
        name = waiting.pop()
        text = None if name in found else _read(root, name)
        if text is not None:
            found[name] = text
            waiting += INCLUDE.findall(text)
    return found


def workload_hash(root: Path, name: str) -> str:
    """The hash of one workload; empty when its file is not to be found, as for one that is built elsewhere."""
    own = f"{WORKLOADS}/{name}.cpp"
    if not re.fullmatch(r"\w+", name) or not (root / own).is_file():
        return ""
    digest = hashlib.sha256()
    for path, text in sorted(closure(root, [own, *TIMED]).items()):
        digest.update(f"{path}\0{code(text)}\0".encode())
    return digest.hexdigest()[:DIGITS]


def pools_hash(root: Path) -> str:
    """One hash of all pools and other contenders: it says whether they changed between two runs, and forbids no comparison."""
    digest = hashlib.sha256()
    files = [*(root / "pools").rglob("*.?pp"), *(root / "benchmarks/contenders").rglob("*.?pp")]
    for path in sorted(files):
        digest.update(f"{path.relative_to(root)}\0{code(_read(path.parent, path.name) or '')}\0".encode())
    return digest.hexdigest()[:DIGITS]


def stamped(description: Description, root: Path) -> Description:
    """The description, each workload with its hash."""
    return replace(description, workloads=tuple(replace(workload, hash=workload_hash(root, workload.name))
                                                for workload in description.workloads))


def tree_hash(root: Path) -> str:
    """Of a checkout, as its files are now: what cmake/source_hash.cmake puts into a binary when it builds one."""
    files = (path for folder in FOLDERS for path in (root / folder).rglob("*") if path.suffix in ENDINGS and path.is_file())
    names = sorted(path.relative_to(root).as_posix() for path in files)
    lines = "".join(f"{name} {hashlib.sha256((root / name).read_bytes()).hexdigest()}\n" for name in names)
    return hashlib.sha256(lines.encode()).hexdigest()[:DIGITS]


def refuse_unfit(description: Description, root: Path) -> None:
    """Only the bench build of this checkout may be measured: what is recorded about a run is read from its sources."""
    build = description.build
    if build.get("type") != "bench" or build.get("sanitizers"):
        kind = f"{build.get('type')} build" + (f" with {build['sanitizers']}" if build.get("sanitizers") else "")
        raise UserError(f"this poolmark-bench is a {kind}, and only a bench build may be measured; "
                        "remove build/bench and run again")
    if description.sources != tree_hash(root):
        raise UserError("this poolmark-bench was not built from the sources that stand here; "
                        "build it again with scripts/poolmark setup")
