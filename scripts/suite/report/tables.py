"""What the pages tabulate: the cells of a point, what went wrong and its fix, the machine, the allocators."""

from __future__ import annotations

import math
import re
import shlex
import zlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from suite.charts import latency, limits
from suite.charts.forest import ordered
from suite.results import model, wording
from suite.results.model import Cell, Results
from suite.results.selection import Point

QUALITY = {
    "SOUND": "The run met its own checks. Each cell is citable or not by itself, at its own margin; where it is not, the "
             "reason stands beside it.",
    "CITABLE": "The run met its own checks: its numbers may be cited with their intervals.",
    "EXPLORATORY": "Not every check of a citable run was met. What is called faster or slower holds at the margin "
                   "above; quote it with that margin, or run again on a quieter machine or with --preset full.",
    "INVALID": "The run failed its own checks: nothing on this page may be cited.",
}
FIXES = {
    model.FAILED: "Run it alone with --workload, --strategy and --allocator; its notes hold the end of its errors.",
    model.SKIPPED: "Install what the reason names and run again.",
    model.NOT_CITABLE: "Run again on a quieter machine, or with --preset full for more processes.",
    model.UNRESOLVED: "Its interval is too wide for a verdict: more processes (--preset full) narrow it.",
}
ALONE = "alone, but not after the correction for several comparisons"
WORTH_A_PEAK, WORTH_A_FAULT = 1.25, 0.001  # times the smallest; an operation
DIGEST = ("cpu", "cpus", "memory_bytes", "caches", "virtualization", "governor", "kernel", "thp", "aslr", "libc",
          "compiler", "flags", "google_benchmark", "load_before", "variables")


@dataclass(frozen=True)
class Problem:
    """Cells that share a verdict, a reason and a fix."""

    verdict: str
    reason: str
    fix: str
    cells: tuple[Cell, ...]


def anchor(identity: str, kind: str = "cell") -> str:
    """A permalink that reads like the id and is unique even when two ids differ in odd characters only."""
    readable = re.sub(r"[^A-Za-z0-9_.@-]+", "-", identity).strip("-")[:90]
    return f"{kind}-{readable}-{zlib.crc32(identity.encode('utf-8', 'replace')):08x}"


def rows(point: Point) -> list[dict[str, Any]]:
    """One row a cell: absolute nanoseconds first, then the ratio with its interval, then the verdict."""
    processes = of_processes(point.cells)
    return [{
        "anchor": anchor(cell.id), "cell": cell, "contender": cell.contender + again(cell) + cell.aside,
        "ns": wording.significant(cell.nanoseconds.estimate) if cell.nanoseconds else "–",
        "ns_interval": wording.interval(cell.nanoseconds) if cell.nanoseconds else "",
        "minimum": wording.significant(cell.minimum) if cell.minimum else "–",
        "ratio": f"{wording.times(cell.ratio.estimate)}×" if cell.ratio else "–",
        "interval": wording.ratio_interval(cell.ratio) if cell.ratio and cell.verdict != model.BASELINE else "",
        "verdict": wording.verdict(cell.verdict), "kind": cell.verdict.lower().replace(" ", "-"),
        "reason": cell.reason if cell.verdict != model.FASTER or cell.holds else ALONE, "limit": cell.limit,
        "more": more(cell) | processes[cell.id],
    } for cell in ordered(point.cells)]


def again(cell: Cell) -> str:
    """What an A/A row is."""
    if not cell.twin:
        return ""
    return " (A/A, compiled again)" if cell.id.endswith("#duplicate") else " (A/A twin)"


