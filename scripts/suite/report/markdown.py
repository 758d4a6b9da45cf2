"""report.md: the same answers for a code review; charts by relative path, at most six columns a table.
"""

from __future__ import annotations

from suite.charts.style import Chart
from suite.report import answers, decisions_page, footnotes, regime, tables
from suite.report.answers import Answer
from suite.report.content import ClaimsSection, Content, floors, planted_sentence
from suite.report.findings import Finding
from suite.report.markdown_text import code, table, text
from suite.results import model, selection, wording
from suite.results.crossover import Line
from suite.results.model import Results

HEAD_ROWS = 8
WIDEST = 6  # columns of a table
TRUST = ("witness", "noise", "variance")  # kinds of charts that say how far a run can be trusted


def top(whole: Content) -> list[str]:
    """Title, what a reader has to know first, the five answers."""
    lines = ["<!-- generated: scripts/poolmark report results.json -->", f"# {text(whole.asked)}", "",
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
              + "".join(f" {text(said)}." for said in (answer.littered, answer.shared) if said), "",
              f"*When it does not pay:* {text(answer.loses)}.", ""]
    if answer.chart and answer.chart.name in drawn:
        lines += [f"![{text(answer.chart.alt)}](charts/{answer.chart.name}.svg)", ""]
    if answer.why:
        lines += ["<details><summary>why</summary>", "", text(answer.why.line), "", "</details>", ""]
    return lines


def render(whole: Content) -> str:
    """The whole page."""
    results, charts = whole.results, whole.charts
    glance = [line for chart in charts if chart.kind == "heatmap" and not chart.workload for line in _figure(chart)]
    lines = top(whole) + (glance if results.of_heaps else []) + _verdicts(whole.findings) + _trust(whole) + _decisions(whole)
    lines += [] if results.of_heaps else glance
    for finding in whole.findings:
        lines += _workload(results, finding, [chart for chart in charts if chart.workload == finding.workload],
                           whole.crossovers.get(finding.workload, []))
    return "\n".join(lines + _claims(whole.claims) + _problems(results) + _next(whole) + _end(results)).rstrip() + "\n"


def _trust(whole: Content) -> list[str]:
    """The floor, the badge with its reasons, and what the run made of what was planted in it."""
    results = whole.results
    lines = ["## Can it be trusted?", "",
             f"**{text(regime.badge(results))}** · A/A floor **{wording.percent(results.floor)}** · "
             f"{text(tables.protocol(results))}", "", text(tables.QUALITY.get(results.quality, "")), ""]
    for reason in results.reasons:
        lines += [f"> {text(reason)}", ""]
    lines += [text(part) for part in (floors(results), planted_sentence(whole.controls)) if part] + [""]
    lines += [line for one in regime.sentences(results) for line in (text(one), "")]
    for chart in whole.charts:
        lines += _figure(chart) if chart.kind in TRUST else []
    rows = [(one.planted, one.measured, one.verdict, "yes" if one.right else f"no: {one.reason}", one.cell)
            for one in whole.controls]
    return lines + (table(("planted", "measured", "verdict", "right", "cell"), rows, (1,)) if rows else [])


def _decisions(whole: Content) -> list[str]:
    lines = ["## What to take", "",
             f"{text(whole.tally)} Each line with its evidence: [decisions.md](decisions.md).", ""]
    for advice in whole.advice:
        lines += [f"**{text(advice.workload)}**", "", *decisions_page.said(advice)]
    return lines if whole.advice else []


def _next(whole: Content) -> list[str]:
    lines = [f"- {text(footnotes.line(note))}" for note in whole.footnotes]
    return ["## What to do next", "", *lines, ""] if lines else []


def _verdicts(findings: list[Finding]) -> list[str]:
    if not findings:
        return ["Nothing was measured.", ""]
    rows = []
    for finding in findings:
        best = finding.best
        rows.append((finding.workload, wording.contender(best) if best else "–",
                     wording.significant(best.nanoseconds.estimate) if best else "–",
                     wording.brief(best.ratio) if best else "–", wording.ratio(best.ratio) if best else "–",
                     wording.verdict(finding.state)))
    head = ("workload", "quoted contender", "ns/op", "against the baseline", "ratio [interval]", "verdict")
    return ["## Verdicts", "", *table(head, rows, (2, 4))]


def _figure(chart: Chart) -> list[str]:
    lines = [f"![{text(chart.alt)}](charts/{chart.name}.svg)", "", f"*{text(chart.how)}*", ""]
    if chart.table and len(chart.table[0]) <= WIDEST:
        lines += ["<details><summary>data behind this chart</summary>", "",
                  *table(tuple(text(head) for head in chart.table[0]), list(chart.table[1:])), "</details>", ""]
    return lines


def _cells(point: selection.Point) -> list[tuple[object, ...]]:
    return [(row["contender"], row["ns"], row["ratio"], row["interval"],
             row["verdict"] + (f": {row['reason']}" if row["reason"] else "")) for row in tables.rows(point)]


