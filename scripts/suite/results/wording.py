"""Numbers and names as a reader wants them: three significant digits, thousands separators, units, plain words."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any

from suite.plan import heap_states
from suite.results import model

GLYPHS = {
    model.FASTER: "▲", model.SLOWER: "▼", model.EQUIVALENT: "≈", model.UNRESOLVED: "?", model.NOT_CITABLE: "⊘",
    model.BASELINE: "●", model.FAILED: "×", model.SKIPPED: "–",
}
CEILINGS = {
    "empty_loop": "empty loop", "l1_latency": "L1 load", "l2_latency": "L2 load", "l3_latency": "L3 load",
    "dram_latency": "memory load", "page_fault": "page fault", "atomic_rmw": "atomic add", "timer": "clock",
}
PHRASES = {
    "live": "{} live objects", "objects": "{} objects", "bytes": "{} bytes each", "size": "size {}",
    "order": "{} order", "pattern": "pattern {}", "hit_rate": "{} % hit rate", "type": "{}", "record": "{}",
    "operation": "{}", "threads": "{} threads", "slots": "{} slots", "percent": "{} % in use",
    "sizes": "blocks of {}", "mib": "{} MiB", "classes": "{} size classes", "elements": "{} elements", "data": "{}", "kind": "{}",
    "nodes": "{} nodes", "subsystems": "{} subsystems", "shuffles": "{} shuffles", "visits": "{} visits each", "blocks": "{} at a time",
    "touch": "{} written to", "access": "{} written", "largest": "up to {} bytes", "rounds": "{} rounds a thread", "producers": "{} producers",
    "proxies": "{} proxies", "consumers": "{} consumers", "total": "{} bytes in all", "active": "{} bytes live", "chunk": "chunks of {} bytes",
    "batch": "batches of {}", "call": "{} calls", "items": "{} items in each buffer",
}
SINGULAR = {"size classes": "size class", "proxies": "proxy"}
AXES = {
    "live": "live objects", "objects": "objects", "bytes": "object size, bytes", "size": "size",
    "hit_rate": "hit rate, %", "threads": "threads", "batch": "objects a batch", "percent": "slots in use, %",
    "body_ns": "cost of the body, ns", "hit_percent": "calls that hit, %",
}


def significant(value: float) -> str:
    """Three significant digits, never in scientific notation, thousands separated."""
    if value == 0 or not math.isfinite(value):
        return "0" if value == 0 else "?"
    digits = max(0, 2 - math.floor(math.log10(abs(value))))
    rounded = round(value, 2 - math.floor(math.log10(abs(value))))
    digits = max(0, 2 - math.floor(math.log10(abs(rounded))))
    return f"{rounded:,.{digits}f}"


def whole(value: Any) -> str:
    """A parameter's value."""
    as_number = model.numeric(value)
    if as_number is None:
        return model.clean(value).replace("_", " ") if isinstance(value, str) else model.clean(value)
    return f"{as_number:,.0f}" if as_number == int(as_number) else f"{as_number:,g}"


def percent(share: float | None) -> str:
    if share is None:
        return "unknown"
    text = significant(share * 100)
    return (text.rstrip("0").rstrip(".") if "." in text else text) + " %"


def margins(results: model.Results) -> str:
    """The margin of the verdicts, from the least to the largest where each workload has its own."""
    return shares(results.margin_range())


def shares(of_workloads: Sequence[float]) -> str:
    """The shares of several workloads, from the least to the largest."""
    least, most = percent(min(of_workloads)), percent(max(of_workloads))
    return most if least == most else f"{least} to {most} by workload"


def small_print(margin: float, floor: float | None) -> str:
    """What stands at the foot of a chart."""
    aa = f"; the baseline against itself (A/A) differed by at most {percent(floor)}" if floor is not None else ""
    return f"No difference below {percent(margin)} is claimed{aa}."


def interval(estimate: model.Interval | None) -> str:
    """`[0.0632, 0.0672]`, or what is missing."""
    if estimate is None or not estimate.has_interval:
        return "[no interval]"
    return f"[{significant(estimate.low)}, {significant(estimate.high)}]"


def times(value: float) -> str:
    """A ratio. Just above 1 it has a fourth digit, as fine as the third one is just below: 0.997 and 1.003."""
    return f"{value:.3f}" if 0.9995 <= value < 1.1 else significant(value)


def ratio_interval(estimate: model.Interval | None) -> str:
    if estimate is None or not estimate.has_interval:
        return interval(estimate)
    return f"[{times(estimate.low)}, {times(estimate.high)}]"


def ratio(estimate: model.Interval | None) -> str:
    return "–" if estimate is None else f"{times(estimate.estimate)}× {ratio_interval(estimate)}"


