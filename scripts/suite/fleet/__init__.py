"""`poolmark fleet`: one plan on many machines, handed to Slurm or run in place, and one answer for each kind of machine.

    submit ──► sbatch --array ──► share 0 .. N, each on a node ──► collect ──► a machine class a column
    local  ──► the same shares here, one after another ────────┘

Good for: `full` before tomorrow, and how much machines of one kind differ.
Bad for:  one number for machines of several kinds: there is none, and none is made.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from suite import verify
from suite.analysis.statistics import FEWEST_NODES
from suite.base import folder, redaction
from suite.base.build import ROOT
from suite.base.errors import UserError, writing
from suite.base.folder import write_whole
from suite.fleet import merge, page, shares, slurm
from suite.fleet.shares import Plan
from suite.measure import journal, launch
from suite.plan import binary, cells, describe, sources
from suite.plan.presets import CONFIDENCE, DEFAULT
from suite.results import runs, wording
from suite.run.progress import duration
from suite.verify import differences, rebuild

ENOUGH_NODES = 10  # a group of 25 comparisons may hold together
SUMMED = ("cells", "missing", "digests", "quality", "reasons", "seconds", "class")
EACH_NODE = 4  # shares of a divided plan: a node that dies loses little


def command(options: argparse.Namespace, typed: str, reconfigure: bool) -> int:
    """One of the parts."""
    if options.part == "share":
        return shares.share(options.campaign.absolute(), options.number)
    if options.part in ("status", "collect"):
        return (slurm.status if options.part == "status" else collect)(options.campaign.absolute())
    return _start(options, typed, reconfigure)


def _start(options: argparse.Namespace, typed: str, reconfigure: bool) -> int:
    """`submit` and `local`: a new campaign, or the rest of one."""
    out, here = options.out.absolute(), options.part == "local"
    if not here:
        slurm.check(options.partition)
    if options.resume:
        plan = shares.read(out)
        shares.same_version(out, plan)
        _refuse_others(options, plan, out)
        description = describe.ask(shares.program(out))
    else:
        folder.check_writable(out)
        bench = binary.ensure((), options.preset or DEFAULT, tuple(options.workload), tuple(options.strategy), reconfigure)
        description = describe.ask(bench)
        sources.refuse_unfit(description, ROOT)
        run = journal.new_plan(options, redaction.clean(typed), datetime.now(UTC), launch.programs(bench))
        plan = shares.divided(description, run, options.mode or shares.SPLIT, _count(options))
        _note_few(plan, options.nodes or len(plan.shares))
    seconds = shares.seconds(plan, description)
    if here:
        if not options.resume:
            shares.make(out, bench, plan)
        print(_expected(plan, seconds), file=sys.stderr)
        if options.prepare:
            return 0
        for number in range(len(plan.shares)):
            if code := shares.share(out, number):
                return code
        return collect(out)
    text = slurm.script(out, plan, seconds, options.partition, not options.no_exclusive, options.time, options.nodes)
    if options.dry_run:
        print(text, end="")
        return 0
    if not options.resume:
        shares.make(out, bench, plan)
    return _submit(out, plan, text, options, seconds)


def _submit(out: Path, plan: Plan, text: str, options: argparse.Namespace, seconds: float) -> int:
    if not shares.missing(out, plan):
        raise UserError(f"all shares of {out} are whole; merge them with: scripts/poolmark fleet collect {out}")
    waiting = [number for number, (state, *_) in (slurm.tasks(plan) or {}).items() if state in slurm.ALIVE]
    if waiting:
        raise UserError(f"shares {slurm.ranges(sorted(waiting))} of {out} are still queued; wait for them, or end them with: "
                        f"scancel {plan.jobs[-1]}")
    if note := slurm.probe(out, options.partition, min(options.nodes or 1, len(plan.shares))):
        print(f"note: {note}", file=sys.stderr)
    job = slurm.submit(out, text)
    print(f"job {job}: {_expected(plan, seconds)}; see scripts/poolmark fleet status {out}")
    return 0


def _refuse_others(options: argparse.Namespace, plan: Plan, out: Path) -> None:
    """A campaign goes on as it was begun; what is typed beside --resume may only say the same."""
    run = plan.run
    for name, kept in (("preset", run.preset), ("seed", run.seed), ("mode", plan.mode), ("workload", run.workloads), ("strategy", run.strategies),
                       ("cell_seconds", run.cell_seconds), ("allocator", run.allocators), ("shares", len(plan.shares))):
        asked = getattr(options, name)
        asked = cells.split_allocators(asked) if name == "allocator" else tuple(asked) if isinstance(asked, list) else asked
        if asked not in (None, (), kept):
            raise UserError(f"the campaign in {out} was begun with another --{name.replace('_', '-')} ({runs.plain(kept, 60)}); leave it away beside "
                            "--resume, or begin another campaign with another --out")


def _note_few(plan: Plan, nodes: int) -> None:
    """Of so few nodes that few intervals over them hold together, how many do."""
    if plan.mode == shares.REPLICATE and FEWEST_NODES <= nodes < ENOUGH_NODES:
        hold, more = (int((1 - CONFIDENCE) / (2 / 2**each)) for each in (nodes, ENOUGH_NODES))
        print(f"note: with {nodes} nodes a cell is FASTER or SLOWER only in a group of at most {wording.count(hold, 'comparison')} (Holm's "
              f"correction); with {ENOUGH_NODES}, of {more}", file=sys.stderr)


def _expected(plan: Plan, seconds: float) -> str:
    return f"{len(plan.shares)} shares, each about {duration(seconds)} by the plan"


def _count(options: argparse.Namespace) -> int:
    nodes = options.nodes or 1
    return options.shares or (nodes if options.mode == shares.REPLICATE or options.part == "local" else EACH_NODE * nodes)


def collect(path: Path) -> int:
    """Merges what is there, also before the end; 2 when something that is there does not belong."""
    plan = shares.read(path)
    accepted, refused = merge.gather(path, plan)
    print("".join(f"not merged: {line}\n" for line in refused), end="", file=sys.stderr)
    if not accepted:
        raise UserError(f"none of the {wording.count(len(refused), 'share')} that {path} has can be merged" if refused else
                        f"no share of {path} is whole yet; see scripts/poolmark fleet status {path}")
    refused = [line.replace(f"{path}/", "").replace(str(path), "CAMPAIGN") for line in refused]  # pages travel
    folder.check_writable(path)
    found = merge.write(path, plan, accepted, refused)
    with writing(path / page.PAGE, merge.SPACE):
        write_whole(path / page.PAGE, page.render(plan, accepted, refused, found))
    for name, members in merge.by_class(accepted).items():
        print(f"{name}: {wording.count(len(members), 'share')} of {wording.count(len(merge.nodes(members)), 'node')}, "
              f"{wording.count(len(found[name]['cells']), 'cell')}")
    if merge.parted(plan, found):
        print(f"note: the plan was divided over {len(found)} classes of machines, so each has a part of it; measure on machines of one class, "
              "or replicate the plan", file=sys.stderr)
    left = len(plan.shares) - len(accepted)
    print(f"{len(accepted)} of {len(plan.shares)} shares merged" + (f", {left} not there yet or not merged" if left else ""))
    print(path / page.PAGE)
    return 2 if refused else 0


def runs_of(first: Path, *others: Path) -> list[tuple[str, list[Path]]]:
    """The runs that a command is given, campaigns as one run a class: what they have in common."""
    every: Sequence[dict[str, Path]] = [merge.folders(path) for path in (first, *others)]
    if any("" in one for one in every):
        lone = [one for one in every if len(one) > 1]
        if lone:
            raise UserError(f"a campaign of {len(lone[0])} classes has no one run to compare; name the folder of a class, e.g. "
                            f"{next(iter(lone[0].values()))}")
        return [("", [next(iter(one.values())) for one in every])]
    shared = [name for name in every[0] if all(name in one for one in every)]
    if not shared:
        raise UserError("the campaigns have no machine class in common; name the folders of two classes, and add --force")
    return [(name, [one[name] for one in every]) for name in shared]


def _check(plan: Plan, members: Sequence[merge.Share], stored: dict[str, Any]) -> Iterator[str]:
    """One line for each number that the rounds of the shares, or the shares themselves, do not make."""
    for share in members:
        if not share.simulated:
            measured = runs.load(share.folder)
            found = verify.check_numbers(measured, rebuild.read(share.folder, measured["run"]["commit"]), share.folder)
            yield from (f"share {share.number}: {line}" for line in found)
            again = shares.summary(plan, share.number, measured, {})
            told = share.told | {"class": {name: fact for name, fact in share.told["class"].items() if not name.startswith("heap ")}}
            yield from (f"share {share.number}: {shares.SUMMARY} has another {key} than its results make" for key in SUMMED
                        if again[key] != told[key])
    for name, mine in merge.by_class(members).items():
        again, _ = merge.results(plan, mine, len(members))
        yield from (f"class {name}: {line}" for line in differences.differences(stored[name], again))


def verify_campaign(path: Path, with_pages: bool) -> int:
    """Each share from its rounds, each class from its shares, the page from the classes; 1 when something differs."""
    plan, members, refused, stored = merge.collected(path)
    if found := list(_check(plan, members, stored)):
        return verify.differs(found)
    print(f"ok  {len(stored)} classes of {len(members)} shares, recomputed from their rounds")
    for line in refused:
        print(f"--  not merged: {line}")
    if with_pages and (path / page.PAGE).read_text(encoding="utf-8") != page.render(plan, members, refused, stored):
        return verify.differs([f"{page.PAGE} is not what these results make; make it with: scripts/poolmark fleet collect"])
    print(f"verified: campaign {plan.run.id}, " + ", ".join(f"{name} hash {runs.run_hash(one)}" for name, one in stored.items()))
    return 0
