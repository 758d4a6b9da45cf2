"""One page that can be brought to a review: the program, its heap, its call sites, what was tried, and what to change."""

import shlex
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any

from suite.base import folder, redaction
from suite.program import advice, charts, heaps, replay, sites, trial

Json = dict[str, Any]
Block = tuple[str, Any]  # heading, text, table, list, code, svg
STYLE = """:root{color-scheme:light}body{font:15px/1.5 system-ui,sans-serif;max-width:62rem;margin:2rem auto;padding:0 1rem;color:#1d2733}
table{border-collapse:collapse;display:block;overflow-x:auto}td,th{padding:.2rem .6rem;border-bottom:1px solid #d8dee5;text-align:left;white-space:nowrap}
pre{background:#f4f6f8;padding:.6rem;overflow-x:auto}svg{max-width:100%;height:auto}h1{font-size:1.5rem}h2{font-size:1.2rem;margin-top:2rem}"""
BOUND = "bump"
SHOWN = 12


def write(done: Json, out: Path) -> None:
    """report.md and report.html, beside the data."""
    for name, text in texts(done).items():
        folder.write_whole(out / name, text)


def texts(done: Json) -> dict[str, str]:
    """The pages, a function of the data alone."""
    blocks = content(redaction.clean(done))
    return {"report.md": markdown(blocks), "report.html": html(blocks, done["program"]["name"] if "program" in done else "a program")}


def content(done: Json) -> list[Block]:
    """The page as a row of blocks, in the order of reading."""
    program = done.get("program") or {"name": "a program", "words": []}
    found, result, tried, recording = (done.get(name) for name in ("sites", "heaps", "trial", "recording"))
    page: list[Block] = [("h1", f"{program['name']}: which heap, which call sites"), ("code", shlex.join(program["words"]) +
                         (f" < {program['stdin']}" if program.get("stdin") else "")),
                         ("p", "All of this is about this input; another one may say something else."), ("list", summary(done))]
    if result:
        page += [("h2", "Which heap"), ("table", _heaps(result)), ("svg", charts.measured(result["rows"], result["margin"], "The program on each heap, relative to its own")),
                 ("p", _rounds(result))]
    if found:
        page += [("h2", "Call sites"), ("table", _sites(found)), ("svg", charts.shares(found)), ("svg", charts.live(found)), ("p", sites.debug_information(found))]
    if recording:
        page += [("h2", "The recording, and why it may be believed"), ("list", _proofs(recording))]
    if again := done.get("replay"):
        page += [("h2", "Its recording replayed"), ("table", _replayed(again)), ("p", replay.lines(again)[-1])]
    if tried:
        page += [("h2", "Tried in the unmodified program"), ("table", _tried(tried)),
                 ("svg", charts.measured(trial.all_rows(tried), tried["margin"], "With pools at call sites, relative to the same preload without")), ("p", _rounds(tried)),
                 ("p", "Pools stand against the same preload with an empty table; the table and the heap stand against the program as it is. "
                       "The pools of the trial never give memory back.")]
    if found:
        page += [("h2", "Advice"), *_advice(found, tried)]
    return [block for block in page if block[1]]


def _bound(row: Json, result: Json) -> str:
    """What allocation is worth at most, where the heap that never frees can say it."""
    if row["ratio"][0] < 1:
        return f"Allocation is worth about {1 - row['ratio'][0]:.0%} of its time: that is what a heap that only moves a pointer and never frees saves."
    own = next(one for one in result["rows"] if one["name"] == result["plain"])
    return (f"What allocation is worth in all is not known here: {BOUND}, which only moves a pointer and never frees, touches {row['rss_kb'] / 1024:.0f} MB "
            f"of fresh memory instead of {own['rss_kb'] / 1024:.0f}, and that costs more than it saves.")


def _unconfirmed(tried: Json) -> str:
    """What is to be said of pools that are not shown to gain anything; of some it is only not settled."""
    below = [row for row in trial.all_rows(tried) if trial.word(row) == "UNRESOLVED" and row["against"] == trial.EMPTY and (row["ratio"][2] or 1) < 1]
    near = min(below, key=lambda row: row["ratio"][0], default=None)
    return "Pools: no gain could be confirmed in the unmodified program" + (
        f"; not settled is {near['name']}, {heaps.shown(near['ratio'])}: nothing smaller than {tried['margin']:.1%} is claimed." if near else ".")


def summary(done: Json) -> list[str]:
    """The answers, first."""
    said = []
    if result := done.get("heaps"):
        bound = next((row for row in result["rows"] if row["name"] == BOUND and "ratio" in row), None)
        if bound and bound["ratio"][0] is not None:
            said.append(_bound(bound, result))
        best = heaps.best(result)
        said.append(f"Best heap: {best['name']}, {heaps.shown(best['ratio'])} the time." if best else "No heap is shown to be faster than its own.")
    if tried := done.get("trial"):
        good = [row for row in trial.all_rows(tried) if trial.word(row) == "CONFIRMED"]
        top = min(good, key=lambda row: row["ratio"][0], default=None)
        said.append(f"Pools: {top['name']}, {trial.saved(top, tried)}, {heaps.shown(top['ratio'])}: CONFIRMED in the unmodified program." if top
                    else _unconfirmed(tried))
        heap = heaps.best(done["heaps"]) if done.get("heaps") else None
        if top and heap:
            said.append(f"Take {heap['name']} first: it gains as much and changes no source." if heap["ratio"][0] <= top["ratio"][0]
                        else "The pools gain more than the best heap does.")
    elif "trial" in done:
        said.append("Pools: nothing to try; no call site is worth one.")
    return said


