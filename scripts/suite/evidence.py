"""What a run may be trusted with: its A/A comparisons, its floor, its planted controls, its quality."""

from collections.abc import Sequence
from statistics import median
from typing import Any

from suite import samples, statistics, verdicts
from suite.judging import judged
from suite.outcome import Outcome
from suite.plan import CONTROLS, DUPLICATE, TWIN, Group
from suite.presets import Preset
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


def floor(pairs: Pairs, preset: Preset) -> float | None:
    """What this run calls different when nothing is, by what is measured so far."""
    return statistics.floor([Interval(row["ratio"], row["low"], row["high"]) for row in _a_a(pairs, preset)])


def controls(pairs: Pairs, preset: Preset, margin: float) -> tuple[list[Json], list[verdicts.Control]]:
    """What the run made of the planted differences."""
    told, held = [], []
    for group, outcome in pairs:
        if group.baseline.workload != CONTROLS:
            continue
        for cell in judged(group, outcome, preset, margin):
            planted = PLANTED.get(cell["strategy"])
            if planted is None or "#" in cell["id"] or preset.smoke:
                continue
            found = verdicts.control(planted, cell["ratio"] and Interval(**cell["ratio"]), cell["verdict"], margin)
            held.append(found)
            told.append({"cell": cell["id"], "planted": planted, "ratio": cell["ratio"], "verdict": cell["verdict"],
                         "right": found.right, "reason": found.reason})
    return told, held


def calibration(pairs: Pairs, preset: Preset, complete: bool, held: Sequence[verdicts.Control]) -> Json:
    """The `calibration` of results.json: what the run may be trusted with."""
    a_a = _a_a(pairs, preset)
    twins = [Interval(row["ratio"], row["low"], row["high"]) for row in a_a]
    lowest = statistics.floor(twins)
    expected = sum(bool(cell.aa) for group, _ in pairs for cell in group.cells) if preset.twin else len(pairs)
    rows = [row for _, outcome in pairs for record in outcome.records.values()
            for row in samples.process_samples(record.samples)]
    rounds = samples.total(rows, "rounds")
    quality = verdicts.of_run(
        twins, expected, min(look.processes for look in (*preset.looks, *preset.long_looks)),
        min(look.confidence for look in (*preset.looks, *preset.long_looks)), lowest, samples.total(rows, "rejected") / rounds if rounds else 0.0, complete,
        controls=held)
    return {"floor": lowest and float(f"{lowest:.6g}"),
            "kinds": {kind: _floor_of(a_a, kind) for kind in (TWIN, DUPLICATE)},
            "effective_margin": float(f"{verdicts.effective_margin(lowest):.6g}"), "aa": a_a,
            "median_half_width": median(row["half_width"] for row in a_a) if a_a else None,
            "quality": quality.name, "reasons": list(quality.reasons)}


def _floor_of(a_a: Sequence[Json], kind: str) -> float | None:
    found = statistics.floor([Interval(row["ratio"], row["low"], row["high"]) for row in a_a if row["kind"] == kind])
    return found and float(f"{found:.6g}")
