"""Configures and builds the one build that may be measured. Quiet, unless it takes long or fails."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

from suite.base.errors import UserError, writing

ROOT = Path(__file__).resolve().parents[3]
FOLDER = ROOT / "build/bench"
BENCH = FOLDER / "poolmark-bench"  # what the quick preset asks: its workloads, with the leading pools
EVERYTHING = FOLDER / "poolmark-bench-all"  # every workload, with every pool
HARNESS = "poolmark_harness"  # what measures, without workloads
LOG = ROOT / "build/bench.log"
# What CMake, Ninja or GCC takes apart in a name, each in some place. Some then build elsewhere, and with some Ninja does not
# understand what GCC says of a file's headers: it builds everything anew each time.
UNFIT = re.compile(r"""[][$;"'\\?|#<>`&*^\x00-\x1f\x7f]""")
QUIET_SECONDS = 1.0
TAIL_LINES = 25


def _run(command: list[str], doing: str) -> None:
    """Runs a step into the log; speaks up when it is not done at once, and shows the tail when it fails."""
    with LOG.open("a", encoding="utf-8") as log:
        try:
            process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        except OSError as failure:
            raise UserError(f"{command[0]} cannot be run ({failure.strerror}); install it with scripts/poolmark setup"
                            ) from None
        try:
            code = process.wait(timeout=QUIET_SECONDS)
        except subprocess.TimeoutExpired:
            print(f"{doing} (log: {LOG})", file=sys.stderr, flush=True)
            code = process.wait()
    if code != 0:
        tail = LOG.read_text(encoding="utf-8", errors="replace").splitlines()[-TAIL_LINES:]
        print("\n".join(tail), file=sys.stderr)
        raise UserError(f"{doing} failed; the whole output is in {LOG}")


def refuse_unfit(path: Path, fix: str) -> None:
    """A file or folder that CMake cannot build with, before anything is made beside it."""
    if found := UNFIT.search(str(path)):
        letter = found[0] if found[0].isprintable() else "a control character"
        raise UserError(f"CMake cannot build with {letter} in the name {path}; {fix}")


def ensure(reconfigure: bool = False, everything: bool = False) -> Path:
    """The binary, built. `reconfigure` when packages were installed that an earlier configuration did not find."""
    refuse_unfit(ROOT, "move the checkout")
    with writing(LOG, "run as the user that owns the checkout"):
        LOG.parent.mkdir(parents=True, exist_ok=True)
        LOG.write_text("", encoding="utf-8")
    _configure(reconfigure)
    _run(["cmake", "--build", "--preset", "bench"], "building poolmark-bench")
    if everything:
        target("poolmark-everything", "building poolmark-bench-all, with every workload and pool")
    return EVERYTHING if everything else BENCH


def discard_moved(folder: Path, root: Path = ROOT) -> None:
    """A build folder that came with a copy of another checkout builds that one's files: it is made anew."""
    cache = folder / "CMakeCache.txt"
    try:
        home = re.search(r"^CMAKE_HOME_DIRECTORY:INTERNAL=(.*)$", cache.read_text(encoding="utf-8", errors="replace"), re.MULTILINE)
    except OSError:
        return
    if home is None or Path(home[1]).resolve() != root.resolve():
        print(f"{folder} was configured for another checkout; it is made anew", file=sys.stderr, flush=True)
        shutil.rmtree(folder)


def _configure(again: bool = False) -> None:
    discard_moved(FOLDER)
    if again or not (FOLDER / "build.ninja").exists():
        _run(["cmake", "--preset", "bench"], "configuring the bench build")


def has_harness() -> bool:
    """Whether this checkout has built it."""
    discard_moved(FOLDER)
    return (FOLDER / f"benchmarks/harness/lib{HARNESS}.a").exists()


def target(name: str, doing: str) -> None:
    """Builds a part of the bench build that is not built by default."""
    refuse_unfit(ROOT, "move the checkout")
    LOG.parent.mkdir(parents=True, exist_ok=True)
    _configure()
    _run(["cmake", "--build", str(FOLDER), "--target", name], doing)
