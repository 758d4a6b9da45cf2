"""In what company a number was measured. A core has two hardware threads; where somebody else is busy on the other one,
every time is longer, and not by the same factor, so numbers of different regimes are never compared.
"""

from collections.abc import Mapping
from typing import Any

from suite.analysis.cell import Cell

Json = Mapping[str, Any]
WITHIN = 0.15  # levels that differ by more are not the same
QUIET, SHARED, BUSY, UNKNOWN = "quiet", "shared", "busy", "unknown"
NAMES = {QUIET: "quiet core", SHARED: "core shared with another tenant", BUSY: "quiet core, busy memory",
         UNKNOWN: "regime unknown: made before witnesses"}


def of_run(measured: Json) -> str:
    """The regime that the verdicts of a run are of."""
    return (measured.get("witness") or {}).get("regime") or UNKNOWN


def of_cell(cell: Cell) -> str:
    """The regime of one cell."""
    return cell.regime or UNKNOWN


def alike(old: Json, new: Json, regime: str) -> bool:
    """Whether a regime means the same in two runs: quiet by the same level of the core, shared with neighbours that take as
    much. A sibling that adds in registers and one that streams memory change ratios differently."""
    first, second = (measured.get("witness") or {} for measured in (old, new))
    if regime == UNKNOWN:
        return True
    if not _near(first.get("core_level"), second.get("core_level"), WITHIN):
        return False
    if regime != SHARED:
        return True
    loads = [witness.get("neighbours") or {} for witness in (first, second)]
    return all(_near(loads[0][name], loads[1][name], WITHIN) for name in loads[0].keys() & loads[1].keys())


def _near(one: float | None, other: float | None, within: float) -> bool:
    return one is None or other is None or max(one, other) <= min(one, other) * (1 + within)


def mixed(old: Json, new: Json) -> str:
    """Why two runs must not be put side by side; empty when they may."""
    regimes = [of_run(measured) for measured in (old, new)]
    if regimes[0] == regimes[1]:
        return "" if alike(old, new, regimes[0]) else \
            "the witnesses of the two runs differ too much: other neighbours shared the machine; run one of them again"
    if UNKNOWN in regimes:
        without = ("old", "new")[regimes.index(UNKNOWN)]
        return (f"the {without} run was made before witnesses, so nobody knows who shared its core, and the other one has "
                "them; measure both sides with one version")
    return f"the old run is of a {NAMES[regimes[0]]} and the new one of a {NAMES[regimes[1]]}; run one of them again"
