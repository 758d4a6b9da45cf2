"""The folder of a campaign, and one share of it: a run of some of the plan's cell groups, on whichever node it is given.

    campaign.json   the plan, its shares, the program by its hash and the suite by its version
    program/        the program itself, carried, so that a build in the checkout changes nothing
    running/0017-X  a share under way on node X: a run's folder, taken up again on the same node only, for a run is of one machine
    shares/0017     the same folder once it is whole. The move is one step: who comes second finds the place taken
    classes/CLASS   what `collect` makes of them, a run's folder too

Good for: shares that are started twice, killed, or moved to another node: none counts half, none counts twice.
Bad for:  results that must not leave their node before the run has ended: all of it lives on the shared file system.
"""

import hashlib
import json
import os
import platform
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import NormalDist
from typing import Any

from suite import report
from suite.analysis import cell as cells
from suite.analysis.regimes import BUSY, QUIET, SHARED, UNKNOWN
from suite.base import folder as folders
from suite.base.build import ROOT
from suite.base.errors import UserError, writing
from suite.base.folder import CHARTS, write_whole
from suite.compare import identity
from suite.machine.calm import NAME as WITNESS
from suite.measure import journal, launch
from suite.measure.conductor import NAME as CONDUCTOR
from suite.measure.journal import RESULTS, ROUNDS, RunPlan
from suite.plan import describe, groups, sources
from suite.plan.cells import CONTROLS, Group, Selection
from suite.plan.describe import Description
from suite.plan.presets import CONFIDENCE, PRESETS, Preset
from suite.results import results_file
from suite.run.campaign import Campaign
from suite.run.progress import weight

CAMPAIGN, SUMMARY, PROGRAM, SHARES, RUNNING = "campaign.json", "share.json", "program", "shares", "running"
SPLIT, REPLICATE = "split", "replicate"
SECONDS, SMOKE_SECONDS = 0.04, 0.25  # of a process of a plan, as committed runs took; one of smoke is mostly its start
NORMAL, REGIMES = NormalDist(), (SHARED, QUIET, BUSY, UNKNOWN)
Json = dict[str, Any]


@dataclass(frozen=True)
class Plan:
    """What all shares of a campaign have in common, and the groups of each."""

    mode: str
    run: RunPlan
    shares: tuple[tuple[str, ...], ...]
    version: str  # of the suite
    jobs: tuple[str, ...] = ()  # of Slurm

    @property
    def made_up(self) -> bool:
        """By the simulator of `validate`: there is no program."""
        return not self.run.binary_sha256

    def of_share(self, number: int) -> RunPlan:
        """As an ordinary run. Replicated plans differ in their seed, so that no layout is the same on all nodes."""
        seed = self.run.seed + (number if self.mode == REPLICATE else 0)
        return replace(self.run, id=f"{self.run.id}-{number:04d}", seed=seed, groups=self.shares[number])


