"""Which cells of a run may be cited. Runs that do not say so themselves, because they are older, are read by their verdicts."""

from collections.abc import Mapping
from typing import Any

from suite.results.runs import is_rival

Json = Mapping[str, Any]
VERDICTS = ("FASTER", "SLOWER", "EQUIVALENT", "UNRESOLVED")
LIMITS = ("bump",)  # a heap that never frees bounds what is possible and is no advice
PLANTED = "planted_"


def is_citable(cell: Json) -> bool:
    """A verdict, an interval, and nothing that speaks against it."""
    ratio = cell.get("ratio")
    return (cell.get("citable") is not False and cell["verdict"] in VERDICTS and bool(cell.get("ns_per_op"))
            and bool(ratio) and ratio.get("low") is not None and ratio.get("high") is not None)


def contenders(measured: Json) -> list[Json]:
    """The cells that were measured and answer a question: no baselines, A/A rows, limits or planted differences."""
    limits = {entry["name"] for entry in measured["strategies"] if entry.get("family") == "limit"}
    planted = {row["cell"] for row in measured.get("controls") or ()}
    return [cell for cell in measured["cells"]
            if cell["ns_per_op"] and cell["id"] != cell["baseline"] and not is_rival(cell) and cell["id"] not in planted
            and cell.get("role") != "limit" and cell["strategy"] not in limits and cell["allocator"] not in LIMITS
            and not cell["strategy"].startswith(PLANTED)]


def cells(measured: Json) -> dict[str, Json]:
    """The contenders that may be cited, by id; none of an INVALID run."""
    if measured["calibration"]["quality"] == "INVALID":
        return {}
    return {cell["id"]: cell for cell in contenders(measured) if is_citable(cell)}


def count(measured: Json) -> tuple[int, int]:
    """How many contenders may be cited, and how many there are."""
    said = [measured["calibration"].get(key) for key in ("citable", "compared")]
    return (said[0], said[1]) if None not in said else (len(cells(measured)), len(contenders(measured)))


def badge(measured: Json) -> str:
    """`212 of 240 cells citable`."""
    citable, compared = count(measured)
    return f"{citable:,} of {compared:,} cells citable"
