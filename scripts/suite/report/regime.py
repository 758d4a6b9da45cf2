"""Who shared the core: what every page says of the rounds that its numbers are of, and the badge."""

from __future__ import annotations

from typing import Any

from suite.results import selection, wording
from suite.results.model import Results, name, number

SHARED = "All numbers are of a core shared with another tenant."
BLIND = "The witnesses could not tell who shared the core."
UNKNOWN = "Made before witnesses existed: nobody knows who shared the core."


def witness(results: Results) -> dict[str, Any] | None:
    """What the run's witnesses saw; None for an older run."""
    found = results.raw.get("witness")
    return found if isinstance(found, dict) else None


def is_shared(results: Results) -> bool:
    return (witness(results) or {}).get("regime") == "shared"


def warning(results: Results) -> str:
    """What every page has to say before its numbers; nothing where they are of a core for themselves."""
    if witness(results) is None:
        return UNKNOWN
    return {"shared": SHARED, "unknown": BLIND}.get(witness(results).get("regime"), "")


def sentences(results: Results) -> list[str]:
    """Which rounds the verdicts are of, how the run got them, and the notes."""
    found = witness(results)
    if found is None:
        return [UNKNOWN]
    moves, waited, overhead = (number(found.get(key)) for key in ("moves", "waited_seconds", "overhead"))
    share = number(found.get("core_quiet_share", found.get("quiet_share")))
    seen = f"; {wording.percent(share)} of all rounds had the core to themselves" if share is not None else ""
    lead = (warning(results) or "Verdicts are of quiet rounds.")[:-1]
    moved = f"; the run changed its CPU {wording.count(int(moves), 'time')}" if moves else ""
    effort = [f"waited {wording.significant(waited)} s for a quiet CPU" if waited else "",
              f"spent {wording.percent(overhead)} of its time on witnesses" if overhead else ""]
    spent = " and ".join(part for part in effort if part)
    return [f"{lead}{seen}{moved}.", *(name(note, 600) for note in found.get("notes") or ()),
            *([f"The run {spent}."] if spent else [])]


def counted(results: Results) -> tuple[int, int]:
    """How many of the compared cells are citable: as the run says, else as its cells do."""
    calibration = results.raw.get("calibration") or {}
    citable, compared = (number(calibration.get(key)) for key in ("citable", "compared"))
    if citable is not None and compared is not None:
        return int(citable), int(compared)
    cells = [cell for cell in selection.contenders(results.cells) if cell.measured]
    return sum(cell.citable for cell in cells), len(cells)


def badge(results: Results) -> str:
    """`212 of 240 cells citable`; INVALID stays what it is, and so do the badges of older runs."""
    if results.quality == "INVALID":
        return "INVALID"
    citable, compared = counted(results)
    count = f"{citable:,} of {compared:,} cells citable"
    text = count if results.quality == "SOUND" else f"{results.quality}, {count}"
    return text + (", shared core" if is_shared(results) else "")