def more(cell: Cell) -> dict[str, str]:
    """Columns that only some runs have."""
    resident = model.number(cell.memory.get("rss_bytes_per_object"))
    instructions = model.number(cell.part("instructions").get("ratio"))
    tail = latency.percentiles(cell)
    return {"beside a busy sibling": wording.ratio(cell.shared) if cell.shared else "",
            "memory": "busy throughout" if cell.regime == "busy" else "",
            "margin": wording.percent(cell.margin) if cell.margin and cell.ratio and cell.verdict != model.BASELINE else ""} | facts(cell) | {
            "bytes per object": wording.significant(resident) if resident and resident > 0 else "",
            **kept(cell),
            "instructions": f"{wording.times(instructions)}×" if instructions else "",
            "of the limit": wording.percent(limits.share(cell)) if limits.share(cell) is not None else "",
            "99 %, ns": wording.significant(tail[99.0]) if 99.0 in tail else ""}


def kept(cell: Cell) -> dict[str, str]:
    """What a process still held after its objects were gone, as long as it was watched; for each of these objects."""
    watched, objects = cell.memory.get("kept_bytes"), model.number(cell.memory.get("objects"))
    seconds = max(watched, key=float, default="0") if isinstance(watched, dict) else "0"
    left = model.number(watched.get(seconds)) if float(seconds) else None
    return {f"bytes per object kept after {seconds} s": wording.significant(max(left, 0) / objects)} if objects and left is not None else {}


def of_processes(cells: Sequence[Cell]) -> dict[str, dict[str, str]]:
    """What whole processes took, for each cell: shown where the contenders of a point differ enough to decide something."""
    peaks = {cell.id: model.number(cell.memory.get("peak_rss_bytes")) for cell in cells}
    faults = {cell.id: model.number(cell.memory.get("faults_per_operation")) for cell in cells}
    known = [peak for peak in peaks.values() if peak]
    peaks_differ = bool(known) and max(known) >= WORTH_A_PEAK * min(known)
    any_faults = any((value or 0) >= WORTH_A_FAULT for value in faults.values())
    return {cell.id: {
        "peak of the process, MiB": wording.significant(peaks[cell.id] / 2**20) if peaks_differ and peaks[cell.id] else "",
        "page faults an operation": wording.significant(faults[cell.id]) if any_faults and faults[cell.id] else "",
    } for cell in cells}


def facts(cell: Cell) -> dict[str, str]:
    """What a subject knows beside its time; a share as a percentage."""
    known = {model.name(key, 40): model.number(value) for key, value in cell.part("facts").items()}
    return {key.replace("_", " "): wording.percent(value) if key.endswith("_ratio") else wording.significant(value)
            for key, value in known.items() if value is not None}


def columns(lines: list[dict[str, Any]]) -> list[str]:
    """Which of those a table needs."""
    every = dict.fromkeys(key for line in lines for key in line["more"])
    return [key for key in every if any(line["more"].get(key) for line in lines)]


def problems(results: Results) -> list[Problem]:
    """What failed, was skipped, is not citable or not settled; cells with one reason together."""
    found: dict[tuple[str, str], list[Cell]] = defaultdict(list)
    for cell in results.cells:
        if cell.verdict in FIXES and not cell.twin:
            found[(cell.verdict, cell.reason if cell.verdict != model.UNRESOLVED else "")].append(cell)
    order = list(FIXES)
    return [Problem(verdict, reason or "no reason recorded" if verdict != model.UNRESOLVED else _needed(results, cells),
                    FIXES[verdict], tuple(cells))
            for (verdict, reason), cells in sorted(found.items(), key=lambda item: order.index(item[0][0]))]


