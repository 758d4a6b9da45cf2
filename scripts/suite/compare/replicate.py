"""Several runs of one program on one machine, pair by pair: do the intervals of a cell overlap, do its verdicts contradict?

Only cells that may be cited in both runs of a pair count, and only where both were measured in the same regime; the
others are counted apart. Pure: nothing is read or printed here.

What several runs say of one another: for the terminal, and as the Markdown of docs/methodology.md.

`poolmark replicate`: do several runs of one program on one machine say the same?

    run 1 ─┐
    run 2 ─┼──►  each cell, each pair of runs: do the intervals overlap, do the verdicts contradict?
    run 3 ─┘

Good for: whether what is cited from one run will be found again by the next. Exit code 1 below the bar.
Bad for:  runs of different programs or machines; `compare` asks what changed between those of one machine.
"""

import sys
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

from suite.analysis.cell import Cell
from suite.base.errors import UserError
from suite.compare import identity
from suite.results import citable, renames, run_regime, runs, wording

Json = Mapping[str, Any]
LEAST_OVERLAP = 0.99  # two 95 % intervals of one truth miss each other far less often than once in a hundred
MAX_TURNED = 0
OPPOSITE = {"FASTER", "SLOWER"}
Named = tuple[str, Json]
Table = tuple[str, list[str], list[list[str]]]  # a caption, the heads, the rows
WORST, MIXED = 8, 6


@dataclass(frozen=True)
class Side:
    """What one run says of a cell."""

    run: int
    cell: Cell


@dataclass(frozen=True)
class Pair:
    """One cell in two runs."""

    cell: str
    workload: str
    regime: str
    sides: tuple[Side, Side]

    @property
    def apart(self) -> float:
        """The higher low end over the lower high end: above 1, the intervals do not meet."""
        return max(side.cell.ratio.low for side in self.sides) / min(side.cell.ratio.high for side in self.sides)

    @property
    def overlaps(self) -> bool:
        return self.apart <= 1

    @property
    def turned(self) -> bool:
        """FASTER in one run and SLOWER in the other."""
        return {side.cell.verdict for side in self.sides} == OPPOSITE


@dataclass(frozen=True)
class Tally:
    """Counts over some of the pairs."""

    pairs: int
    overlapping: int
    turned: int

    @property
    def share(self) -> float:
        return self.overlapping / self.pairs

    @property
    def reached(self) -> bool:
        """Whether both bars are met."""
        return self.share >= LEAST_OVERLAP and self.turned <= MAX_TURNED


@dataclass(frozen=True)
class Replication:
    """All pairs, and the cells (each once a pair of runs) that had different regimes and were not compared."""

    pairs: list[Pair]
    mixed: list[str]


def tally(pairs: Sequence[Pair]) -> Tally:
    """What came out of some pairs."""
    return Tally(len(pairs), sum(pair.overlaps for pair in pairs), sum(pair.turned for pair in pairs))


def by(pairs: Sequence[Pair], key: Callable[[Pair], str]) -> dict[str, Tally]:
    """The same for each workload, or each regime, in the order of the runs."""
    groups = defaultdict(list)
    for pair in pairs:
        groups[key(pair)].append(pair)
    return {name: tally(group) for name, group in groups.items()}


def worst(pairs: Sequence[Pair], most: int) -> list[Pair]:
    """Verdicts turned round first, then the intervals that lie farthest from each other; none that agree."""
    wrong = [pair for pair in pairs if pair.turned or not pair.overlaps]
    return sorted(wrong, key=lambda pair: (not pair.turned, -pair.apart))[:most]


def compare(runs: Sequence[Json]) -> Replication:
    """Every pair of runs, every cell that both may cite."""
    cells = [citable.cells(measured) for measured in runs]
    found = Replication([], [])
    for (first, old), (second, new) in combinations(enumerate(cells), 2):
        for name in (name for name in old if name in new):
            regime = run_regime.of_cell(old[name])
            if regime != run_regime.of_cell(new[name]) or not run_regime.alike(runs[first], runs[second], regime):
                found.mixed.append(name)
            else:
                found.pairs.append(Pair(name, old[name].workload, regime, (Side(first, old[name]), Side(second, new[name]))))
    return found


def share(total: Tally) -> str:
    """How many overlap, rounded down, so that what is below the bar does not read as the bar."""
    return f"{1000 * total.overlapping // total.pairs / 10:.1f} %"


def verdict(found: Replication) -> str:
    """The answer, against its bar."""
    total = tally(found.pairs)
    return (f"{share(total)} of {total.pairs:,} pairs of 95 % intervals overlap (at least "
            f"{wording.percent(LEAST_OVERLAP)} wanted), {wording.count(total.turned, 'verdict')} turned round (none wanted): "
            f"{'reached' if total.reached else 'NOT REACHED'}")


def mixed(found: Replication) -> str:
    """What was left out, because like is compared with like only."""
    if not found.mixed:
        return ""
    cells = list(dict.fromkeys(found.mixed))
    return (f"{wording.count(len(found.mixed), 'pair')} of different regimes not compared: {runs.names(cells, MIXED)}")


