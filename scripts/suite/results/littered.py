"""The same cell on a clean heap and on one that was used before: what litter makes of an answer."""

from __future__ import annotations

from dataclasses import dataclass

from suite.plan import heap_states
from suite.results import model, wording
from suite.results.model import Cell, Results

NAMED = 2  # contenders of a point that turn round; its table has all
OPPOSITE = {model.FASTER: model.SLOWER, model.SLOWER: model.FASTER}


@dataclass(frozen=True)
class Pair:
    """A contender against the baseline of its own state of the heap, twice."""

    clean: Cell
    used: Cell

    @property
    def state(self) -> str:
        """Which heap that is, in a sentence."""
        return heap_states.said(heap_states.of(self.used.parameters))

    @property
    def turned(self) -> bool:
        """Whether both are settled and say the opposite."""
        return self.used.verdict == OPPOSITE.get(self.clean.verdict) and self.clean.holds and self.used.holds


def pairs(results: Results) -> list[Pair]:
    """All of a run, in its order."""
    clean = {(cell.workload, _key(cell), cell.contender): cell for cell in results.cells
             if heap_states.PARAMETER not in cell.parameters and not cell.twin}
    used = [cell for cell in results.cells if heap_states.PARAMETER in cell.parameters and not cell.twin]
    found = [(clean.get((cell.workload, _key(cell), cell.contender)), cell) for cell in used]
    return [Pair(one, cell) for one, cell in found if one and one.measured and cell.measured]


def _key(cell: Cell) -> str:
    return str(heap_states.without(cell.parameters))


def beside(results: Results, cell: Cell) -> str:
    """What the answer of a cell is on used heaps: `On a littered heap (40 % of it in use): 1.6 times as fast (…), 0.620× […]`."""
    said = "; ".join(f"on {one.state}: {wording.speed(one.used.ratio)}, {wording.ratio(one.used.ratio)}"
                     + (f" (not citable: {one.used.reason})" if not one.used.citable else "")
                     for one in pairs(results) if one.clean.id == cell.id and one.used.ratio)
    return said[:1].upper() + said[1:]


def turned(results: Results) -> str:
    """Which answers turn round, in a sentence for each point; empty where none does."""
    points: dict[tuple[str, str, str, str], list[str]] = {}
    for one in pairs(results):
        if one.turned:
            key = (f"{one.clean.workload} ({wording.point(one.clean.parameters)})", one.clean.verdict.lower(), one.used.verdict.lower(), one.state)
            points.setdefault(key, []).append(wording.contender(one.clean))
    return " ".join(f"{wording.joined(names, NAMED)} in {where}: {clean} than the baseline on a clean heap, {used} on {state}."
                    for (where, clean, used, state), names in points.items())
