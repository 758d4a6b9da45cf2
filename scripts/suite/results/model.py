"""results.json as typed, frozen rows, its values made safe: what the charts and the pages are drawn from.

Reading is lenient about what is absent (an interrupted run has holes) and strict about what may be claimed: a verdict
that its own interval does not carry is taken back here, once, so that no chart and no sentence can repeat it.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field, replace
from typing import Any

LARGEST, SMALLEST = 1e18, 1e-9  # of a time in nanoseconds, a ratio, a size in bytes
LONGEST = 160  # letters of a name, 600 of a sentence: what is longer says no more to a reader
FASTER, SLOWER, EQUIVALENT = "FASTER", "SLOWER", "EQUIVALENT"
UNRESOLVED, NOT_CITABLE, BASELINE = "UNRESOLVED", "NOT CITABLE", "BASELINE"
FAILED, SKIPPED = "FAILED", "SKIPPED"
SETTLED = (FASTER, SLOWER, EQUIVALENT)
TWINS = ("#twin", "#duplicate")  # the baseline again: a second process, a second instantiation
PLANTED = "planted_"  # strategies whose difference is known; in a smoke run nobody asks what came of them
LIMIT_ALLOCATORS = ("bump",)  # never frees: a bound on what is possible, not advice


def clean(text: Any) -> str:
    """Text from outside without the control characters that XML cannot carry."""
    plain = str(text)
    return (plain if plain.isprintable() else
            "".join(letter if letter.isprintable() else " " for letter in plain)).strip()


def name(text: Any, most: int = LONGEST) -> str:
    """A clean text of bounded length; what was cut off still tells two texts apart."""
    plain = clean(text)
    if len(plain) <= most:
        return plain
    return f"{plain[:most - 10]}…~{zlib.crc32(plain.encode('utf-8', 'replace')):08x}"


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


@dataclass(frozen=True)
class Estimate:
    """A value with its interval; the ends are None when there were too few processes for one."""

    value: float
    low: float | None = None
    high: float | None = None

    @property
    def has_interval(self) -> bool:
        return self.low is not None and self.high is not None

    def scaled(self, by: float) -> Estimate:
        return Estimate(self.value * by, self.low and self.low * by, self.high and self.high * by)


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
    control: bool = False  # its true ratio is known, because it was planted
    entry: dict[str, Any] = field(default_factory=dict)  # as it stands in the file

    def part(self, key: str) -> dict[str, Any]:
        """`latency`, `limit`, `variance`: what only some runs have; empty where this one does not."""
        found = self.entry.get(key)
        return found if isinstance(found, dict) and self.measured else {}

    @property
    def holds(self) -> bool:
        """Whether the verdict stays after the correction for several comparisons; older files know none."""
        return self.entry.get("adjusted") is not False

    @property
    def aside(self) -> str:
        """What a label adds to a row that is no advice."""
        return " (planted)" if self.control else " (limit)" if self.limit else ""

    @property
    def citable(self) -> bool:
        """Whether its ratio may be quoted; runs of before this was a cell's own property said so by their verdicts."""
        quotable = self.verdict in (*SETTLED, UNRESOLVED) and bool(self.ratio and self.ratio.has_interval)
        return quotable and self.entry.get("citable") is not False

    @property
    def shared(self) -> Estimate | None:
        """Its ratio beside a busy sibling thread of the core, where the run has one."""
        return _estimate(self.part("shared").get("ratio"), "estimate")

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
    margins: dict[str, float] = field(default_factory=dict)
    floors: dict[str, float] = field(default_factory=dict)

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


def _estimate(entry: Any, key: str) -> Estimate | None:
    value = number((entry or {}).get(key))
    if value is None or value < SMALLEST:
        return None
    low, high = number(entry.get("low")), number(entry.get("high"))
    return Estimate(value, low, high) if low and high and SMALLEST <= low <= high else Estimate(value)


def shown(entry: dict[str, Any]) -> float | None:
    """The time of a cell of results.json that pages show: the one that fits its ratio, else the median."""
    times = entry.get("ns_per_op") or {}
    return number(times.get("shown")) or number(times.get("median"))


def _times(entry: dict[str, Any]) -> Estimate | None:
    """That time with the interval of the median, moved along."""
    median, time = _estimate(entry.get("ns_per_op"), "median"), shown(entry)
    if median is None or time is None or time < SMALLEST:
        return None
    return median if time == median.value else median.scaled(time / median.value)


def supported(verdict: str, ratio: Estimate | None) -> str:
    """The verdict, unless its own interval does not carry it."""
    if verdict not in SETTLED:
        return verdict
    if ratio is None or not ratio.has_interval:
        return NOT_CITABLE
    if (verdict == FASTER and ratio.high >= 1) or (verdict == SLOWER and ratio.low <= 1):
        return UNRESOLVED
    return verdict


def _cell(entry: dict[str, Any], families: dict[str, str], planted: set[str]) -> Cell:
    strategy, allocator = name(entry.get("strategy", "?")), name(entry.get("allocator", "?"))
    family, identity = families.get(strategy, ""), name(entry.get("id", "?"), 400)
    parameters = {name(key): (name(value) if isinstance(value, str) else value)
                  for key, value in (entry.get("parameters") or {}).items()}
    control = identity in planted or strategy.startswith(PLANTED)
    limit = control or entry.get("role") == "limit" or family == "limit" or allocator in LIMIT_ALLOCATORS
    verdict = name(entry.get("verdict") or NOT_CITABLE)
    times = None if verdict in (FAILED, SKIPPED) else _times(entry)
    ratio = _estimate(entry.get("ratio"), "estimate") if times else None
    return Cell(
        id=identity, workload=name(entry.get("workload", "?")), parameters=parameters,
        group=name(entry.get("group") or identity.rsplit("/", 1)[0], 400), strategy=strategy, allocator=allocator,
        family=family, limit=limit, twin=clean(entry.get("id", "?")).endswith(TWINS),
        verdict=supported(verdict, ratio), reason=name(entry.get("reason") or "", 600), nanoseconds=times, ratio=ratio,
        minimum=number((entry.get("ns_per_op") or {}).get("minimum")), memory=entry.get("memory") or {},
        notes=tuple(name(note, 600) for note in entry.get("notes") or ()),
        baseline=name(entry.get("baseline") or "", 400), control=control, entry=entry)


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
        margin = number(cell.entry.get("margin"))
        if margin and not cell.control:
            found[cell.workload] = max(margin, found.get(cell.workload, 0.0))
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
