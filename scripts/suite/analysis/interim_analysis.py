"""Passes and interim analyses: which groups and which of their cells the next pass measures.

A cell leaves at an interim analysis once its verdict is settled. Leaving early is one more chance to err, which the
confidences of the analyses pay for (`presets.py`).
"""

from collections.abc import Mapping, Sequence

from suite.analysis import cell_verdicts, run_quality, verdicts
from suite.analysis.regimes import Conditions
from suite.measure.outcome import Outcome
from suite.plan.cells import Cell, Group
from suite.plan.presets import MARGIN, Preset


def open_cells(group: Group, outcome: Outcome, preset: Preset, under: Conditions) -> list[str]:
    """The contenders of a group that go on. A/A cells do until their intervals are narrow, because theirs is the margin of all
    the others; planted differences below the margin are open to the end by their nature, and show what the run can see."""
    rivals = [cell for cell in group.contenders if cell.id != group.baseline.id and not outcome.records[cell.id].failed]
    judged = {cell.id: cell for cell in cell_verdicts.judged(group, outcome, preset, under)}

    def is_open(cell: Cell) -> bool:
        own = judged[cell.id]
        found, verdict = own.ratio, own.verdict
        if cell.aa:
            width = found.half_width if found else None
            return width is None or width > preset.aa_half_width
        if verdict == "NOT CITABLE":  # disturbed, or beside neighbours: the next processes may be luckier
            return True
        if not own.holds:  # true of this cell alone, but not yet together with its group
            return True
        strict = found and verdicts.settled(found.low, found.high, MARGIN)
        return verdict == "UNRESOLVED" or verdict == "EQUIVALENT" and strict == "UNRESOLVED"
    return [cell.id for cell in rivals if cell.role != "limit" and is_open(cell)]


def next_pass(groups: Sequence[Group], outcomes: Mapping[str, Outcome], preset: Preset,
              number: int, reference: Mapping[str, float] | None = None) -> list[tuple[Group, list[str] | None]]:
    """The groups that are measured in a pass, and their rivals there; None stands for all of them. Rivals leave at an interim
    analysis only: between two of them, everybody goes on."""
    if number == 0:
        return [(group, None) for group in groups if group.name not in outcomes]
    pairs = [(group, outcomes[group.name]) for group in groups]
    under = run_quality.conditions(pairs, reference)
    waiting = []
    for group, outcome in pairs:
        plan = preset.looks_of(outcome.in_heats)
        if outcome.passes != number or number >= plan[-1].passes or not group.contenders:
            continue
        names = _staying(group, outcome)
        if any(look.passes == number for look in plan):
            names = open_cells(group, outcome, preset, under)
        if names:
            waiting.append((group, names))
    return waiting


def _staying(group: Group, outcome: Outcome) -> list[str]:
    """The rivals that took part in the last pass."""
    return [cell.id for cell in group.contenders if cell.id != group.baseline.id and not outcome.records[cell.id].failed
            and outcome.records[cell.id].passes == outcome.passes]
