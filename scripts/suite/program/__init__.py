"""A program of the reader's: which heap, which call sites, what pools at them gain, tried in the unmodified binary.

heaps, record, sites, try and replay do a part each; without one of these words all but replay, and a page.
"""

import argparse
import json
import shutil
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from suite.base import build, folder, redaction
from suite.base.errors import UserError, interruptible, writing
from suite.machine import environment
from suite.program import advice, evidence, heaps, record, replay, sites, target, tools as built, trial
from suite.program.evidence import RESULTS, SCHEMA
from suite.program.target import Program
from suite.program.tools import Tools

Json = dict[str, Any]
PARTS = ("heaps", "record", "sites", "try", "replay", "all")


def command(options: argparse.Namespace, words: Sequence[str]) -> int:
    """Does the parts that were asked for; each takes up what those before left in the folder."""
    out = options.out or Path("reports/local/program")
    folder.check_writable(out)
    program = _program(options, words) if options.part != "sites" else None
    tools = built.ensure()
    new = not out.exists()
    with folder.no_trace(out), interruptible(lambda: None):
        try:
            done = evidence.load(out) if options.part in ("sites", "try") or (out / RESULTS).exists() else {}
            if options.part == "all" or (program and done.get("program") != describe(program, options.anonymous)):
                done = {}  # of another program
            done = {name: value for name, value in done.items() if name not in ("schema", "made", "environment")}
            done |= _parts(options, tools, program, out, done)
        except BaseException:
            if new and not (out / RESULTS).exists():
                shutil.rmtree(out, ignore_errors=True)
            raise
        with writing(out / RESULTS, "make room, or choose another --out DIR"):
            done = {"schema": SCHEMA, "made": str(date.today()), "environment": machine()} | redaction.clean(done)
            folder.write_whole(out / RESULTS, json.dumps(done) + "\n")
    if options.part == "all" or options.page:
        from suite.program import page
        page.write(done, out)
        print(out / "report.html")
    return 0


def _program(options: argparse.Namespace, words: Sequence[str]) -> Program:
    return target.accept(Program(tuple(words), options.stdin and options.stdin.resolve(), options.before or "", options.metric or "",
                                 options.load or "", tuple(options.output), options.limit))


def _parts(options: argparse.Namespace, tools: Tools, program: Program | None, out: Path, before: Json) -> Json:
    done: Json = {}
    if program is not None:
        done["program"] = describe(program, options.anonymous)
    catalog = tools.heaps()
    if options.part == "replay":
        replay.refuse_other_figures(program)
    if options.part in ("heaps", "all"):
        done["heaps"] = heaps.measure(tools, program, built.chosen(catalog, options.allocator), options.seconds, options.seed, options.rounds)
        say(f"{program.name} on each heap", heaps.lines(done["heaps"]))
    if options.part in ("record", "replay", "all"):
        out.mkdir(parents=True, exist_ok=True)
        read = record.make(tools, program, out, options.frames)
        say("recorded", record.lines(read))
        done |= _sites(read, options)
    if options.part == "sites":
        read = record.sites(tools, out / "recording")
        done |= _sites({**before.get("recording", {}), **read}, options)
    if options.part == "replay":
        done["replay"] = _replay(tools, program, catalog, out, options)
    if options.part in ("try", "all"):
        found = done.get("sites") or before.get("sites") or []
        best = _best(catalog, done.get("heaps") or before.get("heaps"))
        done["trial"] = _try(tools, program, found, best, options)
    if options.part == "all" and not options.keep:
        shutil.rmtree(out / "recording", ignore_errors=True)
    return done


def _sites(read: Json, options: argparse.Namespace) -> Json:
    found = advice.give(sites.named(read), read["made"])
    say("call sites", [*sites.lines(found), *advice.lines(found), *filter(None, [sites.debug_information(found)])])
    kept = {name: value for name, value in read.items() if name not in ("sites", "maps")}
    if options.anonymous:
        kept.pop("process", None)
        found = [site | {"module": Path(site["module"]).name} for site in found]
    return {"recording": kept, "sites": found}


def _replay(tools: Tools, program: Program, catalog: Sequence[built.Heap], out: Path, options: argparse.Namespace) -> Json:
    ops, counted = replay.pack(tools, program, out)
    result = replay.measure(tools, program, ops, counted, built.chosen(catalog, options.allocator), options.seconds, options.seed, options.rounds)
    say("the program, and the replay of its recording", [*replay.lines(result), f"kept: {ops}; as a workload: scripts/poolmark run --workload recorded --recording {ops}"])
    return result


def _best(catalog: Sequence[built.Heap], result: Json | None) -> built.Heap | None:
    row = heaps.best(result) if result else None
    return next((heap for heap in catalog if row and heap.name == row["name"]), None)


def _try(tools: Tools, program: Program, found: Sequence[Json], best: built.Heap | None, options: argparse.Namespace) -> Json | None:
    wanted = [site for site in found if site["number"] in options.site] if options.site else advice.to_try(found)
    for site in wanted:
        site["route"] = options.route or site["route"] or "pool"
    if not wanted:
        say("tried", ["nothing: no site is worth it"])
        return None
    result = trial.measure(tools, program, wanted, best, options.seconds, options.seed + 1, options.rounds)
    say("tried in the unmodified program", trial.lines(result))
    return result


def machine() -> Json:
    """On what it was measured, and with which Poolmark."""
    commit, dirty = environment.commit(build.ROOT)
    return {name: value for name, value in environment.describe({}).items() if name in ("cpu", "cpus", "kernel", "libc", "virtualization", "variables")
            } | {"commit": commit, "dirty": dirty}


def describe(program: Program, anonymous: bool) -> Json:
    """What a page says about the program; nothing of its arguments where that is not wanted."""
    return {"name": program.name, "words": [program.name] if anonymous else list(program.words),
            "stdin": None if anonymous or not program.stdin else program.stdin.name, "metric": program.metric, "load": "" if anonymous else program.load}


def say(title: str, lines: Sequence[str]) -> None:
    """A part's table, when it is done."""
    print(f"\n{title}", *lines, sep="\n", flush=True)
    sys.stdout.flush()
