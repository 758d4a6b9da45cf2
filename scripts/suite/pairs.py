"""One cell over another of the same group, process by process: both were paired with the same baseline."""

from collections.abc import Mapping
from math import log
from typing import Any

from suite.statistics import Interval, ratio

Cell = Mapping[str, Any]


def _ratios(cell: Cell) -> dict[int, float]:
    """Of each process; the baseline of a group is 1 by definition."""
    samples = cell.get("samples") or ()
    found = {sample["process"]: sample["ratio"] for sample in samples if sample.get("ratio")}
    is_baseline = cell["id"] == cell["baseline"]
    return found or ({sample["process"]: 1.0 for sample in samples} if is_baseline else {})


def against(ours: Cell, rival: Cell) -> Interval | None:
    """Ours over the rival, from the processes that measured both."""
    own, its = _ratios(ours), _ratios(rival)
    both = sorted(own.keys() & its.keys())
    passes = {sample["process"]: sample.get("pass", 0) for sample in ours.get("samples") or ()}
    logs = [log(own[process]) - log(its[process]) for process in both]
    return ratio(logs, passes=[passes[process] for process in both]) if both else None
