"""THE list of charts. To add one: write a module with a plan function and add it to `plan` here.

A plan returns `Chart`s: what a page says about a figure, and a pure function that draws it. Nothing is drawn
until it is saved.
"""

from __future__ import annotations

from suite.charts import (breakeven, forest, growth, heatmap, latency, limits, memory, noise, scaling, scatter, threads,
                          timeline, witness)
from suite.charts.style import Chart
from suite.results.model import Results

MOST = 64  # figures on a page: more are not looked at


def plan(results: Results) -> list[Chart]:
    """All charts of a report, in the order in which pages show them.

    Where there are too many, each workload gives its most telling one before any gives a second.
    """
    overview = heatmap.plan_overview(results) + witness.plan(results) + noise.plan(results)
    every = [of_workload(results, workload["name"]) for workload in results.workloads]
    longest = max((len(charts) for charts in every), default=0)
    ranked = [charts[place] for place in range(longest) for charts in every if place < len(charts)]
    kept = {chart.name for chart in ranked[:max(0, MOST - len(overview))]}
    return overview[:MOST] + [chart for charts in every for chart in sorted(charts, key=_shown) if chart.name in kept]


def of_workload(results: Results, name: str) -> list[Chart]:
    """The charts of one workload, the most telling first: who wins, how cost grows, then the rest."""
    forests, matrix = forest.plan(results, name, 3), heatmap.plan_workload(results, name)
    lines, scale = scaling.plan(results, name, 2), threads.plan(results, name, 2)
    bytes_per_object = memory.plan(results, name, 2)
    single = [*latency.plan(results, name), *limits.plan(results, name), *scatter.plan_pareto(results, name),
              *scatter.plan_why(results, name), *timeline.plan(results, name), *growth.plan(results, name)]
    # The last forest is that of the largest point, the one the answer speaks of.
    return [*breakeven.plan(results, name), *forests[-1:], *scale[-1:], *lines[:1], *bytes_per_object[-1:], *single[:2],
            *matrix[:1], *single[2:], *bytes_per_object[:-1], *forests[:-1], *lines[1:], *scale[:-1]]


SHOWN = ("heatmap", "breakeven", "forest", "scaling", "threads", "memory", "timeline", "latency", "growth", "limit",
         "pareto", "instructions")


def _shown(chart: Chart) -> tuple[int, str]:
    """The place of a chart within its workload."""
    return (SHOWN.index(chart.kind), chart.name)
