"""The README's chart and table, from the reference run: citable cells only."""

import re
from collections.abc import Mapping
from typing import Any

from suite import citable, runs
from suite.charts import words
from suite.history.past import Run, contender, estimate, reference_run, verdict

Json = Mapping[str, Any]


def row(asked: Json, run: Run) -> str:
    """One line of the table; empty for a question whose cell cannot be cited."""
    cell = run.cell(asked["cell"])
    baseline = cell and run.find(cell["baseline"])
    if not cell or not baseline or not baseline["ns_per_op"]:
        return ""
    times = " / ".join(words.significant(runs.nanoseconds(one)) for one in (cell, baseline))
    return (f"| {asked['question']} | {contender(cell)} | {contender(baseline)} | {times} | "
            f"{words.ratio(estimate(cell))} {verdict(cell)} |")


def _caption(run: Run, folder: str) -> str:
    facts = run.measured["run"]
    typed = re.sub(r" --out \S+", "", facts["command"]).replace("`", "")[:200]
    return (f"*{citable.badge(run.measured)}. {run.machine}, {facts['started'][:10]}, `{typed}`; {run.regime}. "
            f"[The whole run]({folder}/{run.name}/report.md).*")


def section(asked: Json, found: list[Run], folder: str) -> str:
    """All that stands between the marks."""
    run = reference_run(asked, found)
    level = run.measured["protocol"]["confidence"]
    rows = [text for one in asked["rows"] if (text := row(one, run))]
    head = [f"| question | take | instead of | ns per operation | ratio, {words.percent(level)} interval |", "|---|---|---|--:|---|"]
    return "\n".join([f"![{asked['chart']['alt']}]({folder}/{run.name}/{asked['chart']['file']})", "",
                      *(head + rows + [""] if rows else []), _caption(run, folder), ""])
