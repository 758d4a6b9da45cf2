"""The first lines of report.md: the badge, and one paragraph with its chart for each comparison of the card."""

from __future__ import annotations

from suite.report import regime
from suite.report.answers import Answer
from suite.report.content import Content
from suite.report.markdown_text import text


def top(whole: Content) -> list[str]:
    """Title, what a reader has to know first, the five answers."""
    lines = ["<!-- generated: scripts/poolmark report results.json -->", "# Should these objects be reused, and how?", "",
             f"**{text(regime.badge(whole.results))}**", ""]
    lines += [line for notice in whole.notices for line in (f"> {text(notice)}", "")]
    drawn = {chart.name for chart in whole.charts}
    for number, answer in enumerate(whole.answers, 1):
        lines += _answer(number, answer, drawn)
    return lines


def _answer(number: int, answer: Answer, drawn: set[str]) -> list[str]:
    lines = [f"**{number}. {text(answer.question)}**", ""]
    if not answer.answered:
        return [*lines, text(answer.short), ""]
    lines += [f"**{text(answer.short)}.** {text(answer.figures)}; {text(answer.where)}."
              + (f" Beside it: {text(answer.beside)}." if answer.beside else "")
              + (f" {text(answer.shared)}." if answer.shared else ""), "",
              f"*When it does not pay:* {text(answer.loses)}.", ""]
    if answer.chart and answer.chart.name in drawn:
        lines += [f"![{text(answer.chart.alt)}](charts/{answer.chart.name}.svg)", ""]
    if answer.why:
        lines += ["<details><summary>why</summary>", "", text(answer.why.line), "", "</details>", ""]
    return lines
