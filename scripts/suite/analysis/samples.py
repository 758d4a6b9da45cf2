"""One row per process from the rounds behind it, and the figures of a cell from its rows. Pure functions.

Where a cell was measured on several nodes of a cluster, each row names its own. What nodes differ in is a level above passes: with a
few of them it widens the interval as passes do, by t with one degree of freedom less than nodes: cells of a group have their nodes
in common, so that more cells say nothing more. From six on a node is the unit and the interval is over nodes.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from math import exp, log
from statistics import median
from typing import Any

from suite.analysis import components, regimes, statistics
from suite.analysis.cell import Cell
from suite.analysis.components import Between
from suite.analysis.regimes import MIN_ROUNDS, UNKNOWN, Conditions
from suite.analysis.statistics import FEWEST_NODES, Interval
from suite.plan.presets import CONFIDENCE

Json = dict[str, Any]


def digits(value: float) -> float:
    """As written: more than six digits of a time are noise, and the file is easier to compare."""
    return float(f"{value:.6g}")


def rounded(found: Interval | None) -> Interval | None:
    """As written."""
    return found and Interval(*(None if value is None else digits(value) for value in (found.estimate, found.low, found.high)))


def round_logs(sample: Mapping, under: Conditions = Conditions(), regime: str = UNKNOWN) -> list[float]:
    """The logarithm of the ratio in each round that counts for a regime; empty for a baseline."""
    baseline = sample["baseline_ns_per_op"]
    return statistics.round_logs(sample["ns_per_op"], baseline, regimes.rejected(sample, under.best, regime)) if baseline else []


def process_samples(samples: Sequence[Mapping], under: Conditions = Conditions(), regime: str = UNKNOWN) -> list[Json]:
    """One row per process, the unit of the statistics, from the rounds of a regime that were not disturbed. A process with
    too few of them says nothing."""
    rows = []
    for sample in samples:
        times, kinds = sample["ns_per_op"], regimes.of_rounds(sample, under.best)
        out = set(regimes.rejected(sample, under.best, regime, kinds))
        kept = [value for number, value in enumerate(times) if number not in out]
        found = regimes.counts(kinds)
        if found and len(kept) < min(MIN_ROUNDS, len(times)):
            kept, out = [], set(range(len(times)))
        middle = median(kept) if kept else None
        logs = statistics.round_logs(times, sample["baseline_ns_per_op"], out) if sample["baseline_ns_per_op"] else []
        rows.append({"process": sample["process"], "layout": sample["layout"], "rounds": len(times),
                     "rejected": len(sample["rejected"]), "ns_per_op": None if middle is None else digits(middle),
                     "minimum_ns_per_op": min(kept, default=None),
                     "round_spread": float(f"{components.round_spread(logs):.3g}") if logs else None,
                     "ratio": digits(exp(median(logs))) if logs else None}
                    | {key: sample[key] for key in ("pass", "cpu", "node") if key in sample}
                    | (found | {"other": len(out - set(sample["rejected"])), "witness": _witness(sample)} if found else {}))
    return rows


def _witness(sample: Mapping) -> Json:
    return {name: float(f"{value:.4g}") for name, value in regimes.block(sample).items()}


def log_ratios(rows: Sequence[Mapping]) -> list[float]:
    """One value per process: what intervals and tests are made of."""
    return [log(row["ratio"]) for row in rows if row["ratio"] is not None]


def nodes(rows: Iterable[Mapping]) -> list[str]:
    """The nodes on which a cell has ratios; one or none for a run of one machine."""
    return sorted({row["node"] for row in rows if "node" in row and row["ratio"] is not None})


def passes(rows: Sequence[Mapping]) -> list[int]:
    """The pass of each of these values, or its node where there are several; older runs have one."""
    return _labels([row for row in rows if row["ratio"] is not None])


def _labels(rows: Sequence[Mapping]) -> list[int]:
    number = {node: place for place, node in enumerate(sorted({row.get("node", "") for row in rows}))}
    return [number[row.get("node", "")] if len(number) > 1 else row.get("pass", 0) for row in rows]


def per_node(rows: Sequence[Mapping]) -> list[float]:
    """One value a node: the median over its rows. Empty with fewer nodes than an interval over them takes."""
    found: dict[str, list[float]] = {}
    for row in rows:
        if "node" in row and row["ratio"] is not None:
            found.setdefault(row["node"], []).append(log(row["ratio"]))
    return [median(found[node]) for node in sorted(found)] if len(found) >= FEWEST_NODES else []


def pooled(cells: Iterable[Sequence[Mapping]]) -> Between | None:
    """How much passes differ in a group, from the rows of each of its cells that has ratios."""
    every = list(cells)
    found, most = components.pooled((log_ratios(rows), passes(rows)) for rows in every), max(map(len, map(nodes, every)), default=0)
    return replace(found, degrees=min(found.degrees, most - 1)) if found and most > 1 else found


def ratio(rows: Sequence[Mapping], confidence: float = CONFIDENCE, between: Between | None = None) -> Interval | None:
    """The ratio of a cell to its baseline, from its rows."""
    if values := per_node(rows):
        return statistics.over_nodes(values).exponential()
    return statistics.ratio(log_ratios(rows), confidence, passes(rows), between)


def sign_test(rows: Sequence[Mapping], margin: float, between: Between | None = None) -> float:
    """How likely chance alone puts the ratio of a cell beyond the margin."""
    if values := per_node(rows):
        return statistics.sign_test(values, margin)
    return statistics.sign_test(log_ratios(rows), margin, passes(rows), between)


def confidence(rows: Sequence[Mapping], asked: float) -> float | None:
    """What the interval of a ratio reaches."""
    if values := per_node(rows):
        return statistics.confidence_over_nodes(len(values))
    return statistics.actual_confidence(len(log_ratios(rows)), asked)


def variance(rows: Sequence[Mapping], found: Interval | None) -> Json | None:
    """Where a process's ratio varies, as shares, and what would narrow the interval."""
    if len(nodes(rows)) > 1:
        return None  # its levels are those of one machine
    kept = [row for row in rows if row["ratio"] is not None]
    parts = components.components([
        components.Process(row["layout"].get("build", 0), row.get("pass", 0), log(row["ratio"]), row["round_spread"],
                           row["rounds"] - row["rejected"] - row.get("other", 0)) for row in kept])
    if parts is None or not parts.total or found is None or not found.half_width:
        return None
    shares = {key: float(f"{part / parts.total:.3f}") for key, part in (
        ("build", parts.build), ("pass", parts.passes), ("process", parts.process), ("round", parts.round))}
    return shares | {"next": _next_spend(shares, len(kept), found.half_width)}


