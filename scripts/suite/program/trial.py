"""The advice tried in the unmodified program: chosen call sites go to pools, measured against the same preload with an empty table."""

import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from suite.program import heaps, rounds
from suite.program.rounds import TWIN, Measured
from suite.program.runs import Side
from suite.program.target import Program
from suite.program.tools import Heap, Tools

Json = dict[str, Any]
MOST_ALONE = 6  # each takes as long as the program itself, in every round
PLAIN, EMPTY, ALL, BEST = "as it is", "empty table", "all of them", "best set"
WORDS = {"FASTER": "CONFIRMED", "SLOWER": "REFUTED", "EQUIVALENT": "NO GAIN", "UNRESOLVED": "UNRESOLVED", "NOT CITABLE": "UNRESOLVED"}


def measure(tools: Tools, program: Program, chosen: Sequence[Json], best: Heap | None, seconds: float, seed: int = 2, count: int = 0,
            route: Path | None = None) -> Json:
    """The first sites alone, all together, the best heap beside; then once more the best set, when it is not all."""
    with tempfile.TemporaryDirectory(prefix="poolmark-routes-") as place:
        sets = {f"site {site['number']}": [site] for site in chosen[:MOST_ALONE]}
        sets |= {ALL: list(chosen)} if len(chosen) > 1 else {}
        result = _measured(tools, program, sets, best, seconds, seed, count, Path(place), route) | {"sites": [site["number"] for site in chosen]}
        rows = {row["name"]: row for row in result["rows"]}
        good = [name for name in sets if name != ALL and name in rows and _gains(rows[name])]
        if len(good) > 1 and len(good) < len(chosen):
            best_set = {BEST: [site for name in good for site in sets[name]]}
            again = _measured(tools, program, best_set, best, seconds / 2, seed + 1, count, Path(place), route)
            result["again"] = again | {"sites": [site["number"] for site in best_set[BEST]]}
        return result


def all_rows(result: Json) -> list[Json]:
    """The rows to show: those of the first rounds, and the best set, which has rounds of its own."""
    return [row for row in result["rows"] if row["name"] not in (PLAIN, TWIN)] + [row for row in result.get("again", {"rows": []})["rows"] if row["name"] == BEST]


def _measured(tools: Tools, program: Program, sets: dict[str, list[Json]], best: Heap | None, seconds: float, seed: int, count: int, place: Path,
              route: Path | None) -> Json:
    found = _measure(tools, program, sets, best, seconds, seed, count, place, route)
    return heaps.result(program, found, PLAIN, rows_of(found, sets, best.name if best else ""))


def _measure(tools: Tools, program: Program, sets: dict[str, list[Json]], best: Heap | None, seconds: float, seed: int, count: int, place: Path,
             route: Path | None) -> Measured:
    preload = str(route or tools.preload("route"))
    sides = [Side(PLAIN), Side(EMPTY, (preload,), (("POOLMARK_ROUTES", str(_table(place / "none", []))),), preload)]
    sides += [Side(name, (preload,), (("POOLMARK_ROUTES", str(_table(place / name.replace(" ", "-"), sites))),), preload) for name, sites in sets.items()]
    sides += [Side(best.name, (best.library,), (), best.library)] if best else []
    return rounds.run(tools, program, sides, seconds, seed, count)


def _table(path: Path, sites: Sequence[Json]) -> Path:
    path.write_text("".join(f"{site['route']} {site['offset']:x} {Path(site['module']).resolve()}\n" for site in sites), encoding="utf-8")
    return path


def rows_of(found: Measured, sets: Iterable[str], best: str) -> list[Json]:
    """Pools against the empty table, for in the source there is no table; table and heap against the program as it is."""
    names = [PLAIN, TWIN, EMPTY, *(sets if EMPTY in found.rounds else ()), *filter(None, [best])]
    return [heaps.row(found, name, EMPTY if name in sets else PLAIN) for name in names]


def word(row: Json) -> str:
    """The verdict on a row, in a trial's words where it has pools."""
    if "refused" in row:
        return "REFUSED"
    return WORDS[row["verdict"]] if row["against"] == EMPTY else row["verdict"]


def _gains(row: Json) -> bool:
    return word(row) in ("CONFIRMED", "UNRESOLVED") and (row["ratio"][0] or 1) < 1


def plain_row(result: Json) -> Json:
    """The program as it is."""
    return next(row for row in result["rows"] if row["name"] == result["plain"])


def saved(row: Json, result: Json) -> str:
    """What a side saves of the run: seconds and share."""
    if "ratio" not in row or row["ratio"][0] is None:
        return "-"
    share = 1 - row["ratio"][0]
    return f"{share * plain_row(result)['judged'] * 1000:+.1f} ms, {share:+.1%}"


def lines(result: Json) -> list[str]:
    """The table for a terminal."""
    plain = plain_row(result)
    found = [f"{'tried':14} {'verdict':11} {'ratio, 95 % interval':26} {'saves':>20} {'peak MB':>8}",
             f"{PLAIN:14} {'':11} {'':26} {plain['judged'] * 1000:17.1f} ms {plain['rss_kb'] / 1024:8.1f}"]
    for row in all_rows(result):
        found.append(f"{row['name']:14} no number: {row['refused']}" if "refused" in row else
                     f"{row['name']:14} {word(row):11} {heaps.shown(row['ratio']):26} {saved(row, result):>20} {row['rss_kb'] / 1024:8.1f}")
    return [*found, f"{result['rounds']} paired rounds; pools against the empty table, table and heap against the program as it is; "
            f"floor {heaps.floor(result)}, margin {result['margin']:.1%}"]
