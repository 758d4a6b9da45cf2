"""Where the answer flips: from which value of a swept parameter on a strategy pays, from verdicts alone.

    bytes          64      1,024     4,096     16,384
    verdict        ▼         ≈         ▲          ▲        pays from bytes=4,096 (between 1,024 and 4,096)

A strategy pays where it is settled as faster than the baseline, several comparisons corrected for; it does not where it is
settled as slower or as no different. Everything else (not settled, not citable, not measured) is not decided and said to
be so: no flip is read out of two intervals that overlap. Compared is on the baseline's own heap, so that a line is about the
strategy and not about another heap. With two swept parameters each is asked at every value of the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from suite.results import model, selection, wording
from suite.results.model import Cell, numeric

PAYS, NOT, OPEN = "pays", "not", "open"


@dataclass(frozen=True)
class Step:
    """One value of the parameter, and what is settled there."""

    value: Any
    verdict: str

    @property
    def state(self) -> str:
        if self.verdict == model.FASTER:
            return PAYS
        return NOT if self.verdict in (model.SLOWER, model.EQUIVALENT) else OPEN


@dataclass(frozen=True)
class Crossover:
    """One strategy along one parameter; everything else stays as `fixed` says."""

    workload: str
    strategy: str
    axis: str
    fixed: dict[str, Any]
    steps: tuple[Step, ...]

    @property
    def flips(self) -> bool:
        """Whether the answer depends on the parameter, as far as it is decided."""
        return {PAYS, NOT} <= {step.state for step in self.steps}

    @property
    def decided(self) -> bool:
        return any(step.state != OPEN for step in self.steps)

    @property
    def answer(self) -> str:
        return answer(self.axis, self.steps)


@dataclass(frozen=True)
class Line:
    """Strategies with the same answer, as a page shows them."""

    strategies: tuple[str, ...]
    axis: str
    fixed: dict[str, Any]
    answer: str
    flips: bool
    decided: bool

    @property
    def where(self) -> str:
        return wording.point(self.fixed) if self.fixed else ""

    @property
    def sentence(self) -> str:
        """The same without a table around it."""
        return f"{', '.join(self.strategies)}{f' ({self.where})' if self.fixed else ''}: {self.answer}"


def of(cells: Iterable[Cell]) -> list[Crossover]:
    """All crossovers of one workload's cells, by parameter, then by what stays fixed, then by strategy."""
    cells = list(cells)
    homes = {cell.group: cell.allocator for cell in cells if cell.verdict == model.BASELINE}
    rivals = [cell for cell in selection.contenders(cells) if homes.get(cell.group) == cell.allocator]
    axes = dict.fromkeys(key for cell in rivals for key in cell.parameters)
    return [one for axis in axes for one in _along(axis, rivals)]


def _along(axis: str, rivals: Sequence[Cell]) -> list[Crossover]:
    rows: dict[tuple[str, str], list[Cell]] = {}
    for cell in rivals:
        if numeric(cell.parameters.get(axis)) is not None:
            rows.setdefault((str(_without(cell.parameters, axis)), cell.strategy), []).append(cell)
    found = []
    for (_, strategy), members in rows.items():
        ordered = sorted(members, key=lambda cell: numeric(cell.parameters[axis]))
        steps = tuple(Step(cell.parameters[axis], cell.verdict if cell.holds else model.UNRESOLVED) for cell in ordered)
        if len({numeric(step.value) for step in steps}) > 1:
            found.append(Crossover(ordered[0].workload, strategy, axis, _without(ordered[0].parameters, axis), steps))
    return found


def _without(parameters: dict[str, Any], axis: str) -> dict[str, Any]:
    return {key: value for key, value in parameters.items() if key != axis}


def lines(found: Iterable[Crossover]) -> list[Line]:
    """Strategies that share an answer share a line; those whose answer flips come first."""
    shared: dict[tuple, list[Crossover]] = {}
    for one in found:
        shared.setdefault((one.axis, str(one.fixed), one.answer), []).append(one)
    rows = [Line(tuple(one.strategy for one in some), some[0].axis, some[0].fixed, some[0].answer,
                 some[0].flips, some[0].decided) for some in shared.values()]
    return sorted(rows, key=lambda row: (not row.flips, not row.decided))


def answer(axis: str, steps: Sequence[Step]) -> str:
    """What the sequence of verdicts says, in one line."""
    decided = [step for step in steps if step.state != OPEN]
    if not decided:
        return f"not decided in {_range(axis, steps)}"
    stretches = [(state, list(some)) for state, some in groupby(decided, key=lambda step: step.state)]
    if len(stretches) > 2:
        return _often(axis, steps)
    first, last = stretches[0], stretches[-1]
    if first is last:
        told = f"{'always' if first[0] == PAYS else 'never'} in {_range(axis, steps)}"
        return _ended(told, axis, steps, decided, _cost(first[1], ""))
    before, after = first[1][-1], last[1][0]
    gap = [step for step in steps if numeric(before.value) < numeric(step.value) < numeric(after.value)]
    between = f"{wording.whole(before.value)} and {wording.whole(after.value)}"
    told = (f"pays from {axis}={wording.whole(after.value)}" if last[0] == PAYS
            else f"pays up to {axis}={wording.whole(before.value)}")
    told += f" (not decided between {between})" if gap else f" (between {between})"
    cost = _cost(first[1], " before") if last[0] == PAYS else _cost(last[1], " after")
    outside = [step for step in steps if step not in gap]
    return _ended(told, axis, outside, decided, cost)


def _ended(told: str, axis: str, steps: Sequence[Step], decided: Sequence[Step], cost: str) -> str:
    """The answer with what it leaves open."""
    unsettled = [step for step in steps if step.state == OPEN]
    if unsettled and told.startswith(("always", "never")):
        told = f"{told.split()[0]} at {_values(axis, decided)}"
    return told + cost + (f"; not decided at {_values(axis, unsettled)}" if unsettled else "")


def _often(axis: str, steps: Sequence[Step]) -> str:
    """A sequence that turns more than once is told step by step, since one value would be a lie."""
    parts = [f"{word} {_values(axis, own)}" for state, word in ((PAYS, "pays at"), (NOT, "not at"), (OPEN, "not decided at"))
             if (own := [step for step in steps if step.state == state])]
    return f"turns more than once: {'; '.join(parts)}"


def _cost(steps: Sequence[Step], when: str) -> str:
    """What it is where it does not pay."""
    verdicts = {step.verdict for step in steps}
    if verdicts == {model.SLOWER}:
        return f", slower{when}"
    if verdicts == {model.EQUIVALENT}:
        return f", no difference{when}"
    return f", slower or no difference{when}" if verdicts <= {model.SLOWER, model.EQUIVALENT} else ""


def _range(axis: str, steps: Sequence[Step]) -> str:
    return f"{axis}={wording.whole(steps[0].value)}..{wording.whole(steps[-1].value)}"


def _values(axis: str, steps: Sequence[Step]) -> str:
    return f"{axis}={' '.join(wording.whole(step.value) for step in steps)}"
