"""The list of the reference runs: what was measured when, on what, and how far it may be trusted."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from suite import runs
from suite.charts import words
from suite.history.past import Run, estimate, machine, verdict
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
    floor = words.percent(run.measured["calibration"]["floor"])
    return (f"| [{facts['started'][:10]}]({run.name}/report.md) | {machine(run)} | {facts['preset']} | "
            f"{len(run.measured['cells'])} | {run.quality}, floor {floor} | {_headline(asked, run)} |")


def page(asked: Mapping[str, Any], found: list[Run], mark: str) -> str:
    """The whole page, the newest run first."""
    return "\n".join([
        mark, "# Reference runs", "",
        "Each as it came out, with every round behind it: `scripts/poolmark verify FOLDER` computes its numbers again. Times of",
        "different machines are not to be compared, and `scripts/poolmark compare` refuses to.", "",
        "| run | machine | preset | cells | quality | headline |", "|---|---|---|--:|---|---|",
        *(row(asked, run) for run in found), ""])
