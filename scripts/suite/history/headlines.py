"""The README's chart and table, from the run that speaks for it."""

import re
from collections.abc import Mapping
from typing import Any

from suite.charts import words
from suite.history.past import Run, estimate, machine, spokesman, verdict
from suite.levels import nanoseconds
from suite.runs import markdown

Json = Mapping[str, Any]


def _contender(cell: Json) -> str:
    return f"{markdown(cell['strategy'])} on {markdown(cell['allocator'])}"


def row(asked: Json, run: Run) -> str:
    """One line of the table; a question that the run does not answer says so."""
    cell = run.cell(asked["cell"])
    baseline = cell and run.find(cell["baseline"])
    if not cell or not baseline or not baseline["ns_per_op"]:
        return f"| {asked['question']} | | | | not measured in this run |"
    times = " / ".join(words.significant(nanoseconds(one, baseline)) for one in (cell, baseline))
    return (f"| {asked['question']} | {_contender(cell)} | {_contender(baseline)} | {times} | "
            f"{words.ratio(estimate(cell))} {verdict(cell)} |")


def _caption(run: Run, folder: str) -> str:
    facts, calibration = run.measured["run"], run.measured["calibration"]
    typed = re.sub(r" --out \S+", "", facts["command"])
    reasons = "; ".join(calibration["reasons"])
    quality = calibration["quality"] + (f" because {markdown(reasons, 300)}" if reasons else "")
    return (f"*{machine(run)}, {facts['started'][:10]}, `{typed.replace('`', '')[:200]}`, seed {facts['seed']}. A/A floor "
            f"{words.percent(calibration['floor'])} over all\nworkloads; no difference below a workload's own is claimed. The run is {quality}. "
            f"[The whole run]({folder}/{run.name}/report.md).*")


def section(asked: Json, runs_found: list[Run], folder: str) -> str:
    """All that stands between the marks."""
    run = spokesman(asked, runs_found)
    level = run.measured["protocol"]["confidence"]
    return "\n".join([
        f"![{asked['chart']['alt']}]({folder}/{run.name}/{asked['chart']['file']})", "",
        f"| question | take | instead of | ns per operation | ratio, {level:.0%} interval |".replace("%", " %"),
        "|---|---|---|--:|---|", *(row(one, run) for one in asked["rows"]), "", _caption(run, folder), ""])
