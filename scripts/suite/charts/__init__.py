"""Charts, each found by itself: a module of this package that has one of these functions is one, and no list names it.

    figures(results, workload) -> [(rank, Chart)]   of one workload
    overview(results) -> [(rank, Chart)]            of the whole run, at the top of its page

Ranks order what tells most: where a page would have too many figures, low ranks stay. From `BESIDE` on, ten ranks are for
figures that stand beside the times; two of them keep their rank, the others come after all that answers the question.
`PLACE` of a module says where each of its kinds stands among a workload's figures, from the top down.

A `Chart` is what a page says about a figure, and a pure function that draws it. Nothing is drawn until it is saved.
"""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module
from types import ModuleType

from suite.charts.style import Chart
from suite.results.model import Results

MOST = 64  # figures on a page: more are not looked at
BESIDE, KEPT_BESIDE, LATER = 60, 2, 20


@cache
def _modules() -> tuple[ModuleType, ...]:
    found = (import_module(f"{__name__}.{one.name}") for one in pkgutil.iter_modules(__path__))
    return tuple(module for module in found if hasattr(module, "figures") or hasattr(module, "overview"))


@cache
def _places() -> dict[str, int]:
    return {kind: place for module in _modules() for kind, place in getattr(module, "PLACE", {}).items()}


def _by_rank(ranked: list[tuple[int, Chart]]) -> list[tuple[int, Chart]]:
    return sorted(ranked, key=lambda one: one[0])


def plan(results: Results) -> list[Chart]:
    """All charts of a report, in the order in which pages show them.

    Where there are too many, each workload gives its most telling one before any gives a second.
    """
    overview = [chart for _, chart in _by_rank([
        one for module in _modules() if hasattr(module, "overview") for one in module.overview(results)])]
    every = [of_workload(results, workload["name"]) for workload in results.workloads]
    longest = max((len(charts) for charts in every), default=0)
    ranked = [charts[place] for place in range(longest) for charts in every if place < len(charts)]
    kept = {chart.name for chart in ranked[:max(0, MOST - len(overview))]}
    return overview[:MOST] + [chart for charts in every for chart in sorted(charts, key=_shown) if chart.name in kept]


def of_workload(results: Results, name: str) -> list[Chart]:
    """The charts of one workload, the most telling first: who wins, how cost grows, then the rest."""
    ranked = _by_rank([one for module in _modules() if hasattr(module, "figures") for one in module.figures(results, name)])
    beside = [place for place, (rank, _) in enumerate(ranked) if BESIDE <= rank < BESIDE + 10][KEPT_BESIDE:]
    return [chart for _, chart in _by_rank([(rank + LATER if place in beside else rank, chart)
                                            for place, (rank, chart) in enumerate(ranked)])]


def _shown(chart: Chart) -> tuple[int, str]:
    """The place of a chart within its workload; one without a place stands last."""
    return (_places().get(chart.kind, 1000), chart.name)
