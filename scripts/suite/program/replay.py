"""How far a replay can be believed: the program and the replay of its own recording, each on every heap, in the same rounds.

A replay does again what the program asked of its heap, and nothing else: what a heap saves of it, as a share of the program's run time, is
a prediction of what the heap saves of the program. Here both are measured, so that the prediction has an error that is known.
"""

import json
import random
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from suite.analysis import statistics
from suite.base.errors import UserError
from suite.program import heaps, record, rounds
from suite.program.rounds import JUDGED, TWIN, Measured, Rounds
from suite.program.runs import Ran, once
from suite.program.target import Program
from suite.program.tools import Heap, Tools

Json = dict[str, Any]
METRIC = r'"cpu_ns": (\d+)'
REAL, AGAIN = "real", "replay"
LARGE = 5.0  # per cent: of which sign a smaller saving is may be noise
UNSETTLED = 15.0  # per cent: an error that is known no better than this is not known


def refuse_other_figures(program: Program) -> None:
    """A replay takes time; what else a program counts it cannot predict."""
    if program.metric:
        raise UserError("a replay predicts CPU time; leave out --metric")


def pack(tools: Tools, program: Program, out: Path) -> tuple[Path, Json]:
    """The file of operations of the recording in `out`, and what was counted."""
    ops = out / f"{program.name}.ops"
    return ops, json.loads(tools.answer("operations", str(record.process_of(out / "recording")), str(ops)))


def measure(tools: Tools, program: Program, ops: Path, counted: Json, catalog: Sequence[Heap], seconds: float, seed: int = 1, count: int = 0) -> Json:
    """Both on each heap, alternating: what the machine does to one it does to the other."""
    again = Program((str(tools.program), AGAIN, str(ops.resolve())), metric=METRIC, limit=program.limit)
    programs = {REAL: program, AGAIN: again}
    found = _rounds(tools, programs, heaps.sides(catalog), seconds, seed, count)
    plain = catalog[0].name
    limits = {heap.name for heap in catalog if heap.limit}
    parts = {name: heaps.result(programs[name], one, plain, [heaps.row(one, side.name, plain, side.name in limits) for side in one.sides])
             for name, one in found.items()}
    return {**parts, "counted": counted, **compare(*(found[name].rounds for name in (REAL, AGAIN)), plain, sorted(limits))}


def _rounds(tools: Tools, programs: Mapping[str, Program], sides: Sequence[rounds.Side], seconds: float, seed: int, count: int) -> dict[str, Measured]:
    chance = random.Random(seed)
    plain = sides[0]
    first: dict[str, Ran] = {}
    for name, program in programs.items():
        first[name] = once(tools, program, plain, chance)
        rounds.refuse_unsteady(program, first[name], once(tools, program, plain, chance))
    sides = (plain, rounds.Side(TWIN, plain.libraries, plain.variables, plain.serves), *sides[1:])
    found = {name: Measured(tuple(sides)) for name in programs}
    every = [(name, side) for name in programs for side in sides]

    def one(name: str, side: rounds.Side) -> Ran | None:
        if side.name in found[name].refused:
            return None
        ran = rounds.once_or_reason(tools, programs[name], side, chance)
        return None if rounds.refuse_other(found[name], side, first[name], ran) or isinstance(ran, str) else ran
    for name, side in every:  # once each before anything counts
        one(name, side)
    each = sum(max(ran.wall, 0.01) for ran in first.values()) * len(sides)
    count = count or max(rounds.FEWEST, min(rounds.MOST, int(seconds / each)))
    taken: dict[str, dict[str, list[rounds.Round]]] = {name: {side.name: [] for side in sides} for name in programs}
    for number in range(count):
        for name, side in chance.sample(every, len(every)):
            if (ran := one(name, side)) is not None:
                taken[name][side.name].append(rounds.numbers(programs[name], ran))
                found[name].served[side.name] = ran.served
        if sys.stderr.isatty():
            print(f"\r{programs[REAL].name}: round {number + 1} of {count} ", end="", file=sys.stderr, flush=True)
    if sys.stderr.isatty():
        print("\r\x1b[K", end="", file=sys.stderr)
    for name, measured in found.items():
        measured.rounds = {side: values for side, values in taken[name].items() if side not in measured.refused}
        if not {TWIN, plain.name} <= measured.rounds.keys():
            raise UserError(f"{programs[name].name} differs from run to run: {measured.refused.get(TWIN) or measured.refused.get(plain.name)}")
        measured.floor = rounds.floor(measured.rounds, plain.name)
    return found


