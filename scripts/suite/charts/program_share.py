"""What each way brings to a whole program, by the share of the time that allocation takes in it."""

from __future__ import annotations

from functools import partial

from matplotlib.figure import Figure

from suite.charts.palette import HAIRLINE, MUTED, mark
from suite.charts.style import Chart, frame, label_ends, stem
from suite.plan import heap_states
from suite.results import program_share, selection, wording
from suite.results.model import Results
from suite.results.program_share import Case, Way

PLACE = {"share": 35}
HEIGHT, MOST, SHARES = 2.9, 0.5, (0.02, 0.05, 0.1, 0.2, 0.4)
STANDS_FOR = "churn"  # the workload that looks most like a program: objects come and go among many that stay
HOW = ("How to read it: find the share of its time that your program spends in allocation (scripts/poolmark program measures it), and "
       "read upwards what each way saves of the whole run time. A band is the interval of the ratio; below the dotted line a gain "
       "seldom decides anything. scripts/poolmark advise says the same for your numbers.")


def figures(results: Results, workload: str) -> list[tuple[int, Chart]]:
    """With its rank."""
    if workload != STANDS_FOR:
        return []
    points = selection.points_of(results.of_workload(workload))
    clean = [point for point in points if heap_states.PARAMETER not in point.parameters]
    drawn = [case for point in selection.headline_points(clean, 1) for case in _cases(results, point, points) if any(way.cell for way in case.ways)]
    return [(12, _chart(results, workload, drawn))] if drawn else []


def _cases(results: Results, point: selection.Point, points: list[selection.Point]) -> list[Case]:
    """The point on a clean heap, and on the used ones that were asked."""
    same = [other for other in points if heap_states.without(other.parameters) == point.parameters]
    return [program_share.of_point(results, other) for other in sorted(same, key=lambda other: other is not point)][:2]


def _chart(results: Results, workload: str, cases: list[Case]) -> Chart:
    title = finding(cases[0])
    where = f"{workload}: {wording.point(cases[0].point.parameters)}"
    return Chart(name=f"share-{stem(workload)}", workload=workload, kind="share", title=title, how=HOW, table=table(cases),
                 alt=f"Lines of the run time that is saved over the share of allocation, at {where}. {title}.",
                 draw=partial(draw, cases, title, where))


def finding(case: Case) -> str:
    """From which share on each way pays."""
    paying = sorted((way for way in case.ways if way.cell and way.pays_from), key=lambda way: way.pays_from)
    said = [f"{way.name} ({wording.contender(way.cell)}) {f'saves {wording.percent(program_share.LEAST)} of the run time where allocation takes' if first else 'where it takes'} "
            f"{wording.percent(way.pays_from)} of it" for way, first in zip(paying, (True, *(False,) * len(paying)))]
    return f"{said[0][0].upper()}{said[0][1:]}{''.join(f', {one}' for one in said[1:])}" if said else "No way is settled as faster here"


def table(cases: list[Case]) -> tuple[tuple[str, ...], ...]:
    rows = [("heap before", "way", "which", *(f"saved at {share:.0%}" for share in SHARES), "pays from")]
    for case in cases:
        for way in case.ways:
            if way.cell:
                rows.append((heap_states.of(case.point.parameters), way.name, wording.contender(way.cell),
                             *(f"{wording.significant(100 * way.saved(share).estimate)} %" for share in SHARES),
                             wording.percent(way.pays_from) if way.pays_from else "never"))
    return tuple(rows)


def draw(cases: list[Case], title: str, where: str) -> Figure:
    """The figure."""
    canvas = frame(title, where + ".", HEIGHT, left=0.9, right=2.9)
    axes, ends = canvas.axes, []
    for case in cases:
        for way in (way for way in case.ways if way.cell):
            _line(axes, case, way, ends)
    axes.axhline(100 * program_share.LEAST, color=MUTED, lw=0.8, ls=(0, (1, 2)), zorder=1)
    axes.set_xlim(0, 100 * MOST)
    axes.set_ylim(0, max(100 * way.saved(MOST).high for case in cases for way in case.ways if way.cell) * 1.05)
    axes.grid(color=HAIRLINE, lw=0.5)
    axes.set_axisbelow(True)
    axes.set_xlabel("allocation's share of the run time, %")
    axes.set_ylabel("saved of the run time, %")
    label_ends(axes, ends, HEIGHT)
    return canvas.figure


def _line(axes, case: Case, way: Way, ends: list[tuple[float, float, str, str]]) -> None:
    state = heap_states.of(case.point.parameters)
    colour = MUTED if way.name == program_share.HEAP else mark(way.cell.strategy, way.cell.family).colour
    most, x = way.saved(MOST), (0, 100 * MOST)
    axes.plot(x, (0, 100 * most.estimate), color=colour, lw=1.6, ls="-" if state == heap_states.CLEAN else (0, (4, 2)), zorder=3)
    axes.fill_between(x, (0, 100 * most.low), (0, 100 * most.high), color=colour, alpha=0.15, lw=0, zorder=2)
    used = "" if state == heap_states.CLEAN else ", littered" if state.startswith(heap_states.LITTERED) else f", {state}"
    ends.append((x[1], 100 * most.estimate, wording.short(f"{wording.contender(way.cell)}{used}", 34), colour))
