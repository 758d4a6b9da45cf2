"""Makes results of what the passes found: bytes, single operations, instructions.

Pure functions; docs/results-format.md says what their outcome means.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from fractions import Fraction
from statistics import median
from typing import Any

from suite.measure.journal import Record

Json = dict[str, Any]
LEVELS = ("50", "90", "99", "99.9", "99.99", "99.999")  # per cent
MIN_BEYOND = 10  # samples beyond a percentile; with fewer it is an accident
SLOWEST = 32
ONE_OF_EACH = ("requested_bytes_per_object", "sizeof_bytes", "payload_bytes", "objects")  # the same in every process
IF_TOLD = ("usable_bytes_per_object", "fragmentation", "timeline", "kept_bytes", "ended_bytes")


def memory(record: Record) -> Json | None:
    """Bytes per object; the process that waited longest tells what was kept."""
    if record.failed or not record.peak_rss_bytes:
        return None
    found: Json = {"peak_rss_bytes": int(median(record.peak_rss_bytes)),
                   "faults_per_operation": _faults_per_operation(record.samples)}
    if record.memory:
        rss = [event["rss_bytes_per_object"] for event in record.memory]
        waited = max(record.memory, key=lambda event: len(event.get("kept_bytes") or {}))
        found |= {"rss_bytes_per_object": median(rss), "rss_low": min(rss), "rss_high": max(rss)}
        found |= {key: record.memory[0].get(key) for key in ONE_OF_EACH}
        found |= {key: waited[key] for key in IF_TOLD if key in waited}
    return found


def _faults_per_operation(samples: Sequence[Mapping[str, Any]]) -> float | None:
    """Minor page faults during the epochs of all processes."""
    operations = sum(sample["operations"] for sample in samples)
    return float(f"{sum(sample['minor_faults'] for sample in samples) / operations:.3g}") if operations else None


def latency(record: Record) -> Json | None:
    """All processes of a cell as one distribution; null where single operations were not timed."""
    events = record.latency
    if record.failed or not events:
        return None
    whole = distribution([event["replace"] for event in events])
    timer = float(f"{median(event['timer_ns'] for event in events):.4g}")
    return {
        "operations": sum(event["operations"] for event in events), "samples": whole["samples"],
        "period": events[0]["period"],
        "timer_ns": 2 * timer,  # release and acquire are read apart, so their sum holds the clock twice
        "percentiles": whole["percentiles"], "maximum_ns": whole["maximum_ns"],
        "growth": growth([event["growth"] for event in events]), "histogram": whole["histogram"],
        "clock": events[0]["clock"], "involuntary_switches": sum(event["involuntary_switches"] for event in events),
        "parts": {name: {"timer_ns": timer} | _without_histogram(distribution([event[name] for event in events]))
                  for name in ("acquire", "release", "grow")},
    }


def _without_histogram(whole: Json) -> Json:
    return {key: value for key, value in whole.items() if key != "histogram"}


def distribution(parts: Sequence[Mapping[str, Any]]) -> Json:
    """Histograms added up: their buckets are the same in every process. Percentiles as far as the sum supports them."""
    counts: Counter[float] = Counter()
    for part in parts:
        for largest, count in part["histogram"]:
            counts[largest] += count
    buckets = sorted(counts.items())
    maximum = max(part["maximum_ns"] for part in parts)
    total = sum(counts.values())
    found = {level: percentile(buckets, total, Fraction(level) / 100) for level in LEVELS}
    return {"samples": total, "maximum_ns": maximum, "histogram": [list(bucket) for bucket in buckets],
            "percentiles": {level: min(value, maximum) for level, value in found.items() if value is not None}}


def percentile(buckets: Sequence[tuple[float, int]], total: int, share: Fraction) -> float | None:
    """The upper end of the bucket that so large a share of all does not go beyond; null with too few samples beyond."""
    if total * (1 - share) < MIN_BEYOND:
        return None
    seen = 0
    for largest, count in buckets:
        seen += count
        if seen >= total * share:
            return largest
    return None


def growth(lists: Sequence[Sequence[Sequence[float]]]) -> list[list[float]]:
    """The slowest operations of the growing: of several processes those that were slow in most of them, since what is
    slow once is the machine's and what is slow each time at the same place is the pool's."""
    told: dict[int, list[float]] = {}
    for slowest in lists:
        for which, ns in slowest:
            told.setdefault(int(which), []).append(ns)
    often = {which: median(times) for which, times in told.items() if 2 * len(times) > len(lists)}
    kept = sorted(often, key=lambda which: -often[which])[:SLOWEST]
    return [[which, often[which]] for which in sorted(kept)]


def join_instructions(cells: Sequence[Json], counted: Mapping[str, tuple[float, str]]) -> None:
    """Puts instructions per operation, and the tool that counted them, into the cells, with the ratio to the baseline's."""
    for cell in cells:
        if cell["id"] in counted:
            per_operation, tool = counted[cell["id"]]
            baseline = counted.get(cell["baseline"], (0.0, tool))[0]
            ratio = per_operation / baseline if baseline and per_operation > 0 else None
            cell["instructions"] = {"per_operation": per_operation, "ratio": ratio and float(f"{ratio:.6g}"), "tool": tool}
