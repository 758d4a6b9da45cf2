"""Runs of before witnesses. Their numbers are computed again like all others; what they say of these follows the rules of
their time, so a verdict is held against its own interval only."""

from collections.abc import Mapping, Sequence
from typing import Any

from suite.outcome import Outcome
from suite.presets import MARGIN
from suite.verdicts import CITABLE, LARGEST_EQUALITY

Json = dict[str, Any]
NOTE = ("its verdicts, reasons, margins, controls and quality follow the rules of that version: verdicts were held against "
        "their intervals, the others were not checked")
JUDGED = (*CITABLE, "NOT CITABLE")
OF_CELLS = ("verdict", "reason", "adjusted")
OF_CALIBRATION = ("quality", "reasons", "effective_margin", "margins")
OF_PROTOCOL, OF_CONTROLS = ("correction", "comparisons"), ("verdict", "right", "reason")


def filled(outcome: Json) -> Json:
    """A measured group as the file has it, with what the first versions did not write: one link order, no faults counted."""
    for record in outcome["records"].values():
        for sample in record["samples"]:
            sample["layout"].setdefault("build", 0)
            if "operations" not in sample and "witness" not in sample:
                sample |= {"operations": 0, "minor_faults": 0}
    return outcome


def is_older(measured: Mapping[str, Any], outcomes: Sequence[Outcome]) -> bool:
    """Whether neither the results nor any of the rounds know of witnesses."""
    return "witness" not in measured and not any(
        sample.get("witness") for outcome in outcomes for record in outcome.records.values() for sample in record.samples)


def with_its_rules(again: Json, measured: Mapping[str, Any], outcomes: Sequence[Outcome]) -> Json:
    """The results that were made again, with what the stored ones say of them by their own rules."""
    stored = {cell["id"]: cell for cell in measured["cells"]}
    if _is_first(outcomes):
        again = _as_first(again, measured, stored)
    controls = [_adopted(row, old, OF_CONTROLS) for row, old in
                zip(again["controls"], measured.get("controls", again["controls"]), strict=True)] if "controls" in again else None
    widest = max(LARGEST_EQUALITY, measured["calibration"]["effective_margin"])  # that was called no difference then
    return again | {
        "cells": [_adopted(cell, stored[cell["id"]], OF_CELLS) if _may_judge(cell, stored.get(cell["id"]), widest) else cell
                  for cell in again["cells"]],
        "calibration": _adopted(again["calibration"], measured["calibration"], OF_CALIBRATION),
        "protocol": _adopted(again["protocol"], measured["protocol"], OF_PROTOCOL),
    } | ({} if controls is None else {"controls": controls})


def _is_first(outcomes: Sequence[Outcome]) -> bool:
    """Whether the rounds are of the first versions, which counted no operations: theirs is a shorter file."""
    return not any(sample["operations"] for outcome in outcomes for record in outcome.records.values() for sample in record.samples)


def _as_first(again: Json, measured: Mapping[str, Any], stored: Mapping[str, Any]) -> Json:
    """Without tests of a family, controls and notes on how rounds are distributed, where the file has none."""
    cells = [_without(cell, stored.get(cell["id"], {}), ("adjusted", "confidence"))
             | {"notes": [note for note in cell["notes"] if note in stored.get(cell["id"], cell)["notes"]]}
             for cell in again["cells"]]
    return _without(again, measured, ("controls",)) | {"cells": cells}


def _without(again: Json, stored: Mapping[str, Any], keys: Sequence[str]) -> Json:
    return {key: value for key, value in again.items() if key in stored or key not in keys}


def _adopted(again: Json, stored: Mapping[str, Any], keys: Sequence[str]) -> Json:
    return again | {key: stored[key] for key in keys if key in stored}


def _may_judge(again: Mapping[str, Any], stored: Mapping[str, Any] | None, widest: float) -> bool:
    """Whether the stored verdict is one that some margin allows over the interval that the rounds make."""
    if stored is None or again["verdict"] not in JUDGED or stored["verdict"] not in JUDGED:
        return False
    found = again["ratio"]
    if stored["verdict"] == "NOT CITABLE" or not found or found["low"] is None:
        return stored["verdict"] == "NOT CITABLE"
    return {"FASTER": found["high"] < 1 / (1 + MARGIN), "SLOWER": found["low"] > 1 + MARGIN,
            "EQUIVALENT": found["low"] <= 1 + widest and found["high"] >= 1 / (1 + widest)}.get(stored["verdict"], True)
