"""Cell groups as a run measures them, drawn from known distributions: part of `poolmark validate`.

The logarithm of a process's ratio is the truth, plus what its pass did to the machine, plus its layout, plus the noise of
its rounds. Half of the variance of a pass comes from the baseline, which all cells of the group share.

How often `compare` errs on simulated runs between which nothing has changed: part of `poolmark validate`.

Both runs stop at their own interim analyses, as a campaign does; their processes differ by layout, and their passes.
"""

import json
import random
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from functools import cache
from math import exp, log, sqrt
from pathlib import Path
from statistics import fmean, median
from typing import Any

from suite.analysis import components, statistics, verdicts
from suite.compare import cells
from suite.fleet import shares
from suite.measure import journal
from suite.measure.journal import RunPlan
from suite.plan.presets import MARGIN, PRESETS, Look

LAYOUT_SPREAD = 0.015
ROUNDS = 12
Effect = Callable[[random.Random], float]
BETWEEN = (0.0, 0.01)
CELLS = 8
KINDS = ("Simulated CPU one", "Simulated CPU two")
MADE_UP = {"fresh_heap": 0.0, "fresh_heap#twin": 0.0, "slab_pool": -1.0, "stack_pool": -0.5, "local_pool": 0.1}
CONTROLS_MADE_UP = {"fresh_heap": 0.0, "fresh_heap#twin": 0.0, "planted_equal": 0.0, "planted_5_percent": log(1.05), "planted_20_percent": log(1.2)}


def _normal(chance: random.Random) -> float:
    return chance.gauss(0, LAYOUT_SPREAD)


def _skewed(chance: random.Random) -> float:
    """Mostly a little to one side, now and then far to the other; its median is zero."""
    return LAYOUT_SPREAD * (chance.expovariate(1.0) - log(2))


def _modes(chance: random.Random) -> float:
    """Two layouts that differ by 4 %, and a little around each; its median is zero."""
    return chance.choice((-0.02, 0.02)) + chance.gauss(0, 0.002)


EFFECTS: dict[str, Effect] = {"none": lambda _: 0.0, "normal": _normal, "skewed": _skewed, "two modes": _modes}
LAYOUTS = tuple(EFFECTS)  # that the comparison of two runs is tried on


@cache
def _noise(count: int = 5000) -> list[float]:
    """Medians of rounds, with the bursts in which a shared machine disturbs some of them."""
    chance = random.Random("noise")

    def burst() -> float:
        return abs(chance.gauss(0, 0.1)) if chance.random() < 0.1 else 0.0
    return [median(chance.gauss(0, 0.01) + burst() - burst() for _ in range(ROUNDS)) for _ in range(count)]


@dataclass
class SimulatedCell:
    """The logarithms of a cell's processes, and what it ends with."""

    true: float
    values: list[float] = field(default_factory=list)
    passes: list[int] = field(default_factory=list)
    analyses: int = 0
    ratio: statistics.Interval = statistics.Interval(1.0)


@dataclass(frozen=True)
class World:
    """How processes and passes differ. Each cell has its own deviation between passes."""

    layout: str
    between: Sequence[float]  # one for each cell
    true: Sequence[float]


def measure(cell: SimulatedCell, chance: random.Random, effect: Effect, run_pass: int, shift: float, count: int) -> None:
    """Adds the processes of one pass."""
    noise = _noise()
    level = log(cell.true) + shift
    cell.values += [level + effect(chance) + chance.choice(noise) for _ in range(count)]
    cell.passes += [run_pass] * count


def whole(world: World, chance: random.Random, counts: Sequence[int]) -> list[SimulatedCell]:
    """A group of which every cell takes part in every pass, with so many processes in each."""
    cells = [SimulatedCell(true) for true in world.true]
    for run_pass, count in enumerate(counts):
        _add(cells, world, chance, run_pass, count)
    return cells


def _add(cells: Sequence[SimulatedCell], world: World, chance: random.Random, run_pass: int, count: int) -> None:
    baseline = chance.gauss(0, 1)
    for cell, between in zip(cells, world.between, strict=True):
        shift = between * (baseline + chance.gauss(0, 1)) / sqrt(2)
        if cell.ratio.low is None or not settled(cell.ratio):
            measure(cell, chance, EFFECTS[world.layout], run_pass, shift, count)


def settled(found: statistics.Interval) -> bool:
    """Whether a cell leaves at an interim analysis."""
    return verdicts.settled(found.low, found.high, MARGIN) != "UNRESOLVED"


def pooled(cells: Sequence[SimulatedCell]) -> components.Between | None:
    """How much passes differ in the group, by what has been measured."""
    return components.pooled((cell.values, cell.passes) for cell in cells)


