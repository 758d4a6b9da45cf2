"""The table of docs/heaps.md: what the newest run of the heaps preset answers, in the words of its own page."""

from suite.charts import heatmap
from suite.history.past import Run
from suite.report import answers
from suite.results import citable, model, runs, wording

EVERY = 100  # points of a workload
NOTHING = "No reference run has asked it yet.\n"


def section(found: list[Run], folder: str) -> str:
    """All that stands between the marks."""
    run = next((one for one in found if model.load(one.measured).of_heaps), None)
    if run is None:
        return NOTHING
    results = model.load(run.measured)
    said, cells = answers.of(results), citable.count(run.measured)
    rows = [f"| {runs.markdown(one.question, 200)} | {runs.markdown(one.short, 300)} | {runs.markdown(one.figures + '; ' + one.where, 400) if one.answered else ''} | "
            f"{runs.markdown(one.loses, 400)} |" for one in said]
    return "\n".join(["| question | answer | figures | when it does not pay |", "|---|---|---|---|", *rows, "", *matrix(results),
                      f"*{cells[0]} of {wording.count(cells[1], 'cell')} citable. {run.machine}, {run.measured['run']['started'][:10]}; {run.regime}. "
                      f"[The run]({folder}/{run.link}).*", ""])


def matrix(results: model.Results) -> list[str]:
    """One line a point, one column a heap: the time as a multiple of the baseline's."""
    found = heatmap.of_heaps(results, EVERY)
    told = {one.get("name") for one in results.raw.get("allocators") or () if one.get("settings")}  # to give memory back, where that is asked
    heaps = [row for row in found.rows if row != results.baseline_allocator() and row not in told]
    lines = [f"Time as a multiple of {results.baseline_allocator()}'s. **Bold**: settled as faster or slower. *Italic*: not settled or not citable. "
             "Without either: no difference within the margin.", "",
             f"| workload | {' | '.join(heaps)} |", f"|---|{'--:|' * len(heaps)}"]
    for number, (workload, at) in enumerate(found.columns):
        figures = [_figure(found.cells.get((heap, number))) for heap in heaps]
        lines.append(f"| `{workload}`{f', {runs.markdown(at, 80)}' if at else ''} | {' | '.join(figures)} |")
    return [*lines, ""]


def _figure(cell: model.Cell | None) -> str:
    if cell is None or not cell.ratio:
        return "·" if cell is None else wording.verdict(cell.verdict)
    said = f"{wording.times(cell.ratio.estimate)}×"
    return said if cell.verdict == model.EQUIVALENT else f"**{said}**" if cell.verdict in model.SETTLED else f"*{said}*"
