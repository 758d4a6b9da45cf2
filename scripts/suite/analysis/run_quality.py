"""What a run may be trusted with: its A/A comparisons, its floor, its planted controls, its quality."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from statistics import median
from typing import Any

from suite.analysis import regimes, samples, statistics, verdicts
from suite.analysis.cell import Cell
from suite.analysis.regimes import Conditions
from suite.analysis.statistics import Interval
from suite.measure.journal import Outcome
from suite.plan.cells import CONTROLS, DUPLICATE, TWIN, Group
from suite.plan.presets import MARGIN, Preset

Json = dict[str, Any]
Pairs = Sequence[tuple[Group, Outcome]]
PLANTED = {"planted_equal": 1.0, "planted_2_percent": 1.02, "planted_5_percent": 1.05, "planted_20_percent": 1.2}


def conditions(pairs: Pairs, reference: Mapping[str, float] | None = None) -> Conditions:
    """What the run was measured under, from all that is measured so far."""
    return regimes.conditions([sample for _, outcome in pairs for record in outcome.records.values()
                               for sample in record.samples], reference)


def _a_a(cells: Sequence[Cell]) -> list[Json]:
    """The A/A rows: the baseline against other processes of itself, and against another link of itself."""
    rows = []
    for cell in cells:
        kind, found = cell.id.partition("#")[2], cell.ratio
        if kind and found and found.low is not None:
            rows.append({"group": cell.group, "workload": cell.workload, "kind": kind, "ratio": found.estimate,
                         "low": found.low, "high": found.high, "half_width": float(f"{found.half_width:.6g}")})
    return rows


def controls(cells: Sequence[Cell], preset: Preset) -> tuple[list[Json], list[verdicts.Control]]:
    """What the run made of the planted differences."""
    told, held = [], []
    for cell in cells:
        planted = PLANTED.get(cell.strategy)
        if cell.workload != CONTROLS or planted is None or "#" in cell.id or preset.smoke:
            continue
        if cell.verdict == "NOT CITABLE":  # it shows nothing: neither that the run sees nor that it is blind
            continue
        found = verdicts.control(planted, cell.ratio, cell.verdict, cell.margin)
        held.append(found)
        told.append({"cell": cell.id, "planted": planted, "ratio": cell.ratio and asdict(cell.ratio), "verdict": cell.verdict,
                     "right": found.right, "reason": found.reason})
    return told, held


def _silent(cells: Sequence[Cell], preset: Preset) -> list[str]:
    """The groups of planted differences of which none is citable."""
    groups: dict[str, bool] = {}
    for cell in cells:
        if cell.workload == CONTROLS and cell.strategy in PLANTED and "#" not in cell.id and not preset.smoke:
            groups[cell.group] = groups.get(cell.group, False) or cell.said_citable
    return [name for name, citable in groups.items() if not citable]


def calibration(cells: Sequence[Cell], preset: Preset, complete: bool, held: Sequence[verdicts.Control]) -> Json:
    """The `calibration` of results.json: what the run may be trusted with."""
    a_a = _a_a(cells)
    twins = [_allowing(cell) for cell in cells if "#" in cell.id and cell.ratio and cell.ratio.low is not None]
    lowest = _floor_of(a_a)
    expected = sum("#" in cell.id for cell in cells) if preset.twin else len({cell.group for cell in cells})
    rows = [row for cell in cells for row in cell.samples]
    rounds = samples.total(rows, "rounds")
    compared = [cell for cell in cells if cell.role != "limit" and "#" not in cell.id and cell.workload != CONTROLS
                and cell.verdict not in ("BASELINE", "SKIPPED")]
    quality = verdicts.of_run(
        twins, expected, min(look.processes for look in (*preset.looks, *preset.long_looks)),
        min(look.confidence for look in (*preset.looks, *preset.long_looks)),
        samples.total(rows, "rejected") / rounds if rounds else 0.0, complete, controls=held,
        silent=_silent(cells, preset))
    return {"floor": lowest and _written(lowest), "floors": {name: _written(each) for name, each in _floors(a_a).items()},
            "kinds": {kind: (found := _floor_of([row for row in a_a if row["kind"] == kind])) and _written(found)
                      for kind in (TWIN, DUPLICATE)},
            "effective_margin": _written(verdicts.effective_margin(lowest)),
            "margins": {name: max(cell.margin for cell in cells if cell.workload == name)
                        for name in dict.fromkeys(cell.workload for cell in cells)}, "aa": a_a,
            "median_half_width": median(row["half_width"] for row in a_a) if a_a else None,
            "citable": sum(cell.said_citable for cell in compared), "compared": len(compared),
            "quality": quality.name, "reasons": list(quality.reasons)}


def _allowing(cell: Cell) -> Interval:
    """An A/A interval as a run is held against it. Over many nodes it is so narrow that the luck of a layout, which all of them
    share, excludes 1: there only what exceeds the margin counts."""
    within = 1 + MARGIN if samples.per_node(cell.samples) else 1
    return Interval(cell.ratio.estimate, cell.ratio.low / within, cell.ratio.high * within)


def _floor_of(a_a: Sequence[Json]) -> float | None:
    return statistics.floor([Interval(row["ratio"], row["low"], row["high"]) for row in a_a])


def _floors(a_a: Sequence[Json]) -> dict[str, float]:
    """The floor of each workload that has A/A intervals."""
    found = {name: _floor_of([row for row in a_a if row["workload"] == name])
             for name in dict.fromkeys(row["workload"] for row in a_a)}
    return {name: each for name, each in found.items() if each is not None}


def _written(value: float) -> float:
    return float(f"{value:.6g}")
