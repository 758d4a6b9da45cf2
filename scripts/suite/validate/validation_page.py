"""Where the outcome of `poolmark validate` stands: tables in docs/methodology.md and in the decision on passes."""

from collections.abc import Callable, Iterator, Mapping
from math import exp
from pathlib import Path
from typing import Any

from suite.base.build import ROOT
from suite.base.errors import UserError
from suite.base.folder import write_whole

BEGIN, END = "<!-- generated: scripts/poolmark validate -->", "<!-- end -->"
Json = Mapping[str, Any]


def _coverage(rows: list[Json]) -> Iterator[str]:
    steps = list(dict.fromkeys(row["between"] for row in rows))
    yield ("Coverage of nominal 95 % intervals, interim analyses included, on simulated groups of eight cells; by the standard "
           "deviation between passes:\n")
    yield "| preset | layouts differ by | " + " | ".join(f"{step:.2%}" for step in steps) + " |"
    yield "|---|---|" + "--:|" * len(steps)
    for preset, layout in dict.fromkeys((row["preset"], row["layout"]) for row in rows):
        shares = [f"{row['covered']:.1%}" for row in rows if (row["preset"], row["layout"]) == (preset, layout)]
        yield f"| {preset} | {layout} | {' | '.join(shares)} |"
    widths = [(row["between"], row["half_width"]) for row in rows if (row["preset"], row["layout"]) == ("quick", "normal")]
    yield (f"\nOf two runs of one truth at least {min(row['overlap'] for row in rows):.1%} of the pairs of intervals overlap, and "
           f"{max(row['false'] for row in rows):.1%} at most of the cells whose true ratio is 1 are called FASTER or SLOWER. Their "
           "median half-width in `quick`, with normal layouts, is " +
           ", ".join(f"{width:.2%} (passes {step:.2%})" for step, width in widths) + ".\n")


def _family(rows: list[Json]) -> Iterator[str]:
    yield (f"Of groups whose eight cells all lie exactly on the edge of the margin, {max(row['wrong'] for row in rows):.1%} at most "
           "claim anything after Holm's correction.\n")


def _compare(rows: list[Json]) -> Iterator[str]:
    missed, changed = ([row[key] for row in rows] for key in ("missed", "changed"))
    yield (f"`compare` on {sum(row['pairs'] for row in rows):,} simulated pairs of runs between which nothing has changed (three "
           f"presets, short and long epochs, these layouts, passes that differ and passes that do not): {min(missed):.1%} to "
           f"{max(missed):.1%} of its 95 % intervals missed 1, and {max(changed):.1%} of cells at most were called REGRESSED or "
           "IMPROVED.\n")


def _false_alarms(found: Json) -> Iterator[str]:
    share = found["alarms"] / found["comparisons"]
    yield (f"False alarms beside a neighbour that wants the same CPU half of the time: of {found['comparisons']} comparisons "
           f"of a program with itself, {found['alarms']} were called FASTER or SLOWER ({share:.1%}); "
           f"{found['not_citable']} were refused as disturbed. The estimate farthest off was "
           f"{exp(found['largest_error']) - 1:.1%} away from 1.\n")


def _by_nodes(rows: list[Json], key: str, title: str) -> Iterator[str]:
    """A table with a column for each number of nodes."""
    counts = list(dict.fromkeys(row["nodes"] for row in rows))
    yield f"| {title} | " + " | ".join(map(str, counts)) + " |\n|---|" + "--:|" * len(counts)
    for value in dict.fromkeys(row[key] for row in rows):
        shares = [f"{row['covered']:.1%}" for row in rows if row[key] == value]
        yield f"| {value if isinstance(value, str) else f'{value:g}'} | {' | '.join(shares)} |"


def _nodes(found: Json) -> Iterator[str]:
    rows, whole = found["coverage"], found["campaign"]
    yield (f"Coverage of nominal 95 % intervals over the nodes of a class, {rows[0]['intervals']:,} simulated classes each; by how nodes "
           "differ, and how many there are:\n")
    yield from _by_nodes(rows, "layout", "nodes differ by")
    few = found["few"]
    yield (f"\nThe same with fewer nodes, each of which counts as a pass does ({few[0]['intervals']:,} intervals each, in groups of eight cells); by "
           "the correlation of what a node does to the cells of a group:\n")
    yield from _by_nodes(few, "correlation", "correlation")
    yield ("\nThis takes it that nodes differ as a normal distribution has it. Where they come in two kinds, a few nodes may all be of one, which "
           "no interval can show.\n")
    yield (f"A simulated campaign of {whole['nodes']:,} nodes and {whole['cells']} cells was merged and drawn in {whole['cpu_seconds']:.0f} s of "
           f"one CPU's time, with {whole['peak_bytes'] / 1e9:.1f} GB at the highest.\n")


def _power(runs: list[Json]) -> Iterator[str]:
    for found in runs:
        yield f"Planted differences, {found['tries']} runs of `{found['preset']}`:\n"
        yield "| planted | called SLOWER | interval excludes 1 | interval holds the truth |\n|---|--:|--:|--:|"
        for planted, tally in found["planted"].items():
            yield f"| {planted} | {tally['slower']} | {tally['excludes_1']} | {tally['holds']} |"
        yield ""
    yield ("Planted is the number of steps. Starting and leaving the loop is work that nobody multiplied, so the ratio "
           "of the times is a little nearer to 1\nthan that of the steps: an interval narrower than that misses the planted "
           "number and holds the ratio of the times.\n")


PARTS: dict[str, Callable[[Any], Iterator[str]]] = {
    "coverage": _coverage, "family": _family, "compare": _compare, "nodes": _nodes, "false_alarms": _false_alarms, "power": _power}


def methodology(kept: Json) -> Iterator[str]:
    """Every part that has an outcome."""
    yield f"*{kept['machine']}, `scripts/poolmark validate --seed {kept['seed']}`.*\n"
    for name, lines in PARTS.items():
        if kept.get(name):
            yield from lines(kept[name])


def decision(kept: Json) -> Iterator[str]:
    """Each way to make an interval: its coverage, and its half-width in per cent."""
    rows = kept.get("ways", ())
    for passes in dict.fromkeys(row["passes"] for row in rows):
        mine = [row for row in rows if row["passes"] == passes]
        steps = list(dict.fromkeys(row["between"] for row in mine))
        yield f"{passes} passes of {mine[0]['each']} processes, nominal 95 %: covered / median half-width, by the deviation between passes.\n"
        yield f"| interval | {' | '.join(steps)} |\n|---|" + "--:|" * len(steps)
        for way in dict.fromkeys(row["way"] for row in mine):
            cells = [f"{row['covered']:.1%} / {row['half_width']:.2%}" for row in mine if row["way"] == way]
            yield f"| {way} | {' | '.join(cells)} |"
        yield ""


PAGES: dict[Path, Callable[[Json], Iterator[str]]] = {
    ROOT / "docs/methodology.md": methodology, ROOT / "docs/adr/0015-and-0016-passes-and-witnesses.md": decision}


def publish(page: Path, lines: Iterator[str]) -> None:
    """Puts the lines in their place on a page."""
    text = page.read_text(encoding="utf-8")
    before, begun, rest = text.partition(BEGIN)
    _, ended, after = rest.partition(END)
    if not (begun and ended):
        raise UserError(f"{page} lacks '{BEGIN}' and '{END}', between which the outcome goes; restore the file")
    write_whole(page, before + "\n".join((BEGIN, *lines, END)) + after)
