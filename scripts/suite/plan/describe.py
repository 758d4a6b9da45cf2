"""What the binary offers: `poolmark-bench --describe` as frozen data, so that names exist in one place only."""

import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from suite.base.errors import UserError

PROTOCOL = 1
PRESETS = ("quick", "heaps", "full", "wide")  # from which one on something takes part


@dataclass(frozen=True)
class Allocator:
    """A heap a process can run on. Below its preset it takes part only where the reader names it."""

    name: str
    summary: str
    library: str
    available: bool
    reason: str
    package: str
    preset: str = "quick"
    settings: Mapping[str, str] = field(default_factory=dict)  # variables that it reads when its process begins


@dataclass(frozen=True)
class Strategy:
    """A way to obtain and give back an object."""

    name: str
    family: str
    summary: str
    available: bool
    reason: str


@dataclass(frozen=True)
class Entrant:
    """A strategy as a workload lists it; `allocators` is `every` or `baseline`. Below its preset it takes part only
    where the reader names it."""

    name: str
    allocators: str
    role: str
    preset: str


@dataclass(frozen=True)
class Point:
    """One set of parameters of a workload; `excluded` says which strategies cannot take part in it, and why;
    `unanswered` which take part in it and have no bytes and no single operations to tell."""

    parameters: Mapping[str, Any]
    preset: str
    every_allocator_from: str
    memory: bool
    latency: bool
    excluded: Mapping[str, str]
    unanswered: tuple[str, ...] = ()
    gives_back: bool = False  # heaps that are told to give memory back take part as well
    needs_mib: int = 0  # of memory, for one contender, where that is much
    littered: bool = False  # also asked on a littered heap, wherever the point is asked


@dataclass(frozen=True)
class Why:
    """The mechanism behind a workload's answer; the two cells, where they are named, show it by their times."""

    text: str
    slower: str = ""
    faster: str = ""


@dataclass(frozen=True)
class Workload:
    """A question with its contenders and points; the first contender is the baseline. Below its preset it is asked only
    where the reader names it."""

    name: str
    question: str
    operation: str
    models: str
    favours: str
    ignores: str
    strategies: tuple[Entrant, ...]
    points: tuple[Point, ...]
    hash: str = ""
    preset: str = "quick"
    why: Why | None = None


@dataclass(frozen=True)
class Description:
    """All that the binary says about itself."""

    build: Mapping[str, Any]
    allocators: tuple[Allocator, ...]
    strategies: tuple[Strategy, ...]
    workloads: tuple[Workload, ...]
    sources: str = ""  # the hash of what it was built from

    def strategy(self, name: str) -> Strategy:
        """The strategy of that name; a workload may only list known ones."""
        return next(strategy for strategy in self.strategies if strategy.name == name)


def _fields(kind: type, source: Mapping[str, Any]) -> dict[str, Any]:
    return {name: source[name] for name in kind.__dataclass_fields__}


def _point(source: Mapping[str, Any]) -> Point:
    excluded = {entry["strategy"]: entry["reason"] for entry in source.get("except", ())}
    return Point(**_fields(Point, {"latency": False, "littered": False, "gives_back": False, "needs_mib": 0, **source, "excluded": excluded,
                                   "unanswered": tuple(source.get("unanswered", ()))}))


def _workload(source: Mapping[str, Any]) -> Workload:
    plain = _fields(Workload, {"hash": "", "preset": "quick", "why": None} | source)
    plain["strategies"] = tuple(Entrant(**_fields(Entrant, entry)) for entry in source["strategies"])
    plain["points"] = tuple(map(_point, source["points"]))
    plain["why"] = plain["why"] and Why(**plain["why"])
    return Workload(**plain)


def parse(source: Mapping[str, Any]) -> Description:
    """The description held in a decoded JSON object."""
    if source.get("protocol") != PROTOCOL:
        raise UserError(f"poolmark-bench speaks protocol {source.get('protocol')}, this driver {PROTOCOL}: "
                        "build both from the same checkout")
    known = {entry["name"] for entry in source["strategies"]}
    unknown = {entry["name"] for workload in source["workloads"] for entry in workload["strategies"]} - known
    if unknown:
        raise UserError(f"poolmark-bench --describe lists unknown strategies: {', '.join(sorted(unknown))}; "
                        "add them to the catalog")
    return Description(
        build=source["build"],
        allocators=tuple(Allocator(**_fields(Allocator, {"preset": "quick", "settings": {}} | entry))
                         for entry in source["allocators"]),
        strategies=tuple(Strategy(**_fields(Strategy, entry)) for entry in source["strategies"]),
        workloads=tuple(_workload(entry) for entry in source["workloads"]),
        sources=source.get("sources", ""),
    )


def ask(bench: Path, seconds: float = 30) -> Description:
    """Runs the binary and parses what it says."""
    try:
        done = subprocess.run([bench, "--describe"], capture_output=True, text=True, timeout=seconds, check=False)
    except (OSError, subprocess.TimeoutExpired) as failure:
        raise UserError(f"{bench} --describe does not work ({failure}); build it again with scripts/poolmark setup"
                        ) from failure
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
        fix = "" if done.returncode == 2 else "; build it again with scripts/poolmark setup"  # 2: it says the fix itself
        raise UserError(f"{bench} --describe failed: {last}{fix}")
    try:
        return parse(json.loads(done.stdout))
    except (ValueError, KeyError, TypeError, AttributeError) as failure:
        raise UserError(f"{bench} --describe is out of protocol ({failure!r}); "
                        "build it again with scripts/poolmark setup") from failure
