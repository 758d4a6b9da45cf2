"""Which program a run needs: the reader's own types, every pool, or the leading ones; built."""

from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from suite.base import build
from suite.plan import describe, own
from suite.plan.presets import PRESETS


def ensure(types: Sequence[str], preset: str, strategies: Sequence[str], reconfigure: bool = False) -> Path:
    """The program, built. A program of the reader's own types has every pool."""
    if types:
        return own.ensure(types)
    every_pool = preset in PRESETS and PRESETS[preset].every_pool
    bench = build.ensure(reconfigure, every_pool)
    if every_pool or not strategies or has(describe.ask(bench), strategies):
        return bench
    return build.ensure(every_pool=True)


def has(description: describe.Description, strategies: Sequence[str]) -> bool:
    """Whether each pattern means one of the strategies that the program has."""
    return all(any(fnmatchcase(known.name, glob) for known in description.strategies) for glob in strategies)
