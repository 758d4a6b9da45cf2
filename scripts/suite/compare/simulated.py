"""How often `compare` errs on simulated runs between which nothing has changed: part of `poolmark validate`.

Both runs stop at their own looks, as a campaign does; their processes differ by layout, and the shape of that is varied.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

from suite import statistics
from suite.compare import cells
from suite.presets import MARGIN, PRESETS, Look

Draw = Callable[[], float]


def stopped(draw: Draw, looks: Sequence[Look], margin: float = MARGIN) -> list[float]:
    """The logarithms that a cell ends with: of the first look at which it is settled, else of the last."""
    values: list[float] = []
    for look in looks:
        values += [draw() for _ in range(look.processes - len(values))]
        found = statistics.ratio(values, look.confidence)
        if found.high < 1 / (1 + margin) or found.low > 1 + margin or (
                found.low >= 1 / (1 + margin) and found.high <= 1 + margin):
            break
    return values


def errors(effects: dict[str, Callable[[random.Random], Draw]], seed: int, pairs: int) -> list[dict[str, Any]]:
    """For each preset, kind of group and shape: the share of intervals that miss 1, and of verdicts that are wrong."""
    rows = []
    for name in ("quick", "wide", "full"):
        preset = PRESETS[name]
        protocol = {plan: [asdict(look) for look in getattr(preset, plan)] for plan in ("looks", "long_looks")}
        for plan, kind in (("looks", "short"), ("long_looks", "long")):
            for shape, make in effects.items():
                draw = make(random.Random(f"{seed}/compare/{name}/{plan}/{shape}"))
                found = [cells.change_of(*(stopped(draw, getattr(preset, plan)) for _ in range(2)), (protocol, protocol))
                         for _ in range(pairs)]
                rows.append({"preset": name, "epochs": kind, "layout": shape, "pairs": pairs,
                             "missed": sum(not one.contains(1) for one in found) / pairs,
                             "changed": sum(cells.verdict(one, MARGIN) in (cells.REGRESSED, cells.IMPROVED)
                                            for one in found) / pairs})
    return rows
