"""A reference run, and what of it may be shown."""

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from suite.analysis.cell import Cell, every
from suite.results import citable, model, run_regime, runs


@dataclass(frozen=True)
class Run:
    """One folder of reports/runs."""

    name: str
    measured: dict[str, Any]
    page: str = "report.md"  # "" for a run that is kept as data alone

    @property
    def link(self) -> str:
        """Where a page sends its reader, below the folder of all runs."""
        return f"{self.name}/{self.page}"

    @property
    def quality(self) -> str:
        """SOUND or INVALID; of older runs CITABLE, EXPLORATORY or INVALID."""
        return self.measured["calibration"]["quality"]

    @property
    def machine(self) -> str:
        """What it ran on, in a few words."""
        environment = self.measured["environment"]
        name = f"{runs.markdown(environment['cpu'])}, {environment['cpus']} CPUs"
        virtual = environment["virtualization"]
        return name if virtual == "none" else f"{name} ({runs.markdown(virtual)})"

    @property
    def regime(self) -> str:
        """Who shared its core, in words."""
        return run_regime.NAMES[run_regime.of_run(self.measured)]

    def cell(self, wanted: str) -> Cell | None:
        """The cell of that id, or the first that the glob matches, among those that may be cited."""
        cells = citable.cells(self.measured)
        return cells.get(wanted) or next((cells[name] for name in cells if fnmatchcase(name, wanted)), None)

    def find(self, name: str) -> Cell | None:
        """The cell of exactly that id."""
        return next((cell for cell in every(self.measured) if cell.id == name), None)


def reference_run(asked: Mapping[str, Any], runs_found: list[Run]) -> Run:
    """The run that answers the README: one whose pages are kept, if there is one; of those the newest that answers most of its questions."""
    def answers(run: Run) -> int:
        return sum(run.cell(row["cell"]) is not None for row in asked["rows"])
    fit = [run for run in runs_found if run.quality != "INVALID"] or runs_found
    return max(fit, key=lambda run: (bool(run.page), answers(run)))  # the first of several, and the newest stands first


def contender(cell: Cell) -> str:
    """`slab_pool on glibc`."""
    return f"{runs.markdown(cell.strategy)} on {runs.markdown(cell.allocator)}"


def verdict(cell: Cell) -> str:
    """In small letters, and taken back where its own interval does not carry it."""
    return model.supported(cell.verdict, cell.ratio).lower()
