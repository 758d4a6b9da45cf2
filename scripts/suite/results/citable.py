"""Which cells of a run may be cited. Runs that do not say so themselves, because they are older, are read by their verdicts."""

from collections.abc import Mapping
from typing import Any

from suite.analysis import cell
from suite.analysis.cell import Cell

Json = Mapping[str, Any]
LIMITS = ("bump",)  # a heap that never frees bounds what is possible and is no advice
PLANTED = "planted_"


def contenders(measured: Json) -> list[Cell]:
    """The cells that were measured and answer a question: no baselines, A/A rows, limits or planted differences."""
    limits = {entry["name"] for entry in measured["strategies"] if entry.get("family") == "limit"}
    planted = {row["cell"] for row in measured.get("controls") or ()}
    return [one for one in cell.every(measured)
            if one.measured and not one.is_baseline and not one.twin and one.id not in planted
            and one.role != "limit" and one.strategy not in limits and one.allocator not in LIMITS
            and not one.strategy.startswith(PLANTED)]


def cells(measured: Json) -> dict[str, Cell]:
    """The contenders that may be cited, by id; none of an INVALID run."""
    if measured["calibration"]["quality"] == "INVALID":
        return {}
    return {one.id: one for one in contenders(measured) if one.citable}


def count(measured: Json) -> tuple[int, int]:
    """How many contenders may be cited, and how many there are."""
    said = [measured["calibration"].get(key) for key in ("citable", "compared")]
    return (said[0], said[1]) if None not in said else (len(cells(measured)), len(contenders(measured)))


def badge(measured: Json) -> str:
    """`212 of 240 cells citable`."""
    citable, compared = count(measured)
    return f"{citable:,} of {compared:,} cells citable"
