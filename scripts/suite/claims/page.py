"""docs/claims.md: each claim beside what was measured. Pure text from judged claims."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from suite.claims.cpython import Document, Skipped
from suite.claims.judge import CONDITIONAL, NOT_MEASURED, VERDICTS, Answer, Verdict
from suite.report.markdown_text import code, text

HEAD = ("| claim | what it says | claimed | CPython measured | C++ counterpart measured | verdict |\n"
        "|---|---|---|---|---|---|")
INTRODUCTION = """\
Five articles on what Python caches were the reason for this suite. Here is what they claim, in our words, beside what
CPython does and what the C++ counterpart costs. A claim is CONFIRMED when every answer bears it out, REFUTED when none
does, CONDITIONAL when it depends, with the condition as the answers give it, and NOT MEASURED with the reason.

Times of CPython and of C++ stand only as ratios within their own column: a nanosecond of an interpreted line and one of
a compiled one are not about the same thing. An interval reaches over the hash seeds (CPython) or the processes (C++);
where it reaches both ways, an answer stays open and decides nothing. CPython decides; the counterpart stands beside.
The loop around a line is part of its time and is subtracted from none, so ratios of quick lines lie nearer to 1 than those
of the operations alone."""


@dataclass(frozen=True)
class Judged:
    """A claim with its answers and its verdict."""

    claim: Mapping[str, Any]
    cpython: tuple[Answer, ...]
    cpp: tuple[Answer, ...]
    verdict: Verdict


def amount(value: Any) -> str:
    """A value as few digits as it needs."""
    if isinstance(value, str):
        return value
    if value == int(value) and abs(value) < 1e15:
        return f"{int(value):,}"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def value_of(answer: Answer) -> str:
    value = answer.value
    if not value.there:
        return "–"
    if isinstance(value.value, bool):  # a fact by another name than the claim's would mislead: say what it means for it
        return "so" if answer.holds else "not so"
    ends = "" if value.low is None or value.high is None else f" [{amount(value.low)}, {amount(value.high)}]"
    return amount(value.value) + ends


def by_label(answers: Iterable[Answer]) -> dict[str, list[Answer]]:
    grouped: dict[str, list[Answer]] = {}
    for answer in answers:
        grouped.setdefault(answer.label, []).append(answer)
    return grouped


def of_cpython(answers: Sequence[Answer]) -> str:
    """The answers of all interpreters: once when they agree, by version when they do not."""
    parts = []
    for label, own in by_label(answers).items():
        said = {value_of(answer) for answer in own}
        told = said.pop() if len(said) == 1 else "; ".join(f"{answer.value.where}: {value_of(answer)}" for answer in own)
        parts.append(f"*{text(label)}:* {text(told)}" if label else text(told))
    return "<br>".join(parts) or "–"


def of_cpp(answers: Sequence[Answer]) -> str:
    """The ratio of the counterpart, and whether it says the same."""
    parts = []
    for answer in answers:
        label = f"*{text(answer.label)}:* " if answer.label else ""
        if not answer.value.there:
            parts.append(label + text(answer.value.reason))
        else:
            same = {True: "the same holds", False: "not so", None: "open"}[answer.holds]
            parts.append(f"{label}{text(value_of(answer))}, {same}")
    return "<br>".join(parts) or "–"


def line(judged: Judged) -> str:
    """One row of the table."""
    claim, verdict = judged.claim, judged.verdict
    why = f": {text(verdict.why)}" if verdict.why else ""
    note = f"<br>{text(claim['note'])}" if claim.get("note") else ""
    return (f"| {text(claim['id'])} | {text(claim['says'])} | {text(claim.get('claimed', 'yes'))} | "
            f"{of_cpython(judged.cpython)} | {of_cpp(judged.cpp)} | **{verdict.word}**{why}{note} |")


def count(judged: Iterable[Judged]) -> str:
    """How many of each."""
    words = [each.verdict.word for each in judged]
    return ", ".join(f"{words.count(word)} {word}" for word in VERDICTS if word in words)


def _peers(documents: Sequence[Document], skipped: Sequence[Skipped]) -> list[str]:
    lines = []
    for document in documents:
        disagree = [f"{row['fact']}: {row['probed']} for {row['expected']}" for row in document.expected
                    if row.get("agrees") == "False"]
        known = sum("agrees" in row for row in document.expected)
        told = f"; {known - len(disagree)} of {known} expected constants found" if known else ""
        why = next((row["skipped"] for row in document.expected if "is not in the table" in row.get("skipped", "")), "")
        built = f", {document.about.get('compiler', '')}" if document.about.get("compiler") else ""
        profiled = ", profiled build" if document.about.get("profiled") == "True" else ""
        except_for = f", except {text('; '.join(disagree))}" if disagree else ""
        outside = f", expectations skipped: {text(why)}" if why else ""
        lines.append(f"- CPython {text(document.name)}{text(built)}{profiled}{told}{except_for}{outside}")
        lines += [f"  - {text(name)} has no answer: {text(reason)}" for name, reason in sorted(document.failed.items())]
    return lines + [f"- {text(one.name)}: skipped, {text(one.reason)}" for one in skipped]


def render(ledger: Mapping[str, Any], judged: Sequence[Judged], documents: Sequence[Document],
           skipped: Sequence[Skipped],
           runs: Sequence[tuple[str, Mapping[str, Any]]]) -> str:
    """The whole page."""
    used = {answer.value.where for one in judged for answer in one.cpp if answer.value.there}
    lines = ["<!-- generated: scripts/poolmark claims -->", "# What the articles say, and what was measured", "",
             INTRODUCTION,
             "", f"**{len(judged)} claims: {count(judged)}.**", "", "Asked:", "", *_peers(documents, skipped)]
    lines += [f"- {code(name)}: run {code(run['run']['id'])}, {text(run['environment']['cpu'])}, "
              f"{text(run['calibration']['quality'])}" for name, run in runs if name in used]
    by_id = {one.claim["id"]: one for one in judged}
    for source in ledger["sources"]:
        own = [by_id[claim["id"]] for claim in source["claims"]]
        lines += ["", f"## {text(source['title'])}", "", f"{text(count(own))}.", "", HEAD,
                  *map(line, own)]
    return "\n".join(lines).rstrip() + "\n"


def listed(judged: Sequence[Judged]) -> str:
    """What needs a reader's eye, for the terminal."""
    named = [one.claim["id"] for one in judged if one.verdict.word in (NOT_MEASURED, CONDITIONAL)]
    return f"{len(judged)} claims: {count(judged)}; {len(named)} with a condition or a reason"
