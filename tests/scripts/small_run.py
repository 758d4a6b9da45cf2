"""Two small runs: one of a few cells whose ratios a test chooses, for the commands that read results; and one of the stand-in with
its pages, which tests of `verify` spoil."""

import copy
import gzip
import json
from dataclasses import replace
from math import exp, log
from pathlib import Path
from typing import Any

import pytest
from driver import ROOT, campaign
from suite import cli, report
from suite.analysis import statistics
from suite.measure import rounds
from suite.measure.journal import RESULTS, ROUNDS
from suite.plan import presets

LOOKS = (presets.Look(6, 0.968, 3), presets.Look(8, 0.99, 4))
GROUP = "pair/bytes=64"
BASELINE = f"{GROUP}/fresh_heap@glibc"
HOSTILE = ("<script>alert(1)</script>", "x" * 10_000, "a\x1b[31m\nb\x00\x07", "| pipe `tick` *star* [x](y)")


def cell(strategy: str, ratios: list[float], verdict: str = "FASTER", ns: float = 5.0, **more: Any) -> dict[str, Any]:
    """A contender on glibc; one ratio a process."""
    name = more.pop("id", f"{GROUP}/{strategy}@glibc")
    found = statistics.ratio([log(ratio) for ratio in ratios])
    samples = [{"process": number, "layout": {"heap_offset": 0, "environment_padding": 0}, "rounds": 10, "rejected": 0,
                "ns_per_op": ns, "minimum_ns_per_op": ns, "ratio": None if name == BASELINE else ratio}
               for number, ratio in enumerate(ratios)]
    return {"id": name, "workload": "pair", "parameters": {"bytes": 64}, "strategy": strategy, "allocator": "glibc",
            "role": "contender", "group": GROUP, "baseline": BASELINE, "iterations": 10, "operations_per_iteration": 1,
            "ns_per_op": {"median": ns, "minimum": ns, "low": ns, "high": ns},
            "ratio": {"estimate": found.estimate, "low": found.low, "high": found.high}, "verdict": verdict, "reason": "",
            "memory": None, "digest": None, "rejected_rounds": 0, "notes": [], "samples": samples} | more


def missing(strategy: str, verdict: str, reason: str) -> dict[str, Any]:
    """A cell without numbers."""
    return cell(strategy, [1.0], verdict, ns_per_op=None, ratio=None, samples=[], reason=reason)


def around(middle: float, spread: float, processes: int = 17) -> list[float]:
    """Ratios spread evenly about one, on the logarithmic scale."""
    return [middle * exp(spread * (2 * number / (processes - 1) - 1)) for number in range(processes)]


def run(*cells: dict[str, Any], quality: str = "CITABLE", margin: float = 0.02, **environment: Any) -> dict[str, Any]:
    """A whole file; the baseline comes first."""
    cells = copy.deepcopy((cell("fresh_heap", [1.0] * 17, "BASELINE", ns=10.0), *cells))
    return {
        "schema": 1,
        "run": {"id": "run-1", "started": "2026-01-31T09:14:05Z", "command": "scripts/poolmark run --out x", "preset": "quick",
                "seed": 7, "commit": "0123456789abcdef", "dirty": False, "seconds": 1.0, "complete": True},
        "environment": {
            "cpu": "A CPU", "cpus": 2, "kernel": "6.1", "compiler": "GNU 12", "flags": "-O2", "libc": "glibc 2.36",
            "virtualization": "kvm", "thp": "madvise", "aslr": "2", "governor": "absent", "caches": [], "memory_bytes": None,
            "load_before": 0.1, "google_benchmark": "1.7.1", "build": {"version": "0.1.0"}, "variables": {}} | environment,
        "allocators": [{"name": "glibc", "library": "/lib/libc.so.6", "version": "2.36", "served_malloc_by": "/lib/libc.so.6",
                        "available": True, "reason": ""}],
        "strategies": [{"name": one["strategy"], "family": "fresh", "summary": "", "available": True, "reason": ""}
                       for one in cells],
        "workloads": [{"name": "pair", "question": "q", "operation": "o", "models": "", "favours": "", "ignores": "",
                       "baseline": "fresh_heap", "hash": "0123456789abcdef"}],
        "protocol": {"processes": 17, "long_processes": 10, "rounds": 10, "confidence": 0.95, "actual_confidence": 0.951,
                     "margin": 0.02, "epoch_ns": 50000.0, "cell_seconds": 60},
        "calibration": {"floor": 0.01, "effective_margin": margin, "aa": [], "median_half_width": None, "quality": quality,
                        "reasons": ["the checks failed"] if quality == "INVALID" else []},
        "cells": list(cells)}


def witnessed(measured: dict[str, Any], regime: str = "quiet") -> dict[str, Any]:
    """The same run with witnesses, all its cells in one regime."""
    measured["witness"] = {"regime": regime, "quiet_share": 0.93, "quiet_within": 0.08, "levels": {"core": 0.4, "chain": 0.57},
                           "strip": [], "notes": []}
    measured["cells"] = [{"regime": regime, **one} for one in measured["cells"]]
    return measured


def write(folder: Path, measured: dict[str, Any]) -> Path:
    """As a folder of a run."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "results.json").write_text(json.dumps(measured), encoding="utf-8")
    return folder


def made(folder, workloads=("good", "bad"), **environment):
    """A run of the stand-in with its pages."""
    with pytest.MonkeyPatch.context() as patch:  # what was in force then stands in the results
        patch.setitem(presets.PRESETS, "quick", replace(presets.PRESETS["quick"], looks=LOOKS, long_looks=LOOKS, rounds=4))
        for name, value in environment.items():
            patch.setenv(name, value)
        patch.setattr(rounds, "stolen_ticks", lambda cpu: (0, 0))  # a busy machine must not reject the stand-in's rounds
        ending = campaign(folder, preset="quick", workloads=workloads,
                          command="scripts/poolmark run --out /home/qwertz/x").run(ROOT)
    report.build(ending.results, folder, png=False)  # drawing is most of what a test of verify takes
    return folder


def verify(folder, capsys, *words):
    code = cli.main(["verify", str(folder), *words])
    found = capsys.readouterr()
    return code, found.out, found.err


def edit(folder, change):
    measured = json.loads((folder / RESULTS).read_text())
    change(measured)
    (folder / RESULTS).write_text(json.dumps(measured))


def edit_rounds(folder, change):
    with gzip.open(folder / ROUNDS, "rt") as stream:
        groups = [json.loads(line) for line in stream]
    change(groups)
    with gzip.open(folder / ROUNDS, "wt") as stream:
        stream.writelines(json.dumps(group) + "\n" for group in groups)


def slab(measured):
    return next(cell for cell in measured["cells"] if cell["strategy"] == "slab_pool")


def other_quality(measured):
    return "INVALID" if measured["calibration"]["quality"] == "SOUND" else "SOUND"
