"""A reference run, and what of it may be shown."""

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from suite import runs
from suite.charts import data


@dataclass(frozen=True)
class Run:
    """One folder of reports/runs."""

    name: str
    measured: dict[str, Any]

    @property
    def quality(self) -> str:
        """CITABLE, EXPLORATORY or INVALID."""
        return self.measured["calibration"]["quality"]

    def cell(self, wanted: str) -> Mapping[str, Any] | None:
        """The measured cell of that id, or the first that the glob matches."""
        for cell in self.measured["cells"]:
            if cell["ratio"] and cell["ns_per_op"] and not runs.is_rival(cell) and \
                    (cell["id"] == wanted or fnmatchcase(cell["id"], wanted)):
                return cell
        return None

    def find(self, name: str) -> Mapping[str, Any] | None:
        """The cell of exactly that id."""
        return next((cell for cell in self.measured["cells"] if cell["id"] == name), None)


def machine(run: Run) -> str:
    """What it ran on, in a few words."""
    environment = run.measured["environment"]
    said = f"{runs.markdown(environment['cpu'])}, {environment['cpus']} CPUs"
    return said if environment["virtualization"] == "none" else f"{said} ({runs.markdown(environment['virtualization'])})"


def spokesman(asked: Mapping[str, Any], runs_found: list[Run]) -> Run:
    """Who answers the README: the newest CITABLE run that has every question, else the newest with most of them."""
    def answers(run: Run) -> int:
        return sum(run.cell(row["cell"]) is not None for row in asked["rows"])
    fit = [run for run in runs_found if run.quality != "INVALID"] or runs_found
    most = max(map(answers, fit))
    full = [run for run in fit if answers(run) == most]
    return next((run for run in full if run.quality == "CITABLE"), full[0])


def estimate(cell: Mapping[str, Any]) -> data.Estimate:
    """The ratio as the pages' words take it."""
    ratio = cell["ratio"]
    return data.Estimate(ratio["estimate"], ratio["low"], ratio["high"])


def verdict(cell: Mapping[str, Any]) -> str:
    """In small letters, and taken back where its own interval does not carry it."""
    return data.supported(cell["verdict"], estimate(cell)).lower()
