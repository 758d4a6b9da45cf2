"""Bytes per object: resident memory of many live objects as bars, against the payload that no layout can go below.

Beside each bar stand the bytes that were requested and the object's own size, so that a reader sees where they go.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from matplotlib.figure import Figure
from matplotlib.transforms import blended_transform_factory

from suite.charts import words
from suite.charts.data import Cell, Estimate, Results, number
from suite.charts.style import Chart, frame
from suite.palette import HAIRLINE, INK, MUTED, mark, mixed_with_white

ROW = 0.185  # inches
HOW = ("How to read it: shorter is leaner. The bar is resident memory per object, the thin black tick the bytes "
       "requested, the diamond the object's own size. No layout can go left of the payload line; a bar that does had "
       "too few objects to be measured by pages.")


@dataclass(frozen=True)
class Use:
    """Memory of one contender at one point."""

    cell: Cell
    resident: Estimate
    requested: float | None
    own: float | None
    payload: float | None
    objects: float | None


def uses(cells: list[Cell]) -> list[Use]:
    """What was measured, in the order of the file."""
    found = []
    for cell in cells:
        resident = number(cell.memory.get("rss_bytes_per_object"))
        if resident is not None and resident > 0 and not cell.twin:
            low, high = number(cell.memory.get("rss_low")), number(cell.memory.get("rss_high"))
            found.append(Use(cell, Estimate(resident, low, high), number(cell.memory.get("requested_bytes_per_object")),
                             number(cell.memory.get("sizeof_bytes")), number(cell.memory.get("payload_bytes")),
                             number(cell.memory.get("objects"))))
    return found


def plan(results: Results, workload: str, most: int) -> list[Chart]:
    """One chart for each point that has memory figures."""
    by_point: dict[str, list[Use]] = {}
    for use in uses(results.of_workload(workload)):
        by_point.setdefault(use.cell.group, []).append(use)
    return [_chart(results, members, i) for i, members in enumerate(list(by_point.values())[:most], 1)]


def _chart(results: Results, members: list[Use], index: int) -> Chart:
    cell = members[0].cell
    stem = "".join(letter if letter.isascii() and letter.isalnum() else "_" for letter in cell.workload)
    title = finding(members)
    where = f"{cell.workload}: {words.point(cell.parameters)}"
    return Chart(name=f"memory-{stem}-{index}", workload=cell.workload, kind="memory", title=title, how=HOW,
                 alt=f"Bar chart of resident bytes per object, {where}. {title}.", table=table(members),
                 draw=partial(draw, ordered(members, results.baseline_allocator()), title, where))


def finding(members: list[Use]) -> str:
    """The title: the leanest and the heaviest contender, in bytes."""
    real = [use for use in members if not use.cell.limit] or members
    lean, heavy = min(real, key=lambda use: use.resident.value), max(real, key=lambda use: use.resident.value)
    name = words.short(words.contender(lean.cell), 50)
    if lean is heavy:
        return f"{name} takes {words.significant(lean.resident.value)} bytes per object"
    return (f"{name} takes {words.significant(lean.resident.value)} bytes per object, "
            f"{words.short(words.contender(heavy.cell), 50)} {words.significant(heavy.resident.value)}")


def ordered(members: list[Use], allocator: str) -> list[Use]:
    """Strategies by their bytes on the baseline allocator; their allocators in the order of the catalog."""
    first = {use.cell.strategy: use.resident.value for use in reversed(members)}
    first |= {use.cell.strategy: use.resident.value for use in members if use.cell.allocator == allocator}
    return sorted(members, key=lambda use: (first[use.cell.strategy], use.cell.strategy))


def table(members: list[Use]) -> tuple[tuple[str, ...], ...]:
    def text(value: float | None) -> str:
        return "–" if value is None else words.significant(value)

    head = ("contender", "RSS, bytes per object", "interval", "requested, bytes", "sizeof, bytes", "payload, bytes")
    return (head, *((use.cell.contender, text(use.resident.value), words.interval(use.resident), text(use.requested),
                     text(use.own), text(use.payload)) for use in members))


def draw(members: list[Use], title: str, where: str) -> Figure:
    """The figure."""
    many = next((words.whole(use.objects) for use in members if use.objects), "many")
    places, y = [], 0.0
    for i, use in enumerate(members):
        y += 1.0 if i == 0 or use.cell.strategy == members[i - 1].cell.strategy else 1.6
        places.append(y)
    height = max(1.0, ROW * (places[-1] + 1))
    canvas = frame(title, f"{where}.  Resident memory of {many} live objects in a process of its own.", height,
                   left=2.75, right=0.9, bottom=0.62)
    axes = canvas.axes
    widest = max(max(use.resident.high or 0, use.resident.value, use.requested or 0) for use in members)
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
        axes.text(payload, 1.0, f" payload {words.significant(payload)} bytes", va="bottom", ha="left", size=8,
                  transform=blended_transform_factory(axes.transData, axes.transAxes))
    for i, (use, y) in enumerate(zip(members, places)):
        _bar(axes, use, y, i == 0 or use.cell.strategy != members[i - 1].cell.strategy)
    return canvas.figure


def _bar(axes, use: Use, y: float, first: bool) -> None:
    left = blended_transform_factory(axes.transAxes, axes.transData)
    colour = mark(use.cell.strategy, use.cell.family).colour
    axes.barh(y, use.resident.value, height=0.72, color=colour if first else mixed_with_white(colour, 0.4), zorder=2)
    if first:
        axes.text(-0.135, y, words.short(use.cell.strategy, 24), transform=left, ha="right", va="center", weight="bold",
                  size=8.5)
    axes.text(-0.012, y, words.short(use.cell.allocator, 14), transform=left, ha="right", va="center", size=8)
    if use.resident.has_interval:
        axes.hlines(y, use.resident.low, use.resident.high, color=INK, lw=1, zorder=4)
    if use.requested:
        axes.plot([use.requested], [y], marker="|", ms=8, mew=1.6, color=INK, zorder=5)
    if use.own:
        axes.plot([use.own], [y], marker="D", ms=3.6, mew=0.8, mfc="white", mec=INK, ls="none", zorder=5)
    end = max(use.resident.high or 0, use.resident.value, use.requested or 0, use.own or 0)
    axes.annotate(words.significant(use.resident.value), (end, y), xytext=(9, 0), textcoords="offset points", size=8,
                  va="center", color=MUTED if use.cell.limit else INK)
