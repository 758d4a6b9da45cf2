"""What several tests of the driver need: the stand-in as a program, cells by hand, a campaign in a folder."""

import atexit
import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
for folder in (ROOT / "scripts", HERE):
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))

import fake_bench  # noqa: E402
from suite.machine import calm  # noqa: E402
from suite.measure import conductor, journal  # noqa: E402
from suite.plan import describe  # noqa: E402
from suite.plan.cells import Cell, Group, Heap  # noqa: E402
from suite.run.campaign import Campaign  # noqa: E402

GLIBC = Heap("glibc", "/lib/libc.so.6", preload=False)
SHARED = "POOLMARK_TEST_FOLDER"  # where processes of one session find what one of them made
PATIENCE = 300.0  # seconds that only a hang takes, on any machine; less than what a contender hangs for


def wait_until(happened: Callable[[], object]) -> None:
    """Waits for an event, however slow the machine is."""
    end = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def executable(folder: Path) -> Path:
    """The stand-in as a program beside the real conductor and the real witness."""
    program = folder / "poolmark-bench"
    program.unlink(missing_ok=True)  # a test may have changed it, or still run it
    shutil.copy(built_bench(), program)
    for name, built in ((conductor.NAME, built_conductor), (calm.NAME, built_witness)):
        if not (folder / name).exists():
            (folder / name).symlink_to(built())
    return program


def built_bench() -> Path:
    """The stand-in."""
    return _compiled("fake-bench", "tests/scripts/fake_bench.cpp")


def built_conductor() -> Path:
    """The real conductor: it is one file that needs nothing."""
    return _compiled(conductor.NAME, "benchmarks/conductor.cpp")


def built_witness() -> Path:
    """The real program that asks the CPUs."""
    return _compiled(calm.NAME, "benchmarks/witness_main.cpp")


def shared() -> Path:
    """One folder for all processes of a session, or one of our own."""
    if SHARED not in os.environ:
        os.environ[SHARED] = tempfile.mkdtemp(prefix="poolmark-tests-")
        atexit.register(shutil.rmtree, os.environ[SHARED], ignore_errors=True)
    return Path(os.environ[SHARED])


@cache
def _compiled(name: str, source: str) -> Path:
    def compile_it(folder: Path) -> None:
        (folder / "catalog.hpp").write_text(fake_bench.header(), encoding="utf-8")
        subprocess.run(["g++", "-std=c++20", "-O1", "-static", "-I", ROOT, "-I", folder, "-o", folder / name, ROOT / source],
                       check=True)
    return once(shared() / name, compile_it) / name


def once(folder: Path, make: Callable[[Path], object]) -> Path:
    """A folder that `make` fills, by whichever process of a session comes first; the others wait and use it."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_name(f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            fresh = Path(tempfile.mkdtemp(dir=folder.parent))
            make(fresh)
            fresh.rename(folder)
    return folder


def description() -> describe.Description:
    """The stand-in's catalog."""
    return describe.parse(fake_bench.describe())


def group(*strategies: str, memory: bool = False, twin: bool = False) -> Group:
    """A group by hand; the first strategy is its baseline."""
    cells = [Cell("good", {"live": 10}, name, GLIBC, "limit" if name == "empty_loop" else "contender")
             for name in strategies]
    twins = [Cell("good", {"live": 10}, strategies[0], GLIBC, aa=kind) for kind in ("twin", "duplicate")] if twin else []
    return Group((cells[0], *twins, *cells[1:]), memory)


def campaign(folder: Path, preset: str = "smoke", workloads: tuple[str, ...] = ("good",), seconds: float = PATIENCE,
             program: Path | None = None, **changes: object) -> Campaign:
    """A campaign over the stand-in, its plan recorded in the folder."""
    program = program or executable(folder)
    plan = journal.RunPlan(**{
        "id": "test", "started": "2024-01-02T03:04:05Z", "command": "scripts/poolmark run", "preset": preset, "seed": 7,
        "workloads": workloads, "strategies": (), "allocators": (), "cell_seconds": seconds,
        "binary_sha256": journal.sha256(program)} | changes)
    if not (folder / journal.PLAN).exists():
        journal.start(folder, plan)
    return Campaign(program, description(), plan, folder)
