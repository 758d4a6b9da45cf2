"""Why a workload comes out as it does: the mechanism in two sentences, and the two cells of this run that show it."""

from __future__ import annotations

from dataclasses import dataclass

from suite.charts import words
from suite.charts.data import Cell, Estimate, Results, name

UNCONFIRMED = "not confirmed in this run"


@dataclass(frozen=True)
class Why:
    """A workload's explanation, and what this run says to it."""

    text: str
    figures: str = ""
    confirmed: bool = True

    @property
    def line(self) -> str:
        """All of it as one paragraph."""
        said = f" In this run: {self.figures}{'' if self.confirmed else f' ({UNCONFIRMED})'}." if self.figures else ""
        return self.text + said


def of(results: Results, workload: str) -> Why | None:
    """The explanation, where the workload has one."""
    entry = next((one for one in results.raw.get("workloads") or () if one.get("name") == workload), {}).get("why")
    text = name(entry.get("text") or "", 1000) if isinstance(entry, dict) else ""
    if not text:
        return None
    known = {cell.id: cell for cell in results.cells if cell.measured}
    slower, faster = (known.get(name(entry.get(key) or "", 400)) for key in ("slower", "faster"))
    if not slower or not faster:
        return Why(text)
    times = " against ".join(f"{_label(cell, slower, faster)} {words.significant(cell.nanoseconds.value)} ns"
                             for cell in (slower, faster))
    return Why(text, times, _is_slower(slower, faster))


def _label(cell: Cell, slower: Cell, faster: Cell) -> str:
    """What tells the two apart: the contender, the point, or both."""
    parts = [words.contender(cell)] if slower.contender != faster.contender else []
    parts += [words.point(cell.parameters)] if slower.group != faster.group else []
    return ", ".join(parts) or cell.id


def _is_slower(slower: Cell, faster: Cell) -> bool:
    """Of one group by their ratios, else by their times; never by luck, where there are intervals."""
    one, other = (slower.ratio, faster.ratio) if slower.group == faster.group else (slower.nanoseconds, faster.nanoseconds)
    return _low(one) > _high(other) if one and other else slower.nanoseconds.value > faster.nanoseconds.value


def _low(found: Estimate) -> float:
    return found.low if found.has_interval else found.value


def _high(found: Estimate) -> float:
    return found.high if found.has_interval else found.value
