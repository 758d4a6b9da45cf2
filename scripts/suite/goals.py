"""`poolmark goals`: what the pools set out to reach, beside what a run measured, as one generated page.

A goal is data (`reports/goals.json`): cells of ours, whom they are held against, and the ratio they must not exceed. Both
sides were paired with the baseline of their group, process by process; the ratio of the two ratios is what is judged.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from math import log
from pathlib import Path
from typing import Any

from suite import goal_figures
from suite.errors import UserError
from suite.levels import nanoseconds
from suite.statistics import Interval, ratio

ROOT = Path(__file__).resolve().parents[2]
GOALS = ROOT / "reports/goals.json"
PAGE = ROOT / "docs/pools-measured.md"

Cell = Mapping[str, Any]


@dataclass(frozen=True)
class Row:
    """One line of the table: a point at which a goal was held against a run."""

    where: str
    ours: str
    rival: str
    at_most: float
    measured: Interval | None
    ns: tuple[float, float] | None
    doubt: str = ""  # why the run itself claims nothing about one of the two

    @property
    def reached(self) -> str:
        """Whether the interval lies below the goal; in doubt it says so."""
        if self.doubt:
            return f"not citable: {self.doubt}"
        if self.measured is None:
            return "not measured"
        if self.measured.low is None or self.measured.high is None:
            return "yes" if self.measured.estimate <= self.at_most else "**no**"
        if self.measured.high <= self.at_most:
            return "yes"
        if self.measured.low > self.at_most:
            return "**no**"
        return "yes, within noise" if self.measured.estimate <= self.at_most else "**no**, within noise"


def against(ours: Cell, rival: Cell) -> Interval | None:
    """Ours over the rival, from the processes that measured both."""
    own = {sample["process"]: sample["ratio"] for sample in ours.get("samples", ()) if sample.get("ratio")}
    its = {sample["process"]: sample["ratio"] for sample in rival.get("samples", ()) if sample.get("ratio")}
    own = own or _ones(ours)
    its = its or _ones(rival)
    both = sorted(own.keys() & its.keys())
    return ratio([log(own[process]) - log(its[process]) for process in both]) if both else None


def _ones(cell: Cell) -> dict[int, float]:
    """The baseline of a group is its own baseline."""
    return {sample["process"]: 1.0 for sample in cell.get("samples", ())} if cell["id"] == cell["baseline"] else {}


def _is_rival(cell: Cell, families: Mapping[str, str], wanted: Mapping[str, Any]) -> bool:
    if cell.get("role", "contender") != "contender" or not cell.get("ns_per_op") or "#" in cell["id"]:  # an A/A copy
        return False
    if "family" in wanted and families.get(cell["strategy"]) != wanted["family"]:
        return False
    return cell["strategy"] in wanted.get("strategies", (cell["strategy"],)) and \
        cell["allocator"] not in wanted.get("not_on", ())


def _by_group(cells: Iterable[Cell]) -> dict[str, list[Cell]]:
    groups: dict[str, list[Cell]] = {}
    for cell in cells:
        groups.setdefault(cell["group"], []).append(cell)
    return groups


def rows(goal: Mapping[str, Any], results: Mapping[str, Any]) -> list[Row]:
    """The goal at each point that the run has, against the rival that was fastest there."""
    families = {entry["name"]: entry["family"] for entry in results["strategies"]}
    found = []
    for group, cells in _by_group(results["cells"]).items():
        if not any(fnmatchcase(group, pattern) for pattern in goal["points"]):
            continue
        ours = next((cell for cell in cells if cell["strategy"] == goal["ours"] and cell.get("ns_per_op")), None)
        rivals = [cell for cell in cells if _is_rival(cell, families, goal["against"]) and cell["strategy"] != goal["ours"]]
        if ours is None or not rivals:
            continue
        baseline = next((cell for cell in cells if cell["id"] == cell["baseline"]), None)
        rival = min(rivals, key=lambda cell: nanoseconds(cell, baseline))
        name = rival["strategy"] if rival["allocator"] == "glibc" else f"{rival['strategy']} on {rival['allocator']}"
        doubt = next((cell["reason"] for cell in (ours, rival) if cell.get("verdict") == "NOT CITABLE"), "")
        found.append(Row(group, goal["ours"], name, goal["at_most"], against(ours, rival),
                         (nanoseconds(ours, baseline), nanoseconds(rival, baseline)), doubt))
    return found


def page(goals: Mapping[str, Any], runs: Iterable[tuple[str, Mapping[str, Any]]]) -> str:
    """The whole page; of several runs, the first that can be cited on a goal's points speaks for it."""
    runs = list(runs)
    names = " ".join(name for name, _ in runs)
    lines = [f"<!-- generated: scripts/poolmark goals {names} -->", "# What the pools set out to reach, and what was measured",
             "", *goals["introduction"], ""]
    for name, results in runs:
        run, environment = results["run"], results["environment"]
        lines.append(f"- `{name}`: run `{run['id']}`, commit `{run['commit'][:12]}`, {environment['cpu']}, preset "
                     f"`{run['preset']}`, {results['calibration']['quality']}, A/A floor "
                     f"{100 * (results['calibration']['floor'] or 0):.1f} %. `{run['command']}`")
    lines += ["", "A ratio is our time divided by the rival's: below 1 is faster. In brackets the 95 % interval over processes. The "
              "rival is the fastest of its kind at that point, chosen after measuring. Of several runs with the same points, the "
              "first whose cells can all be cited speaks.", ""]
    for section in goals["sections"]:
        lines += [f"## {section['title']}", "", "| point | ours | rival | ns, ours : rival | at most | measured | reached |",
                  "|---|---|---|--:|--:|--:|---|"]
        for goal in section["goals"]:
            lines += _lines(goal, runs)
        lines += ["", *section.get("notes", ()), ""]
    return "\n".join(lines).rstrip() + "\n"


