"""One row of the table in words, for who reads a ratio for the first time."""

from collections.abc import Mapping
from typing import Any

from suite import run_regime, runs
from suite.charts import words
from suite.history.past import Run, contender, estimate, reference_run, verdict

Json = Mapping[str, Any]
NOTHING = "No reference run has a cell that can be cited yet.\n"
MEANING = {
    "faster": "All of the interval lies below 1 by more than the margin, {margin}, below which this run claims nothing here: *faster*.",
    "slower": "All of the interval lies above 1 by more than the margin, {margin}, below which this run claims nothing here: *slower*.",
    "equivalent": "All of the interval lies within the margin, {margin}, below which this run claims nothing here: *equivalent*.",
    "unresolved": "The interval reaches across the margin, {margin}, so more processes would have to decide: *unresolved*."}


def section(asked: Json, found: list[Run], folder: str) -> str:
    """The paragraph: the first of the README's questions that the run answers."""
    run = reference_run(asked, found)
    cell = next((cell for row in asked["rows"] if (cell := run.cell(row["cell"]))), None)
    baseline = cell and run.find(cell["baseline"])
    if not cell or not baseline or not baseline["ns_per_op"]:
        return NOTHING
    ratio, level = estimate(cell), run.measured["protocol"]["confidence"]
    margin = words.percent(runs.margin_at(run.measured, cell))
    own, other = (words.significant(runs.nanoseconds(one)) for one in (cell, baseline))
    beside = (cell.get("shared") or {}).get("ratio")
    return "\n".join([
        f"`{runs.plain(cell['id'])}`: {own} ns, {words.ratio(ratio)}, {verdict(cell)}.", "",
        f"- **What was done**: {_operation(run, cell)} ({runs.markdown(words.point(cell['parameters']))}).",
        f"- **What it took**: {own} ns with {contender(cell)}, {other} ns with {contender(baseline)}.",
        f"- **The ratio**: in the same rounds the first took {words.times(ratio.value)} times as long as the second; the "
        f"{words.percent(level)} interval\n  reaches from {words.times(ratio.low)} to {words.times(ratio.high)}. "
        f"{MEANING[verdict(cell)].format(margin=margin)}",
        f"- **Where**: {run_regime.NAMES[run_regime.of_cell(cell)]}" + (
            f"; beside a busy sibling it is {words.times(beside['estimate'])} times" if beside else "") +
        f". [The run]({folder}/{run.name}/report.md).", ""])


def _operation(run: Run, cell: Json) -> str:
    return next((runs.markdown(entry["operation"]) for entry in run.measured["workloads"] if entry["name"] == cell["workload"]),
                f"one operation of {runs.markdown(cell['workload'])}")
