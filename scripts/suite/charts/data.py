"""results.json as typed, frozen rows: what the charts and the pages are drawn from.

Reading is lenient about what is absent (an interrupted run has holes) and strict about what may be claimed: a verdict
that its own interval does not carry is taken back here, once, so that no chart and no sentence can repeat it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

FASTER, SLOWER, EQUIVALENT = "FASTER", "SLOWER", "EQUIVALENT"
UNRESOLVED, NOT_CITABLE, BASELINE = "UNRESOLVED", "NOT CITABLE", "BASELINE"
FAILED, SKIPPED = "FAILED", "SKIPPED"
SETTLED = (FASTER, SLOWER, EQUIVALENT)
LARGEST, SMALLEST = 1e18, 1e-9  # of a time in nanoseconds, a ratio, a size in bytes
LIMIT_ALLOCATORS = ("bump",)  # never frees: a bound on what is possible, not advice


@dataclass(frozen=True)
class Estimate:
    """A value with its interval; the ends are None when there were too few processes for one."""

    value: float
    low: float | None = None
    high: float | None = None

    @property
    def has_interval(self) -> bool:
        return self.low is not None and self.high is not None


@dataclass(frozen=True)
class Cell:
    """One measured (or failed, or skipped) combination of workload, parameters and contender."""

    id: str
    workload: str
    parameters: dict[str, Any]
    group: str
    strategy: str
    allocator: str
    family: str
    limit: bool
    twin: bool
    verdict: str
    reason: str
    nanoseconds: Estimate | None
    minimum: float | None
    ratio: Estimate | None
    memory: dict[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    baseline: str = ""

    @property
    def contender(self) -> str:
        return f"{self.strategy}@{self.allocator}"

    @property
    def measured(self) -> bool:
        return self.nanoseconds is not None


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

    def of_workload(self, name: str) -> list[Cell]:
        return [cell for cell in self.cells if cell.workload == name]

    def baseline_allocator(self) -> str:
        names = [str(one.get("name", "")) for one in self.raw.get("allocators", [])]
        return clean(names[0]) if names else "glibc"


def clean(text: Any) -> str:
    """Text from outside without the control characters that XML cannot carry."""
    plain = str(text)
    return (plain if plain.isprintable() else
            "".join(letter if letter.isprintable() else " " for letter in plain)).strip()


def clean_whole(value: Any) -> Any:
    """The same for each string of a file, keys included: what is only printed must not carry them either."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {clean(key): clean_whole(entry) for key, entry in value.items()}
    return [clean_whole(entry) for entry in value] if isinstance(value, list) else value


def number(value: Any) -> float | None:
    """A number that something real can have, or None; no drawing survives the ends of what a float can hold."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not abs(value) <= LARGEST:
        return None
    return float(value)


def numeric(value: Any) -> float | None:
    """A parameter as a number: `64`, or the text `64`."""
    if isinstance(value, str):
        try:
            return number(float(value))
        except ValueError:
            return None
    return number(value)


def _estimate(entry: Any, key: str) -> Estimate | None:
    value = number((entry or {}).get(key))
    if value is None or value < SMALLEST:
        return None
    low, high = number(entry.get("low")), number(entry.get("high"))
    return Estimate(value, low, high) if low and high and SMALLEST <= low <= high else Estimate(value)


def supported(verdict: str, ratio: Estimate | None) -> str:
    """The verdict, unless its own interval does not carry it."""
    if verdict not in SETTLED:
        return verdict
    if ratio is None or not ratio.has_interval:
        return NOT_CITABLE
    if (verdict == FASTER and ratio.high >= 1) or (verdict == SLOWER and ratio.low <= 1):
        return UNRESOLVED
    return verdict


def _cell(entry: dict[str, Any], families: dict[str, str]) -> Cell:
    strategy, allocator = clean(entry.get("strategy", "?")), clean(entry.get("allocator", "?"))
    family, identity = families.get(strategy, ""), clean(entry.get("id", "?"))
    parameters = {clean(key): (clean(value) if isinstance(value, str) else value)
                  for key, value in (entry.get("parameters") or {}).items()}
    limit = entry.get("role") == "limit" or family == "limit" or allocator in LIMIT_ALLOCATORS
    verdict = clean(entry.get("verdict") or NOT_CITABLE)
    times = None if verdict in (FAILED, SKIPPED) else _estimate(entry.get("ns_per_op"), "median")
    ratio = _estimate(entry.get("ratio"), "estimate") if times else None
    return Cell(
        id=identity, workload=clean(entry.get("workload", "?")), parameters=parameters,
        group=clean(entry.get("group") or identity.rsplit("/", 1)[0]), strategy=strategy, allocator=allocator,
        family=family, limit=limit, twin=identity.endswith("#twin"), verdict=supported(verdict, ratio),
        reason=clean(entry.get("reason") or ""), nanoseconds=times, ratio=ratio,
        minimum=number((entry.get("ns_per_op") or {}).get("minimum")), memory=entry.get("memory") or {},
        notes=tuple(clean(note) for note in entry.get("notes") or ()),
        baseline=clean(entry.get("baseline") or ""))


def load(raw: dict[str, Any]) -> Results:
    """Rows from a results dict."""
    raw = clean_whole(raw)
    families = {clean(one.get("name")): clean(one.get("family")) for one in raw.get("strategies", [])}
    cells = tuple(_cell(entry, families) for entry in raw.get("cells", []))
    known = {clean(one.get("name")): {key: clean(value) for key, value in one.items() if isinstance(value, str)}
             for one in raw.get("workloads", [])}
    measured = dict.fromkeys(cell.workload for cell in cells)
    workloads = tuple([known[name] for name in known if name in measured]
                      + [{"name": name} for name in measured if name not in known])
    calibration = raw.get("calibration") or {}
    floor = number(calibration.get("floor"))
    margin = number(calibration.get("effective_margin")) or max(
        number((raw.get("protocol") or {}).get("margin")) or 0.02, floor or 0.0)
    quality = clean(calibration.get("quality") or "INVALID")
    reasons = tuple(clean(reason) for reason in calibration.get("reasons") or ())
    if quality == "INVALID":
        cells = tuple(replace(cell, verdict=NOT_CITABLE, reason="the run is INVALID")
                      if cell.verdict in (*SETTLED, UNRESOLVED) else cell for cell in cells)
    if not any(cell.measured for cell in cells):
        quality, reasons = "INVALID", (*reasons, "nothing was measured")
    return Results(raw, cells, workloads, margin, floor, quality, reasons,
                   bool((raw.get("run") or {}).get("complete", True)))
