"""What to do next: diagnostics that qualify numbers, and what would narrow an interval most."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from suite.analysis import diagnostics
from suite.results import model, selection, wording
from suite.results.model import Cell, Results, name, number

# key of `diagnostics`, from where on it counts, what is said, what helps
SIGNS = (
    ("autocorrelation", diagnostics.MAX_AUTOCORRELATION, "neighbouring rounds depend on one another (autocorrelation "
     "above {}); the intervals are over processes and stand", "More processes would narrow them, more rounds would not."),
    ("drift", diagnostics.MAX_DRIFT, "the ratio drifts from process to process (rank correlation above {})",
     "Look at the noise strip; run again when the machine has settled."),
    ("modes", diagnostics.SEVERAL_MODES, "several modes (m-value above {}): the median stands for none of them alone",
     "Quote the modes from rounds.jsonl.gz, not the median alone."),
)


@dataclass(frozen=True)
class Footnote:
    """Something to know about some cells, and what to do about it."""

    text: str
    fix: str
    cells: tuple[Cell, ...]


def of(results: Results) -> list[Footnote]:
    """All footnotes of a run, those that touch verdicts first."""
    cells = [cell for cell in selection.contenders(results.cells) if cell.measured]
    notes = [_adjusted(cells), *_next(cells), _processes(cells), *(_sign(cells, *sign) for sign in SIGNS)]
    return [note for note in notes if note and note.cells]


def _adjusted(cells: list[Cell]) -> Footnote:
    return Footnote("faster or slower alone, but not after the correction for several comparisons; not taken as advice",
                    "More processes (--preset full), or a run with fewer cells.",
                    tuple(cell for cell in cells if cell.verdict in (model.FASTER, model.SLOWER) and not cell.holds))


def _next(cells: list[Cell]) -> list[Footnote]:
    """For what is not settled: the spend that would narrow it most."""
    found: dict[str, list[Cell]] = defaultdict(list)
    for cell in cells:
        following = name(cell.part("variance").get("next") or "")
        if following and cell.verdict == model.UNRESOLVED:
            found[following].append(cell)
    return [Footnote("not settled", f"Most would be gained by: {following}.", tuple(some))
            for following, some in sorted(found.items(), key=lambda item: -len(item[1]))]


def _processes(cells: list[Cell]) -> Footnote:
    heavy = tuple(cell for cell in cells if (number(cell.part("variance").get("process")) or 0) > 0.5)
    return Footnote("more than half of the variance lies between processes", "More processes, not more rounds.", heavy)


def _sign(cells: list[Cell], key: str, limit: float, text: str, fix: str) -> Footnote:
    least = diagnostics.MIN_FOR_DRIFT if key == "drift" else 0
    return Footnote(text.format(limit), fix, tuple(
        cell for cell in cells if abs(number(cell.part("diagnostics").get(key)) or 0) > limit
        and len(cell.samples) >= least))


def line(note: Footnote) -> str:
    """The same in one line."""
    return f"{wording.count(len(note.cells), 'cell')}: {note.text}. {note.fix}"
