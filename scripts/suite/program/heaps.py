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
    rows = [row(program, found, side.name, limit=side.name in limits) for side in found.sides]
    return {"floor": found.floor, "margin": found.margin, "rounds": len(found.rounds[TWIN]), "judged": judged(program), "rows": rows}


def judged(program: Program) -> str:
    """What a verdict is about."""
    return "the figure that --metric finds" if program.metric else "CPU time without start-up"


def row(program: Program, found: Measured, name: str, against: str = "", limit: bool = False) -> Json:
    """One side as data: medians, and ratios with their intervals."""
    if name not in found.rounds:
        return {"name": name, "refused": found.refused[name]}
    measure = rounds.measure_of(program)
    own, ratio = found.rounds[name], rounds.ratio(found, name, measure, against)
    wall = rounds.ratio(found, name, lambda ran: ran.wall, against)
    base = against or found.sides[0].name
    verdict = "baseline" if name == base else "A/A" if name == TWIN else "limit" if limit else rounds.verdict(ratio, found.margin)
    of = lambda measure: median(measure(ran) for ran in own)  # noqa: E731
    return {"name": name, "verdict": verdict, "ratio": ends(ratio), "wall_ratio": ends(wall),
            "wall": of(lambda ran: ran.wall), "cpu": of(lambda ran: ran.cpu), "work": of(lambda ran: ran.work), "startup": of(lambda ran: ran.startup),
            "judged": of(measure), "rss_kb": of(lambda ran: ran.rss_kb), "faults": of(lambda ran: ran.faults), "served": own[0].served.rsplit("/", 1)[-1],
            "raw": [[round(measure(ran), 6), round(ran.wall, 6), ran.rss_kb] for ran in own]}


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
