"""What a run asks beside time: bytes, single operations, and what the machine can do at most.

Each pass starts processes of its own, so that nothing it does shows in an epoch.
"""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from suite.contender import Contender
from suite.launch import Launcher
from suite.outcome import Record
from suite.plan import Cell


@dataclass(frozen=True)
class Asked:
    """One group as a pass sees it. `attempt` runs a step of one contender: when it fails, the cell is out."""

    launcher: Launcher
    cells: Mapping[str, Cell]
    records: Mapping[str, Record]
    chance: random.Random
    alive: dict[str, Contender]
    attempt: Callable[[str, Callable[[], Any]], Any]

    def names(self) -> list[str]:
        """The contenders that have something to answer: no limit rows, and no baseline a second time."""
        return [name for name, cell in self.cells.items()
                if cell.role != "limit" and "#" not in name and cell.answers]

    def start(self, name: str, begin: Callable[[], Contender]) -> bool:
        """Starts a process of one contender; false where it is out or could not be started."""
        def step() -> bool:
            self.alive[name] = begin()
            return True
        return not self.records[name].failed and bool(self.attempt(name, step))

    def wait(self, name: str, answer: Callable[[Contender], Any]) -> Any:
        """What a living contender answers; None where it is out."""
        return self.attempt(name, lambda: answer(self.alive[name])) if name in self.alive else None

    def end(self, name: str) -> None:
        """Gives back what a contender held."""
        if name in self.alive:
            self.alive.pop(name).kill()
