"""Which program a run needs: one with the reader's own types, the one with everything, or what quick asks; built."""

from collections.abc import Sequence
from pathlib import Path

from suite.base import build
from suite.plan import describe, own
from suite.plan.cells import matches
from suite.plan.presets import DEFAULT, HEAPS

WORKLOADS = build.ROOT / "benchmarks/workloads"  # a file each, which has its name


def ensure(types: Sequence[str], preset: str, workloads: Sequence[str], strategies: Sequence[str],
           reconfigure: bool = False) -> Path:
    """The program, built. A program of the reader's own types has every pool."""
    if types:
        return own.ensure(types)
    everything = preset not in ("", DEFAULT, HEAPS)
    bench = build.ensure(reconfigure, everything)
    if everything or has(describe.ask(bench), workloads, strategies):
        return bench
    return build.ensure(everything=True)


def has(description: describe.Description, workloads: Sequence[str], strategies: Sequence[str]) -> bool:
    """Whether the program has all that the patterns mean."""
    here = [workload.name for workload in description.workloads]
    elsewhere = {file.stem for file in WORKLOADS.glob("*.cpp")}.difference(here)
    named = [glob.split("/")[0] for glob in workloads]
    return (all(matches((glob,), *here) and not matches((glob,), *elsewhere) for glob in named)
            and all(matches((glob,), *(known.name for known in description.strategies)) for glob in strategies))
