"""THE list of charts. To add one: write a module with a plan function and add it to `plan` here.

A plan returns `Chart`s: what a page says about a figure, and a pure function that draws it. Nothing is drawn
until it is saved.
"""

from __future__ import annotations

from suite.charts import forest, heatmap, latency, limits, memory, noise, scaling, scatter, threads, timeline
from suite.charts.data import Results
from suite.charts.style import Chart

MOST = 48  # figures on a page: more are not looked at
EACH = 12  # of one workload


def plan(results: Results) -> list[Chart]:
    """All charts of a report, in the order in which pages show them."""
    charts = heatmap.plan_overview(results) + noise.plan(results)
    names = [workload["name"] for workload in results.workloads]
    each = min(EACH, max(1, (MOST - len(charts)) // max(1, len(names))))
    for name in names:
        charts += of_workload(results, name, each)
    return charts[:MOST]


def of_workload(results: Results, name: str, most: int) -> list[Chart]:
    """The charts of one workload, at most `most` of them: who wins first, then how cost grows, then the rest."""
    forests = forest.plan(results, name, 3)
    lines, scale = scaling.plan(results, name, 2), threads.plan(results, name, 2)
    matrix, bytes_per_object = heatmap.plan_workload(results, name), memory.plan(results, name, 2)
    single = [*latency.plan(results, name), *scatter.plan_pareto(results, name), *scatter.plan_why(results, name),
              *limits.plan(results, name), *timeline.plan(results, name)]
    # The last forest is that of the largest point, the one the answer speaks of.
    wanted = [*forests[-1:], *scale[-1:], *lines[:1], *bytes_per_object[-1:], *single, *bytes_per_object[:-1],
              *matrix[:1], *forests[:-1], *lines[1:], *scale[:-1]][:most]
    order = (*matrix, *forests, *lines, *scale, *bytes_per_object, *single)
    return [chart for chart in order if any(chart is one for one in wanted)]
