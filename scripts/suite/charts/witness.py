"""Who shared the core, and when: what the core witness took beside each block of rounds, over the whole run."""

from __future__ import annotations

from functools import partial
from itertools import groupby
from statistics import median

from matplotlib.figure import Figure

from suite.charts.palette import BAND, HAIRLINE, INK, MUTED
from suite.charts.style import Chart, frame, log_ticks
from suite.results import wording
from suite.results.model import Results, number

HEIGHT = 1.9
MARKS = ("o", "s", "^", "D", "v", "P", "X", "h")  # CPUs
Row = tuple[float, int, float]  # minutes, CPU, nanoseconds
HOW = ("How to read it: each mark is one block of rounds, left to right in the order they ran, and how long the same six "
       "independent additions took beside it; marks of one shape are one CPU. Below the line the core was quiet; above it "
       "somebody else used its other thread, and the stretch is shaded. An upright line is a change of CPU.")


def overview(results: Results) -> list[tuple[int, Chart]]:
    """With its rank."""
    return [(20, chart) for chart in plan(results)]


def plan(results: Results) -> list[Chart]:
    """The strip, where the run has witnesses."""
    found = results.raw.get("witness")
    rows = _rows(found) if isinstance(found, dict) else []
    best = (number(found.get("quiet_core_ns")) or number((found.get("levels") or {}).get("core"))) if rows else None
    if len(rows) < 2 or not best:
        return []
    limit = best * (1 + (number(found.get("quiet_within")) or 0.08))
    shared = [row for row in rows if row[2] > limit]
    title = (f"Somebody shared the core in {len(shared)} of {wording.count(len(rows), 'block')}" if shared else
             f"Nobody shared the core in any of {wording.count(len(rows), 'block')}")
    return [Chart(name="overview-witness", workload="", kind="witness", title=title, how=HOW, table=_table(rows, limit),
                  alt=f"Strip of the core witness over the run. {title}.", draw=partial(draw, rows, limit, title))]


def _rows(found: dict) -> list[Row]:
    rows = []
    for line in found.get("strip") or ():
        if not isinstance(line, list) or len(line) < 3:
            continue
        seconds, cpu, core = (number(value) for value in line[:3])
        if seconds is not None and cpu is not None and core is not None and 0 < core < 1e6:
            rows.append((seconds / 60, int(cpu), core))
    return sorted(rows)


def _table(rows: list[Row], limit: float) -> tuple[tuple[str, ...], ...]:
    """By CPU: how often it was used, and what was seen there."""
    head = ("CPU", "blocks", "beside somebody", "core witness, ns: median", "lowest", "highest")
    lines = []
    for cpu in sorted({row[1] for row in rows}):
        cores = [core for _, used, core in rows if used == cpu]
        lines.append((str(cpu), wording.whole(len(cores)), wording.whole(sum(core > limit for core in cores)),
                      *(wording.significant(pick(cores)) for pick in (median, min, max))))
    return (head, *lines)


def stretches(rows: list[Row], limit: float) -> list[tuple[float, float]]:
    """From when to when somebody shared the core: up to the middle between two blocks."""
    middles = [rows[0][0], *((a[0] + b[0]) / 2 for a, b in zip(rows, rows[1:])), rows[-1][0]]
    found = []
    for is_shared, members in groupby(range(len(rows)), key=lambda i: rows[i][2] > limit):
        places = list(members)
        if is_shared:
            found.append((middles[places[0]], middles[places[-1] + 1]))
    return found


def draw(rows: list[Row], limit: float, title: str) -> Figure:
    """The figure. Pure."""
    canvas = frame(title, "Six independent additions beside each block of rounds: a busy sibling thread slows them down.",
                   HEIGHT, left=0.75, right=1.3)
    axes, cpus = canvas.axes, sorted({row[1] for row in rows})
    # A block that lost its CPU for a while took many times as long; it stands at the upper edge.
    highest = sorted(row[2] for row in rows)[int(0.98 * (len(rows) - 1))]
    low, high = min(min(row[2] for row in rows), limit) / 1.06, max(highest, limit) * 1.25
    axes.set_yscale("log")
    axes.set_ylim(low, high)
    axes.set_xlim(rows[0][0], max(rows[-1][0], rows[0][0] + 1e-3))
    ticks = log_ticks(low, high, 6)
    axes.set_yticks(ticks, [f"{tick:,g}" for tick in ticks])
    axes.set_yticks([], minor=True)
    axes.set_xlabel("minutes since the start of the run")
    axes.set_ylabel("core witness, ns")
    axes.grid(color=HAIRLINE, lw=0.5, axis="y")
    axes.set_axisbelow(True)
    for start, end in stretches(rows, limit):
        axes.axvspan(start, end, color=BAND, lw=0, zorder=0)
    axes.axhline(limit, color=INK, lw=0.9, zorder=2)
    axes.text(1.01, limit, "quiet below", transform=axes.get_yaxis_transform(), size=8, va="center")
    for before, row in zip(rows, rows[1:]):
        if row[1] != before[1]:
            axes.axvline((before[0] + row[0]) / 2, color=MUTED, lw=0.4, ls=(0, (2, 2)), zorder=1)
    for i, cpu in enumerate(cpus):
        for quiet, colour in ((True, "#0072b2"), (False, "#d55e00")):
            some = [(x, min(core, high / 1.04)) for x, used, core in rows if used == cpu and (core <= limit) == quiet]
            if some:
                axes.plot(*zip(*some), marker=MARKS[i % len(MARKS)], ms=3, ls="none", color=colour, zorder=3)
        if i < len(MARKS):
            y = 1 - 0.11 * (i + 1)
            axes.plot([1.03], [y], marker=MARKS[i], ms=4, color=MUTED, transform=axes.transAxes, clip_on=False)
            axes.text(1.05, y, f"CPU {cpu}", transform=axes.transAxes, size=8, va="center", color=MUTED)
    return canvas.figure
