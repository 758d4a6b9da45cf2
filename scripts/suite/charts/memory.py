"""Bytes per object: resident memory of many live objects as stacked bars, against the payload no layout can go below.

A bar says where the bytes go: the payload, the padding up to the object's own size, what the strategy asks for beyond
it (links, buckets, tables), what the heap rounds blocks up to, and the rest up to resident memory (headers, slack,
pages half used).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.transforms import blended_transform_factory

from suite.charts.palette import HAIRLINE, INK, MUTED, mark, mixed_with_white
from suite.charts.style import Chart, frame, stem
from suite.results import wording
from suite.results.model import Cell, Interval, Results, number

PLACE = {"memory": 60}
ROW = 0.185  # inches
HOW = ("How to read it: shorter is leaner. The strongest part is payload; then padding, what the strategy asks for beyond "
       "the object, what the heap rounds up, and the rest up to resident memory. No layout can go left of the payload "
       "line; a bar that does had too few objects to be measured by pages.")
PARTS = (("payload", 0.0), ("padding", 0.28), ("structure", 0.48), ("rounding", 0.66), ("headers, slack", 0.82))


@dataclass(frozen=True)
class Use:
    """Memory of one contender at one point."""

    cell: Cell
    resident: Interval
    requested: float | None
    own: float | None
    payload: float | None
    objects: float | None
    usable: float | None = None

    def parts(self) -> list[tuple[str, float]]:
        """The stack, from the payload up: each level adds what it has over the one below, at least nothing."""
        levels = (self.payload if self.payload is not None else self.own, self.own, self.requested, self.usable,
                  self.resident.estimate)
        found, reached = [], 0.0
        for (name, _), level in zip(PARTS, levels):
            top = max(reached, min(level, self.resident.estimate)) if level is not None else reached
            found.append((name, top - reached))
            reached = top
        return found


def uses(cells: list[Cell]) -> list[Use]:
    """What was measured, in the order of the file."""
    found = []
    for cell in cells:
        resident = number(cell.memory.get("rss_bytes_per_object"))
        if resident is not None and resident > 0 and not cell.twin:
            low, high = number(cell.memory.get("rss_low")), number(cell.memory.get("rss_high"))
            found.append(Use(cell, Interval(resident, low, high), number(cell.memory.get("requested_bytes_per_object")),
                             number(cell.memory.get("sizeof_bytes")), number(cell.memory.get("payload_bytes")),
                             number(cell.memory.get("objects")), number(cell.memory.get("usable_bytes_per_object"))))
    return found


def figures(results: Results, workload: str) -> list[tuple[int, Chart]]:
    """The last one is that of the largest point."""
    every = plan(results, workload, 2)
    return [(50 if chart is every[-1] else 90, chart) for chart in every]


def plan(results: Results, workload: str, most: int) -> list[Chart]:
    """One chart for each point that has memory figures."""
    by_point: dict[str, list[Use]] = {}
    for use in uses(results.of_workload(workload)):
        by_point.setdefault(use.cell.group, []).append(use)
    return [_chart(results, members, i) for i, members in enumerate(list(by_point.values())[:most], 1)]


def _chart(results: Results, members: list[Use], index: int) -> Chart:
    cell = members[0].cell
    title = finding(members)
    where = f"{cell.workload}: {wording.point(cell.parameters)}"
    return Chart(name=f"memory-{stem(cell.workload)}-{index}", workload=cell.workload, kind="memory", title=title,
                 how=HOW, alt=f"Bar chart of resident bytes per object, {where}. {title}.", table=table(members),
                 draw=partial(draw, ordered(members, results.baseline_allocator()), title, where))


def finding(members: list[Use]) -> str:
    """The title: the leanest and the heaviest contender, in bytes."""
    real = [use for use in members if not use.cell.limit] or members
    lean, heavy = min(real, key=lambda use: use.resident.estimate), max(real, key=lambda use: use.resident.estimate)
    name = wording.short(wording.contender(lean.cell), 50)
    if lean is heavy:
        return f"{name} takes {wording.significant(lean.resident.estimate)} bytes per object"
    return (f"{name} takes {wording.significant(lean.resident.estimate)} bytes per object, "
            f"{wording.short(wording.contender(heavy.cell), 50)} {wording.significant(heavy.resident.estimate)}")


def ordered(members: list[Use], allocator: str) -> list[Use]:
    """Strategies by their bytes on the baseline allocator; their allocators in the order of the catalog."""
    first = {use.cell.strategy: use.resident.estimate for use in reversed(members)}
    first |= {use.cell.strategy: use.resident.estimate for use in members if use.cell.allocator == allocator}
    return sorted(members, key=lambda use: (first[use.cell.strategy], use.cell.strategy))


def table(members: list[Use]) -> tuple[tuple[str, ...], ...]:
    def text(value: float | None) -> str:
        return "–" if value is None else wording.significant(value)

    head = ("contender", "RSS, bytes per object", "interval", "requested, bytes", "usable, bytes", "sizeof, bytes",
            "payload, bytes", *(f"of which {name}" for name, _ in PARTS[1:]), "fragmentation", "faults per operation")
    return (head, *((use.cell.contender, text(use.resident.estimate), wording.interval(use.resident), text(use.requested),
                     text(use.usable), text(use.own), text(use.payload),
                     *(text(size) for _, size in use.parts()[1:]), text(number(use.cell.memory.get("fragmentation"))),
                     text(number(use.cell.memory.get("faults_per_operation")))) for use in members))


def draw(members: list[Use], title: str, where: str) -> Figure:
    """The figure."""
    many = next((wording.whole(use.objects) for use in members if use.objects), "many")
    places, y = [], 0.0
    for i, use in enumerate(members):
        y += 1.0 if i == 0 or use.cell.strategy == members[i - 1].cell.strategy else 1.6
        places.append(y)
    height = max(1.0, ROW * (places[-1] + 1))
    canvas = frame(title, f"{where}.  Resident memory of {many} live objects in a process of its own.", height,
                   left=2.75, right=0.9, bottom=0.9)
    axes = canvas.axes
    widest = max(max(use.resident.high or 0, use.resident.estimate) for use in members)
    axes.set_xlim(0, widest * 1.06)
    axes.set_ylim(places[-1] + 1, 0)
    axes.set_yticks([])
    axes.tick_params(axis="x", length=0)
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    axes.grid(axis="x", color=HAIRLINE, lw=0.5)
    axes.set_axisbelow(True)
    axes.set_xlabel("resident bytes per object; shorter is leaner")
    payload = next((use.payload for use in members if use.payload), None)
    if payload:
        axes.axvline(payload, color=INK, lw=1.2, ls=(0, (4, 2)), zorder=5)
        axes.text(payload, 1.0, f" payload {wording.significant(payload)} bytes", va="bottom", ha="left", size=8,
                  transform=blended_transform_factory(axes.transData, axes.transAxes))
    _legend(axes, members)
    for i, (use, y) in enumerate(zip(members, places)):
        _bar(axes, use, y, i == 0 or use.cell.strategy != members[i - 1].cell.strategy)
    return canvas.figure


def _legend(axes, members: list[Use]) -> None:
    """The shades, below the axis; only those that occur."""
    there = [name for i, (name, _) in enumerate(PARTS) if any(use.parts()[i][1] > 0 for use in members)]
    grey, x = "#3c444d", 0.0
    height = axes.get_window_extent().height / axes.figure.dpi
    for name, white in PARTS:
        if name in there:
            axes.add_patch(Rectangle((x, -0.66 / height), 0.018, 0.11 / height, transform=axes.transAxes, lw=0.6,
                                     fc=mixed_with_white(grey, white), ec=grey, clip_on=False))
            axes.text(x + 0.025, -0.605 / height, name, transform=axes.transAxes, size=8, color=MUTED, va="center")
            x += 0.06 + 0.0135 * len(name)


def _bar(axes, use: Use, y: float, first: bool) -> None:
    left = blended_transform_factory(axes.transAxes, axes.transData)
    colour = mark(use.cell.strategy, use.cell.family).colour
    start = 0.0
    for (_, white), (_, size) in zip(PARTS, use.parts()):
        if size:
            axes.barh(y, size, left=start, height=0.72, color=mixed_with_white(colour, white), lw=0, zorder=2)
        start += size
    axes.barh(y, use.resident.estimate, height=0.72, fc="none", ec=colour, lw=0.6, zorder=2.5)
    if first:
        axes.text(-0.135, y, wording.short(use.cell.strategy, 24), transform=left, ha="right", va="center", weight="bold",
                  size=8.5)
    axes.text(-0.012, y, wording.short(use.cell.allocator, 14), transform=left, ha="right", va="center", size=8)
    if use.resident.has_interval:
        axes.hlines(y, use.resident.low, use.resident.high, color=INK, lw=1, zorder=4)
    end = max(use.resident.high or 0, use.resident.estimate)
    axes.annotate(wording.significant(use.resident.estimate), (end, y), xytext=(9, 0), textcoords="offset points", size=8,
                  va="center", color=MUTED if use.cell.limit else INK)