def measured(world: World, chance: random.Random, looks: Sequence[Look]) -> list[SimulatedCell]:
    """A group after its interim analyses: cells that are settled leave, the others take part in the next passes."""
    cells = [SimulatedCell(true) for true in world.true]
    run_pass = processes = 0
    for number, look in enumerate(looks):
        for _ in range(look.passes - run_pass):
            each = round((look.processes - processes) / (look.passes - run_pass))
            _add(cells, world, chance, run_pass, each)
            processes, run_pass = processes + each, run_pass + 1
        for cell in cells:
            cell.analyses += cell.analyses == number and len(cell.values) == look.processes
        between = pooled(cells)
        for cell in cells:
            cell.ratio = statistics.ratio(cell.values, looks[cell.analyses - 1].confidence, cell.passes, between)
    return cells


def campaign(path: Path, nodes: int, cells: int, seed: int) -> None:
    """A campaign of nodes that nobody has, of two kinds, as its shares would stand in its folder; each says that it is made up."""
    chance = random.Random(f"{seed}/campaign/{nodes}/{cells}")
    run = RunPlan("simulated", "2000-01-01T00:00:00Z", "scripts/poolmark validate nodes", "quick", seed, (), (), (), 60.0, "")
    plan = shares.Plan(shares.REPLICATE, run, ((),) * nodes, shares.version())
    truth = [_made_up_cells(chance, cells // len(MADE_UP)) for _ in KINDS]
    for number in range(nodes):
        kind = number % 3 // 2  # two thirds and one third
        speed, own = chance.gauss(0, 0.01) + (0.12 if number % 97 == 4 else 0), chance.gauss(0, 0.002)
        told = {name: [exp(ratio + (chance.gauss(own, 0.01) if ratio or "#" in name else 0)), exp(time + ratio + speed), 1, 0.003]
                for name, (ratio, time) in truth[kind].items()}
        folder = path / shares.SHARES / f"{number:04d}"
        folder.mkdir(parents=True)
        (folder / shares.SUMMARY).write_text(json.dumps({
            "schema": 1, "campaign": run.id, "share": number, "version": plan.version, "program": "", "node": f"{number:08x}",
            "class": {"cpu": KINDS[kind], "kernel": "made up"}, "simulated": True, "seconds": 1.0, "quality": "SOUND", "reasons": [], "files": {},
            "cells": told, "missing": {}, "digests": {}}))
        if number < len(KINDS) + 1:
            (folder / journal.RESULTS).write_text(json.dumps(_made_up_results(run, KINDS[kind], told)))
    shares.write(path, plan)


def _made_up_cells(chance: random.Random, groups: int) -> dict[str, tuple[float, float]]:
    """The logarithms of each cell's true ratio and of its baseline's nanoseconds."""
    found = {}
    for number in range(groups):
        time, shift = log(20.0) + chance.gauss(0, 1), chance.gauss(0, 0.2)
        group = f"controls/kind=made_up_{number}" if number < 2 else f"made_up_{number % 8}/live={10 * number}"
        for strategy, ratio in (CONTROLS_MADE_UP if number < 2 else MADE_UP).items():
            name, _, twin = strategy.partition("#")
            moved = ratio + shift if ratio and number > 1 else ratio
            found[f"{group}/{name}@glibc{'#' * bool(twin)}{twin}"] = (moved, time)
    return found


def _made_up_results(run: RunPlan, cpu: str, told: dict[str, list[float]]) -> dict[str, Any]:
    """What the shares of a class have in common, as the results of its first one say it."""
    def cell(name: str) -> dict[str, Any]:
        group, _, contender = name.rpartition("/")
        key, _, value = group.partition("/")[2].partition("=")
        return {"id": name, "workload": group.partition("/")[0], "parameters": {key: int(value) if value.isdigit() else value},
                "strategy": contender.partition("@")[0], "allocator": "glibc", "role": "contender", "group": group,
                "verdict": "UNRESOLVED", "reason": "", "digest": None, "operations_per_iteration": 1}
    entries = list(map(cell, told))
    texts = dict.fromkeys(("question", "operation", "models", "favours", "ignores"), "made up")
    return {"run": {"id": run.id, "started": run.started, "command": run.command, "preset": run.preset, "seed": run.seed, "commit": "none",
                    "dirty": False, "seconds": 0.0, "complete": True},
            "environment": {"cpu": cpu, "cpus": 2, "caches": [], "memory_bytes": None, "load_before": None, "build": {}, "variables": {}} | dict.fromkeys(
                ("kernel", "compiler", "flags", "libc", "virtualization", "thp", "aslr", "governor", "google_benchmark"), "made up"),
            "allocators": [{"name": "glibc", "library": "", "version": "", "served_malloc_by": "", "available": True, "reason": ""}],
            "strategies": [{"name": name, "family": "fresh" if name == "fresh_heap" else "pool", "summary": "", "available": True, "reason": ""}
                           for name in dict.fromkeys(entry["strategy"] for entry in entries)],
            "workloads": [{"name": name, "baseline": "fresh_heap"} | texts for name in dict.fromkeys(entry["workload"] for entry in entries)
                          if name != "controls"],
            "protocol": {"cell_seconds": 60.0}, "cells": entries}


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
            for layout in LAYOUTS:
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
