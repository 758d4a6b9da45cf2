"""The format of runs with witnesses, made out of one of before: passes, regimes, cells that are citable by themselves."""

from __future__ import annotations

import copy
import random
from typing import Any

QUIET, BUSY = 0.40, 0.66  # what the core witness takes, in nanoseconds
CITABLE = ("FASTER", "SLOWER", "EQUIVALENT", "UNRESOLVED")
WHY = ("A block that comes back from a list was used a moment ago and is in the nearest cache. The heap has to find one, and "
       "touches memory that nobody used.")


def of(older: dict[str, Any], regime: str = "quiet") -> dict[str, Any]:
    """The same run as if witnesses had stood beside it."""
    raw, chance = copy.deepcopy(older), random.Random(7)
    known = {cell["id"]: cell for cell in raw["cells"]}
    for cell in raw["cells"]:
        _cell(cell, known.get(cell["baseline"], {}), regime, chance)
    asked = [cell for cell in raw["cells"] if cell["role"] == "contender" and "#" not in cell["id"] and cell["ns_per_op"]
             and cell["id"] != cell["baseline"] and not cell["strategy"].startswith("planted")]
    raw["calibration"] |= {"quality": "SOUND", "reasons": [], "citable": sum(cell["citable"] for cell in asked),
                           "compared": len(asked)}
    raw["protocol"]["passes"] = 3
    raw["witness"] = witness(regime, chance)
    _explain(raw)
    return raw


def _cell(cell: dict[str, Any], baseline: dict[str, Any], regime: str, chance: random.Random) -> None:
    ratio, times = cell["ratio"], cell["ns_per_op"]
    cell |= {"citable": cell["verdict"] in CITABLE and bool(ratio and ratio["low"]), "regime": regime, "margin": 0.02,
             "shared": None}
    if times and ratio and baseline.get("ns_per_op"):
        times["shown"] = baseline["ns_per_op"]["median"] * ratio["estimate"]
    if cell["citable"] and regime == "quiet" and chance.random() < 0.5:
        cell["shared"] = {"ratio": {key: ratio[key] * 0.8 for key in ("estimate", "low", "high")}, "processes": 5,
                          "rounds": 41}
    for i, sample in enumerate(cell["samples"]):
        sample |= {"pass": i % 3, "cpu": 1, "quiet": sample["rounds"], "shared": 0,
                   "witness": {"core": QUIET if regime == "quiet" else BUSY, "chain": 0.57}}


def witness(regime: str, chance: random.Random) -> dict[str, Any]:
    """Six minutes: two stretches beside somebody, two changes of CPU; or somebody beside it throughout."""
    strip = []
    for block in range(180):
        busy = regime == "shared" or 40 < block < 52 or 120 < block < 124
        core = (BUSY if busy else QUIET) * chance.uniform(1, 1.05)
        strip.append([2.0 * block, 0 if 52 <= block < 90 else 1, round(core, 4), 0.57])
    return {"regime": regime, "quiet_share": 0.93 if regime == "quiet" else 0.0, "quiet_within": 0.08,
            "levels": {"core": QUIET, "chain": 0.57, "l2": 3.1, "dram": 88.0},
            "reference": {"core_per_chain": 0.70, "cpu": "Example CPU", "made": "2026-11-29"},
            "cpus": [{"cpu": 0, "blocks": 38, "core": 0.41}, {"cpu": 1, "blocks": 142, "core": 0.40}],
            "moves": 2, "waited_seconds": 3.4, "overhead": 0.012, "strip": strip, "notes": []}


def _explain(raw: dict[str, Any]) -> None:
    """A reason for batch_order that its cells show, one for churn that they do not, one for pair without cells."""
    def pair(workload: str) -> list[str]:
        found = [cell for cell in raw["cells"] if cell["workload"] == workload and cell["citable"]]
        faster = next((cell for cell in found if cell["verdict"] == "FASTER"), None)
        return [faster["baseline"], faster["id"]] if faster else []
    for one in raw["workloads"]:
        cells = pair(one["name"])
        if one["name"] == "batch_order" and cells:
            one["why"] = {"text": WHY, "slower": cells[0], "faster": cells[1]}
        elif one["name"] == "churn" and cells:
            one["why"] = {"text": WHY, "slower": cells[1], "faster": cells[0]}
        elif one["name"] == "pair":
            one["why"] = {"text": WHY}
