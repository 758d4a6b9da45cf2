"""Coarse first: after each look at the data, which cells go on.

A cell leaves once its verdict is settled under the margin that the run has by then. Leaving early is one more chance to
err, which the looks' confidences pay for (`presets.py`).
"""

from collections.abc import Mapping, Sequence

from suite import assemble, verdicts
from suite.outcome import Outcome
from suite.plan import CONTROLS, Group
from suite.presets import MARGIN, Preset


def open_cells(group: Group, outcome: Outcome, preset: Preset, margin: float) -> list[str]:
    """The contenders of a group that go on. Controls do to the end: they show what the run can see at its best. So do
    A/A cells until they are within the reader's own margin, because theirs is the floor of all the others."""
    if all(outcome.records[cell.id].failed for cell in group.contenders):
        return []
    judged = {cell["id"]: cell["verdict"] for cell in assemble.judged(group, outcome, preset, margin)}
    strict = {cell["id"]: cell["verdict"] for cell in assemble.judged(group, outcome, preset, MARGIN)}
    if group.baseline.workload == CONTROLS:
        return [cell.id for cell in group.contenders if cell.id != group.baseline.id]
    return [cell.id for cell in group.contenders if cell.id != group.baseline.id and cell.role != "limit"
            and (judged[cell.id] == "UNRESOLVED"
                 or judged[cell.id] == "EQUIVALENT" and strict[cell.id] == "UNRESOLVED")]


def next_look(groups: Sequence[Group], outcomes: Mapping[str, Outcome], preset: Preset,
              look: int) -> list[tuple[Group, list[str] | None]]:
    """The groups that are measured at a look, and their rivals there; None stands for all of them."""
    if look == 0:
        return [(group, None) for group in groups if group.name not in outcomes]
    pairs = [(group, outcomes[group.name]) for group in groups]
    margin = verdicts.effective_margin(assemble.floor(pairs, preset))
    waiting = []
    for group, outcome in pairs:
        if outcome.looks == look < len(preset.looks_of(outcome.in_heats)) and group.contenders:
            names = open_cells(group, outcome, preset, margin)
            if names:
                waiting.append((group, names))
    return waiting
