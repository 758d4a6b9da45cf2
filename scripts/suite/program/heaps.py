"""Which heap: the unmodified program under each of them, in paired rounds."""

from collections.abc import Sequence
from statistics import median
from typing import Any

from suite.program import rounds
from suite.program.rounds import TWIN, Measured
from suite.program.runs import Side
from suite.program.target import Program
from suite.program.tools import Heap, Tools

Json = dict[str, Any]


def sides(heaps: Sequence[Heap]) -> list[Side]:
    """A side for each heap; the first is the program as it is."""
    return [Side(heap.name, (heap.library,) if number else (), (), heap.library if number else "") for number, heap in enumerate(heaps)]


def measure(tools: Tools, program: Program, heaps: Sequence[Heap], seconds: float, seed: int = 1, count: int = 0) -> Json:
    """The rows of the table, the program itself first."""
    found = rounds.run(tools, program, sides(heaps), seconds, seed, count)
    limits = {heap.name for heap in heaps if heap.limit}
    plain = found.sides[0].name
    return result(program, found, plain, [row(found, side.name, plain, side.name in limits) for side in found.sides])


def result(program: Program, found: Measured, plain: str, rows: Sequence[Json]) -> Json:
    """What is stored of some rounds; `plain` names the side that is the program as it is."""
    return {"plain": plain, "floor": found.floor, "margin": found.margin, "rounds": len(found.rounds[plain]), "judged": judged(program), "rows": list(rows)}


def judged(program: Program) -> str:
    """What a verdict is about."""
    return "the figure that --metric finds" if program.metric else "CPU time without start-up"


def row(found: Measured, name: str, against: str, limit: bool = False) -> Json:
    """One side as data: its rounds, and what follows from them."""
    if name not in found.rounds:
        return {"name": name, "refused": found.refused[name]}
    return {"name": name, "against": against, "limit": limit, "served": found.served.get(name, "").rsplit("/", 1)[-1], "raw": found.rounds[name],
            **figures(found.rounds, name, against, found.margin, limit)}


def figures(measured: rounds.Rounds, name: str, against: str, margin: float, limit: bool) -> Json:
    """Medians of a side's rounds, and its ratios with their intervals."""
    ratio = rounds.ratio(measured, name, against)
    verdict = "baseline" if name == against else "A/A" if name == TWIN else "limit" if limit else rounds.verdict(ratio, margin)
    middle = [median(column) for column in zip(*measured[name])]
    return {"verdict": verdict, "ratio": ends(ratio), "wall_ratio": ends(rounds.ratio(measured, name, against, rounds.WALL)),
            "judged": middle[rounds.JUDGED], "wall": middle[rounds.WALL], "cpu": middle[rounds.CPU], "startup": middle[rounds.STARTUP],
            "rss_kb": middle[rounds.RSS_KB], "faults": middle[rounds.FAULTS]}


def ends(interval: Any) -> list[float | None]:
    """[estimate, low, high]."""
    return [None, None, None] if interval is None else [interval.estimate, interval.low, interval.high]


def best(result: Json) -> Json | None:
    """The fastest heap among those that are clearly faster than the program's own."""
    faster = [row for row in result["rows"] if row.get("verdict") == "FASTER"]
    return min(faster, key=lambda row: row["ratio"][0], default=None)


def lines(result: Json) -> list[str]:
    """The table for a terminal."""
    found = [f"{'heap':12} {'verdict':11} {'ratio, 95 % interval':26} {'wall s':>8} {'CPU s':>8} {'start s':>8} {'peak MB':>8} {'faults':>8}"]
    for row in result["rows"]:
        if "refused" in row:
            found.append(f"{row['name']:12} no number: {row['refused']}")
            continue
        found.append(f"{row['name']:12} {row['verdict']:11} {shown(row['ratio']):26} {row['wall']:8.3f} {row['cpu']:8.3f} "
                     f"{row['startup']:8.3f} {row['rss_kb'] / 1024:8.1f} {row['faults']:8.0f}")
    return [*found, f"{result['rounds']} paired rounds; judged by {result['judged']}; the program against itself differs by up to "
            f"{floor(result)}, and nothing smaller than {result['margin']:.1%} is claimed"]


def floor(result: Json) -> str:
    return "an unknown amount" if result["floor"] is None else f"{result['floor']:.1%}"


def shown(ratio: Sequence[float | None]) -> str:
    """A ratio with its interval."""
    estimate, low, high = ratio
    if estimate is None:
        return "-"
    return f"{estimate:.3f}×" if low is None or high is None else f"{estimate:.3f}× [{low:.3f}, {high:.3f}]"