def _with_facts(point: selection.Point, lines: list[tuple[object, ...]]) -> tuple[tuple[str, ...], list[tuple[object, ...]]]:
    """A column more where subjects know more than their time, with the bytes of an object beside it."""
    head = ("contender", "ns/op", "ratio", "interval", "verdict")
    rows = tables.rows(point)
    if not any(tables.facts(row["cell"]) for row in rows):
        return head, lines
    keys = {*(key for row in rows for key in tables.facts(row["cell"])), "bytes per object"}
    known = ["; ".join(f"{key} {value}" for key, value in row["more"].items() if value and key in keys) for row in rows]
    return (*head, "besides"), [(*line, text) for line, text in zip(lines, known)]


def _point(point: selection.Point, opened: bool) -> list[str]:
    head, lines = _with_facts(point, _cells(point))
    title = f"{wording.point(point.parameters)}, {wording.count(len(lines), 'cell')}"
    out = [f"{text(wording.at(point.parameters))}:", "", *table(head, lines[:HEAD_ROWS], (1, 2, 3))] if opened else []
    rest = lines[HEAD_ROWS:] if opened else lines
    if rest:
        out += [f"<details><summary>{text('the rest of ' if opened else '')}{text(title)}</summary>", "",
                *table(head, rest, (1, 2, 3)), "</details>", ""]
    return out


def _crossovers(rows: list[Line]) -> list[str]:
    """Those whose answer depends on the parameter in the open, the others folded."""
    def listed(some: list[Line]) -> list[str]:
        return table(("strategies", "along", "at", "pays"),
                     [(", ".join(row.strategies), row.axis, row.where or "–", row.answer) for row in some])
    flips, others = [row for row in rows if row.flips], [row for row in rows if not row.flips]
    lines = ["Where the answer flips:", "", *listed(flips)] if flips else []
    return lines + (["<details><summary>where it does not flip, as far as it is decided</summary>", "", *listed(others),
                     "</details>", ""] if others else [])


def _workload(results: Results, finding: Finding, charts: list[Chart], crossings: list[Line]) -> list[str]:
    lines = [f"## {text(finding.workload)}: {text(finding.question)}", "", f"**{text(finding.answer)}**", ""]
    lines += [text(finding.detail), ""] if finding.detail else []
    explained = answers.why_of(results, finding.workload)
    lines += [f"*Why:* {text(explained.line)}", ""] if explained else []
    for chart in charts[:1]:
        lines += _figure(chart)
    if charts[1:]:
        named = ", ".join(code(f"charts/{chart.name}.svg") for chart in charts[1:])
        lines += [f"More of it stands in report.html: {named}.", ""]
    lines += _crossovers(crossings)
    every = selection.points_of(results.of_workload(finding.workload))
    shown = finding.point.group if finding.point else ""
    for point in sorted(every, key=lambda one: one.group != shown):
        lines += _point(point, point.group == shown)
    return lines


def _claims(section: ClaimsSection | None) -> list[str]:
    """One row a claim, folded: the page of the ledger says it all."""
    if section is None:
        return []
    rows = [(one.id, one.says, one.cpython, one.cpp, one.verdict + (f": {one.why}" if one.why else ""))
            for one in section.rows]
    lines = ["## What the articles say", "", *([f"**{text(section.count)}.**", ""] if rows else []),
             f"Asked: {text(section.asked)}.", ""]
    return lines + (["<details><summary>every claim</summary>", "",
                     *table(("claim", "what it says", "CPython", "C++ in this run", "verdict"), rows), "</details>", "",
                     "In full: [claims/claims.md](claims/claims.md).", ""] if rows else [])


def _problems(results: Results) -> list[str]:
    rows = [(wording.verdict(problem.verdict), len(problem.cells), problem.reason, problem.fix,
             ", ".join(cell.id for cell in problem.cells[:3]) + (", …" if len(problem.cells) > 3 else ""))
            for problem in tables.problems(results)]
    if not rows:
        return []
    return ["## What failed, was skipped, or cannot be cited", "",
            *table(("verdict", "cells", "reason", "what to do", "for example"), rows, (1,)), *_last_words(results)]


def _last_words(results: Results) -> list[str]:
    """The end of each failed cell's standard error."""
    lines = []
    for cell in results.cells:
        if cell.verdict == model.FAILED and cell.notes:
            lines += [f"- {code(cell.id)}", *(f"  - {code(note)}" for note in cell.notes if note)]
    return ["Last words of the cells that failed:", "", *lines, ""] if lines else []


def _end(results: Results) -> list[str]:
    run = results.raw.get("run") or {}
    allocators = [(one.get("name"), tables.version(one), one.get("library") or "–",
                   one.get("served_malloc_by") or "–", tables.availability(one))
                  for one in results.raw.get("allocators") or []]
    return ["## Environment", "", "<details><summary>machine and allocators</summary>", "",
            *table(("", ""), tables.environment(results)),
            *table(("allocator", "version", "library", "malloc served by", "available"), allocators), "</details>", "",
            "## Run it again", "", f"Raw data: `results.json`. Seed {text(run.get('seed', '?'))}, "
            f"commit {text(run.get('commit', '?'))}{' with local changes' if run.get('dirty') else ''}, "
            f"{text(run.get('started', '?'))}.", "", "    " + tables.command(results), ""]
