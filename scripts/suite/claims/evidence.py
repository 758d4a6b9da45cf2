"""The values that a check asks for: from what the interpreters answered, and from the cells of runs.

Cells are named by patterns, `workload/parameters/strategy@allocator`; a pattern that meets nothing gives a reason and
the command that would bring the cell. A ratio of two cells of one group is taken process by process.
"""

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from math import exp, log
from statistics import fmean
from typing import Any

from suite.analysis import samples
from suite.analysis.cell import of
from suite.claims import cpython
from suite.claims.cpython import Document
from suite.claims.judge import Value
from suite.claims.ledger import is_cpp, source_of

Run = Mapping[str, Any]


def of_document(check: Mapping[str, Any], document: Document) -> Value:
    """What one interpreter says."""
    source = source_of(check)
    names = [check[source]] if isinstance(check[source], str) else check[source]
    table: Mapping[str, Any] = {"fact": document.facts, "time": document.times, "bytes": document.bytes}[source]
    lacking = [name for name in names if name not in table]
    if lacking:
        return Value(document.name, reason=document.failed.get(lacking[0], f"{lacking[0]} was not measured"))
    if len(names) == 1:
        return Value(document.name, table[names[0]])
    if source == "time":
        return Value(document.name, *cpython.ratio(table[names[0]], table[names[1]]))
    above, below = (table[name] for name in names)
    if not all(isinstance(each, (int, float)) and not isinstance(each, bool) for each in (above, below)) or not below:
        return Value(document.name, reason=f"{names[0]} over {names[1]} is no ratio")
    return Value(document.name, above / below)


def _cells(run: Run, pattern: str) -> list[Mapping[str, Any]]:
    return [cell for cell in run.get("cells", ()) if fnmatchcase(cell["id"], pattern) and "#" not in cell["id"]]


def _resident(cell: Mapping[str, Any]) -> float | None:
    value = (cell.get("memory") or {}).get("rss_bytes_per_object")
    return value if isinstance(value, (int, float)) and value > 0 else None


def _times(above: Mapping[str, Any], below: Mapping[str, Any]) -> tuple[float, float | None, float | None] | None:
    if not above.get("ns_per_op") or not below.get("ns_per_op"):
        return None
    if above["group"] == below["group"]:
        paired = samples.paired_ratio(of(above), of(below))
        if paired is not None:
            return paired.estimate, paired.low, paired.high
    one, other = above["ns_per_op"], below["ns_per_op"]
    ends = all(each.get(key) for each in (one, other) for key in ("low", "high"))
    return (one["median"] / other["median"], one["low"] / other["high"] if ends else None,
            one["high"] / other["low"] if ends else None)


def _sizes(above: Mapping[str, Any], below: Mapping[str, Any]) -> tuple[float, None, None] | None:
    one, other = _resident(above), _resident(below)
    return (one / other, None, None) if one and other else None


def _kept(cell: Mapping[str, Any]) -> float | None:
    """What stays resident for each object after all of them were released, at the last look; a process may even shrink."""
    told = (cell.get("memory") or {})
    kept, objects = told.get("kept_bytes") or {}, told.get("objects")
    return max(0.0, kept[max(kept, key=float)] / objects) if kept and objects else None


def _stays(above: Mapping[str, Any], below: Mapping[str, Any]) -> tuple[float, None, None] | None:
    one, other = _kept(above), _kept(below)
    return (one / other, None, None) if one is not None and other else None


def command(pattern: str) -> str:
    """What to type for a cell that a pattern names: its workload, or its strategy where any workload will do."""
    workload, strategy = pattern.split("/")[0], pattern.split("/")[-1].split("@")[0]
    wanted = f"--strategy '{strategy}'" if workload == "*" else f"--workload '{workload}/*'"
    return f"scripts/poolmark run --preset full {wanted}"


def of_run(check: Mapping[str, Any], name: str, run: Run) -> Value:
    """What one run says: the ratio of the two cells, or over several groups the geometric mean of their ratios."""
    source = source_of(check)
    first, second = check[source]
    if source == "told":
        return _told(first, second, name, run)
    take = {"ns": _times, "rss": _sizes, "kept": _stays}[source]
    others = _cells(run, second)
    ratios = []
    for cell in _cells(run, first):
        own = [other for other in others if other["group"] == cell["group"]] or others
        found = [each for each in (take(cell, other) for other in own[:1]) if each]
        ratios += found
    if not ratios:
        return Value(name, reason=f"no run has these cells; {command(first)}")
    if len(ratios) == 1:
        return Value(name, *ratios[0])
    estimates = [estimate for estimate, _, _ in ratios]
    middle = exp(fmean(map(log, estimates))) if min(estimates) > 0 else 0.0
    return Value(name, middle, min(estimates), max(estimates))


def _told(pattern: str, fact: str, name: str, run: Run) -> Value:
    """What a cell tells beside its time. It follows from the work, so the first cell that tells it speaks for all."""
    found = [cell["facts"][fact] for cell in _cells(run, pattern) if fact in (cell.get("facts") or {})]
    return Value(name, found[0]) if found else Value(name, reason=f"no run has these cells; {command(pattern)}")


def release(version: str) -> tuple[int, ...]:
    """`3.11` or `3.11.2` as numbers that compare."""
    return tuple(int(part) for part in version.split(".")[:2] if part.isdigit())


def _concerns(check: Mapping[str, Any], document: Document) -> bool:
    """Whether a check is meant for this version: some ask the same thing of another row from a version on."""
    return release(check.get("since", "0")) <= release(document.version) and (
        "before" not in check or release(document.version) < release(check["before"]))


def values(check: Mapping[str, Any], documents: Sequence[Document], runs: Sequence[tuple[str, Run]]) -> list[Value]:
    """All values of a check: one for each interpreter of its level, or that of the first run which has the cells."""
    if is_cpp(check):
        found = [of_run(check, name, run) for name, run in runs]
        there = [value for value in found if value.there]
        wanted = command(check[source_of(check)][0])
        return there[:1] or found[:1] or [Value("no run", reason=f"there is no run; {wanted}")]
    level = check.get("level", "python")
    chosen = [document for document in documents if document.level == level]
    if chosen:
        return [of_document(check, document) for document in chosen if _concerns(check, document)]
    return [
        Value(level, reason="no libpython to ask" if level == "c api" else "no CPython to ask")]
