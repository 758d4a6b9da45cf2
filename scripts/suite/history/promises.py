"""What a run was to reach, and what the reference run reached: methodology.md's table.

Each promise is for an idle machine; what kept a machine from being idle stands beside it.
"""

from collections.abc import Mapping
from typing import Any

from suite.history.past import Run, reference_run
from suite.results import citable, wording

Json = Mapping[str, Any]
MINUTES = {"quick": 6, "full": 45}
HALF_WIDTH = {"quick": 0.01, "full": 0.005}
IDLE_SHARE = 0.15
WITNESSES = 0.04
CITABLE = 0.85


def _row(what: str, promised: str, measured: str, is_kept: bool, beside: str = "") -> str:
    verdict = "" if is_kept else ": **not reached**"
    return f"| {what} | {promised} | {measured}{verdict}{beside} |"


def _most(share: float) -> str:
    return f"at most {wording.percent(share)}"


def _time(facts: Json, during: Json) -> str:
    minutes, seconds = divmod(round(facts["seconds"]), 60)
    promised = MINUTES[facts["preset"]]
    stolen = during.get("steal_seconds")
    beside = f"; the hypervisor took {stolen:.0f} s of CPU time away" if stolen and stolen >= 1 else ""
    return _row("time", f"at most {promised} min", f"{minutes} min {seconds:02} s", facts["seconds"] <= 60 * promised, beside)


def rows(run: Run) -> list[str]:
    """The promises that the run can say something about."""
    facts, calibration = run.measured["run"], run.measured["calibration"]
    during = run.measured["environment"].get("during") or {}
    found = [_time(facts, during)]
    cited, compared = citable.count(run.measured)
    if compared:
        found.append(_row("cells citable", f"at least {wording.percent(CITABLE)}",
                          f"{wording.percent(cited / compared)} ({citable.badge(run.measured)})", cited >= CITABLE * compared))
    width, promised = calibration["median_half_width"], HALF_WIDTH[facts["preset"]]
    if width is not None:
        found.append(_row("median half-width of the A/A intervals", _most(promised), wording.percent(width), width <= promised))
    idle = during.get("contenders_idle_share")
    if idle is not None:
        found.append(_row("the contenders' CPU without a contender on it", _most(IDLE_SHARE), wording.percent(idle),
                          idle <= IDLE_SHARE))
    spent = (run.measured.get("witness") or {}).get("overhead")
    if spent is not None:
        found.append(_row("time for the witnesses", _most(WITNESSES), wording.percent(spent), spent <= WITNESSES))
    return found


def section(asked: Json, found: list[Run], folder: str) -> str:
    """All that stands between methodology.md's marks: nothing while no run is a whole preset with promises."""
    promised = [run for run in found if run.measured["run"]["preset"] in MINUTES]
    if not promised:
        return ""
    run = reference_run(asked, promised)
    preset, cells = run.measured["run"]["preset"], len(run.measured["cells"])
    return "\n".join([
        f"[A run]({folder}/{run.link}) of `{preset}`, {cells:,} cells, on {run.machine}; {run.regime}. Against what was",
        "set out for an idle machine:", "",
        "| what | set out | measured |", "|---|--:|--:|", *rows(run), ""])
