"""results.json as typed, frozen rows, its values made safe: what the charts and the pages are drawn from.

Reading is lenient about what is absent (an interrupted run has holes) and strict about what may be claimed: a verdict
that its own interval does not carry is taken back here, once, so that no chart and no sentence can repeat it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from suite.analysis import cell
from suite.analysis.cell import (BASELINE, EQUIVALENT, FAILED, FASTER, NOT_CITABLE, SETTLED, SKIPPED, SLOWER, UNRESOLVED, Cell,
                                 clean, name, number, numeric)
from suite.analysis.statistics import Interval
from suite.plan.presets import HEAPS

__all__ = ["BASELINE", "EQUIVALENT", "FAILED", "FASTER", "NOT_CITABLE", "SETTLED", "SKIPPED", "SLOWER", "UNRESOLVED", "Cell",
           "Interval", "Results", "clean", "load", "name", "number", "numeric", "supported"]

PLANTED = "planted_"  # strategies whose difference is known; in a smoke run nobody asks what came of them
PLAIN = (int, float, bool, type(None))
LIMIT_ALLOCATORS = ("bump",)  # never frees: a bound on what is possible, not advice


_key = cache(clean)


def clean_whole(value: Any) -> Any:
    """The same for each string of a file, keys included: what is only printed must not carry them either."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {_key(key): entry if type(entry) in PLAIN else clean_whole(entry) for key, entry in value.items()}
    return [clean_whole(entry) for entry in value] if isinstance(value, list) else value


@dataclass(frozen=True)
class Results:
    """The whole file: `raw` for what is only printed, rows for what is compared."""

    raw: dict[str, Any]
    cells: tuple[Cell, ...]
    workloads: tuple[dict[str, Any], ...]
    margin: float
    floor: float | None
    quality: str
    reasons: tuple[str, ...]
    complete: bool
    margins: dict[str, float] = field(default_factory=dict)
    floors: dict[str, float] = field(default_factory=dict)

    @property
    def of_heaps(self) -> bool:
        """Whether the run asks which heap, and not whether to pool."""
        run = self.raw.get("run")
        return isinstance(run, dict) and run.get("preset") == HEAPS

    def margin_of(self, workload: str) -> float:
        """Under which the verdicts of a workload stand, at the most; older files have one for all."""
        return self.margins.get(workload, self.margin)

    def floor_of(self, workload: str) -> float | None:
        return self.floors.get(workload, self.floor)

    def margin_range(self) -> tuple[float, float]:
        """The least and the largest margin of a verdict."""
        found = [self.margin_of(one["name"]) for one in self.workloads] or [self.margin]
        return min(found), max(found)

    def of_workload(self, workload: str) -> list[Cell]:
        return [cell for cell in self.cells if cell.workload == workload]

    def baseline_allocator(self) -> str:
        names = [str(one.get("name", "")) for one in self.raw.get("allocators", [])]
        return name(names[0]) if names else "glibc"


def supported(verdict: str, ratio: Interval | None) -> str:
    """The verdict, unless its own interval does not carry it."""
    if verdict not in SETTLED:
        return verdict
    if ratio is None or not ratio.has_interval:
        return NOT_CITABLE
    if (verdict == FASTER and ratio.high >= 1) or (verdict == SLOWER and ratio.low <= 1):
        return UNRESOLVED
    return verdict


def _cell(entry: dict[str, Any], families: dict[str, str], planted: set[str]) -> Cell:
    """A cell beside the others of its file."""
    own = cell.of(entry)
    family = families.get(own.strategy, "")
    control = own.id in planted or own.strategy.startswith(PLANTED)
    limit = control or own.role == "limit" or family == "limit" or own.allocator in LIMIT_ALLOCATORS
    return replace(own, family=family, control=control, limit=limit, verdict=supported(own.verdict, own.ratio))


def _planted_workloads(cells: tuple[Cell, ...]) -> set[str]:
    """Workloads in which nothing but planted differences is compared: no question of the reader's."""
    planted = {cell.workload for cell in cells if cell.control}
    return planted - {cell.workload for cell in cells
                      if not cell.control and not cell.twin and cell.verdict != BASELINE}


def _numbers(found: Any) -> dict[str, float]:
    """By workload, as names are read elsewhere."""
    entries = found.items() if isinstance(found, dict) else ()
    return {name(key): value for key, text in entries if (value := number(text)) is not None}


def _margins(cells: tuple[Cell, ...]) -> dict[str, float]:
    """The largest margin of a workload's cells, where each has its own."""
    found: dict[str, float] = {}
    for cell in cells:
        if cell.margin and not cell.control:
            found[cell.workload] = max(cell.margin, found.get(cell.workload, 0.0))
    return found


def load(raw: dict[str, Any]) -> Results:
    """Rows from a results dict."""
    raw = clean_whole(raw)
    families = {name(one.get("name")): name(one.get("family")) for one in raw.get("strategies", [])}
    planted = {name(one.get("cell"), 400) for one in raw.get("controls") or ()}
    cells = tuple(_cell(entry, families, planted) for entry in raw.get("cells", []))
    known = {name(one.get("name")): {key: name(value, 600) for key, value in one.items() if isinstance(value, str)}
             for one in raw.get("workloads", [])}
    aside = _planted_workloads(cells)
    asked = dict.fromkeys(cell.workload for cell in cells if cell.workload not in aside)
    workloads = tuple([known[one] for one in known if one in asked]
                      + [{"name": one} for one in asked if one not in known])
    calibration = raw.get("calibration") or {}
    floor = number(calibration.get("floor"))
    margin = number(calibration.get("effective_margin")) or max(
        number((raw.get("protocol") or {}).get("margin")) or 0.02, floor or 0.0)
    quality = clean(calibration.get("quality") or "INVALID")
    reasons = tuple(name(reason, 600) for reason in calibration.get("reasons") or ())
    if quality == "INVALID":
        cells = tuple(replace(cell, verdict=NOT_CITABLE, reason="the run is INVALID")
                      if cell.verdict in (*SETTLED, UNRESOLVED) else cell for cell in cells)
    if not any(cell.measured for cell in cells):
        quality, reasons = "INVALID", (*reasons, "nothing was measured")
    return Results(raw, cells, workloads, margin, floor, quality, reasons,
                   bool((raw.get("run") or {}).get("complete", True)),
                   _margins(cells) | _numbers(calibration.get("margins")),
                   _numbers(calibration.get("floors")))