def factor(value: float) -> str:
    """How many times: `4.1`, `11`, `1.02`."""
    return times(value) if value < 1.1 else f"{value:.2f}" if value < 1.195 else f"{value:.1f}" if value < 9.95 else \
        f"{value:,.0f}"


def brief(estimate: model.Interval, against: str = "") -> str:
    """`4.1 times as fast as fresh_heap`, or `1.3 times the time of fresh_heap`."""
    if estimate.estimate < 1:
        return f"{factor(1 / estimate.estimate)} times as fast{' as ' if against else ''}{against}"
    return f"{factor(estimate.estimate)} times the time{' of ' if against else ''}{against}"


def ends(estimate: model.Interval) -> str:
    """The interval of the same number: ` (3.98 to 4.37)`."""
    if not estimate.has_interval:
        return " (no interval)"
    low, high = (estimate.low, estimate.high) if estimate.estimate >= 1 else (1 / estimate.high, 1 / estimate.low)
    return f" ({times(low)} to {times(high)})"


def speed(estimate: model.Interval, against: str = "") -> str:
    """As people say it: `4.1 times as fast as fresh_heap (3.98 to 4.37)`."""
    return brief(estimate, against) + ends(estimate)


def compared(estimate: model.Interval, against: str) -> str:
    """The same as a predicate, with the ratio behind it."""
    return f"{'is' if estimate.estimate < 1 else 'takes'} {speed(estimate, against)}, {ratio(estimate)}"


def contender(cell: model.Cell) -> str:
    return f"{cell.strategy} on {cell.allocator}"


def version(results: model.Results, allocator: str) -> str:
    """`mimalloc 2.0.9`: a result about one version says nothing of the next."""
    known = next((str(one.get("version") or "") for one in results.raw.get("allocators") or () if one.get("name") == allocator), "")
    found = re.search(r"[0-9]+(\.[0-9]+)+", known)
    return f"{allocator} {found[0]}" if found else allocator


def short(text: str, limit: int = 38) -> str:
    """A label that fits; the full name is in the table."""
    return text if len(text) <= limit else text[:limit - 1] + "…"


def phrase(key: str, value: Any) -> str:
    if key == heap_states.PARAMETER:
        return f"on {heap_states.said(str(value))}"
    text = _pattern(key).format(whole(value))
    if whole(value) != "1":
        return text
    text = re.sub(r"^1 (size classes|visits|producers|proxies|consumers|subsystems|shuffles|rounds)", lambda found: "1 " + SINGULAR.get(found[1], found[1][:-1]), text)
    return text.replace("1 live objects", "1 live object").replace("1 threads", "1 thread")


def joined(names: Sequence[str], most: int) -> str:
    """`a, b and 3 more`."""
    shown, more = names[:most], len(names) - most
    if more > 0:
        return f"{', '.join(shown)} and {more} more"
    return f"{', '.join(shown[:-1])} and {shown[-1]}" if len(shown) > 1 else shown[0]


def listed(key: str, values: Sequence[Any]) -> str:
    """`16, 64 and 256 bytes each`: points that were measured, where a span would claim what lies between."""
    if len(values) == 1:
        return phrase(key, values[0])
    return _pattern(key).format(f"{', '.join(map(whole, values[:-1]))} and {whole(values[-1])}")


def _pattern(key: str) -> str:
    if key in PHRASES:
        return PHRASES[key]
    name = key.replace("{", "(").replace("}", ")")
    return f"{{}} % {name[:-8].replace('_', ' ')}" if name.endswith("_percent") else f"{name.replace('_', ' ')} {{}}"


def point(parameters: dict[str, Any]) -> str:
    """`1,000,000 live objects, 64 bytes each, shuffled order`."""
    return ", ".join(phrase(key, value) for key, value in parameters.items()) or "no parameters"


def span(key: str, first: Any, last: Any) -> str:
    """`From 100 to 1,000,000 live objects`."""
    suffix = _pattern(key).startswith("{} ")
    return f"From {whole(first) if suffix else phrase(key, first)} to {phrase(key, last) if suffix else whole(last)}"


def at(parameters: dict[str, Any]) -> str:
    """The beginning of a sentence about a point."""
    sized = any(model.numeric(value) is not None for value in parameters.values())
    return f"{'At' if sized else 'For'} {point(parameters)}"


def axis(key: str) -> str:
    return AXES.get(key, f"{key[:-8]}, %" if key.endswith("_percent") else key).replace("_", " ")


def verdict(name: str) -> str:
    """Glyph and word: never colour or shape alone."""
    return f"{GLYPHS.get(name, '?')} {name.lower()}"


def count(items: int, singular: str, plural: str = "") -> str:
    return f"{items:,} {singular if items == 1 else plural or singular + 's'}"
