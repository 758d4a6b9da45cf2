"""The `validate` command: does the protocol keep its promises? Coverage on simulated data, false alarms of equal programs
beside a busy neighbour, and whether planted differences are found. What comes out is written into docs/methodology.md.
"""

import argparse
import json
import multiprocessing
import os
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from math import exp, log
from pathlib import Path
from statistics import median
from typing import Any

from suite import build, describe, environment, journal, launch, statistics
from suite.campaign import Campaign
from suite.compare import simulated
from suite.errors import UserError
from suite.journal import RunPlan, write_whole
from suite.presets import MARGIN, PRESETS, Look

PAGE = build.ROOT / "docs/methodology.md"
KEPT = build.ROOT / "reports/validation.json"
BEGIN, END = "<!-- generated: scripts/poolmark validate -->", "<!-- end -->"
ALIKE = ("pair/*", "churn/live=1000,*", "batch_order/*live=100,*", "batch_order/*live=1000,*", "small_object_pool/*",
         "boxed_integers/*", "memory_resource/*live=1,*", "memory_resource/*live=1000,*", "pooled_reuse/*live=1000,*",
         "live_sweep/*slots=10000")
LAYOUT_SPREAD = 0.015
SIMULATIONS = 2000
Effect = Callable[[random.Random], float]


def _normal(chance: random.Random) -> float:
    return chance.gauss(0, LAYOUT_SPREAD)


def _skewed(chance: random.Random) -> float:
    """Mostly a little to one side, now and then far to the other; its median is zero."""
    return LAYOUT_SPREAD * (chance.expovariate(1.0) - log(2))


def _modes(chance: random.Random) -> float:
    """Two layouts that differ by 4 %, and a little around each; its median is zero."""
    return chance.choice((-0.02, 0.02)) + chance.gauss(0, 0.002)


EFFECTS: dict[str, Effect] = {"none": lambda _: 0.0, "normal": _normal, "skewed": _skewed, "two modes": _modes}


def simulated_process(chance: random.Random, effect: Effect, rounds: int) -> float:
    """The median log-ratio of a process: its layout, and the bursts in which a shared machine disturbs rounds."""
    layout = effect(chance)
    values = [chance.gauss(0, 0.01) + (abs(chance.gauss(0, 0.1)) if chance.random() < 0.1 else 0) -
              (abs(chance.gauss(0, 0.1)) if chance.random() < 0.1 else 0) for _ in range(rounds)]
    return layout + median(values)


def looked_at(values: list[float], looks: tuple[Look, ...], margin: float = MARGIN) -> statistics.Interval:
    """The interval that a cell ends with: of the first look at which it is settled, else of the last."""
    found = statistics.Interval(1.0)
    for look in looks:
        found = statistics.ratio(values[:look.processes], look.confidence)
        settled = found.high < 1 / (1 + margin) or found.low > 1 + margin or \
            (found.low >= 1 / (1 + margin) and found.high <= 1 + margin)
        if settled:
            break
    return found


def coverage(seed: int, simulations: int = SIMULATIONS) -> list[dict[str, Any]]:
    """How often the interval that a cell ends with holds the true ratio."""
    rows = []
    for preset in ("quick", "full"):
        looks = PRESETS[preset].looks
        for name, effect in EFFECTS.items():
            for true in (1.0, 1.03):
                chance = random.Random(f"{seed}/{preset}/{name}/{true}")
                held = 0
                for _ in range(simulations):
                    values = [log(true) + simulated_process(chance, effect, 12) for _ in range(looks[-1].processes)]
                    held += looked_at(values, looks).contains(true)
                rows.append({"preset": preset, "layout": name, "true": true, "simulations": simulations,
                             "covered": held / simulations})
    return rows


