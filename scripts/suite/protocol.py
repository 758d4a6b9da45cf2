"""What a contender's answers must hold. Whatever is read from one later is checked here first, so that an answer out of
protocol costs its own cell and nothing else."""

from collections.abc import Mapping
from typing import Any

LARGEST = 1e18  # nanoseconds of thirty years; beyond it arithmetic leaves the range of a float
EPOCH_NUMBERS = ("iterations", "real_ns", "migrations", "involuntary_switches", "run_delay_ns", "major_faults")
MEMORY_NUMBERS = ("objects", "rss_bytes_per_object", "requested_bytes_per_object", "sizeof_bytes", "payload_bytes")


def number(value: Any, least: float = -LARGEST) -> bool:
    """A number in range; a boolean is none, nor is NaN."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and least <= value <= LARGEST


def ready(event: Mapping[str, Any]) -> bool:
    """The subject is built: what it runs on, what it read back, what the reader should know."""
    allocator, notes, digest = event.get("allocator", {}), event.get("notes", []), event.get("digest")
    return (number(event.get("operations_per_iteration"), 1) and (digest is None or isinstance(digest, str))
            and isinstance(allocator, dict) and all(isinstance(value, str) for value in allocator.values())
            and isinstance(notes, list) and all(isinstance(line, str) for line in notes))


def epoch(event: Mapping[str, Any], iterations: int) -> bool:
    """The epoch that was asked for, with its time and what disturbed it."""
    return all(number(event.get(key)) for key in EPOCH_NUMBERS) and event["real_ns"] >= 0 \
        and event["iterations"] == iterations


def done(event: Mapping[str, Any]) -> bool:
    """The last line."""
    return number(event.get("peak_rss_bytes"), 0)


def memory(event: Mapping[str, Any]) -> bool:
    """Bytes per object; resident memory may have shrunk, so that one may be negative."""
    return all(number(event.get(key), -LARGEST if key == "rss_bytes_per_object" else 0) for key in MEMORY_NUMBERS) \
        and isinstance(event["objects"], int) and event["objects"] > 0
