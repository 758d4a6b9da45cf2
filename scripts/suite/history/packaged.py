"""The tables of docs/pools-measured.md: the pools of this repository beside packaged pools and heaps, losses first.

One row a point at which `object_pool` (with threads `local_pool`) was measured beside a packaged pool or another heap. And
one row for everybody who keeps the same promises, another pool of ours included, and was faster at such a point. And what
the options of `object_pool` cost. All from one run: the one that measured the most such points.
Both sides were paired with the same baseline, process by process, so their ratios can be divided.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from suite.analysis import samples, verdicts
from suite.analysis.cell import Cell, every
from suite.history.past import Run
from suite.results import citable, model, runs, wording

Json = Mapping[str, Any]
ALONE, WITH_THREADS, HEAP, PACKAGED = "object_pool", "local_pool", "fresh_heap", "peer"
# Who gives out and takes back single objects, as many as are asked for: these families, but for what its own line calls
# one of a fixed number, or one whose storage comes back all at once. Who is not for threads is not measured with them.
OPTIONS = f"{ALONE}_"  # how the pools are called that are object_pool with an option
SAME_PROMISES, OTHER_PROMISES = ("fresh", "free_list", "peer"), ("fixed", "monotonic")


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


@dataclass(frozen=True)
class Loss:
    """A point at which somebody who keeps the same promises was faster than ours."""

    point: str
    ours: str
    nanoseconds: float
    rival: Rival

    @property
    def order(self) -> tuple[bool, float]:
        """What is settled, then the rest; the largest ratio first in each."""
        return self.rival.verdict != model.SLOWER, -(self.rival.ratio.estimate if self.rival.ratio else 0)


def keeps_the_promises(entry: Json) -> bool:
    """Whether a strategy can stand where object_pool stands, by how it introduces itself."""
    return entry["family"] in SAME_PROMISES and not any(word in entry.get("summary", "") for word in OTHER_PROMISES)


def losses(measured: Json) -> list[Loss]:
    """Every point and everybody that ours is slower than there, or may be: equivalent ones are no loss."""
    peers = {entry["name"] for entry in measured["strategies"]
             if keeps_the_promises(entry) and not entry["name"].startswith(OPTIONS)}
    found = []
    for group, cells in _groups(measured).items():
        pool = WITH_THREADS if "threads" in cells[0].parameters else ALONE
        ours = next((cell for cell in cells if cell.strategy == pool), None)
        for cell in cells if ours else ():
            rival = _rival(measured, ours, [cell]) if cell.strategy in peers - {pool} else None
            if rival and rival.ratio and rival.ratio.estimate > 1 and rival.verdict != model.EQUIVALENT:
                found.append(Loss(runs.markdown(group), pool, ours.nanoseconds.estimate, rival))
    return sorted(found, key=lambda loss: loss.order)


def loss_line(loss: Loss) -> str:
    """One line of the table of losses."""
    return (f"| {loss.point} | {loss.ours} {wording.significant(loss.nanoseconds)} | "
            f"{loss.rival.name} {wording.significant(loss.rival.nanoseconds)} | {loss.rival.text()} |")


def line(row: Row) -> str:
    """One line of the table."""
    def side(rival: Rival | None) -> str:
        return f"{rival.name} {wording.significant(rival.nanoseconds)} | {rival.text()}" if rival else "– | –"
    return f"| {row.point} | {row.ours} {wording.significant(row.nanoseconds)} | {side(row.packaged)} | {side(row.heap)} |"


def prices(measured: Json) -> list[str]:
    """The table of what options cost: a line a point, a column an option; nothing where none was measured."""
    groups = {group: {cell.strategy: cell for cell in cells} for group, cells in _groups(measured).items()}
    options = sorted({name for cells in groups.values() if ALONE in cells for name in cells if name.startswith(OPTIONS)})
    if not options:
        return []

    def price(cells: Mapping[str, Cell], option: str) -> str:
        ratio = samples.paired_ratio(cells[option], cells[ALONE]) if option in cells else None
        return wording.ratio(ratio) if ratio else "–"
    return ["What an option costs: its time divided by that of `object_pool` without it.", "",
            f"| point | object_pool, ns | {' | '.join(map(runs.markdown, options))} |", "|---" * (len(options) + 2) + "|",
            *[f"| {runs.markdown(group)} | {wording.significant(cells[ALONE].nanoseconds.estimate)} | "
              f"{' | '.join(price(cells, option) for option in options)} |"
              for group, cells in groups.items() if ALONE in cells and any(option in cells for option in options)], ""]


def widest_run(found: list[Run]) -> Run:
    """The run with the most points of ours: of several the newest, which stands first."""
    fit = [run for run in found if run.quality != "INVALID"] or found
    return max(fit, key=lambda run: len(rows(run.measured)))


def section(found: list[Run], folder: str) -> str:
    """All that stands between the marks."""
    run = widest_run(found)
    facts, table = run.measured["run"], rows(run.measured)
    lost, faster = sum(row.is_lost for row in table), losses(run.measured)
    settled = sum(loss.rival.verdict == model.SLOWER for loss in faster)
    return "\n".join([
        f"From [the run of {facts['started'][:10]}]({folder}/{run.link}), preset "
        f"`{runs.markdown(facts['preset'])}`, on {run.machine}; {run.regime}. {wording.count(len(table), 'point')}, "
        f"{lost} of them lost to a packaged pool or a heap.", "",
        f"Against everybody who keeps the same promises: {wording.count(settled, 'loss', 'losses')}, "
        f"{len(faster) - settled} that may be some.", "",
        "| point | ours, ns | who is faster, ns | ours / theirs |", "|---|---|---|---|", *map(loss_line, faster), "",
        *prices(run.measured),
        "| point | ours, ns | fastest packaged pool, ns | ours / packaged | fastest heap, ns | ours / heap |",
        "|---|---|---|---|---|---|", *map(line, table), ""])
