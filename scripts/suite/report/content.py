"""What every page says, made once: the terminal, Markdown and HTML only put it into form."""

from __future__ import annotations

from dataclasses import dataclass

from suite import charts
from suite.charts.style import Chart
from suite.report import answers, decisions, findings, footnotes, regime
from suite.report.answers import Answer
from suite.report.findings import Finding
from suite.report.footnotes import Footnote
from suite.results import crossover, littered, selection, wording
from suite.results.model import Results, name, number


WHETHER, WHICH_HEAP = "Should these objects be reused, and how?", "Which malloc, and when a pool instead?"


@dataclass(frozen=True)
class Control:
    """A planted difference, and what the run made of it."""

    cell: str
    planted: str
    measured: str
    verdict: str
    right: bool
    reason: str


@dataclass(frozen=True)
class ClaimRow:
    """A claim of an article as a table shows it."""

    id: str
    says: str
    cpython: str
    cpp: str
    verdict: str
    why: str


@dataclass(frozen=True)
class ClaimsSection:
    """What a page says of claims; whoever makes it hands it over. How many of each, who was asked, and a row for each claim."""

    count: str
    asked: str
    rows: tuple[ClaimRow, ...]


@dataclass(frozen=True)
class Content:
    """A report before it has a form."""

    results: Results
    notices: list[str]  # what a reader has to know before any number
    answers: list[Answer]
    findings: list[Finding]
    charts: list[Chart]
    advice: list[decisions.Advice]
    tally: str
    controls: list[Control]
    footnotes: list[Footnote]
    crossovers: dict[str, list[crossover.Line]]  # by workload, where a parameter was swept
    claims: ClaimsSection | None = None

    @property
    def asked(self) -> str:
        """The question of the whole run."""
        return WHICH_HEAP if self.results.of_heaps else WHETHER

    @property
    def planted(self) -> list[selection.Point]:
        """The groups in which nothing but planted differences is compared."""
        asked = {one["name"] for one in self.results.workloads}
        return selection.points_of([cell for cell in self.results.cells if cell.workload not in asked])


def of(results: Results, drawn: bool = True, claims: ClaimsSection | None = None) -> Content:
    """Everything about a run; `drawn` is False where nobody looks at charts."""
    found = [findings.of_workload(results, workload) for workload in results.workloads]
    every = [decisions.of_workload(results, workload["name"]) for workload in results.workloads]
    answered = answers.of(results)
    drawings = [one.chart for one in answered if one.chart] + charts.plan(results) if drawn else []
    return Content(results, notices(results), answered, found, drawings,
                   [decisions.arrange(workload["name"], some) for workload, some in zip(results.workloads, every)],
                   decisions.tally([one for some in every for one in some]), controls(results), footnotes.of(results),
                   _crossovers(results), claims)


def notices(results: Results) -> list[str]:
    """What stands above the answers: that there are none, and whose core the numbers are of."""
    said = []
    if not results.workloads:
        said.append("Not answered: this run asked no question, it only looked for what was planted in it."
                    if any(cell.measured for cell in results.cells) else "Not answered: this run measured nothing.")
    elif results.quality == "INVALID":
        said.append("Not answered: this run is INVALID, nothing on this page may be cited.")
    if not results.complete:
        said.append("This run was interrupted: cells that are missing were not measured.")
    return said + [one for one in (regime.warning(results), littered.turned(results)) if one]


def _crossovers(results: Results) -> dict[str, list[crossover.Line]]:
    found = {one["name"]: crossover.lines(crossover.of(results.of_workload(one["name"]))) for one in results.workloads}
    return {workload: lines for workload, lines in found.items() if lines}


def controls(results: Results) -> list[Control]:
    """The planted differences, in the order of the file."""
    known = {cell.id: cell for cell in results.cells}
    rows = []
    for one in results.raw.get("controls") or ():
        planted, identity = number(one.get("planted")), name(one.get("cell"), 400)
        cell = known.get(identity)
        ratio = wording.ratio(cell.ratio) if cell and cell.ratio else "–"
        known_to_be = "equal" if planted == 1 else f"{wording.percent((planted or 1) - 1)} more work"
        rows.append(Control(identity, known_to_be, ratio,
                            wording.verdict(name(one.get("verdict") or "?")), bool(one.get("right")),
                            name(one.get("reason") or "", 600)))
    return rows


def planted_sentence(rows: list[Control]) -> str:
    """Whether the run found what was planted in it."""
    if not rows:
        return "No known difference was planted in this run, so its power is not checked by itself."
    right = sum(one.right for one in rows)
    if right == len(rows):
        return f"All {wording.count(len(rows), 'planted difference')} came out right, the equal pair included."
    return (f"Only {right} of {wording.count(len(rows), 'planted difference')} came out right: nothing else here can be "
            "believed.")


def floors(results: Results) -> str:
    """The floor by kind of A/A comparison, where the run tells them apart."""
    kinds = (results.raw.get("calibration") or {}).get("kinds") or {}
    names = {"twin": "a second process", "duplicate": "a second instantiation"}
    parts = [f"{wording.percent(number(value))} against {names.get(kind, kind)}" for kind, value in kinds.items()]
    return f"By kind: {', '.join(parts)}." if parts else ""
