"""The advice tried in the unmodified program: chosen call sites go to pools, measured against the same preload with an empty table."""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from suite.analysis.verdicts import settled
from suite.program import heaps, rounds
from suite.program.rounds import Measured
from suite.program.runs import Side
from suite.program.target import Program
from suite.program.tools import Heap, Tools

Json = dict[str, Any]
PLAIN, EMPTY, ALL = "as it is", "empty table", "all of them"
WORDS = {"FASTER": "CONFIRMED", "SLOWER": "REFUTED", "EQUIVALENT": "NO GAIN", "UNRESOLVED": "UNRESOLVED", "NOT CITABLE": "UNRESOLVED"}


def measure(tools: Tools, program: Program, chosen: Sequence[Json], best: Heap | None, seconds: float, seed: int = 2, count: int = 0,
            route: Path | None = None) -> Json:
    """Each site alone, all together, the best heap beside; then once more the best set, when it is not all."""
    with tempfile.TemporaryDirectory(prefix="poolmark-routes-") as place:
        sets = {f"site {site['number']}": [site] for site in chosen}
        sets |= {ALL: list(chosen)} if len(chosen) > 1 else {}
        found = _measure(tools, program, sets, best, seconds, seed, count, Path(place), route)
        rows = _rows(program, found, sets, best)
        good = [name for name in sets if name != ALL and _estimate(rows, name) < 1 and rows[name]["verdict"] in ("CONFIRMED", "UNRESOLVED")]
        result = _result(program, found, rows, chosen)
        if len(good) > 1 and len(good) < len(chosen):
            best_set = {"best set": [site for name in good for site in sets[name]]}
            again = _measure(tools, program, best_set, best, seconds / 2, seed + 1, count, Path(place), route)
            extra = _rows(program, again, best_set, best)["best set"]
            result["rows"].append(extra | {"sites": [site["number"] for site in best_set["best set"]]})
        return result


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


def _rows(program: Program, found: Measured, sets: dict[str, list[Json]], best: Heap | None) -> dict[str, Json]:
    """Pools against the empty table, for in the source there is no table; table and heap against the program as it is."""
    rows = {EMPTY: heaps.row(program, found, EMPTY)} | {name: heaps.row(program, found, name, EMPTY) for name in sets if EMPTY in found.rounds}
    if best:
        rows[best.name] = heaps.row(program, found, best.name)
    for name, row in rows.items():
        if "refused" in row:
            row["verdict"] = "REFUSED"
        elif name in sets:
            _, low, high = row["ratio"]
            row["verdict"] = "UNRESOLVED" if low is None else WORDS[settled(low, high, found.margin)]
    return rows


def _estimate(rows: dict[str, Json], name: str) -> float:
    return rows[name]["ratio"][0] if "ratio" in rows.get(name, {}) else 1.0


def _result(program: Program, found: Measured, rows: dict[str, Json], chosen: Sequence[Json]) -> Json:
    plain = heaps.row(program, found, PLAIN)
    return {"floor": found.floor, "margin": found.margin, "rounds": len(found.rounds[PLAIN]), "judged": heaps.judged(program), "plain": plain,
            "sites": [site["number"] for site in chosen], "rows": list(rows.values())}


def saved(row: Json, plain: Json) -> str:
    """What a side saves of the run: seconds and share."""
    if "ratio" not in row or row["ratio"][0] is None:
        return "-"
    share = 1 - row["ratio"][0]
    return f"{share * plain['judged'] * 1000:+.1f} ms, {share:+.1%}"


def lines(result: Json) -> list[str]:
    """The table for a terminal."""
    plain = result["plain"]
    found = [f"{'tried':14} {'verdict':11} {'ratio, 95 % interval':26} {'saves':>20} {'peak MB':>8}",
             f"{PLAIN:14} {'':11} {'':26} {plain['judged'] * 1000:17.1f} ms {plain['rss_kb'] / 1024:8.1f}"]
    for row in result["rows"]:
        found.append(f"{row['name']:14} no number: {row['refused']}" if "refused" in row else
                     f"{row['name']:14} {row['verdict']:11} {heaps.shown(row['ratio']):26} {saved(row, plain):>20} {row['rss_kb'] / 1024:8.1f}")
    return [*found, f"{result['rounds']} paired rounds; pools against the empty table, table and heap against the program as it is; "
            f"floor {heaps.floor(result)}, margin {result['margin']:.1%}"]