def _runs(named: Sequence[Named]) -> Table:
    rows = []
    for number, (name, measured) in enumerate(named, start=1):
        cited, compared = citable.count(measured)
        part = f"{100 * cited / compared:.1f} %" if compared else "–"
        rows.append([str(number), name, measured["run"]["started"].replace("T", " ").rstrip("Z"),
                     run_regime.NAMES[run_regime.of_run(measured)], f"{cited:,} of {compared:,} ({part})",
                     wording.percent(measured["calibration"]["median_half_width"])])
    return "Runs", ["", "run", "begun, UTC", "regime", "cells citable", "median A/A half-width"], rows


def _tallies(pairs: Sequence[Pair], caption: str, what: str, names: Mapping[str, str]) -> Table:
    groups = {"workload": by(pairs, lambda pair: pair.workload), "regime": by(pairs, lambda pair: pair.regime)}[what]
    rows = [[names.get(name, name), f"{one.pairs:,}", share(one), str(one.turned)] for name, one in groups.items()]
    return caption, [what, "pairs", "overlap", "turned round"], rows


def _side_text(side: Side) -> str:
    return f"{wording.ratio(side.cell.ratio)} {side.cell.verdict.lower()} (run {side.run + 1})"


def _worst(pairs: Sequence[Pair]) -> Table:
    rows = [[pair.cell, *map(_side_text, pair.sides), _distance(pair)] for pair in worst(pairs, WORST)]
    return "Farthest apart", ["cell", "one run", "another", "between the intervals"], rows


def _distance(pair: Pair) -> str:
    gap = "they overlap" if pair.overlaps else wording.percent(pair.apart - 1)
    return gap + ", the verdict turned round" * pair.turned


def tables(found: Replication, named: Sequence[Named]) -> list[Table]:
    """All of them; one that has no rows is left out."""
    every = [_runs(named), _tallies(found.pairs, "By regime", "regime", run_regime.NAMES),
             _tallies(found.pairs, "By workload", "workload", {}), _worst(found.pairs)]
    return [table for table in every if table[2]]


def as_terminal(found: Replication, named: Sequence[Named]) -> str:
    """Plain columns, the answer last, where the eye is."""
    lines = []
    for caption, heads, rows in tables(found, named):
        table = [heads, *([runs.plain(entry) for entry in row] for row in rows)]
        widths = [max(len(row[place]) for row in table) for place in range(len(heads))]
        lines += [caption, *("  " + "  ".join(map(str.ljust, row, widths)).rstrip() for row in table), ""]
    return "\n".join(filter(None, ["\n".join(lines), runs.plain(mixed(found), 2000), verdict(found)])) + "\n"


def as_markdown(found: Replication, named: Sequence[Named]) -> str:
    """The same, the answer first."""
    lines = [f"**{verdict(found)}.**", ""]
    lines += [f"{runs.markdown(mixed(found), 2000)}.", ""] if found.mixed else []
    for caption, heads, rows in tables(found, named):
        lines += [f"{caption}:", "", f"| {' | '.join(heads)} |", "|---" * len(heads) + "|",
                  *(f"| {' | '.join(map(runs.markdown, row))} |" for row in rows), ""]
    return "\n".join(lines)


def _name(path: Path) -> str:
    """A run goes by its folder, a class of a campaign by that of the campaign."""
    file = runs.file_of(path).resolve()
    folder = file.parents[2] if file.parent.parent.name == "classes" else file.parent
    return runs.plain(folder.name or file.name, 60)


def refuse(named: Sequence[tuple[str, Json]], force: bool = False) -> list[str]:
    """Runs that cannot be repeats of one another, in one line that names what differs; what was let through by force."""
    if len(named) < 2:
        raise UserError("one run has nothing to agree with; name two or more")
    first, original = named[0]
    forced: list[str] = []
    seen: dict[str, str] = {}
    for name, measured in named:
        if measured["calibration"]["quality"] == "INVALID":
            raise UserError(f"{name} is INVALID, its own checks failed; run it again")
        twice = seen.get(content := runs.run_hash(measured))
        if twice:
            raise UserError(f"{name} and {twice} are the same run; name each run once")
        seen[content] = name
        differing = identity.not_repeated(original, measured)
        if differing and not force:
            raise UserError(f"{name} is no repeat of {first}: {'; '.join(differing)}; run the same program with the same "
                            "preset on the same machine, or add --force to see whether a change left the numbers alone")
        forced += [f"{name} is no repeat of {first}: {line}" for line in differing]
    return forced


def command(paths: Sequence[Path], markdown: bool, force: bool = False) -> int:
    """Prints the tables; 1 when fewer intervals overlap than must, or a verdict turned round."""
    named = [(_name(path), renames.current(runs.load(path))) for path in paths]
    for line in refuse(named, force):
        print(f"note: {line}", file=sys.stderr)
    found = compare([measured for _, measured in named])
    if not found.pairs:
        raise UserError("no cell may be cited in two of these runs and in one regime" + (
            f" ({mixed(found)})" if found.mixed else "") + "; run again, on a quieter machine or with more workloads")
    sys.stdout.write(as_markdown(found, named) if markdown else as_terminal(found, named))
    return 0 if tally(found.pairs).reached else 1
