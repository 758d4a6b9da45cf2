"""decisions.md: what to take, for whoever has to defend it; and the same sentences as a part of report.md."""

from __future__ import annotations

from suite.report import regime, sentences
from suite.report.content import Content
from suite.report.decisions import MEANING, NONE, TAKE, Advice, Decision
from suite.report.markdown_text import table, text
from suite.results import wording

RULE = ("A contender is taken only where its verdict is FASTER, and stays so after the run's correction for several "
        "comparisons, where it made one. Among those that this run cannot distinguish from the fastest, the one is named that "
        "asks least: no further library, then no other code; over neighbouring points the same one, as long as it is among "
        "them. Otherwise the default stays. Only the points that are named were measured; of sizes between them nothing is "
        "said. Limit rows and heaps that never free are no advice; what gives nothing back before its last object stands "
        "aside, with that condition.")


def render(whole: Content) -> str:
    """The page."""
    results = whole.results
    lines = ["<!-- generated: scripts/poolmark report results.json -->", "# What to take", "",
             f"**{text(regime.badge(results))}** · A/A floor **{wording.percent(results.floor)}** · margin "
             f"{wording.margins(results)} · {text(whole.tally)}", ""]
    lines += [line for notice in whole.notices for line in (f"> {text(notice)}", "")]
    lines += [line for reason in results.reasons for line in (f"> {text(reason)}", "")]
    lines += [text(RULE), ""]
    for advice in whole.advice:
        lines += [f"## {text(advice.workload)}", "", *said(advice)]
        lines += table(("point", "take", "ns/op", "ratio [interval]", "instead of", "why, and who is as good"),
                       [_row(one) for one in advice.decisions], (2, 3))
    if not whole.advice:
        lines += ["Nothing was measured.", ""]
    return "\n".join(lines).rstrip() + "\n"


def said(advice: Advice) -> list[str]:
    """The sentences of a workload."""
    return [*(f"- {text(sentence)}" for sentence in sentences.of(advice)), ""]


def _row(one: Decision) -> tuple[object, ...]:
    default = wording.contender(one.default) if one.default else "–"
    point = wording.point(one.point.parameters)
    if one.state != TAKE:
        advice = "no advice" if one.state == NONE else f"keep {default}"
        return (point, advice, _ns(one.default), "–", default, why(one))
    return (point, wording.contender(one.pick), _ns(one.pick), wording.ratio(one.pick.ratio), default, why(one))


def why(one: Decision) -> str:
    """What stands behind a line, beyond the ratio."""
    parts = [wording.verdict(one.pick.verdict) if one.pick else f"{MEANING[one.state]}: {one.why}"]
    parts += [f"as good: {', '.join(wording.contender(cell) for cell in one.near[:3])}"
              + (f" and {len(one.near) - 3} more" if len(one.near) > 3 else "")] if one.near else []
    parts += [f"if all end together: {wording.contender(one.together)} {wording.ratio(one.together.ratio)}"] \
        if one.together else []
    parts += [one.why] if one.pick and one.why else []
    return "; ".join([*parts, *sentences.caveats(one)])


def _ns(cell) -> str:
    return wording.significant(cell.nanoseconds.estimate) if cell and cell.nanoseconds else "–"
