"""`run --own HEADER`: a bench build with the reader's own types as workloads, in a folder of its own beside the normal one.

It has the same flags as the bench build, and of our workloads only those that a run needs to be believed, so that it takes
less than a minute and not three. Where there is a bench build, what does not depend on the types is linked from it.

`run --trace FILE`: a trace of the reader's own, for the workloads about caches. `run --recording FILE`: what a program of the reader's
asked of its heap, for the workload `recorded`.

Such a file is named in the environment, so that every process of the binary finds it, the one that describes itself first.
The binary reads it and refuses what is none, by file and line.
"""

import hashlib
import os
import re
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from suite.base import build
from suite.base.build import ROOT, discard_moved
from suite.base.errors import UserError, writing
from suite.plan.describe import Description

BESIDE = ("controls", "ceilings")  # ours that come along, where they exist
EXAMPLE = "examples/my_type.hpp"
ERROR = re.compile(r"^(?P<where>[^\s:][^:]*:\d+(?::\d+)?): (?:fatal )?error: (?P<what>.*)$", re.MULTILINE)
NOTE = re.compile(r"static assertion failed: (?P<what>.*)$", re.MULTILINE)
TRACE, RECORDING = BROUGHT = ("trace", "recording")
WANTED = {TRACE: "give one with a key a line, its size after a blank if you like",
          RECORDING: "make one with: poolmark program replay -- ./app arguments"}


def headers(named: Iterable[Path]) -> tuple[str, ...]:
    """The files, absolute; one that is not there is refused before anything is built."""
    found = []
    for path in named:
        if not path.is_file():
            raise UserError(f"--own: there is no file '{path}'; give a header that registers your type, like {EXAMPLE}")
        build.refuse_unfit(path.resolve(), "rename what you give to --own")
        found.append(str(path.resolve()))
    return tuple(dict.fromkeys(found))


def folder(paths: Sequence[str]) -> Path:
    """Where the build for these headers lies. The same headers use it again, so that only what changed is compiled."""
    name = re.sub(r"[^A-Za-z0-9_]+", "-", Path(paths[0]).stem)[:40]
    return ROOT / "build" / f"own-{name}-{hashlib.sha256(chr(0).join(paths).encode()).hexdigest()[:8]}"


def first_error(output: str) -> str:
    """The first thing that a compiler complained of, in one line; the last line when it is none of the compiler's."""
    asserted, found = NOTE.search(output), ERROR.search(output)
    if found:
        what = asserted["what"] if asserted else found["what"]
        return f"{found['where']}: {what}"
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    return lines[-1] if lines else "without a word"


def _step(command: list[str], log: Path) -> None:
    try:
        done = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, errors="replace", check=False)
    except OSError as failure:
        raise UserError(f"{command[0]} cannot be run ({failure.strerror}); install it with scripts/poolmark setup"
                        ) from None
    with log.open("a", encoding="utf-8") as stream:
        stream.write(done.stdout)
    if done.returncode != 0:
        raise UserError(f"--own does not compile: {first_error(done.stdout)} (the whole output is in {log})")


def ensure(paths: Sequence[str]) -> Path:
    """The binary with these types, built."""
    headers(map(Path, paths))  # a resumed run finds out here that its header is gone
    where = folder(paths)
    log = where.with_suffix(".log")
    with writing(log, "run as the user that owns the checkout"):
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_text("", encoding="utf-8")
    discard_moved(where)
    print(f"building poolmark-bench with {', '.join(Path(path).name for path in paths)} (log: {log})",
          file=sys.stderr, flush=True)
    compiled = build.FOLDER if build.has_harness() else ""
    if compiled:
        build.target(build.HARNESS, "building what measures your types")
    _step(["cmake", "--preset", "bench", "-B", str(where), f"-DPOOLMARK_OWN_TYPES={';'.join(paths)}",
           f"-DPOOLMARK_WORKLOADS={';'.join(BESIDE)}", f"-DPOOLMARK_COMPILED={compiled}"], log)
    # In one go, so that no CPU waits for the reader's files; where one of them is wrong, nothing more is started.
    _step(["cmake", "--build", str(where)], log)
    return where / "poolmark-bench"


def refuse_empty(description: Description, paths: Sequence[str]) -> None:
    """A header that registers nothing would be a run of nothing."""
    ours = {path.stem for path in (ROOT / "benchmarks/workloads").glob("*.cpp")}
    if not any(workload.name not in ours for workload in description.workloads):
        raise UserError(f"{' and '.join(paths)} registers nothing; add an own_workload, as {EXAMPLE} has it")


def bring(what: str, path: str) -> str:
    """Names the file to all processes that are started from now on; none where there is no path."""
    variable = f"POOLMARK_{what.upper()}"
    if not path:
        os.environ.pop(variable, None)  # what is not recorded in the plan must not decide what is measured
        return ""
    if not Path(path).is_file():
        raise UserError(f"--{what}: there is no file '{path}'; {WANTED[what]}")
    os.environ[variable] = str(Path(path).resolve())
    return os.environ[variable]
