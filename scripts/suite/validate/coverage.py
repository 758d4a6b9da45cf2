"""How often intervals hold the truth when passes differ, and what other ways of making them would have done: part of
`poolmark validate`."""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from math import exp, log, sqrt
from statistics import fmean, median, stdev
from typing import Any

from suite.analysis import components, samples, statistics, verdicts
from suite.analysis.components import Between
from suite.analysis.statistics import Interval
from suite.plan.presets import CONFIDENCE, MARGIN, PRESETS
from suite.validate.simulated import EFFECTS, LAYOUT_SPREAD, SimulatedCell, World, measured, pooled, whole

Json = dict[str, Any]
BETWEEN = (0.0, 0.0025, 0.005, 0.01, 0.02)
TRUE = (1.0, 1.03) * 4  # a group of eight cells
GROUPS = 200
NODES, TRIALS, OF_A_NODE = (6, 8, 12, 30, 100), 2000, 0.004
FEW_NODES, FEW_TRIALS, CORRELATED = (2, 3, 4, 5), 1000, (0.0, 0.5, 1.0)
FIRST = PRESETS["quick"].looks[0]
EACH = FIRST.processes // FIRST.passes  # processes a pass
Way = Callable[[SimulatedCell, Between | None], Interval]


def _claimed(cell: SimulatedCell) -> bool:
    return verdicts.settled(cell.ratio.low, cell.ratio.high, MARGIN) in ("FASTER", "SLOWER")


def coverage(seed: int, groups: int = GROUPS) -> list[Json]:
    """What the protocol promises, interim analyses included: for each preset, layout and deviation between passes how often
    the interval that a cell ends with holds the true ratio, how often those of two runs overlap, and how often a cell whose
    true ratio is 1 is called FASTER or SLOWER."""
    rows = []
    for preset in ("quick", "full"):
        for layout in EFFECTS:
            for between in BETWEEN:
                chance = random.Random(f"{seed}/{preset}/{layout}/{between}")
                world = World(layout, (between,) * len(TRUE), TRUE)
                runs = [measured(world, chance, PRESETS[preset].looks) for _ in range(groups)]
                cells = [cell for run in runs for cell in run]
                equal = [cell for cell in cells if cell.true == 1]
                pairs = [pair for one, other in zip(runs[::2], runs[1::2]) for pair in zip(one, other)]
                rows.append({
                    "preset": preset, "layout": layout, "between": between, "cells": len(cells),
                    "covered": fmean(cell.ratio.contains(cell.true) for cell in cells),
                    "overlap": fmean(max(a.ratio.low, b.ratio.low) <= min(a.ratio.high, b.ratio.high) for a, b in pairs),
                    "false": fmean(map(_claimed, equal)), "half_width": median(cell.ratio.half_width for cell in equal)})
    return rows


def family(seed: int, groups: int = GROUPS) -> list[Json]:
    """How often a group makes any claim, corrected for several comparisons, when the truth of all its cells is the edge of
    the margin itself."""
    rows = []
    for layout in EFFECTS:
        for between in BETWEEN:
            chance, size = random.Random(f"{seed}/family/{layout}/{between}"), len(TRUE)
            world, wrong = World(layout, (between,) * size, (1 + MARGIN,) * size), 0
            for _ in range(groups):
                cells = measured(world, chance, PRESETS["quick"].looks)
                known = pooled(cells)
                wrong += any(statistics.holm([statistics.sign_test(cell.values, MARGIN, cell.passes, known) for cell in cells]))
            rows.append({"layout": layout, "between": between, "groups": groups, "wrong": wrong / groups})
    return rows


def nodes(seed: int, trials: int = TRIALS, counts: Sequence[int] = NODES) -> list[Json]:
    """How often the interval over the nodes of a class holds the middle of all such machines, by how nodes differ and how many
    there are. A node's own value comes from its processes, with their noise."""
    rows = []
    for layout, effect in EFFECTS.items():
        for count in counts:
            chance = random.Random(f"{seed}/nodes/{layout}/{count}")
            found = [statistics.over_nodes([effect(chance) + chance.gauss(0, OF_A_NODE) for _ in range(count)]) for _ in range(trials)]
            rows.append({"layout": layout, "nodes": count, "intervals": trials, "covered": fmean(one.low <= 0 <= one.high for one in found),
                         "half_width": median((one.high - one.low) / 2 for one in found)})
    return rows


