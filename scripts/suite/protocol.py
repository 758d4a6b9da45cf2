"""What a contender's answers must hold. Whatever is read from one later is checked here first, so that an answer out of
protocol costs its own cell and nothing else."""

import re
from collections.abc import Mapping
from typing import Any

LARGEST = 1e18  # nanoseconds of thirty years; beyond it arithmetic leaves the range of a float
EPOCH_NUMBERS = ("iterations", "real_ns", "migrations", "involuntary_switches", "run_delay_ns", "major_faults")
MEMORY_NUMBERS = ("objects", "rss_bytes_per_object", "requested_bytes_per_object", "sizeof_bytes", "payload_bytes")
MEMORY_IF_KNOWN = ("usable_bytes_per_object", "fragmentation", "ended_bytes")
LATENCY_PARTS = ("replace", "acquire", "release", "grow")
FACT, MOST_FACTS = re.compile("[a-z][a-z0-9_]{0,39}"), 16
WITNESSES = ("core", "chain", "l2", "l3", "dram", "fault", "line")
CEILINGS = ("empty_loop", "timer", "atomic_rmw", "page_fault", "l1_latency", "l2_latency", "l3_latency", "dram_latency")


def number(value: Any, least: float = -LARGEST) -> bool:
    """A number in range; a boolean is none, nor is NaN."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and least <= value <= LARGEST


def ready(event: Mapping[str, Any]) -> bool:
    """The subject is built: what it runs on, what it read back, what the reader should know."""
    allocator, notes, digest = event.get("allocator", {}), event.get("notes", []), event.get("digest")
    return (number(event.get("operations_per_iteration"), 1) and (digest is None or isinstance(digest, str))
            and isinstance(allocator, dict) and all(isinstance(value, str) for value in allocator.values())
            and isinstance(notes, list) and all(isinstance(line, str) for line in notes)
            and _facts(event.get("facts", {})))


def _facts(told: Any) -> bool:
    """Named numbers that a subject knows of its work: a share of hits, allocations for each operation."""
    return isinstance(told, dict) and len(told) <= MOST_FACTS and all(
        isinstance(name, str) and FACT.fullmatch(name) and number(value) for name, value in told.items())


def epoch(event: Mapping[str, Any], iterations: int) -> bool:
    """The epoch that was asked for, with its time and what disturbed it."""
    return all(number(event.get(key)) for key in EPOCH_NUMBERS) and event["real_ns"] >= 0 \
        and event["iterations"] == iterations and witness(event.get("witness", {})) \
        and number(event.get("witness_ns", 0), 0)


def witness(readings: Any) -> bool:
    """The readings before and after an epoch, by name."""
    return isinstance(readings, dict) and all(
        name in WITNESSES and isinstance(pair, list) and len(pair) == 2
        and all(number(value, 0) and value > 0 for value in pair) for name, pair in readings.items())


def done(event: Mapping[str, Any]) -> bool:
    """The last line."""
    return number(event.get("peak_rss_bytes"), 0)


def memory(event: Mapping[str, Any]) -> bool:
    """Bytes per object; resident memory may have shrunk, so that whatever is read from it may be negative."""
    known = all(number(event.get(key), -LARGEST if key == "rss_bytes_per_object" else 0) for key in MEMORY_NUMBERS)
    kept, timeline = event.get("kept_bytes", {}), event.get("timeline", [])
    return (known and _natural(event["objects"], 1) and isinstance(kept, dict) and all(map(number, kept.values()))
            and all(event.get(key) is None or number(event[key]) for key in MEMORY_IF_KNOWN)
            and (event.get("usable_bytes_per_object") or 0) >= 0 and _pairs(timeline))


def latency(event: Mapping[str, Any]) -> bool:
    """Single operations: how many, by which clock, and how they are distributed."""
    return (_natural(event.get("operations"), 1) and _natural(event.get("period"), 1)
            and _natural(event.get("involuntary_switches"), 0) and number(event.get("timer_ns"), 0)
            and isinstance(event.get("clock"), str) and _pairs(event.get("growth"), 0)
            and all(_distribution(event.get(part)) for part in LATENCY_PARTS))


def ceilings(event: Mapping[str, Any]) -> bool:
    """What the machine can do at most."""
    found = event.get("ceilings")
    return isinstance(found, list) and all(
        isinstance(one, dict) and one.get("name") in CEILINGS and isinstance(one.get("what"), str)
        and all(number(one.get(key), 0) and one[key] > 0 for key in ("ns", "low", "high"))
        and (one.get("bytes") is None or _natural(one["bytes"], 1)) for one in found)


def _natural(value: Any, least: int) -> bool:
    return type(value) is int and least <= value <= LARGEST


def _pairs(value: Any, least: float = -LARGEST) -> bool:
    return isinstance(value, list) and all(
        isinstance(pair, list) and len(pair) == 2 and all(number(part, least) for part in pair) for pair in value)


def _distribution(part: Any) -> bool:
    """Buckets with their upper ends, and not empty."""
    return (isinstance(part, dict) and number(part.get("maximum_ns"), 0) and _pairs(part.get("histogram"), 0)
            and bool(part["histogram"]) and all(_natural(count, 1) for _, count in part["histogram"]))
