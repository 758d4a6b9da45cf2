"""The list of the reference runs: what was measured when, on what, and how much of it can be cited."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from suite import citable, runs
from suite.charts import words
from suite.history import repeats
from suite.history.past import Run, estimate, verdict
from suite.runs import markdown

COUNTED = ("FASTER", "SLOWER", "EQUIVALENT", "UNRESOLVED")


def _headline(asked: Mapping[str, Any], run: Run) -> str:
    """The first of the README's questions that the run answers; else what came out, in numbers."""
    for row in asked["rows"]:
        cell = run.cell(row["cell"])
        if cell:
            return f"{markdown(cell['id'])}: {words.ratio(estimate(cell))} {verdict(cell)}"
    counts = Counter(cell["verdict"] for cell in run.measured["cells"] if not runs.is_rival(cell))
    return ", ".join(f"{counts[name]} {name.lower()}" for name in COUNTED if counts[name])


def row(asked: Mapping[str, Any], run: Run) -> str:
    """One line."""
    facts = run.measured["run"]
    cited, compared = citable.count(run.measured)
    return (f"| [{facts['started'][:10]}]({run.name}/report.md) | {run.machine} | {facts['preset']} | "
            f"{cited:,} of {compared:,} | {run.regime} | {_headline(asked, run)} |")


def page(asked: Mapping[str, Any], found: list[Run], mark: str) -> str:
    """The whole page, the newest run first."""
    return "\n".join([
        mark, "# Reference runs", "",
        "Each as it came out, with every round behind it: `scripts/poolmark verify FOLDER` computes its numbers again. Times of",
        "different machines are not to be compared, and `scripts/poolmark compare` refuses to.", "",
        f"Runs of `{repeats.PRESET}` that are of one program on one machine are repeats of one another: add a folder, and",
        "`scripts/poolmark splice` compares it with the others (`scripts/poolmark replicate`) in "
        "[methodology](../../docs/methodology.md).", "",
        "| run | machine | preset | cells citable | regime | headline |", "|---|---|---|--:|---|---|",
        *(row(asked, run) for run in found), ""])
