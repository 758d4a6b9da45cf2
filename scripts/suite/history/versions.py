"""The table of docs/systems.md: heaps that a run measured in two versions, `mimalloc` and `mimalloc_2.0`, the newer one over the older.

Both were paired with the same baseline, process by process, so their ratios can be divided.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from suite.analysis import samples, verdicts
from suite.analysis.cell import EQUIVALENT, FASTER, NOT_CITABLE, SLOWER, Cell, every
from suite.history.past import Run
from suite.results import runs, wording

Json = Mapping[str, Any]
NOTHING = "No reference run has measured two versions of a heap yet.\n"
STRATEGY = "fresh_heap"
WORDS = {FASTER: "the newer is faster", SLOWER: "the newer is slower", EQUIVALENT: "equal", NOT_CITABLE: "not citable"}


def pairs(measured: Json) -> Iterator[tuple[str, str]]:
    """A heap of the catalog, and the same of another version."""
    names = [entry["name"] for entry in measured["allocators"] if not entry.get("settings")]  # of one version, told something
    yield from ((name, other) for name in names for other in names if other.startswith(f"{name}_"))


def line(measured: Json, newer: Cell, older: Cell) -> str:
    """One point: both times, and the newer over the older."""
    ratio = samples.paired_ratio(newer, older)
    verdict = NOT_CITABLE
    if ratio and ratio.has_interval and newer.citable and older.citable:
        verdict = verdicts.settled(ratio.low, ratio.high, max(runs.margin_at(measured, one) for one in (newer, older)))
    return (f"| {runs.markdown(newer.group)} | {wording.significant(newer.nanoseconds.estimate)} | {wording.significant(older.nanoseconds.estimate)} | "
            f"{wording.ratio(ratio)} | {WORDS.get(verdict, 'open')} |")


def section(found: list[Run], folder: str) -> str:
    """All that stands between the marks: a table for each pair of versions, of the newest run that has it."""
    parts, seen = [], set()
    for run in found:  # the newest first
        named = {entry["name"]: entry for entry in run.measured["allocators"]}
        for name, other in pairs(run.measured):
            cells = {cell.id: cell for cell in every(run.measured) if cell.measured and cell.strategy == STRATEGY and not cell.twin}
            both = [(cell, cells.get(f"{cell.group}/{STRATEGY}@{other}")) for cell in cells.values() if cell.allocator == name]
            both = [(newer, older) for newer, older in both if older]
            if (name, other) in seen or not both:
                continue
            seen.add((name, other))
            environment = run.measured["environment"]
            parts.append("\n".join([
                f"**{runs.markdown(name)} {runs.markdown(named[name]['version'])} and {runs.markdown(other)}**, both in [one run]({folder}/{run.link}) on {run.machine}, "
                f"{runs.markdown(environment['compiler'])}, {runs.markdown(environment['libc'])}:", "",
                f"| point, fresh from the heap | {runs.markdown(name)}, ns | {runs.markdown(other)}, ns | newer / older | |", "|---|--:|--:|---|---|",
                *(line(run.measured, newer, older) for newer, older in both), ""]))
    return "\n".join(parts) or NOTHING
