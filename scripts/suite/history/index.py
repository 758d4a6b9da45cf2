"""Which reference runs repeat one another, and what they say of it: methodology.md's tables of `poolmark replicate`.

The rule: runs of `quick` in reports/runs that are of one program on one machine are repeats of one another.

The list of the reference runs: what was measured when, on what, and how much of it can be cited.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from suite.analysis.cell import every
from suite.compare import identity, replicate
from suite.compare.replicate import compare
from suite.history.past import Run, verdict
from suite.results import citable, runs, wording
from suite.results.runs import markdown

PRESET = "quick"
NOTHING = f"No reference run of `{PRESET}` has been repeated yet.\n"
COUNTED = ("FASTER", "SLOWER", "EQUIVALENT", "UNRESOLVED")


def groups(found: list[Run]) -> list[list[Run]]:
    """Runs that repeat one another, each group in the order in which they were made, the newest group first."""
    together: list[list[Run]] = []
    for run in found:  # the newest first
        if run.quality != "INVALID" and run.measured["run"]["preset"] == PRESET:
            own = next((group for group in together if not identity.not_repeated(group[0].measured, run.measured)), None)
            together.append([run]) if own is None else own.append(run)
    return [group[::-1] for group in together if len(group) > 1]


def section(found: list[Run]) -> str:
    """All that stands between the marks."""
    parts = []
    for group in groups(found):
        named = [(run.name, run.measured) for run in group]
        compared = compare([run.measured for run in group])
        if compared.pairs:
            parts.append(f"{len(group)} runs of `{PRESET}` on {group[0].machine}: {replicate.as_markdown(compared, named)}")
    return "\n".join(parts) or NOTHING


def _headline(asked: Mapping[str, Any], run: Run) -> str:
    """The first of the README's questions that the run answers; else what came out, in numbers."""
    for row in asked["rows"]:
        cell = run.cell(row["cell"])
        if cell:
            return f"{markdown(cell.id)}: {wording.ratio(cell.ratio)} {verdict(cell)}"
    counts = Counter(cell.verdict for cell in every(run.measured) if not cell.twin)
    return ", ".join(f"{counts[name]} {name.lower()}" for name in COUNTED if counts[name])


def row(asked: Mapping[str, Any], run: Run) -> str:
    """One line."""
    facts = run.measured["run"]
    cited, compared = citable.count(run.measured)
    built = run.measured["environment"]
    return (f"| [{facts['started'][:10]}]({run.link}) | {run.machine} | {markdown(built['compiler'])}, {markdown(built['libc'])} | {facts['preset']} | "
            f"{cited:,} of {compared:,} | {run.regime} | {_headline(asked, run)} |")


def page(asked: Mapping[str, Any], found: list[Run], mark: str) -> str:
    """The whole page, the newest run first."""
    return "\n".join([
        mark, "# Reference runs", "",
        "Each as it came out, with every round behind it: `scripts/poolmark verify FOLDER` computes its numbers again. Times of",
        "different machines are not to be compared, and `scripts/poolmark compare` refuses to. The one that the README quotes has its pages",
        "beside it; the others are kept as data, and `scripts/poolmark report FOLDER` draws their pages.", "",
        f"Runs of `{PRESET}` that are of one program on one machine are repeats of one another: add a folder, and",
        "`scripts/poolmark splice` compares it with the others (`scripts/poolmark replicate`) in "
        "[methodology](../../docs/methodology.md).", "",
        "| run | machine | compiler, C library | preset | cells citable | regime | headline |", "|---|---|---|---|--:|---|---|",
        *(row(asked, run) for run in found), ""])
