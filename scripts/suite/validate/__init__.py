"""The `validate` command: does the protocol keep its promises? Coverage on simulated data, false alarms of equal programs
beside a busy neighbour, and whether planted differences are found. The outcome is written into docs/methodology.md.
"""

import argparse
import json
import multiprocessing
import os
import sys
import tempfile
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace
from math import log
from pathlib import Path
from typing import Any

from suite.base import build
from suite.base.folder import write_whole
from suite.machine import environment
from suite.measure import journal, launch
from suite.measure.journal import RunPlan
from suite.plan import describe, sources
from suite.run.campaign import Campaign
from suite.validate import coverage, simulated, validation_page

KEPT = build.ROOT / "reports/validation.json"
ALIKE = ("pair/*", "churn/live=1000,*", "batch_order/*live=100,*", "batch_order/*live=1000,*", "small_object_pool/*",
         "boxed_integers/*", "memory_resource/*live=1,*", "memory_resource/*live=1000,*", "pooled_reuse/*live=1000,*",
         "live_sweep/*slots=10000")
SIMULATED, MEASURED = ("coverage", "ways", "compare", "nodes"), ("false-alarms", "power")
PAIRS = 500  # of runs, for each way in which they may vary


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


def simulate(parts: Collection[str], seed: int) -> dict[str, Any]:
    """What needs neither a program nor a quiet machine."""
    kept: dict[str, Any] = {}
    if "coverage" in parts:
        kept |= {"coverage": coverage.coverage(seed), "family": coverage.family(seed)}
    if "ways" in parts:
        kept["ways"] = [row for passes in (3, 5) for row in coverage.candidates(seed, passes)]
    if "compare" in parts:
        kept["compare"] = simulated.errors(seed, PAIRS)
    if "nodes" in parts:
        kept["nodes"] = {"coverage": coverage.nodes(seed), "few": coverage.few_nodes(seed), "campaign": merged(seed)}
    return kept


def merged(seed: int, nodes: int = 1000, cells: int = 250) -> dict[str, Any]:
    """A simulated campaign through `collect`, in a process of its own: how long it takes, and the memory at its highest."""
    with tempfile.TemporaryDirectory() as folder:
        simulated.campaign(Path(folder), nodes, cells, seed)
        began = time.monotonic()
        pid = os.posix_spawn(sys.executable, [sys.executable, "-P", "-m", "suite", "fleet", "collect", folder], os.environ)
        _, code, used = os.wait4(pid, 0)
        return {"nodes": nodes, "cells": cells, "code": code, "seconds": round(time.monotonic() - began, 1),
                "cpu_seconds": round(used.ru_utime + used.ru_stime, 1), "peak_bytes": used.ru_maxrss * 1024}


def measure(parts: Collection[str], seed: int) -> dict[str, Any]:
    """What is measured on this machine, which is named beside it."""
    bench = build.ensure()
    described = describe.ask(bench)
    sources.refuse_unfit(described, build.ROOT)
    facts = environment.describe(described.build)
    kept: dict[str, Any] = {"machine": f"{facts['cpu']}, {facts['cpus']} CPUs, {facts['virtualization']}"}
    if "false-alarms" in parts:
        kept["false_alarms"] = false_alarms(bench, described, seed)
    if "power" in parts:
        kept["power"] = [power(bench, described, seed, preset) for preset in ("quick", "full")]
    return kept


def command(options: argparse.Namespace) -> int:
    """Runs the parts that were asked for, keeps their outcome beside that of the others, and writes the pages."""
    parts = options.part or (*SIMULATED, *MEASURED)
    kept = json.loads(KEPT.read_text(encoding="utf-8")) if KEPT.exists() else {}
    kept |= {"seed": options.seed} | simulate(parts, options.seed)
    if not set(parts).isdisjoint(MEASURED):
        kept |= measure(parts, options.seed)
    write_whole(KEPT, json.dumps(kept, indent=1) + "\n")
    for page, lines in validation_page.PAGES.items():
        validation_page.publish(page, lines(kept))
        print(page)
    return 0
