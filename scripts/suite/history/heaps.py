"""The table of docs/heaps.md: what the newest run of the heaps preset answers, in the words of its own page."""

from suite.history.past import Run
from suite.report import answers
from suite.results import citable, model, runs, wording

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
    return "\n".join(["| question | answer | figures | when it does not pay |", "|---|---|---|---|", *rows, "",
                      f"*{cells[0]} of {wording.count(cells[1], 'cell')} citable. {run.machine}, {run.measured['run']['started'][:10]}; {run.regime}. "
                      f"[The run]({folder}/{run.link}).*", ""])
