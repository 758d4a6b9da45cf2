"""Coarse first: after each look at the data, which cells go on.

A cell leaves once its verdict is settled under the margin that the run has by then. Leaving early is one more chance to
err, which the looks' confidences pay for (`presets.py`).
"""

from collections.abc import Mapping, Sequence

from suite import evidence, judging, verdicts
from suite.outcome import Outcome
from suite.plan import CONTROLS, Cell, Group
from suite.presets import MARGIN, Preset
from suite.statistics import Interval


def open_cells(group: Group, outcome: Outcome, preset: Preset, margin: float) -> list[str]:
    """The contenders of a group that go on. Controls do to the end: they show what the run can see at its best. So do
    A/A cells until their intervals are narrow, because theirs is the floor of all the others."""
    rivals = [cell for cell in group.contenders if cell.id != group.baseline.id and not outcome.records[cell.id].failed]
    if group.baseline.workload == CONTROLS:
        return [cell.id for cell in rivals]
    judged = {cell["id"]: cell for cell in judging.judged(group, outcome, preset, margin)}
    strict = judged if margin == MARGIN else \
        {cell["id"]: cell for cell in judging.judged(group, outcome, preset, MARGIN)}

    def is_open(cell: Cell) -> bool:
        found, verdict = judged[cell.id]["ratio"], judged[cell.id]["verdict"]
        if cell.aa:
            width = Interval(**found).half_width if found else None
            return width is None or width > preset.aa_half_width
        if verdict == "NOT CITABLE" and "disturbed" in judged[cell.id]["reason"]:  # the next processes may be luckier
            return True
        if judged[cell.id]["adjusted"] is False:  # true of this cell alone, but not yet together with its group
            return True
        return verdict == "UNRESOLVED" or verdict == "EQUIVALENT" and strict[cell.id]["verdict"] == "UNRESOLVED"
    return [cell.id for cell in rivals if cell.role != "limit" and is_open(cell)]


def next_look(groups: Sequence[Group], outcomes: Mapping[str, Outcome], preset: Preset,
              look: int) -> list[tuple[Group, list[str] | None]]:
    """The groups that are measured at a look, and their rivals there; None stands for all of them."""
    if look == 0:
        return [(group, None) for group in groups if group.name not in outcomes]
    pairs = [(group, outcomes[group.name]) for group in groups]
    margins = evidence.margins(pairs, preset)
    waiting = []
    for group, outcome in pairs:
        if outcome.looks == look < len(preset.looks_of(outcome.in_heats)) and group.contenders:
            names = open_cells(group, outcome, preset, margins[group.baseline.workload])
            if names:
                waiting.append((group, names))
    return waiting