def _needed(results: Results, cells: list[Cell]) -> str:
    """How many processes would make the typical open interval as narrow as the margin."""
    processes = model.number((results.raw.get("protocol") or {}).get("processes"))
    widths = sorted(math.log(cell.ratio.high / cell.ratio.low) for cell in cells
                    if cell.ratio and cell.ratio.has_interval)
    if not widths or not processes:
        return "the interval reaches over the margin"
    factor = (widths[len(widths) // 2] / (2 * math.log1p(results.margin_of(cells[0].workload)))) ** 2
    return (f"the interval reaches over the margin; half of these need about "
            f"{wording.whole(max(processes + 1, math.ceil(processes * factor)))} processes or fewer")


def digest(results: Results) -> list[tuple[str, str]]:
    """What a reader asks of the machine first."""
    raw = results.raw.get("environment") or {}
    return [(key.replace("_", " "), _value(key, raw[key])) for key in DIGEST if key in raw]


def environment(results: Results) -> list[tuple[str, str]]:
    """The whole machine, in the order in which a reader asks."""
    raw = results.raw.get("environment") or {}
    keys = [key for key in DIGEST if key in raw] + [key for key in raw if key not in DIGEST and key != "build"]
    return [(key.replace("_", " "), _value(key, raw[key])) for key in keys]


def _value(key: str, value: Any) -> str:
    if key == "caches" and isinstance(value, list):
        return ", ".join(f"L{model.clean(cache.get('level'))} {model.clean(cache.get('type', '')).lower()} "
                         f"{wording.whole(cache.get('bytes'))} bytes" for cache in value if isinstance(cache, dict))
    if key.endswith("_bytes"):
        return f"{wording.whole(value)} bytes"
    return _plain(value)


def _plain(value: Any) -> str:
    """Whatever a machine says of itself, in one line."""
    if isinstance(value, dict):
        return ", ".join(f"{model.clean(k)}={_plain(v)}" for k, v in value.items()) or "none"
    if isinstance(value, list):
        return " ".join(_plain(entry) for entry in value) or "none"
    return "unknown" if value is None else model.clean(value)


def availability(allocator: dict[str, Any]) -> str:
    """`yes`, or `no` with the reason."""
    reason = f": {model.clean(allocator['reason'])}" if allocator.get("reason") else ""
    return ("yes" if allocator.get("available") else "no") + reason


def command(results: Results) -> str:
    """The command that makes this run again, seed included; not into the same folder, which holds a run already."""
    run = results.raw.get("run") or {}
    text = _elsewhere(model.clean(run.get("command") or "scripts/poolmark run"))
    if run.get("seed") is not None and "--seed" not in text:
        text += f" --seed {model.clean(run['seed'])}"
    return text


def _elsewhere(command: str) -> str:
    try:
        words = shlex.split(command)
    except ValueError:  # a quote that is never closed
        return command
    kept = [word for before, word in zip(["", *words], words)
            if "--out" not in (before, word) and not word.startswith("--out=")]
    return command if kept == words else shlex.join(kept)


def version(allocator: dict) -> str:
    """Which version, and the variables it ran with where it had any."""
    settings = allocator.get("settings")
    told = " ".join(f"{key}={value}" for key, value in settings.items()) if isinstance(settings, dict) else ""
    return f"{allocator.get('version') or '–'}{f', {told}' if told else ''}"


def protocol(results: Results) -> str:
    """One line on how the numbers came to be."""
    raw = results.raw.get("protocol") or {}
    confidence = model.number(raw.get("actual_confidence")) or model.number(raw.get("confidence"))
    builds = model.number(raw.get("builds"))
    extra = f" over {wording.whole(builds)} link orders" if builds and builds > 1 else ""
    held = (f"; {model.name(raw['correction'])}, {wording.whole(raw.get('comparisons', '?'))} comparisons"
            if raw.get("correction") else "")
    interim = [model.number(one.get("processes")) for one in raw.get("looks") or () if isinstance(one, dict)]
    held += f"; interim analyses after {', '.join(map(wording.whole, interim))} processes" if len(interim) > 1 else ""
    passes = model.number(raw.get("passes"))
    extra += f" in {wording.whole(passes)} passes" if passes and passes > 1 else ""
    return (f"{wording.whole(raw.get('processes', '?'))} processes{extra} × {wording.whole(raw.get('rounds', '?'))} "
            f"rounds per contender, intervals at {wording.percent(confidence)} confidence per comparison, "
            f"margin {wording.margins(results)}{held}")
