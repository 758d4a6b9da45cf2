"""Runs of before witnesses. Their numbers are computed again like all others; what they say of these follows the rules of
their time, so a verdict is held against its own interval only."""

from collections.abc import Mapping, Sequence
from typing import Any

from suite.outcome import Outcome
from suite.presets import MARGIN
from suite.verdicts import CITABLE

Json = dict[str, Any]
NOTE = ("its verdicts, reasons, margins, controls and quality follow the rules of that version: verdicts were held against "
        "their intervals, the others were not checked")
JUDGED = (*CITABLE, "NOT CITABLE")
OF_CELLS = ("verdict", "reason", "adjusted")
OF_CALIBRATION = ("quality", "reasons", "effective_margin", "margins")
OF_PROTOCOL = ("correction", "comparisons")


def is_older(measured: Mapping[str, Any], outcomes: Sequence[Outcome]) -> bool:
    """Whether neither the results nor any of the rounds know of witnesses."""
    return "witness" not in measured and not any(
        sample.get("witness") for outcome in outcomes for record in outcome.records.values() for sample in record.samples)


def with_its_rules(again: Json, measured: Mapping[str, Any]) -> Json:
    """The results that were made again, with what the stored ones say of them by their own rules."""
    stored = {cell["id"]: cell for cell in measured["cells"]}
    return again | {
        "cells": [_adopted(cell, stored[cell["id"]], OF_CELLS) if _may_judge(cell, stored.get(cell["id"])) else cell
                  for cell in again["cells"]],
        "calibration": _adopted(again["calibration"], measured["calibration"], OF_CALIBRATION),
        "protocol": _adopted(again["protocol"], measured["protocol"], OF_PROTOCOL),
        "controls": [_adopted(row, old, ("verdict", "right", "reason")) for row, old in
                     zip(again["controls"], measured.get("controls", again["controls"]), strict=True)]}


def _adopted(again: Json, stored: Mapping[str, Any], keys: Sequence[str]) -> Json:
    return again | {key: stored[key] for key in keys if key in stored}


def _may_judge(again: Mapping[str, Any], stored: Mapping[str, Any] | None) -> bool:
    """Whether the stored verdict is one that some margin allows over the interval that the rounds make."""
    if stored is None or again["verdict"] not in JUDGED or stored["verdict"] not in JUDGED:
        return False
    found = again["ratio"]
    if stored["verdict"] == "NOT CITABLE" or not found or found["low"] is None:
        return stored["verdict"] == "NOT CITABLE"
    return {"FASTER": found["high"] < 1 / (1 + MARGIN), "SLOWER": found["low"] > 1 + MARGIN,
            "EQUIVALENT": found["low"] <= 1 + MARGIN and found["high"] >= 1 / (1 + MARGIN)}.get(stored["verdict"], True)
