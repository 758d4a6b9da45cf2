"""A contender's time, told on the level of its baseline.

A contender that is settled is not measured further, and its baseline is. On a machine whose speed changes, their medians
are of different hours then, and 3,350 ns may stand beside 1,870 ns and a ratio of 1.07. The ratio is of pairs and right;
for the eye, the contender's time is multiplied by what the baseline took in all processes over what it took in those of
the contender. What was measured stays in the results as it is.
"""

from collections.abc import Mapping
from statistics import median
from typing import Any

Cell = Mapping[str, Any]


def _times(cell: Cell) -> dict[int, float]:
    return {sample.get("process"): sample["ns_per_op"] for sample in cell.get("samples") or ()
            if isinstance(sample, Mapping) and isinstance(sample.get("ns_per_op"), (int, float)) and sample["ns_per_op"] > 0}


def factor(cell: Cell, baseline: Cell | None) -> float:
    """One, where both were measured in the same processes, or nothing is known of processes."""
    own, its = _times(cell), _times(baseline or {})
    both = own.keys() & its.keys()
    if not both or len(both) == len(its):
        return 1.0
    return median(its.values()) / median(its[process] for process in both)


def nanoseconds(cell: Cell, baseline: Cell | None) -> float:
    """The median time of an operation, on the level of the baseline."""
    return cell["ns_per_op"]["median"] * factor(cell, baseline)
