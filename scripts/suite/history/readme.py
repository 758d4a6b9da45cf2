"""The README's chart and table, from the reference run: citable cells only.

One row of the table in words, for who reads a ratio for the first time.
"""

import re
from collections.abc import Mapping
from typing import Any

from suite.analysis.cell import Cell
from suite.history.past import Run, contender, reference_run, verdict
from suite.results import citable, run_regime, runs, wording

Json = Mapping[str, Any]
NOTHING = "No reference run has a cell that can be cited yet.\n"
MEANING = {
    "faster": "All of the interval lies below 1 by more than the margin, {margin}, below which this run claims nothing here: *faster*.",
    "slower": "All of the interval lies above 1 by more than the margin, {margin}, below which this run claims nothing here: *slower*.",
    "equivalent": "All of the interval lies within the margin, {margin}, below which this run claims nothing here: *equivalent*.",
    "unresolved": "The interval reaches across the margin, {margin}, so more processes would have to decide: *unresolved*."}


def row(asked: Json, run: Run) -> str:
    """One line of the table; empty for a question whose cell cannot be cited."""
    cell = run.cell(asked["cell"])
    baseline = cell and run.find(cell.baseline)
    if not cell or not baseline or not baseline.measured:
        return ""
    times = " / ".join(wording.significant(one.nanoseconds.estimate) for one in (cell, baseline))
    return (f"| {asked['question']} | {contender(cell)} | {contender(baseline)} | {times} | "
            f"{wording.ratio(cell.ratio)} {verdict(cell)} |")


def _caption(run: Run, folder: str) -> str:
    facts = run.measured["run"]
    typed = re.sub(r" --out \S+", "", facts["command"]).replace("`", "")[:200]
    return (f"*{citable.badge(run.measured)}. {run.machine}, {facts['started'][:10]}, `{typed}`; {run.regime}. "
            f"[The whole run]({folder}/{run.link}).*")


def table(asked: Json, found: list[Run], folder: str) -> str:
    """All that stands between the marks."""
    run = reference_run(asked, found)
    level = run.measured["protocol"]["confidence"]
    rows = [text for one in asked["rows"] if (text := row(one, run))]
    head = [f"| question | take | instead of | ns per operation | ratio, {wording.percent(level)} interval |", "|---|---|---|--:|---|"]
    return "\n".join([f"![{asked['chart']['alt']}]({folder}/{run.name}/{asked['chart']['file']})", "",
                      *(head + rows + [""] if rows else []), _caption(run, folder), ""])


def section(asked: Json, found: list[Run], folder: str) -> str:
    """The paragraph: the first of the README's questions that the run answers."""
    run = reference_run(asked, found)
    cell = next((cell for row in asked["rows"] if (cell := run.cell(row["cell"]))), None)
    baseline = cell and run.find(cell.baseline)
    if not cell or not baseline or not baseline.measured:
        return NOTHING
    ratio, level = cell.ratio, run.measured["protocol"]["confidence"]
    margin = wording.percent(runs.margin_at(run.measured, cell))
    own, other = (wording.significant(one.nanoseconds.estimate) for one in (cell, baseline))
    return "\n".join([
        f"`{runs.plain(cell.id)}`: {own} ns, {wording.ratio(ratio)}, {verdict(cell)}.", "",
        f"- **What was done**: {_operation(run, cell)} ({runs.markdown(wording.point(cell.parameters))}).",
        f"- **What it took**: {own} ns with {contender(cell)}, {other} ns with {contender(baseline)}.",
        f"- **The ratio**: in the same rounds the first took {wording.times(ratio.estimate)} times as long as the second; the "
        f"{wording.percent(level)} interval\n  reaches from {wording.times(ratio.low)} to {wording.times(ratio.high)}. "
        f"{MEANING[verdict(cell)].format(margin=margin)}",
        f"- **Where**: {run_regime.NAMES[run_regime.of_cell(cell)]}" + (
            f"; beside a busy sibling it is {wording.times(cell.shared.estimate)} times" if cell.shared else "") +
        f". [The run]({folder}/{run.link}).", ""])


def _operation(run: Run, cell: Cell) -> str:
    return next((runs.markdown(entry["operation"]) for entry in run.measured["workloads"] if entry["name"] == cell.workload),
                f"one operation of {runs.markdown(cell.workload)}")
