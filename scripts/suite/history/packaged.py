"""The table of docs/pools-measured.md: the pools of this repository beside packaged pools and heaps, losses first.

One row a point at which `object_pool` (with threads `local_pool`) was measured beside a packaged pool or another heap.
Both sides were paired with the same baseline, process by process, so their ratios can be divided.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from suite.analysis import samples, verdicts
from suite.analysis.cell import Cell, every
from suite.history.past import Run, reference_run
from suite.results import citable, model, runs, wording

Json = Mapping[str, Any]
ALONE, WITH_THREADS, HEAP, PACKAGED = "object_pool", "local_pool", "fresh_heap", "peer"


@dataclass(frozen=True)
class Rival:
    """The fastest of its kind at a point, and ours over it."""

    name: str
    nanoseconds: float
    ratio: model.Interval | None
    verdict: str

    def text(self) -> str:
        """As it stands in the table."""
        return f"{wording.ratio(self.ratio)} {self.verdict.lower()}"


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    point: str
    ours: str
    nanoseconds: float
    packaged: Rival | None
    heap: Rival | None

    @property
    def rivals(self) -> tuple[Rival, ...]:
        """Who is there of the two."""
        return tuple(rival for rival in (self.packaged, self.heap) if rival)

    @property
    def is_lost(self) -> bool:
        """Whether one of them is faster by the run's own margin."""
        return any(rival.verdict == model.SLOWER for rival in self.rivals)

    @property
    def order(self) -> tuple[int, float]:
        """Losses, then what may be one, then the rest, and last what is not citable; the largest ratio first in each."""
        above = any(rival.ratio and rival.ratio.has_interval and rival.ratio.low > 1 for rival in self.rivals)
        first = self.rivals[0]
        place = 0 if self.is_lost else 1 if above else 2 if first.verdict != model.NOT_CITABLE else 3
        return place, -max((rival.ratio.estimate for rival in self.rivals[:1 if place > 1 else 2] if rival.ratio), default=0)


def _groups(measured: Json) -> dict[str, list[Cell]]:
    """What may be compared: contenders and baselines, by point."""
    baselines = [cell for cell in every(measured) if cell.is_baseline and cell.measured]
    groups: dict[str, list[Cell]] = {}
    for cell in citable.contenders(measured) + baselines:
        groups.setdefault(cell.group, []).append(cell)
    return groups


def _rival(measured: Json, ours: Cell, cells: list[Cell]) -> Rival | None:
    """The fastest of the cells. Nothing is claimed where the run claims nothing about one of the two."""
    if not cells:
        return None
    cell = min(cells, key=lambda one: one.nanoseconds.estimate)
    name = runs.markdown(cell.strategy if cell.strategy != HEAP else cell.allocator)
    ratio = samples.paired_ratio(ours, cell)
    verdict = model.NOT_CITABLE
    if ratio and ratio.has_interval and all(one.citable or one.is_baseline for one in (ours, cell)):
        margin = max(runs.margin_at(measured, one) for one in (ours, cell))
        verdict = verdicts.settled(ratio.low, ratio.high, margin)
    return Rival(name, cell.nanoseconds.estimate, ratio, verdict)


def rows(measured: Json) -> list[Row]:
    """Every point at which one of our pools has somebody to be compared with."""
    families = {entry["name"]: entry["family"] for entry in measured["strategies"]}
    found = []
    for group, cells in _groups(measured).items():
        pool = WITH_THREADS if "threads" in cells[0].parameters else ALONE
        ours = next((cell for cell in cells if cell.strategy == pool), None)
        if not ours:
            continue
        packaged = [cell for cell in cells if families.get(cell.strategy) == PACKAGED]
        heaps = [cell for cell in cells if cell.strategy == HEAP]
        if packaged or heaps:
            found.append(Row(runs.markdown(group), pool, ours.nanoseconds.estimate,
                             _rival(measured, ours, packaged), _rival(measured, ours, heaps)))
    return sorted(found, key=lambda row: row.order)


def line(row: Row) -> str:
    """One line of the table."""
    def side(rival: Rival | None) -> str:
        return f"{rival.name} {wording.significant(rival.nanoseconds)} | {rival.text()}" if rival else "– | –"
    return f"| {row.point} | {row.ours} {wording.significant(row.nanoseconds)} | {side(row.packaged)} | {side(row.heap)} |"


def section(asked: Json, found: list[Run], folder: str) -> str:
    """All that stands between the marks, from the run that answers the README."""
    run = reference_run(asked, found)
    facts, table = run.measured["run"], rows(run.measured)
    lost = sum(row.is_lost for row in table)
    return "\n".join([
        f"From [the run of {facts['started'][:10]}]({folder}/{run.link}), preset "
        f"`{runs.markdown(facts['preset'])}`, on {run.machine}; {run.regime}. {wording.count(len(table), 'point')}, "
        f"{lost} of them lost to a packaged pool or a heap.", "",
        "| point | ours, ns | fastest packaged pool, ns | ours / packaged | fastest heap, ns | ours / heap |",
        "|---|---|---|---|---|---|", *map(line, table), ""])
