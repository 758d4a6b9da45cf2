"""The time of a cell that pages show, for the commands that have not asked suite.charts.data for it yet."""

from collections.abc import Mapping
from typing import Any


def nanoseconds(cell: Mapping[str, Any], _baseline: Mapping[str, Any] | None = None) -> float:
    """The one that fits the cell's ratio, else the median."""
    return cell["ns_per_op"].get("shown") or cell["ns_per_op"]["median"]
