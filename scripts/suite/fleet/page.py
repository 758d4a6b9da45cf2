"""The page of a campaign: the five answers for each machine class side by side, where classes disagree first; then the cells that
turn, the nodes that stand out, a map of all cells by class, and the pages of single runs."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import exp, log, sqrt
from statistics import fmean, median, variance
from typing import Any

from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup
from matplotlib.colors import to_hex

from suite.analysis.statistics import FEWEST_NODES
from suite.charts import heatmap
from suite.charts.palette import contrast_on_white
from suite.fleet import merge
from suite.fleet.merge import Share
from suite.fleet.shares import Plan
from suite.report import answers, html
from suite.report.answers import Answer
from suite.results import citable, model, selection, wording
from suite.results.model import Cell, Results

PAGE = "campaign.html"
FAR, LEAST = 5.0, 0.02  # beyond so many median deviations, and by no less than this, a node stands out
SHOWN, OPEN = 24, 40  # cells that turn; rows of a map that stand open
MAD = 1.4826  # times the median deviation is the standard deviation of a normal distribution
OPPOSITE = {model.FASTER, model.SLOWER}


@dataclass(frozen=True)
class Column:
    """A class of machines as the page shows it."""

    name: str
    label: str
    detail: str
    shares: Sequence[Share]
    results: Results
    cells: Mapping[str, Cell]
    spread: str
    outliers: Sequence[str]

    @property
    def nodes(self) -> int:
        return len(merge.nodes(self.shares))


@dataclass(frozen=True)
class Row:
    """A question or a cell, an entry a class."""

    name: str
    entries: Sequence[Any]
    differs: bool


def labels(classes: Mapping[str, Sequence[Share]]) -> dict[str, tuple[str, str]]:
    """Of each class its CPU, and what tells it from the others."""
    facts = {name: members[0].told["class"] for name, members in classes.items()}
    keys = dict.fromkeys(key for one in facts.values() for key in one if key != "cpu")
    telling = [key for key in keys if len({one.get(key) for one in facts.values()}) > 1]
    return {name: (str(one.get("cpu")), "; ".join(f"{key} {one.get(key, 'unset')}" for key in telling)) for name, one in facts.items()}


def far(values: Mapping[str, float]) -> list[str]:
    """The nodes whose value lies far from those of the others."""
    if len(values) < FEWEST_NODES:
        return []
    middle = median(values.values())
    deviation = max(MAD * median(abs(value - middle) for value in values.values()), LEAST / FAR)
    return sorted((node for node in values if abs(values[node] - middle) > FAR * deviation), key=lambda node: -abs(values[node] - middle))


def _by_cell(members: Sequence[Share]) -> dict[str, dict[str, Sequence[float]]]:
    """What each node says of a cell, the median where it measured several shares; where enough nodes say something."""
    found: dict[str, dict[str, list[Sequence[float]]]] = {}
    for share in members:
        for name, told in share.told["cells"].items():
            found.setdefault(name, {}).setdefault(share.node, []).append(told)
    return {name: {node: told[0] if len(told) == 1 else [median(values) for values in zip(*told)] for node, told in each.items()}
            for name, each in found.items() if len(each) >= FEWEST_NODES}


def outliers(members: Sequence[Share]) -> list[str]:
    """Nodes that are slower or faster than their class, or whose ratios are others."""
    times: dict[str, list[float]] = {}
    ratios: dict[str, list[float]] = {}
    for each in _by_cell(members).values():
        logs = {node: (log(told[0]), log(told[1])) for node, told in each.items()}
        middle = [median(pair[place] for pair in logs.values()) for place in (0, 1)]
        for node, (ratio, time) in logs.items():
            ratios.setdefault(node, []).append(abs(ratio - middle[0]))
            times.setdefault(node, []).append(time - middle[1])
    speed, off = ({node: median(values) for node, values in one.items()} for one in (times, ratios))
    told = {node: f"{wording.percent(abs(exp(value) - 1))} {'longer' if value > 0 else 'shorter'}" for node, value in speed.items()}
    return [f"node {node}: times that are {told[node]} than those of its class" for node in far(speed)] + [
        f"node {node}: ratios that lie {wording.percent(exp(off[node]) - 1)} from those of its class" for node in far(off)]


def spread(members: Sequence[Share]) -> str:
    """By how much nodes of a class differ: the deviation between them, without what their own processes differ in."""
    found = []
    for name, each in _by_cell(members).items():
        ratios, errors = [log(told[0]) for told in each.values()], [told[3] for told in each.values()]
        if any(ratios):
            found.append((sqrt(max(0.0, variance(ratios) - fmean(error**2 for error in errors))), name))
    found.sort()
    if not found:
        return f"with fewer than {FEWEST_NODES} nodes a cell, how much nodes differ is not known"
    return (f"nodes differ by {wording.percent(found[len(found) // 2][0])} (standard deviation of a ratio, median of "
            f"{wording.count(len(found), 'cell')} of {FEWEST_NODES} nodes or more), at most by {wording.percent(found[-1][0])} in {found[-1][1]}")


def disagree(cells: Sequence[Cell]) -> bool:
    """Whether classes settle something differently, and by intervals that have nothing in common."""
    settled = [one for one in cells if one.verdict in model.SETTLED and one.ratio and one.ratio.has_interval]
    return any(one.verdict != other.verdict and one.ratio.high < other.ratio.low for one in settled for other in settled)


def _asked(columns: Sequence[Column]) -> list[Row]:
    """The five questions; where classes disagree comes first."""
    every: list[list[Answer]] = [answers.of(column.results) for column in columns]
    rows = [Row(found[0].question, found, disagree([one.cell for one in found if one.cell])) for found in map(list, zip(*every))]
    return sorted(rows, key=lambda row: not row.differs)


def _mapped(columns: Sequence[Column]) -> list[Row]:
    names = dict.fromkeys(name for column in columns for name in column.cells)
    return [Row(name, each, disagree([one for one in each if one and one.citable]))
            for name in names for each in [[column.cells.get(name) for column in columns]]]


def turned(rows: Sequence[Row]) -> list[Row]:
    """The cells that classes settle differently: opposite ones first, then by how far the ratios are apart."""
    def order(row: Row) -> tuple[bool, float]:
        ratios = [log(one.ratio.estimate) for one in row.entries if one and one.citable]
        return not OPPOSITE <= {one.verdict for one in row.entries if one}, min(ratios) - max(ratios)
    return sorted((row for row in rows if row.differs), key=order)


def paint(cell: Cell) -> str:
    fill = to_hex(heatmap.colour(cell.ratio.estimate, cell.margin or 0.02))
    return f"background:{fill};color:{'#fff' if contrast_on_white(fill) > 3.7 else '#1b1f24'}"


def _columns(members: Sequence[Share], stored: Mapping[str, Any]) -> Iterator[Column]:
    classes = merge.by_class(members)
    told = labels(classes)
    for name, mine in classes.items():
        results = model.load(stored[name])
        cells = {cell.id: cell for cell in selection.contenders(results.cells) if cell.measured}
        yield Column(name, *told[name], mine, results, cells, spread(mine), outliers(mine))


def render(plan: Plan, members: Sequence[Share], refused: Sequence[str], stored: Mapping[str, Any]) -> str:
    """The page, from what was collected."""
    columns = list(_columns(members, stored))
    rows = _mapped(columns)
    environment = Environment(loader=FileSystemLoader(html.TEMPLATES), autoescape=True, trim_blocks=True, lstrip_blocks=True)
    by_workload: dict[str, list[Row]] = {}
    for row in rows:
        by_workload.setdefault(row.name.partition("/")[0], []).append(row)
    return environment.get_template("campaign.html.j2").render(
        plan=plan, columns=columns, asked=_asked(columns), turned=turned(rows), shown=SHOWN, maps=by_workload, parted=merge.parted(plan, columns),
        open=len(rows) <= OPEN, cells=len(rows), refused=refused, missing=len(plan.shares) - len(members), words=wording,
        paint=paint, members=members, fewest=FEWEST_NODES, counts=[citable.count(column.results.raw) for column in columns],
        style=Markup((html.TEMPLATES / "report.css").read_text(encoding="utf-8")))
