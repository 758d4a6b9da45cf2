"""`verify` and `cite` on the folder of a program: its figures from its rounds again, and one row as a line that carries its evidence.

    program.json: rounds ──► ratios, floor, verdicts ──► report.md, report.html
                         1                           2
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from suite.analysis import verdicts
from suite.base.errors import UserError
from suite.program import heaps, page, replay, rounds, trial
from suite.results.runs import names, plain, run_hash
from suite.verify import differs

Json = dict[str, Any]
RESULTS = "program.json"
SCHEMA = 2
PAGES = ("report.md", "report.html")
NEVER = {"A/A": "it is the program against itself", "baseline": "it is what the others are compared with", "limit": "it never frees: it bounds what is possible",
         "NOT CITABLE": "it has no interval; give more --rounds"}


def has(path: Path) -> bool:
    """Whether a path names the results of a program, itself or by its folder."""
    return path.name == RESULTS or (path / RESULTS).is_file()


def load(path: Path) -> Json:
    """The results in a folder, or in a file."""
    file = path if path.name == RESULTS else path / RESULTS
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
        if found["schema"] != SCHEMA:
            raise UserError(f"{file} has schema {found['schema']}, and this is {SCHEMA}; record again")
        return found
    except FileNotFoundError:
        raise UserError(f"{file.parent} has no recording; make one first: poolmark program record -- ./app arguments") from None
    except (OSError, ValueError, KeyError, TypeError) as failure:
        raise UserError(f"{file} cannot be read ({failure}); record again") from None


def measured(done: Json) -> Iterator[tuple[str, Json]]:
    """Each set of paired rounds, by where it stands in the file."""
    tried = done.get("trial") or {}
    for name, part in (("heaps", done.get("heaps")), ("trial", tried), ("trial/again", tried.get("again")),
                       *((f"replay/{part}", (done.get("replay") or {}).get(part)) for part in (replay.REAL, replay.AGAIN))):
        if part:
            yield name, part


def verify(path: Path, with_pages: bool) -> int:
    """Prints what was found; 1 when something differs."""
    done = load(path)
    found = [line for name, part in measured(done) for line in differences(name, part)]
    found += replay.differences(done.get("replay"))
    if not found and with_pages:
        folder = path if path.is_dir() else path.parent
        again = page.texts(done)
        found = [f"{name} is not what these results make" for name in PAGES
                 if (folder / name).is_file() and (folder / name).read_text(encoding="utf-8") != again[name]]
    if found:
        return differs(found)
    count = sum(len(row.get("raw", ())) for _, part in measured(done) for row in part["rows"])
    print(f"ok  the figures of {sum(1 for _ in measured(done))} tables, computed again from {count} processes\n"
          f"--  the recording itself is not kept: what call sites did is taken as it stands\nverified: {plain(done['program']['name'])}, hash {run_hash(done)}")
    return 0


def differences(name: str, part: Mapping[str, Any]) -> Iterator[str]:
    """What is not what its rounds make."""
    raw = {row["name"]: row["raw"] for row in part["rows"] if "raw" in row}
    floor = rounds.floor(raw, part["plain"])
    if floor != part["floor"] or verdicts.effective_margin(floor) != part["margin"]:
        yield f"{name}/floor: {part['floor']}, and its rounds make {floor}"
    for row in part["rows"]:
        if "raw" in row:
            again = heaps.figures(raw, row["name"], row["against"], part["margin"], row["limit"])
            yield from (f"{name}/{row['name']}/{key}: {row[key]}, and its rounds make {value}" for key, value in again.items() if row.get(key) != value)


def cite(path: Path, wanted: str) -> int:
    """Prints a row as a sentence; refuses what must not be quoted."""
    done = load(path)
    rows: dict[str, tuple[Json, Json]] = {}
    for name, part in measured(done):
        for row in part["rows"]:
            if "raw" in row and name != f"replay/{replay.AGAIN}":
                rows.setdefault(row["name"], (part, row))  # a heap is beside the pools as well, with fewer rounds
    if wanted not in rows:
        raise UserError(f"'{plain(wanted)}' is no row with a number; there are: {names(list(rows), len(rows))}")
    part, row = rows[wanted]
    if row["verdict"] in NEVER:
        raise UserError(f"'{plain(wanted)}' cannot be cited, {NEVER[row['verdict']]}; cite another row")
    wrong = next(differences("", part), "")
    if wrong:
        raise UserError(f"'{plain(wanted)}' cannot be cited, {wrong.lstrip('/')}; restore the file")
    print(sentence(done, part, row))
    return 0


def sentence(done: Json, part: Json, row: Json) -> str:
    """Everything in one line."""
    here, program = done["environment"], plain(done["program"]["name"], 60)
    what = f"{program} with pools at its call sites ({plain(row['name'], 60)})" if row["against"] == trial.EMPTY else f"{program} on {plain(row['name'], 60)}"
    against = "the same preload with an empty table" if row["against"] == trial.EMPTY else "the program as it is"
    return (f"{what}: {heaps.shown(row['ratio'])} of {against}, {trial.word(row).lower()} at margin {part['margin']:.1%} ({part['judged']}, "
            f"{part['rounds']} paired rounds of whole processes, 95 % interval, A/A floor {heaps.floor(part)}); {plain(here['cpu'], 80)}, {here['cpus']} CPUs, "
            f"{plain(here['libc'], 40)}; Poolmark {here['commit'][:7]}{', modified' if here['dirty'] else ''}, {done['made']}, hash {run_hash(done)}")