def _lines(goal: Mapping[str, Any], runs: list[tuple[str, Mapping[str, Any]]]) -> list[str]:
    if goal_figures.is_one(goal):
        return goal_figures.lines(goal, runs)
    measured = [found for found in (rows(goal, results) for _, results in runs) if found]
    found = next((lines for lines in measured if not any(line.doubt for line in lines)), measured[0] if measured else [])
    if not found:
        return [f"| `{'`, `'.join(goal['points'])}` | {goal['ours']} | | | {goal['at_most']:.2f} | | not measured |"]
    return [f"| `{row.where}` | {row.ours} | {row.rival} | {row.ns[0]:.2f} : {row.ns[1]:.2f} | {row.at_most:.2f} | "
            f"{_text(row.measured)} | {row.reached} |" for row in found]


def _text(measured: Interval | None) -> str:
    if measured is None:
        return "-"
    if measured.low is None or measured.high is None:
        return f"{measured.estimate:.3f}"
    return f"{measured.estimate:.3f} [{measured.low:.3f}, {measured.high:.3f}]"


def write(paths: list[Path], out: Path | None) -> Path:
    """Reads the goals and the runs, and writes the page."""
    from suite import results
    try:
        goals = json.loads(GOALS.read_text(encoding="utf-8"))
    except (OSError, ValueError) as failure:
        raise UserError(f"{GOALS} cannot be read ({failure}); restore it from the repository") from None
    runs = [(_name(path), results.load(path)) for path in paths]
    target = out or PAGE
    try:
        text = page(goals, runs)
    except (ArithmeticError, LookupError, TypeError, ValueError) as failure:
        raise UserError(f"the goals cannot be held against {', '.join(name for name, _ in runs)} "
                        f"({type(failure).__name__}: {failure}); restore the files") from failure
    try:
        target.write_text(text, encoding="utf-8")
    except OSError as failure:
        raise UserError(f"cannot write {target} ({failure.strerror}); name another file with --out") from None
    return target


def _name(path: Path) -> str:
    resolved = path.resolve()
    return str(resolved.relative_to(ROOT)) if resolved.is_relative_to(ROOT) else path.name
