"""In what company a number was measured. A core has two hardware threads; where somebody else is busy on the other one,
every time is longer, and not by the same factor, so numbers of different regimes are never compared.
"""

from collections.abc import Mapping
from typing import Any

Json = Mapping[str, Any]
QUIET, SHARED, BUSY, UNKNOWN = "quiet", "shared", "busy", "unknown"
NAMES = {QUIET: "quiet core", SHARED: "core shared with another tenant", BUSY: "quiet core, busy memory",
         UNKNOWN: "regime unknown: made before witnesses"}


def of_run(measured: Json) -> str:
    """The regime that the verdicts of a run are of."""
    return (measured.get("witness") or {}).get("regime") or UNKNOWN


def of_cell(cell: Json) -> str:
    """The regime of one cell."""
    return cell.get("regime") or UNKNOWN


def mixed(old: Json, new: Json) -> str:
    """Why two runs must not be put side by side; empty when they may."""
    regimes = [of_run(measured) for measured in (old, new)]
    if regimes[0] == regimes[1]:
        return ""
    if UNKNOWN in regimes:
        without = ("old", "new")[regimes.index(UNKNOWN)]
        return (f"the {without} run was made before witnesses, so nobody knows who shared its core, and the other one has "
                "them; measure both sides with one version")
    return f"the old run is of a {NAMES[regimes[0]]} and the new one of a {NAMES[regimes[1]]}; run one of them again"