def _rounds(result: Json) -> str:
    return (f"{result['rounds']} paired rounds of whole processes, judged by {result['judged']}. The program against itself (A/A) differs by up to {heaps.floor(result)}; "
            f"nothing smaller than {result['margin']:.1%} is claimed.")


def _heaps(result: Json) -> list[list[str]]:
    rows = [["heap", "verdict", "ratio, 95 % interval", "wall s", "CPU s", "start-up s", "peak MB", "page faults"]]
    for row in result["rows"]:
        rows.append([row["name"], f"no number: {row['refused']}"] if "refused" in row else
                    [row["name"], row["verdict"], heaps.shown(row["ratio"]), f"{row['wall']:.3f}", f"{row['cpu']:.3f}", f"{row['startup']:.3f}",
                     f"{row['rss_kb'] / 1024:.1f}", f"{row['faults']:.0f}"])
    return rows


def _sites(found: Sequence[Json]) -> list[list[str]]:
    rows = [["site", "who asks", "allocations", "share", "bytes", "peak live", "mean life", "end", "by another thread", "a pool saves at the peak", "advice"]]
    return rows + [[str(site["number"]), sites.who(site), f"{site['made']:,}", f"{site['share']:.1%}", sites.sizes(site), f"{site['peak']:,}", sites.life(site),
                    sites.order(site), f"{site['by_other']:.0%}", f"{site['saved_bytes'] / 1024:,.0f} KB", advice.NAMES[site["advice"]]] for site in found[:SHOWN]]


def _proofs(recording: Json) -> list[str]:
    return [f"{recording['made']:,} allocations in {recording['threads']} threads; recording took {recording.get('slowdown', 0):.2f} times the CPU time.",
            *(f"{'Holds' if one['holds'] else 'FAILS'}: {one['proof']} ({one['found']})." for one in recording.get("proofs", []))]


def _replayed(again: Json) -> list[list[str]]:
    return [["heap", "saves of the run, really", "by the replay", "difference, points"],
            *([row["name"], *(replay.shown(row[key]) for key in ("real", "predicted", "difference"))] for row in again["compared"])]


def _tried(tried: Json) -> list[list[str]]:
    plain = trial.plain_row(tried)
    rows = [["tried", "verdict", "ratio, 95 % interval", "saves of the run", "peak MB"],
            [trial.PLAIN, "", "", f"{plain['judged'] * 1000:.1f} ms", f"{plain['rss_kb'] / 1024:.1f}"]]
    return rows + [[row["name"], trial.word(row), f"no number: {row['refused']}"] if "refused" in row else
                   [row["name"], trial.word(row), heaps.shown(row["ratio"]), trial.saved(row, tried), f"{row['rss_kb'] / 1024:.1f}"] for row in trial.all_rows(tried)]


def _advice(found: Sequence[Json], tried: Json | None) -> list[Block]:
    came_out = {row["name"]: trial.word(row) for row in (trial.all_rows(tried) if tried else [])}
    page: list[Block] = []
    for site in found[:SHOWN]:
        if site["advice"] == "nothing":
            continue
        verdict = came_out.get(f"site {site['number']}", "not tried")
        page += [("h3", f"Site {site['number']}, {sites.who(site)}: {advice.NAMES[site['advice']]}"), ("p", f"Why: {site['why']}. Tried alone: {verdict}."),
                 ("code", "\n".join(site["source"]))]
    rest = [site for site in found if site["advice"] == "nothing"]
    return page + [("p", f"Nothing at {len(rest)} other sites: {rest[0]['why']}." if rest else "")]


def markdown(blocks: Sequence[Block]) -> str:
    """Without the drawings, which are in the other page."""
    said = ["<!-- generated: scripts/poolmark program -->"]
    for kind, what in blocks:
        if kind in ("h1", "h2", "h3"):
            said.append(f"{'#' * int(kind[1])} {what}")
        elif kind == "table":
            head, *rest = what
            said.append("\n".join([_cells(head), "|" + "---|" * len(head), *map(_cells, rest)]))
        elif kind != "svg":
            said.append({"p": str(what), "list": "\n".join(f"- {item}" for item in what), "code": f"```\n{what}\n```"}[kind])
    return "\n\n".join(said) + "\n"


def _cells(row: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |"


def html(blocks: Sequence[Block], name: str) -> str:
    """One file, complete without a network. What comes from outside is escaped."""
    said = ["<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>",
            f"<title>{escape(name)}: which heap, which call sites</title><style>{STYLE}</style>"]
    for kind, what in blocks:
        if kind == "svg":
            said.append(what)
        elif kind == "table":
            head, *rest = what
            said.append("<table>" + _tr(head, "th") + "".join(_tr(row, "td") for row in rest) + "</table>")
        elif kind == "list":
            said.append("<ul>" + "".join(f"<li>{escape(item)}" for item in what) + "</ul>")
        else:
            said.append(f"<pre>{escape(what)}</pre>" if kind == "code" else f"<{kind}>{escape(what)}</{kind}>")
    return "\n".join(said) + "\n"


def _tr(row: Sequence[str], tag: str) -> str:
    return "<tr>" + "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in row) + "</tr>"
