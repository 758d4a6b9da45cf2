"""THE list of charts. To add one: write a module with a plan function and add it to `plan` here.

A plan returns `Chart`s: what a page says about a figure, and a pure function that draws it. Nothing is drawn
until it is saved.
"""

from __future__ import annotations

from suite.charts import forest, heatmap, memory, scaling
from suite.charts.data import Results
from suite.charts.style import Chart

MOST = 35  # figures on a page: more are not looked at


def plan(results: Results) -> list[Chart]:
    """All charts of a report, in the order in which pages show them."""
    charts = heatmap.plan_overview(results)
    names = [workload["name"] for workload in results.workloads]
    each = max(1, (MOST - len(charts)) // max(1, len(names)))
    for name in names:
        charts += of_workload(results, name, each)
    return charts[:MOST]


def of_workload(results: Results, name: str, most: int) -> list[Chart]:
    """The charts of one workload, at most `most` of them: who wins first, then how cost grows, then the rest."""
    forests = forest.plan(results, name, 3)
    lines = scaling.plan(results, name, 2)
    matrix, bytes_per_object = heatmap.plan_workload(results, name), memory.plan(results, name, 2)
    # The last forest is that of the largest point, the one the answer speaks of.
    wanted = [*forests[-1:], *lines[:1], *bytes_per_object, *matrix[:1], *forests[:-1], *lines[1:]][:most]
    return [chart for chart in (*matrix, *forests, *lines, *bytes_per_object) if chart in wanted]
