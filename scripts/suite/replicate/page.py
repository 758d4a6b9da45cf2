"""What several runs say of one another: for the terminal, and as the Markdown of docs/methodology.md."""

from collections.abc import Mapping, Sequence
from typing import Any

from suite import citable, run_regime, runs
from suite.charts import words
from suite.charts.data import Estimate
from suite.replicate.pairs import LEAST_OVERLAP, Pair, Replication, Side, Tally, by, tally, worst

Json = Mapping[str, Any]
Named = tuple[str, Json]
Table = tuple[str, list[str], list[list[str]]]  # a caption, the heads, the rows
WORST, MIXED = 8, 6


def share(total: Tally) -> str:
    """How many overlap, rounded down, so that what is below the bar does not read as the bar."""
    return f"{1000 * total.overlapping // total.pairs / 10:.1f} %"


def verdict(found: Replication) -> str:
    """The answer, against its bar."""
    total = tally(found.pairs)
    return (f"{share(total)} of {total.pairs:,} pairs of 95 % intervals overlap (at least "
            f"{words.percent(LEAST_OVERLAP)} wanted), {words.count(total.turned, 'verdict')} turned round (none wanted): "
            f"{'reached' if total.reached else 'NOT REACHED'}")


def mixed(found: Replication) -> str:
    """What was left out, because like is compared with like only."""
    if not found.mixed:
        return ""
    cells = list(dict.fromkeys(found.mixed))
    return (f"{words.count(len(found.mixed), 'pair')} of different regimes not compared: {runs.names(cells, MIXED)}")


def _runs(named: Sequence[Named]) -> Table:
    rows = []
    for number, (name, measured) in enumerate(named, start=1):
        cited, compared = citable.count(measured)
        part = f"{100 * cited / compared:.1f} %" if compared else "–"
        rows.append([str(number), name, measured["run"]["started"].replace("T", " ").rstrip("Z"),
                     run_regime.NAMES[run_regime.of_run(measured)], f"{cited:,} of {compared:,} ({part})",
                     words.percent(measured["calibration"]["median_half_width"])])
    return "Runs", ["", "run", "begun, UTC", "regime", "cells citable", "median A/A half-width"], rows


def _tallies(pairs: Sequence[Pair], caption: str, what: str, names: Mapping[str, str]) -> Table:
    groups = {"workload": by(pairs, lambda pair: pair.workload), "regime": by(pairs, lambda pair: pair.regime)}[what]
    rows = [[names.get(name, name), f"{one.pairs:,}", share(one), str(one.turned)] for name, one in groups.items()]
    return caption, [what, "pairs", "overlap", "turned round"], rows


def _side(side: Side) -> str:
    return f"{words.ratio(Estimate(side.estimate, side.low, side.high))} {side.verdict.lower()} (run {side.run + 1})"


def _worst(pairs: Sequence[Pair]) -> Table:
    rows = [[pair.cell, *map(_side, pair.sides), _distance(pair)] for pair in worst(pairs, WORST)]
    return "Farthest apart", ["cell", "one run", "another", "between the intervals"], rows


def _distance(pair: Pair) -> str:
    gap = "they overlap" if pair.overlaps else words.percent(pair.apart - 1)
    return gap + ", the verdict turned round" * pair.turned


def tables(found: Replication, named: Sequence[Named]) -> list[Table]:
    """All of them; one that has no rows is left out."""
    every = [_runs(named), _tallies(found.pairs, "By regime", "regime", run_regime.NAMES),
             _tallies(found.pairs, "By workload", "workload", {}), _worst(found.pairs)]
    return [table for table in every if table[2]]


def terminal(found: Replication, named: Sequence[Named]) -> str:
    """Plain columns, the answer last, where the eye is."""
    lines = []
    for caption, heads, rows in tables(found, named):
        table = [heads, *([runs.plain(entry) for entry in row] for row in rows)]
        widths = [max(len(row[place]) for row in table) for place in range(len(heads))]
        lines += [caption, *("  " + "  ".join(map(str.ljust, row, widths)).rstrip() for row in table), ""]
    return "\n".join(filter(None, ["\n".join(lines), runs.plain(mixed(found), 2000), verdict(found)])) + "\n"


def markdown(found: Replication, named: Sequence[Named]) -> str:
    """The same, the answer first."""
    lines = [f"**{verdict(found)}.**", ""]
    lines += [f"{runs.markdown(mixed(found), 2000)}.", ""] if found.mixed else []
    for caption, heads, rows in tables(found, named):
        lines += [f"{caption}:", "", f"| {' | '.join(heads)} |", "|---" * len(heads) + "|",
                  *(f"| {' | '.join(map(runs.markdown, row))} |" for row in rows), ""]
    return "\n".join(lines)