def _next_spend(shares: Mapping[str, float], processes: int, half_width: float) -> str:
    if shares["build"] > 0.5:
        return "more link orders: where the code lies is most of what differs"
    if shares["pass"] > 0.5:
        return "more passes: the minute in which it ran is most of what differs"
    if shares["round"] > 0.5:
        narrower = half_width * (1 - shares["round"] / 2) ** 0.5
        return f"twice the rounds would narrow it from ±{half_width:.1%} to about ±{narrower:.1%}"
    narrower = half_width * (processes / (processes + 10)) ** 0.5
    return f"10 more processes would narrow it from ±{half_width:.1%} to about ±{narrower:.1%}"


def ns_per_op(rows: Sequence[Mapping]) -> Interval | None:
    """The time of one operation; the interval holds what passes differ in, as a ratio's does."""
    kept = [row for row in rows if row["ns_per_op"] is not None]
    passes_of = _labels(kept)
    return rounded(statistics.ratio([log(row["ns_per_op"]) for row in kept], CONFIDENCE, passes_of) if any(passes_of) else
                   statistics.interval([row["ns_per_op"] for row in kept]))  # older runs have one pass and no logarithm here


def paired_ratio(ours: Cell, rival: Cell) -> Interval | None:
    """Ours over a rival of the same group, from the processes that measured both: both were paired with one baseline."""
    own, its = _ratios(ours), _ratios(rival)
    both = sorted(own.keys() & its.keys())
    pass_of = {sample["process"]: label for sample, label in zip(ours.samples, _labels(ours.samples))}
    logs = [log(own[process]) - log(its[process]) for process in both]
    return statistics.ratio(logs, passes=[pass_of[process] for process in both]) if both else None


def _ratios(cell: Cell) -> dict[int, float]:
    """Of each process; the baseline of a group is 1 by definition."""
    found = {sample["process"]: sample["ratio"] for sample in cell.samples if sample.get("ratio")}
    return found or ({sample["process"]: 1.0 for sample in cell.samples} if cell.is_baseline else {})


def total(rows: Sequence[Mapping], key: str) -> int:
    """Over all processes."""
    return sum(row[key] for row in rows)