def comparisons(seed: int, pairs: int = SIMULATIONS // 2) -> list[dict[str, Any]]:
    """How often two runs are told apart between which nothing has changed."""
    def process(effect: Effect) -> Callable[[random.Random], Callable[[], float]]:
        return lambda chance: lambda: simulated_process(chance, effect, 12)
    return simulated.errors({name: process(effect) for name, effect in EFFECTS.items()}, seed, pairs)


def _burn(cpu: int) -> None:
    """Half a second busy, half a second not, on the contenders' CPU."""
    os.sched_setaffinity(0, {cpu})
    while True:
        until = time.monotonic() + 0.5
        while time.monotonic() < until:
            pass
        time.sleep(0.5)


@contextmanager
def busy_neighbour(cpu: int) -> Iterator[None]:
    """A process that wants a CPU half of the time."""
    neighbour = multiprocessing.get_context("fork").Process(target=_burn, args=(cpu,), daemon=True)
    neighbour.start()
    try:
        yield
    finally:
        neighbour.kill()
        neighbour.join()


def _campaign(bench: Path, described: describe.Description, preset: str, seed: int, folder: Path,
              workloads: tuple[str, ...]) -> dict[str, Any]:
    plan = RunPlan(id=f"validate-{seed}", started="2000-01-01T00:00:00Z", command="scripts/poolmark validate",
                   preset=preset, seed=seed, workloads=workloads, strategies=("fresh_heap", "fresh_box", "new_delete*"),
                   allocators=("glibc",), cell_seconds=60.0, binary_sha256=journal.sha256(*launch.programs(bench)))
    journal.start(folder, plan)
    campaign = Campaign(bench, described, plan, folder)
    campaign.preset = replace(campaign.preset, ceiling_processes=0)  # nobody asks here what the machine can do at most
    return campaign.run(build.ROOT).results


def false_alarms(bench: Path, described: describe.Description, seed: int, least: int = 200) -> dict[str, Any]:
    """A/A comparisons beside a busy neighbour until there are enough: how many are called different."""
    rows: list[dict[str, Any]] = []
    while len(rows) < least:
        with tempfile.TemporaryDirectory() as folder, busy_neighbour(max(os.sched_getaffinity(0))):
            measured = _campaign(bench, described, "quick", seed + len(rows), Path(folder), ALIKE)
        rows += [{"verdict": cell["verdict"], "ratio": cell["ratio"]["estimate"], "quality": measured["calibration"]["quality"]}
                 for cell in measured["cells"] if "#" in cell["id"] and cell["ratio"]]
    alarms = [row for row in rows if row["verdict"] in ("FASTER", "SLOWER")]
    return {"comparisons": len(rows), "alarms": len(alarms),
            "not_citable": sum(row["verdict"] == "NOT CITABLE" for row in rows),
            "largest_error": max(abs(log(row["ratio"])) for row in rows)}


def power(bench: Path, described: describe.Description, seed: int, preset: str, tries: int = 40) -> dict[str, Any]:
    """How often each planted difference is called SLOWER, and how often its interval excludes 1 and holds the truth."""
    found: dict[str, dict[str, int]] = {}
    for number in range(tries):
        with tempfile.TemporaryDirectory() as folder:
            measured = _campaign(bench, described, preset, seed + number, Path(folder), ("controls",))
        for row in measured["controls"]:
            tally = found.setdefault(f"{row['planted'] - 1:.0%}", {"slower": 0, "excludes_1": 0, "holds": 0})
            low, high = row["ratio"]["low"] or 0, row["ratio"]["high"] or 9
            tally["slower"] += row["verdict"] == "SLOWER"
            tally["excludes_1"] += low > 1
            tally["holds"] += low <= row["planted"] <= high
    return {"preset": preset, "tries": tries, "planted": found}


def _table(kept: dict[str, Any]) -> Iterator[str]:
    yield BEGIN
    yield f"*{kept['machine']}, `scripts/poolmark validate --seed {kept['seed']}`.*\n"
    if kept.get("coverage"):
        yield "Coverage of nominal 95 % intervals, looks included, on simulated processes whose layouts differ:\n"
        yield "| preset | layouts differ by | true ratio | covered |\n|---|---|--:|--:|"
        for row in kept["coverage"]:
            yield f"| {row['preset']} | {row['layout']} | {row['true']} | {row['covered']:.1%} |"
        yield ""
    if rows := kept.get("compare"):
        missed, changed = ([row[key] for row in rows] for key in ("missed", "changed"))
        yield (f"`compare` on {sum(row['pairs'] for row in rows):,} simulated pairs of runs between which nothing has changed (three "
               f"presets, short and long epochs, these layouts): {min(missed):.1%} to {max(missed):.1%} of its 95 % intervals missed 1, "
               f"and {max(changed):.1%} of cells at most were called REGRESSED or IMPROVED.\n")
    if found := kept.get("false_alarms"):
        share = found["alarms"] / found["comparisons"]
        yield (f"False alarms beside a neighbour that wants the same CPU half of the time: of {found['comparisons']} comparisons "
               f"of a program with itself, {found['alarms']} were called FASTER or SLOWER ({share:.1%}); "
               f"{found['not_citable']} were refused as disturbed. The estimate farthest off was "
               f"{exp(found['largest_error']) - 1:.1%} away from 1.\n")
    for found in kept.get("power", ()):
        yield f"Planted differences, {found['tries']} runs of `{found['preset']}`:\n"
        yield "| planted | called SLOWER | interval excludes 1 | interval holds the truth |\n|---|--:|--:|--:|"
        for planted, tally in found["planted"].items():
            yield f"| {planted} | {tally['slower']} | {tally['excludes_1']} | {tally['holds']} |"
        yield ""
    if kept.get("power"):
        yield ("Planted is the number of steps. Starting and leaving the loop is work that nobody multiplied, so the ratio "
               "of the times is a little nearer to 1\nthan that of the steps: an interval narrower than that misses the planted "
               "number and holds the ratio of the times.\n")
    yield END


def publish(kept: dict[str, Any], page: Path = PAGE) -> None:
    """Puts the tables in their place on the page."""
    text = page.read_text(encoding="utf-8")
    before, begun, rest = text.partition(BEGIN)
    _, ended, after = rest.partition(END)
    if not (begun and ended):
        raise UserError(f"{page} lacks '{BEGIN}' and '{END}', between which the outcome goes; restore the file")
    write_whole(page, before + "\n".join(_table(kept)) + after)


def command(options: argparse.Namespace) -> int:
    """Runs the parts that were asked for, keeps their outcome beside that of the others, and writes the page."""
    bench = build.ensure()
    described = describe.ask(bench)
    build.refuse_unfit(described)
    kept = json.loads(KEPT.read_text(encoding="utf-8")) if KEPT.exists() else {}
    facts = environment.describe(described.build)
    kept |= {"machine": f"{facts['cpu']}, {facts['cpus']} CPUs, {facts['virtualization']}", "seed": options.seed}
    parts = options.part or ["coverage", "compare", "false-alarms", "power"]
    if "coverage" in parts:
        kept["coverage"] = coverage(options.seed)
    if "compare" in parts:
        kept["compare"] = comparisons(options.seed)
    if "false-alarms" in parts:
        kept["false_alarms"] = false_alarms(bench, described, options.seed)
    if "power" in parts:
        kept["power"] = [power(bench, described, options.seed, preset) for preset in ("quick", "full")]
    write_whole(KEPT, json.dumps(kept, indent=1) + "\n")
    publish(kept)
    print(PAGE)
    return 0
