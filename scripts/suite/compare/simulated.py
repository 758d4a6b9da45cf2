"""How often `compare` errs on simulated runs between which nothing has changed: part of `poolmark validate`.

Both runs stop at their own interim analyses, as a campaign does; their processes differ by layout, and their passes.
"""

import random
from collections.abc import Sequence
from dataclasses import asdict
from statistics import fmean
from typing import Any

from suite.compare import cells
from suite.presets import MARGIN, PRESETS, Look
from suite.simulated_groups import EFFECTS, World, measured, pooled

BETWEEN = (0.0, 0.01)
CELLS = 8


def _run(world: World, chance: random.Random, looks: Sequence[Look]) -> list[cells.Side]:
    group = measured(world, chance, looks)
    between = pooled(group)
    return [cells.Side(cell.values, cell.passes, between) for cell in group]


def errors(seed: int, pairs: int) -> list[dict[str, Any]]:
    """For each preset, kind of group, layout and deviation between passes: the share of intervals that miss 1, and of
    verdicts that are wrong."""
    rows = []
    for name in ("quick", "wide", "full"):
        preset = PRESETS[name]
        protocol = {plan: [asdict(look) for look in getattr(preset, plan)] for plan in ("looks", "long_looks")}
        for plan, kind in (("looks", "short"), ("long_looks", "long")):
            for layout in EFFECTS:
                for between in BETWEEN:
                    chance = random.Random(f"{seed}/compare/{name}/{plan}/{layout}/{between}")
                    world = World(layout, (between,) * CELLS, (1.0,) * CELLS)
                    runs = [[_run(world, chance, getattr(preset, plan)) for _ in range(2)] for _ in range(pairs // CELLS)]
                    found = [cells.change_of(old, new, (protocol, protocol)) for pair in runs for old, new in zip(*pair)]
                    rows.append({"preset": name, "epochs": kind, "layout": layout, "between": between, "pairs": len(found),
                                 "missed": fmean(not one.contains(1) for one in found),
                                 "changed": fmean(cells.verdict(one, MARGIN) in (cells.REGRESSED, cells.IMPROVED)
                                                  for one in found)})
    return rows
