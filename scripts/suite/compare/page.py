"""A comparison for the eye: a table for the terminal, and one for a pull request."""

import shutil
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from suite.compare.cells import IMPROVED, ORDER, REGRESSED, SAME, UNRESOLVED, Comparison, Row
from suite.results import run_regime, runs, wording
from suite.results.runs import plain

Json = Mapping[str, Any]
GLYPHS = {REGRESSED: "▼", IMPROVED: "▲", SAME: "≈", UNRESOLVED: "?"}
UNPAIRED = ("Changes are ratios of ratios to the baseline of the same run, with 95 % intervals per cell. The nanoseconds of "
            "two runs are not paired: they show the size of a thing, not whether it changed.")
LISTED = 8


def width() -> int:
    """Of the terminal; a pipe takes whole names."""
    return shutil.get_terminal_size((100, 24)).columns if sys.stdout.isatty() else 1000


def _change(row: Row) -> tuple[str, str]:
    if row.change is None:
        return "–", "–"
    if row.change.low is None or row.change.high is None:
        return f"{wording.times(row.change.estimate)}×", "–"
    return f"{wording.times(row.change.estimate)}×", f"[{wording.times(row.change.low)}, {wording.times(row.change.high)}]"


def _ns(row: Row) -> str:
    return " → ".join("–" if value is None else wording.significant(value) for value in (row.old_ns, row.new_ns))


def _verdict(row: Row) -> str:
    return f"{GLYPHS[row.verdict]} {row.verdict}"


def _counts(found: Comparison) -> str:
    counted = Counter(row.verdict for row in found.rows)
    return ", ".join(f"{counted[name]} {name}" for name in ORDER if counted[name])


def _head(found: Comparison, old: Json, new: Json) -> list[str]:
    def name(measured: Json) -> str:
        return (f"{plain(measured['run']['id'], 60)} ({plain(runs.version(measured), 60)}, "
                f"{measured['calibration']['quality']}, {run_regime.NAMES[run_regime.of_run(measured)]}, "
                f"hash {runs.run_hash(measured)})")
    return [f"old {name(old)}", f"new {name(new)}",
            f"{len(found.rows)} cells: {_counts(found)}; margin up to {wording.percent(found.margin)}, for each cell the "
            "larger of the two runs'"]


def _rest(found: Comparison) -> list[str]:
    groups = (("only in the old run", found.only_old), ("only in the new run", found.only_new),
              ("not compared, because the two runs had different regimes there", found.apart))
    return [f"{what}: {runs.names(ids, LISTED)}" for what, ids in groups if ids]


def terminal(found: Comparison, old: Json, new: Json, notes: Sequence[str], columns: int) -> str:
    """Plain columns, the changes first; cells that are the same are counted, not listed."""
    shown = [row for row in found.rows if row.verdict != SAME]
    table = [("cell", "change", "interval", "ns old → new", "verdict", "")]
    table += [(plain(row.cell), *_change(row), _ns(row), _verdict(row), plain(row.reason)) for row in shown]
    widths = [max(len(line[i]) for line in table) for i in range(5)]
    widths[0] = max(20, min(widths[0], columns - sum(widths[1:]) - 10))
    lines = [*_head(found, old, new), ""]
    for line in table if shown else ():
        cells = [wording.short(line[0], widths[0]).ljust(widths[0])] + [
            text.rjust(size) if i < 3 else text.ljust(size) for i, (text, size) in enumerate(zip(line[1:5], widths[1:]))]
        lines.append("  ".join([*cells, line[5]]).rstrip())
    same = len(found.rows) - len(shown)
    lines += [""] * bool(shown) + ([f"{same} cells are the same within the margin"] if same else [])
    return "\n".join([*lines, *_rest(found), *map(plain, notes), UNPAIRED]) + "\n"


def markdown(found: Comparison, old: Json, new: Json, notes: Sequence[str]) -> str:
    """Six columns at most, so that it fits a pull request; what did not change is folded away."""
    regressed = sum(row.verdict == REGRESSED for row in found.rows)
    title = f"**{regressed} of {len(found.rows)} cells regressed.**" if regressed else \
        f"**No regression among {len(found.rows)} cells.**"
    changed = [row for row in found.rows if row.verdict in (REGRESSED, IMPROVED)]
    rest = [row for row in found.rows if row not in changed]
    lines = [f"{title} {runs.markdown(_counts(found))}; margin {wording.percent(found.margin)}.", "", *_table(changed)]
    if rest:
        lines += ["<details><summary>Same or unresolved</summary>", "", *_table(rest), "</details>", ""]
    lines += [f"- {runs.markdown(line, 2000)}" for line in [*_head(found, old, new)[:2], *_rest(found), *notes, UNPAIRED]]
    return "\n".join(lines) + "\n"


def _table(rows: Sequence[Row]) -> list[str]:
    if not rows:
        return []
    lines = ["| cell | change | 95 % interval | ns old → new | verdict |", "|---|--:|--:|--:|---|"]
    for row in rows:
        reason = f" ({runs.markdown(row.reason)})" if row.reason else ""
        change, interval = _change(row)
        lines.append(f"| {runs.markdown(row.cell)} | {change} | {runs.markdown(interval)} | {_ns(row)} | {_verdict(row)}{reason} |")
    return [*lines, ""]