def version() -> str:
    """A hash of the suite: shares of two versions are not one campaign."""
    digest = hashlib.sha256()
    for path in sorted((ROOT / "scripts/suite").rglob("*.py")):
        digest.update(path.relative_to(ROOT).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()[:12]


def has(path: Path) -> bool:
    """Whether a path is the folder of a campaign."""
    return (path / CAMPAIGN).is_file()


def read(path: Path) -> Plan:
    """The plan of a campaign."""
    if not path.is_dir() or not has(path):
        raise UserError(f"{path} is no folder of a campaign on this machine; name the one that fleet submit or fleet local made, "
                        "and see that this node mounts its file system")
    try:
        source = json.loads((path / CAMPAIGN).read_text(encoding="utf-8"))
        run = {key: tuple(value) if isinstance(value, list) else value for key, value in source["run"].items()}
        plan = Plan(source["mode"], RunPlan(**run), tuple(tuple(share) for share in source["shares"]), source["version"], tuple(source["jobs"]))
        if plan.mode not in (SPLIT, REPLICATE) or plan.run.preset not in PRESETS or not plan.shares:
            raise ValueError(plan.mode)
        return plan
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        raise UserError(f"{path / CAMPAIGN} cannot be read as a plan; copy it again, or submit with another --out") from None


def same_version(path: Path, plan: Plan) -> None:
    """Refuses a suite that is not the one that made the campaign."""
    if plan.version != version():
        raise UserError(f"this version of the suite is {version()}, the campaign in {path} was made by {plan.version}; work "
                        "from the checkout that submitted it, as it was then")


def write(path: Path, plan: Plan) -> None:
    """Records it, whole or not at all."""
    with writing(path / CAMPAIGN, "choose another folder with --out DIR"):
        write_whole(path / CAMPAIGN, json.dumps(asdict(plan), indent=1) + "\n")


def divided(description: Description, run: RunPlan, mode: str, count: int) -> Plan:
    """The plan in shares."""
    preset = PRESETS[run.preset]
    every = groups.make(description, Selection(run.workloads, run.strategies, run.allocators, run.heaps), preset)
    if mode == REPLICATE and preset.smoke:
        raise UserError("a smoke run claims nothing, so there is nothing to replicate; use --preset quick, or --mode split")
    shares = ((),) * count if mode == REPLICATE else divide(every, preset, count)
    return Plan(mode, run, tuple(shares), version())


def make(path: Path, bench: Path, plan: Plan) -> None:
    """The folder of a new campaign; the program is carried in it."""
    if path.exists() and any(path.iterdir()):
        raise UserError(f"{path} is not empty; choose another folder with --out DIR" + (
            ", or add --resume to go on with the campaign there" if has(path) else ""))
    try:
        with writing(path, "choose another folder with --out DIR"):
            for name in (PROGRAM, SHARES, RUNNING, "log"):
                (path / name).mkdir(parents=True)
            for program in {*launch.programs(bench), bench.with_name(CONDUCTOR), bench.with_name(WITNESS)}:
                shutil.copy2(program, path / PROGRAM / program.name)
        write(path, plan)  # last: a folder that has it is whole
    except UserError:
        shutil.rmtree(path, ignore_errors=True)  # it was empty
        raise


def divide(every: Sequence[Group], preset: Preset, count: int) -> list[tuple[str, ...]]:
    """Whole groups, the longest first, each to the share that has least to do. Every share measures the controls as well."""
    waiting = [group for group in every if group.baseline.workload != CONTROLS]
    if count > len(waiting):
        raise UserError(f"the plan has {len(waiting)} cell groups, which are never divided; use at most --shares {len(waiting)}")
    loads: list[list[Any]] = [[0.0, number, []] for number in range(count)]
    for group in sorted(waiting, key=lambda one: -_cost(one, preset)):
        least = min(loads)
        least[0] += _cost(group, preset)
        least[2].append(group.name)
    return [tuple(names) for _, _, names in sorted(loads, key=lambda load: load[1])]


def _cost(group: Group, preset: Preset) -> float:
    """In processes, over all passes."""
    return sum(weight((group, None), preset, number) for number in range(preset.passes))


def seconds(plan: Plan, description: Description) -> float:
    """How long the longest share is expected to take."""
    preset = PRESETS[plan.run.preset]
    every = groups.make(description, Selection(plan.run.workloads, plan.run.strategies, plan.run.allocators, plan.run.heaps), preset)
    costs = {group.name: _cost(group, preset) for group in every}
    controls = sum(cost for name, cost in costs.items() if name.startswith(f"{CONTROLS}/"))
    longest = max(sum(costs.get(name, 0) for name in share) if share else sum(costs.values()) for share in plan.shares)
    return (longest + controls) * (SMOKE_SECONDS if preset.smoke else SECONDS)


def program(path: Path) -> Path:
    """The program that the folder carries."""
    bench = path / PROGRAM / "poolmark-bench"
    return bench if bench.exists() else bench.with_name("poolmark-bench-all")


def node(plan: Plan) -> str:
    """This node as a number that names nobody and is the same for all shares of the campaign."""
    name = os.environ.get("SLURMD_NODENAME") or platform.node()
    return hashlib.sha256(f"{plan.run.id}/{name}".encode()).hexdigest()[:8]


def whole(path: Path, number: int) -> bool:
    """Whether a share is done."""
    return (path / SHARES / f"{number:04d}" / SUMMARY).is_file()


def missing(path: Path, plan: Plan) -> list[int]:
    """The shares that are not done."""
    return [number for number in range(len(plan.shares)) if not whole(path, number)]


def share(path: Path, number: int) -> int:
    """Runs a share on this node, or goes on with it; 130 when it was interrupted."""
    plan = read(path)
    if number not in range(len(plan.shares)):
        raise UserError(f"{path} has the shares 0 to {len(plan.shares) - 1}, and no {number}; name one of them")
    same_version(path, plan)
    target = path / SHARES / f"{number:04d}"
    if whole(path, number):
        print(f"share {number} is whole already")
        return 0
    work = path / RUNNING / f"{number:04d}-{node(plan)}"
    with writing(work, f"free some space, then run it again: scripts/poolmark fleet share {path} {number}"):
        work.mkdir(exist_ok=True)
        with folders.lock(work):
            if not _measured(path, work, plan, number):
                return 130
        try:
            os.rename(work, target)
        except OSError:
            if not whole(path, number):
                raise
            print(f"share {number} was finished elsewhere meanwhile; this copy stays in {work} and does not count")
    return 0


def _measured(path: Path, work: Path, plan: Plan, number: int) -> bool:
    """Measures what is missing; whether the share is whole then."""
    run, bench = plan.of_share(number), program(path)
    if journal.sha256(*launch.programs(bench)) != run.binary_sha256:
        raise UserError(f"{path / PROGRAM} holds another program than the campaign was made with; copy it again, or submit anew")
    try:
        description = sources.stamped(describe.ask(bench), ROOT)
    except UserError as failure:
        raise UserError(f"the program that {path} carries does not start on this node ({str(failure).partition('; build it')[0]}); install "
                        "the libraries that it was built with, by running there: scripts/poolmark setup") from None
    if journal.is_complete(work):
        measured = results_file.load(work / RESULTS)
    else:
        if not (work / journal.PLAN).exists():
            journal.start(work, run)
        elif replace(journal.read_plan(work), command=run.command) != run:  # it was cleaned of names that only this node knows
            raise UserError(f"{work} holds another plan than the campaign's; remove it and run the share again")
        ending = Campaign(bench, description, run, work).run(ROOT)
        if not ending.complete or not ending.results:
            return False
        measured = ending.results
    shutil.rmtree(work / CHARTS, ignore_errors=True)  # of an attempt that ended between two pages
    report.build(measured, work, png=False)
    told = summary(plan, number, measured, heaps(description))
    told["files"] = {name: journal.sha256(work / name) for name in (RESULTS, ROUNDS)}
    write_whole(work / SUMMARY, json.dumps(told) + "\n")
    return True


def heaps(description: Description) -> dict[str, str]:
    """Each heap as this node has it: a library of the same name may be another one elsewhere."""
    def of(name: str, library: str) -> str:
        file = Path(library)
        return f"{file.name} {journal.sha256(file)[:8]}" if library and file.is_file() else library or name
    return {one.name: of(one.name, one.library) if one.available else "not there" for one in description.allocators}


def summary(plan: Plan, number: int, measured: Json, libraries: Mapping[str, str]) -> Json:
    """What `collect` needs of a share, small enough for a thousand of them: each cell's ratio, nanoseconds, regime, and the standard
    error of the logarithm of the ratio, at least; or why it has none."""
    found, missing = {}, {}
    for one in cells.every(measured):
        if one.median is None or one.ratio is None or not (one.is_baseline or one.said_citable or PRESETS[plan.run.preset].smoke):
            missing[one.id] = f"{one.verdict}: {one.reason}"[:200]
            continue
        wide = one.ratio.has_interval and not one.is_baseline
        error = one.ratio.half_width / NORMAL.inv_cdf((1 + (one.confidence or CONFIDENCE)) / 2) if wide else 0.0
        regime = REGIMES.index(one.regime if one.regime in REGIMES else UNKNOWN)
        found[one.id] = [one.ratio.estimate, one.median.estimate, regime, float(f"{error:.3g}")]
    return {"schema": 1, "campaign": plan.run.id, "share": number, "version": plan.version, "program": plan.run.binary_sha256,
            "node": node(plan), "class": identity.machine_class(measured, libraries), "simulated": False,
            "seconds": measured["run"]["seconds"], "quality": measured["calibration"]["quality"],
            "reasons": measured["calibration"]["reasons"], "files": {},
            "cells": found, "missing": missing, "digests": {one["id"]: one["digest"] for one in measured["cells"] if one.get("digest")}}