def compare(real: Rounds, again: Rounds, plain: str, limits: Sequence[str] = ()) -> Json:
    """Of each heap: what it saves of the run time in per cent, what the replay says, and by how much it is wrong; all of the same round. The
    replay counts nanoseconds, the program seconds."""
    rows = []
    for name in real:
        if name in (plain, TWIN) or name not in again:
            continue
        run = [one[JUDGED] for one in real[plain]]
        saved = [100 * (own - one[JUDGED]) / own for one, own in zip(real[name], run)]
        middle = median(run)
        said = [100 * (own[JUDGED] - one[JUDGED]) / 1e9 / middle for one, own in zip(again[name], again[plain])]
        rows.append({"name": name, "limit": name in limits, "real": heaps.ends(statistics.interval(saved)),
                     "predicted": heaps.ends(statistics.interval(said)),
                     "difference": heaps.ends(statistics.interval([b - a for a, b in zip(saved, said)]))})
    judged = [row for row in rows if not row["limit"]]
    wrong = [abs(row["difference"][0]) for row in judged]
    large = [row for row in judged if abs(row["real"][0]) > LARGE and _settled(row["real"])]
    return {"compared": rows, "median_error": median(wrong) if wrong else None, "worst_error": max(wrong, default=None),
            "bounds": sorted(([max(abs(end) for end in row["difference"][1:]), row["name"]] for row in judged if not _wide(row)), reverse=True),
            "untold": [row["name"] for row in judged if _wide(row)],
            "signs": [sum(1 for row in large if row["real"][0] * row["predicted"][0] > 0 or not _settled(row["predicted"])), len(large)]}


def differences(result: Json | None) -> list[str]:
    """What of a comparison is not what its rounds make."""
    if not result:
        return []
    raw = [{row["name"]: row["raw"] for row in result[part]["rows"] if "raw" in row} for part in (REAL, AGAIN)]
    again = compare(*raw, result[REAL]["plain"], [row["name"] for row in result[REAL]["rows"] if row.get("limit")])
    return [f"replay/{key}: {result[key]}, and its rounds make {value}" for key, value in again.items() if result[key] != value]


def _wide(row: Json) -> bool:
    """Whether the error is not known."""
    _, low, high = row["difference"]
    return low is None or high is None or (high - low) / 2 > UNSETTLED


def _settled(interval: Sequence[float | None]) -> bool:
    """Whether all of it lies on one side of nothing."""
    _, low, high = interval
    return low is not None and high is not None and low * high > 0


def lines(result: Json) -> list[str]:
    """The table for a terminal."""
    counted = result["counted"]
    said = [f"{counted['operations']} calls of {counted['threads']} threads, {counted['handed']} blocks taken over by another thread, {counted['left']} never freed; "
            f"{counted['file_bytes'] / 1e6:.1f} MB",
            f"{'heap':20} {'saves of the run, really':28} {'by the replay':28} {'difference, points':28}"]
    for row in result["compared"]:
        said.append(f"{row['name']:20} {shown(row['real']):28} {shown(row['predicted']):28} {shown(row['difference'])}{'  (a limit)' if row['limit'] else ''}")
    for part in (REAL, AGAIN):
        said += [f"{row['name']:20} no number ({part}): {row['refused']}" for row in result[part]["rows"] if "refused" in row]
    if result["median_error"] is not None:
        right, large = result["signs"]
        said.append(f"wrong by {result['median_error']:.1f} % of the run time in the middle, {result['worst_error']:.1f} % at worst; the sign is right for {right} of {large} "
                    f"heaps that are shown to change the run time by more than {LARGE:.0f} %; {result[REAL]['rounds']} paired rounds, CPU time")
    return [*said, believed(result)]


def believed(result: Json) -> str:
    """What may be concluded. Threads of a replay wait for each other where the program's did, but not as long; how much that matters is
    seen in nothing but the difference."""
    right, large = result["signs"]
    if right < large:
        return "Do not believe a replay of this program: it takes a heap that costs time for one that saves it, or the other way round."
    if not result["bounds"]:
        return ("UNRESOLVED: from round to round runs differ so much that it cannot be told how far the replay is wrong; do not believe it, or give more --rounds "
                "on a machine that is quiet.")
    (worst, name), *rest = result["bounds"]
    return (f"A replay of this program ranks heaps; what it predicts is worth no more than ±{worst:.1f} % of the run time" +
            (f", and ±{rest[0][0]:.1f} % without {name}." if rest else ".") +
            (f" Of {' and '.join(result['untold'])} it cannot be told: runs differ too much." if result["untold"] else ""))


def shown(interval: Sequence[float | None]) -> str:
    """Per cent, with the interval."""
    estimate, low, high = interval
    if estimate is None:
        return "-"
    return f"{estimate:+.1f} %" if low is None or high is None else f"{estimate:+.1f} % [{low:+.1f}, {high:+.1f}]"
