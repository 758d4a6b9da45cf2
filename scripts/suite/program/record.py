"""A recording of the program, and the five proofs without which it is no evidence."""

import json
import random
import shutil
from pathlib import Path
from typing import Any

from suite.base.errors import UserError
from suite.program.runs import Ran, Side, once
from suite.program.target import Program
from suite.program.tools import Tools

Json = dict[str, Any]
STEADY = 0.001  # by so much two recordings may differ and agree
VERSION = "2"


def make(tools: Tools, program: Program, out: Path, frames: int = 8, max_bytes: int = 8 << 30) -> Json:
    """Records twice, between two runs as they are; keeps the first recording in OUT/recording, with OUT/recording.json."""
    chance = random.Random(1)
    plain = once(tools, program, Side("as it is"), chance)
    if plain.code < 0 and not program.load:
        raise UserError(f"{program.name} crashes (signal {-plain.code}); it has to run through before it can be recorded")
    folders = [out / "recording", out / "again"]
    try:
        ran = [_record(tools, program, folder, frames, max_bytes, chance) for folder in folders]
        read = [sites(tools, folder) for folder in folders]
        tools.answer("pack", str(folders[0]))
    except BaseException:
        shutil.rmtree(folders[0], ignore_errors=True)
        raise
    finally:
        shutil.rmtree(folders[1], ignore_errors=True)
    after = once(tools, program, Side("as it is"), chance)
    if read[0]["made"] == 0:
        raise UserError(f"no call was seen: {program.name} allocates nothing, or brings a heap of its own ({plain.served or 'unknown'} serves malloc)")
    proofs = prove(read, ran, plain, program)
    cpu = min(plain.cpu, after.cpu)
    return read[0] | {"slowdown": min(one.cpu for one in ran) / max(cpu, 1e-6), "frames": frames, "proofs": proofs, "served": plain.served,
                      "file_bytes": sum(file.stat().st_size for file in folders[0].rglob("*") if file.is_file())}


def _record(tools: Tools, program: Program, folder: Path, frames: int, max_bytes: int, chance: random.Random) -> Ran:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    variables = [("POOLMARK_RECORD", str(folder.resolve())), ("POOLMARK_RECORD_FRAMES", str(frames)), ("POOLMARK_RECORD_BYTES", str(max_bytes))]
    if not _steady_clock():
        variables.append(("POOLMARK_RECORD_COUNTS", "1"))
    return once(tools, program, Side("recorded", (str(tools.preload("record")),), tuple(variables), window=False), chance)


def _steady_clock() -> bool:
    """Whether all CPUs share a time stamp counter that never stops; what is no x86 has one by definition."""
    try:
        flags = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return "flags" not in flags or ("constant_tsc" in flags and "nonstop_tsc" in flags)


def process_of(recording: Path) -> Path:
    """Of all processes that were recorded (wrappers, children), the one that allocated most."""
    made = [folder for folder in recording.iterdir() if (folder / "process").is_file()] if recording.is_dir() else []
    if not made:
        raise UserError(f"{recording} is no recording; make one with: poolmark program record -- ./app arguments")
    return max(made, key=lambda folder: (sum(map(_words, folder.glob("*.events"))), folder.name))


def _words(events: Path) -> int:
    """How much was written to one thread's file: words in its window, and complete blocks of them above. programs/recording.hpp has the header."""
    with events.open("rb") as file:
        place = file.read(24)[16:]
    return (int.from_bytes(place[4:], "little") << 13) + int.from_bytes(place[:4], "little")


def about(process: Path) -> dict[str, str]:
    """What a process said when its recording began."""
    text = (process / "process").read_text(encoding="utf-8", errors="replace")
    found = dict(line.partition(" ")[::2] for line in text.splitlines())
    if found.get("version") != VERSION:
        raise UserError(f"{process} is a recording of version {found.get('version', 'unknown')}, and this is {VERSION}; record again")
    return found


def sites(tools: Tools, recording: Path) -> Json:
    """What each call site did, with the process's own words beside."""
    process = process_of(recording)
    read = json.loads(tools.answer("sites", str(process)))
    return read | {"process": about(process), "processes": sum(1 for _ in recording.iterdir()),
                   "maps": (process / "maps").read_text(encoding="utf-8", errors="replace")}


def prove(read: list[Json], ran: list[Ran], plain: Ran, program: Program) -> list[Json]:
    """The five proofs: what was asked, whether it holds, and the numbers."""
    one, two = read
    forked = one["process"].get("forked") == "1"
    near = abs(one["made"] - two["made"]) <= STEADY * max(one["made"], two["made"])
    peak, rss = one["peak_bytes"] / 1024, ran[0].rss_kb
    same = program.load != "" or (ran[0].code == plain.code and ran[0].output == plain.output)
    return [
        {"proof": "no unknown free and no duplicate", "holds": (one["unknown_frees"] == 0 or forked) and one["duplicates"] == 0,
         "found": f"{one['unknown_frees']} unknown{' (of its parent)' if forked else ''}, {one['duplicates']} duplicates"},
        {"proof": "live bytes stay below the process's peak", "holds": peak <= rss or one["lost"] > 0 or _untouched(peak, rss, one),
         "found": f"{peak / 1024:.1f} MB live at most, {rss / 1024:.1f} MB resident at most"},
        {"proof": "same output and exit code as without", "holds": same, "found": f"exit code {ran[0].code}"},
        {"proof": "recorded twice, the counts agree", "holds": near, "found": f"{one['made']} and {two['made']} allocations" + ("" if near else ": not deterministic")},
        {"proof": "nothing lost", "holds": one["lost"] == 0, "found": f"{one['lost']} events"},
    ]


def _untouched(peak_kb: float, rss_kb: float, read: Json) -> bool:
    """Large blocks may be asked for and never touched; small ones lie on touched pages."""
    large = sum(site["peak_bytes"] for site in read["sites"] if site["max_bytes"] >= 128 << 10) / 1024
    return peak_kb - large <= rss_kb


def lines(read: Json) -> list[str]:
    """What a terminal is told."""
    return [f"{read['made']} allocations, {read['threads']} threads, {read['handed_over']} freed by another thread, {read['processes']} processes; "
            f"{read['slowdown']:.2f}× the CPU time; {read['file_bytes'] / 1e6:.1f} MB, {read['file_bytes'] / max(read['events'], 1):.1f} bytes an event",
            *(f"  {'holds' if one['holds'] else 'FAILS'}: {one['proof']} ({one['found']})" for one in read["proofs"])]
