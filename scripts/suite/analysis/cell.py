"""A cell from judging to drawing: one combination of workload, parameters and contender with all that is known of it.

    judged (cell_verdicts.py) ──► Cell ──► an entry of results.json ──► Cell ──► charts, pages, comparisons

Reading is lenient about what is absent (an interrupted run has holes) and makes values safe: nothing that a file may hold
breaks a drawing. What is shown is stored once, as the time that fits the ratio.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from suite.analysis.statistics import Interval

Json = dict[str, Any]
LARGEST, SMALLEST = 1e18, 1e-9  # of a time in nanoseconds, a ratio, a size in bytes
LONGEST = 160  # letters of a name, 600 of a sentence: what is longer says no more to a reader
FASTER, SLOWER, EQUIVALENT = "FASTER", "SLOWER", "EQUIVALENT"
UNRESOLVED, NOT_CITABLE, BASELINE = "UNRESOLVED", "NOT CITABLE", "BASELINE"
FAILED, SKIPPED = "FAILED", "SKIPPED"
SETTLED = (FASTER, SLOWER, EQUIVALENT)
CITABLE, MISSING = (*SETTLED, UNRESOLVED), (FAILED, SKIPPED)
TWINS = ("#twin", "#duplicate")  # the baseline again: a second process, a second instantiation
PARTS = ("shared", "variance", "diagnostics", "latency", "facts", "limit", "instructions")  # that only some runs have


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
class Cell:
    """One measured (or failed, or skipped) combination of workload, parameters and contender."""

    id: str
    workload: str
    parameters: Mapping[str, Any]
    group: str
    strategy: str
    allocator: str
    family: str = ""
    limit: bool = False  # no advice: it does less than the question asks, or its heap never frees
    twin: bool = False
    verdict: str = ""
    reason: str = ""
    median: Interval | None = None  # nanoseconds of one operation, as they were measured
    minimum: float | None = None
    ratio: Interval | None = None
    memory: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    baseline: str = ""
    control: bool = False  # its true ratio is known, because it was planted
    shown: float | None = None  # nanoseconds that agree with the ratio; None in older runs
    role: str = "contender"
    margin: float | None = None  # under which its verdict stands; None in older runs
    adjusted: bool | None = None  # whether the verdict holds together with those of its group
    said_citable: bool | None = None
    regime: str | None = None
    confidence: float | None = None
    digest: str | None = None
    iterations: int | None = None
    operations_per_iteration: int | None = None
    rejected_rounds: int = 0
    samples: tuple[Mapping[str, Any], ...] = ()  # one a process
    parts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def nanoseconds(self) -> Interval | None:
        """The time that pages show: the one that fits the ratio, the interval of the median moved along."""
        if self.median is None or self.shown is None or self.shown == self.median.estimate:
            return self.median
        return self.median.scaled(self.shown / self.median.estimate)

    def part(self, key: str) -> Mapping[str, Any]:
        """`latency`, `limit`, `variance`: what only some runs have; empty where this one does not."""
        found = self.parts.get(key)
        return found if isinstance(found, dict) and self.measured else {}

    @property
    def holds(self) -> bool:
        """Whether the verdict stays after the correction for several comparisons; older files know none."""
        return self.adjusted is not False

    @property
    def aside(self) -> str:
        """What a label adds to a row that is no advice."""
        return " (planted)" if self.control else " (limit)" if self.limit else ""

    @property
    def citable(self) -> bool:
        """Whether its ratio may be quoted; runs of before this was a cell's own property said so by their verdicts."""
        quotable = self.verdict in CITABLE and bool(self.ratio and self.ratio.has_interval)
        return quotable and self.said_citable is not False

    @property
    def shared(self) -> Interval | None:
        """Its ratio beside a busy sibling thread of the core, where the run has one."""
        return _interval(self.part("shared").get("ratio"), "estimate")

    @property
    def contender(self) -> str:
        return f"{self.strategy}@{self.allocator}"

    @property
    def is_baseline(self) -> bool:
        """Of its group: what everything else there is compared with."""
        return self.id == self.baseline

    @property
    def measured(self) -> bool:
        return self.nanoseconds is not None

    def entry(self) -> Json:
        """As results.json holds it."""
        times = self.median and {"median": self.median.estimate, "minimum": self.minimum, "low": self.median.low,
                                 "high": self.median.high} | ({} if self.shown is None else {"shown": self.shown})
        return {
            "id": self.id, "workload": self.workload, "parameters": dict(self.parameters), "strategy": self.strategy,
            "allocator": self.allocator, "role": self.role, "group": self.group, "baseline": self.baseline,
            "iterations": self.iterations, "operations_per_iteration": self.operations_per_iteration, "ns_per_op": times,
            "ratio": self.ratio and asdict(self.ratio), "confidence": self.confidence, "verdict": self.verdict,
            "reason": self.reason, "adjusted": self.adjusted, "regime": self.regime,
            **{key: self.parts.get(key) for key in PARTS[:3]}, "memory": self.memory or None,
            "latency": self.parts.get("latency"), "digest": self.digest, "rejected_rounds": self.rejected_rounds,
            "notes": list(self.notes), "samples": list(self.samples),
            **{key: self.parts[key] for key in ("facts",) if key in self.parts}, "margin": self.margin,
            "citable": self.said_citable, **{key: self.parts[key] for key in ("limit", "instructions") if key in self.parts}}


def of(entry: Mapping[str, Any]) -> Cell:
    """From an entry of results.json. What it is beside others (its family, a limit, planted) the whole file says."""
    identity, verdict = name(entry.get("id", "?"), 400), name(entry.get("verdict") or NOT_CITABLE)
    told = entry.get("ns_per_op") or {}
    shown = number(told.get("shown")) or None
    median = None if verdict in MISSING or shown and shown < SMALLEST else _interval(told, "median")
    return Cell(
        id=identity, workload=name(entry.get("workload", "?")),
        parameters={name(key): (name(value) if isinstance(value, str) else value)
                    for key, value in (entry.get("parameters") or {}).items()},
        group=name(entry.get("group") or identity.rsplit("/", 1)[0], 400), strategy=name(entry.get("strategy", "?")),
        allocator=name(entry.get("allocator", "?")), twin=clean(entry.get("id", "?")).endswith(TWINS), verdict=verdict,
        reason=name(entry.get("reason") or "", 600), median=median, minimum=number(told.get("minimum")),
        shown=shown, ratio=_interval(entry.get("ratio"), "estimate") if median else None,
        memory=entry.get("memory") or {}, notes=tuple(name(note, 600) for note in entry.get("notes") or ()),
        baseline=name(entry.get("baseline") or "", 400), role=name(entry.get("role") or "contender"),
        margin=number(entry.get("margin")), adjusted=entry.get("adjusted"), said_citable=entry.get("citable"),
        regime=entry.get("regime"), confidence=number(entry.get("confidence")), digest=entry.get("digest"),
        iterations=entry.get("iterations"), operations_per_iteration=entry.get("operations_per_iteration"),
        rejected_rounds=entry.get("rejected_rounds") or 0, samples=tuple(entry.get("samples") or ()),
        parts={key: entry[key] for key in PARTS if key in entry})


def _interval(told: Any, key: str) -> Interval | None:
    value = number((told or {}).get(key))
    if value is None or value < SMALLEST:
        return None
    low, high = number(told.get("low")), number(told.get("high"))
    return Interval(value, low, high) if low and high and SMALLEST <= low <= high else Interval(value)


def every(measured: Mapping[str, Any]) -> list[Cell]:
    """All cells of a run."""
    return [of(entry) for entry in measured.get("cells", [])]
