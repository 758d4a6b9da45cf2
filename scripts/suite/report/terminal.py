"""The report on a terminal: the order of the pages, without their charts and tables."""

from __future__ import annotations

from suite.report import footnotes, regime, tables
from suite.report.answers import Answer
from suite.report.content import Content, planted_sentence
from suite.results import wording

NOTES = 4
FLIPS = 3  # lines of one workload; the pages have all


def lines(whole: Content) -> list[str]:
    """The five answers, verdicts, what they rest on, decisions, what to do next, the machine."""
    results = whole.results
    found = [*whole.notices, *([""] if whole.notices else [])]
    for number, answer in enumerate(whole.answers, 1):
        found += _answer(number, answer)
    found += ["", *(f"{wording.GLYPHS[finding.state]} {finding.workload}: {finding.answer}" for finding in whole.findings)]
    found += ["", f"{regime.badge(results)}, A/A floor {wording.percent(results.floor)}, margin {wording.margins(results)}"]
    found += [f"  {line}" for line in (*results.reasons, *regime.sentences(results))]
    if results.cells:
        found += [f"  {planted_sentence(whole.controls)}",
                  *(f"  wrong: {one.cell}: {one.planted}, {one.measured} {one.verdict}"
                    for one in whole.controls if not one.right)]
        found.append(f"Decisions: {whole.tally}")
    found += _flips(whole)
    found += [f"  next: {footnotes.line(note)}" for note in whole.footnotes[:NOTES]]
    digest = dict(tables.environment(results))
    machine = (digest.get(key, "") for key in ("cpu", "compiler", "libc", "virtualization"))
    return found + ["  ".join(part for part in machine if part)]


def _answer(number: int, answer: Answer) -> list[str]:
    """Question and answer on the first line; behind it the figures, and when it does not pay."""
    first = f"{number} {answer.question} {answer.short}"
    if not answer.answered:
        return [first]
    shared = f"; {answer.shared[0].lower()}{answer.shared[1:]}" if answer.shared else ""
    beside = f"; {answer.beside}" if answer.beside else ""
    used = f"; {answer.littered[0].lower()}{answer.littered[1:]}" if answer.littered else ""
    return [first, f"    {answer.figures}; {answer.where}{used}{shared}{beside}", f"    does not pay: {answer.loses}"]


def _flips(whole: Content) -> list[str]:
    """The parameter values at which answers flip; what never does is in the pages."""
    found = []
    for workload, rows in whole.crossovers.items():
        flips = [row for row in rows if row.flips]
        found += [f"  {workload}: {row.sentence}" for row in flips[:FLIPS]]
        found += [f"  {workload}: {wording.count(len(flips) - FLIPS, 'more line')} in report.md"] if flips[FLIPS:] else []
    return ["Where the answer flips:", *found] if found else []
