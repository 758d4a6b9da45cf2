"""What a run may be trusted with: its A/A comparisons, its floor, its planted controls, its quality."""

from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

from suite import samples, statistics, verdicts
from suite.judging import judged
from suite.outcome import Outcome
from suite.plan import CONTROLS, DUPLICATE, TWIN, Group
from suite.presets import MARGIN, Preset
from suite.statistics import Interval

Json = dict[str, Any]
Pairs = Sequence[tuple[Group, Outcome]]
PLANTED = {"planted_equal": 1.0, "planted_2_percent": 1.02, "planted_5_percent": 1.05, "planted_20_percent": 1.2}


def _a_a(pairs: Pairs, preset: Preset) -> list[Json]:
    """The A/A rows: the baseline against other processes of itself, and against another link of itself."""
    rows = []
    for group, outcome in pairs:
        for cell in group.contenders:
            record = outcome.records[cell.id]
            confidence = preset.confidence_after(record.looks, outcome.in_heats)
            found = samples.ratio(samples.process_samples(record.samples), confidence) if cell.aa else None
            if found and found.low is not None:
                written = samples.rounded(found)
                rows.append({"group": group.name, "workload": group.baseline.workload, "kind": cell.aa,
                             "ratio": written["estimate"], "low": written["low"], "high": written["high"],
                             "half_width": float(f"{Interval(**written).half_width:.6g}")})
    return rows


def margins(pairs: Pairs, preset: Preset) -> dict[str, float]:
    """The margin of each workload, by what is measured so far: what a server's round trip differs from itself says
    nothing of a pool's, so each workload is held to the floor of its own A/A comparisons; to that of all where it has
    none."""
    return _margins(pairs, _a_a(pairs, preset))


def _margins(pairs: Pairs, a_a: Sequence[Json]) -> dict[str, float]:
    whole, own = _floor_of(a_a), _floors(a_a)
    return {group.baseline.workload: verdicts.effective_margin(own.get(group.baseline.workload, whole))
            for group, _ in pairs}


def controls(pairs: Pairs, preset: Preset, margin: Mapping[str, float]) -> tuple[list[Json], list[verdicts.Control]]:
    """What the run made of the planted differences."""
    told, held = [], []
    for group, outcome in pairs:
        if group.baseline.workload != CONTROLS:
            continue
        for cell in judged(group, outcome, preset, margin[CONTROLS]):
            planted = PLANTED.get(cell["strategy"])
            if planted is None or "#" in cell["id"] or preset.smoke:
                continue
            found = verdicts.control(planted, cell["ratio"] and Interval(**cell["ratio"]), cell["verdict"], margin[CONTROLS])
            held.append(found)
            told.append({"cell": cell["id"], "planted": planted, "ratio": cell["ratio"], "verdict": cell["verdict"],
                         "right": found.right, "reason": found.reason})
    return told, held


def calibration(pairs: Pairs, preset: Preset, complete: bool, held: Sequence[verdicts.Control]) -> Json:
    """The `calibration` of results.json: what the run may be trusted with."""
    a_a = _a_a(pairs, preset)
    twins = [Interval(row["ratio"], row["low"], row["high"]) for row in a_a]
    lowest, own = _floor_of(a_a), _margins(pairs, a_a)
    expected = sum(bool(cell.aa) for group, _ in pairs for cell in group.cells) if preset.twin else len(pairs)
    rows = [row for _, outcome in pairs for record in outcome.records.values()
            for row in samples.process_samples(record.samples)]
    rounds = samples.total(rows, "rounds")
    quality = verdicts.of_run(
        twins, expected, min(look.processes for look in (*preset.looks, *preset.long_looks)),
        min(look.confidence for look in (*preset.looks, *preset.long_looks)), lowest, samples.total(rows, "rejected") / rounds if rounds else 0.0, complete,
        controls=held, raised=sum(each > MARGIN for each in own.values()), workloads=len(own))
    return {"floor": lowest and _written(lowest), "floors": {name: _written(each) for name, each in _floors(a_a).items()},
            "kinds": {kind: (found := _floor_of([row for row in a_a if row["kind"] == kind])) and _written(found)
                      for kind in (TWIN, DUPLICATE)},
            "effective_margin": _written(verdicts.effective_margin(lowest)),
            "margins": {name: _written(each) for name, each in own.items()}, "aa": a_a,
            "median_half_width": median(row["half_width"] for row in a_a) if a_a else None,
            "quality": quality.name, "reasons": list(quality.reasons)}


def _floor_of(a_a: Sequence[Json]) -> float | None:
    return statistics.floor([Interval(row["ratio"], row["low"], row["high"]) for row in a_a])


def _floors(a_a: Sequence[Json]) -> dict[str, float]:
    """The floor of each workload that has A/A intervals."""
    found = {name: _floor_of([row for row in a_a if row["workload"] == name])
             for name in dict.fromkeys(row["workload"] for row in a_a)}
    return {name: each for name, each in found.items() if each is not None}


def _written(value: float) -> float:
    return float(f"{value:.6g}")