def few_nodes(seed: int, trials: int = FEW_TRIALS, counts: Sequence[int] = FEW_NODES) -> list[Json]:
    """The same where a node counts as a pass does, for a group of eight cells, whose truth is 1: by how far what a node does to one cell
    is what it does to the others as well."""
    rows = []
    for correlation in CORRELATED:
        for count in counts:
            chance, found = random.Random(f"{seed}/few nodes/{correlation}/{count}"), []
            for _ in range(trials):
                every: list[list[Json]] = [[] for _ in TRUE]
                for node in range(count):
                    common = LAYOUT_SPREAD * chance.gauss(0, 1)
                    for cell in every:
                        own = LAYOUT_SPREAD * chance.gauss(0, 1)
                        level = sqrt(correlation) * common + sqrt(1 - correlation) * own
                        cell += [{"node": str(node), "ratio": exp(level + chance.gauss(0, LAYOUT_SPREAD))} for _ in range(FIRST.processes)]
                known = samples.pooled(every)
                found += [samples.ratio(cell, CONFIDENCE, known) for cell in every]
            rows.append({"correlation": correlation, "nodes": count, "intervals": len(found), "covered": fmean(one.contains(1) for one in found),
                         "half_width": median(one.half_width for one in found)})
    return rows


def _over_passes(cell: SimulatedCell, _: Between | None) -> Interval:
    medians = [median(values) for values in components.by_label(cell.values, cell.passes)]
    middle = fmean(medians)
    error = components.t_quantile(len(medians) - 1, 1 - CONFIDENCE) * stdev(medians) / sqrt(len(medians))
    return Interval(middle, middle - error, middle + error)


def _group_alone(cell: SimulatedCell, known: Between | None) -> Interval:
    """Widened by what the group says, whatever the cell says."""
    plain = statistics.interval(cell.values)
    error = components.t_quantile(known.degrees, 1 - CONFIDENCE) * known.deviation / sqrt(len(set(cell.passes)))
    low, high = plain.estimate - plain.low, plain.high - plain.estimate
    return replace(plain, low=plain.estimate - sqrt(low**2 + error**2), high=plain.estimate + sqrt(high**2 + error**2))


WAYS: dict[str, Way] = {
    "order statistics of all processes, passes ignored": lambda cell, _: statistics.interval(cell.values),
    "t over the medians of passes": _over_passes,
    "widened by the cell's own deviation between passes": lambda cell, _: statistics.interval(cell.values, passes=cell.passes),
    "widened by the median deviation of its group": _group_alone,
    "widened by the larger of the two": lambda cell, known: statistics.interval(cell.values, CONFIDENCE, cell.passes, known),
}


def _worlds() -> Iterator[tuple[str, World]]:
    for between in BETWEEN:
        yield f"{between:.2%}", World("normal", (between,) * len(TRUE), (1.0,) * len(TRUE))
    yield "1.00%, its group 0.25%", World("normal", (0.01, *(0.0025,) * (len(TRUE) - 1)), (1.0,) * len(TRUE))


def candidates(seed: int, passes: int, groups: int = GROUPS) -> list[Json]:
    """Coverage and half-width of each way to make an interval from the same passes, without interim analyses."""
    found = []
    for name, world in _worlds():
        chance = random.Random(f"{seed}/ways/{passes}/{name}")
        alone = len(set(world.between)) > 1  # only the first cell is asked for
        runs = [whole(world, chance, passes * (EACH,)) for _ in range(groups * (len(TRUE) if alone else 1))]
        for way, make in WAYS.items():
            each = [make(cell, known) for run in runs for known in [pooled(run)] for cell in (run[:1] if alone else run)]
            found.append({"way": way, "between": name, "passes": passes, "each": EACH,
                          "intervals": len(each),
                          "covered": fmean(interval.contains(log(1.0)) for interval in each),
                          "half_width": median((interval.high - interval.low) / 2 for interval in each)})
    return found
