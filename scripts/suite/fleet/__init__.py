"""`poolmark fleet`: one plan on many machines, handed to Slurm or run in place, and one answer for each kind of machine.

    submit ──► sbatch --array ──► share 0 .. N, each on a node ──► collect ──► a machine class a column
    local  ──► the same shares here, one after another ────────┘

Good for: `full` before tomorrow, and how much machines of one kind differ.
Bad for:  one number for machines of several kinds: there is none, and none is made.
"""

import argparse
import secrets
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from suite import verify
from suite.base import folder, redaction
from suite.base.build import ROOT
from suite.base.errors import UserError, writing
from suite.base.folder import write_whole
from suite.fleet import merge, page, shares, slurm
from suite.fleet.shares import Plan
from suite.measure import journal, launch
from suite.measure.journal import RunPlan
from suite.plan import binary, cells, describe
from suite.plan.presets import DEFAULT
from suite.results import runs
from suite.run.progress import duration

CELL_SECONDS = 60.0
EACH_NODE = 4  # shares of a divided plan: a node that dies loses little


def command(options: argparse.Namespace, typed: str, reconfigure: bool) -> int:
    """One of the parts."""
    if options.part == "share":
        return shares.share(options.campaign.absolute(), options.number)
    if options.part == "status":
        return slurm.status(options.campaign.absolute())
    if options.part == "collect":
        return collect(options.campaign.absolute())
    return _start(options, typed, reconfigure)


def _start(options: argparse.Namespace, typed: str, reconfigure: bool) -> int:
    """`submit` and `local`: a new campaign, or the rest of one."""
    out, here = options.out.absolute(), options.part == "local"
    if not here:
        slurm.check(options.partition)
    if options.resume:
        plan = shares.read(out)
        description = describe.ask(shares.program(out))
    else:
        folder.check_writable(out)
        bench = binary.ensure((), options.preset or DEFAULT, tuple(options.workload), tuple(options.strategy), reconfigure)
        description = describe.ask(bench)
        describe.refuse_unfit(description, ROOT)
        plan = shares.divided(description, _run(options, typed, bench), options.mode, _count(options))
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
    text = slurm.script(out, plan, seconds, options.partition, not options.no_exclusive, options.time)
    if options.dry_run:
        print(text, end="")
        return 0
    if not options.resume:
        shares.make(out, bench, plan)
    return _submit(out, plan, text, options, seconds)


def _submit(out: Path, plan: Plan, text: str, options: argparse.Namespace, seconds: float) -> int:
    if all(shares.whole(out, number) for number in range(len(plan.shares))):
        raise UserError(f"all shares of {out} are whole; merge them with: scripts/poolmark fleet collect {out}")
    waiting = [number for number, (state, *_) in slurm.tasks(plan).items() if state in ("PENDING", "RUNNING")]
    if waiting:
        raise UserError(f"shares {slurm.ranges(sorted(waiting))} of {out} are still queued; wait for them, or end them with: "
                        f"scancel {plan.jobs[-1]}")
    if note := slurm.probe(out, options.partition, min(options.nodes or 1, len(plan.shares))):
        print(f"note: {note}", file=sys.stderr)
    job = slurm.submit(out, text)
    print(f"job {job}: {_expected(plan, seconds)}; see scripts/poolmark fleet status {out}")
    return 0


def _expected(plan: Plan, seconds: float) -> str:
    return f"{len(plan.shares)} shares, each about {duration(seconds)} by the plan"


def _count(options: argparse.Namespace) -> int:
    nodes = options.nodes or 1
    return options.shares or (nodes if options.mode == shares.REPLICATE or options.part == "local" else EACH_NODE * nodes)


def _run(options: argparse.Namespace, typed: str, bench: Path) -> RunPlan:
    now = datetime.now(UTC)
    return RunPlan(
        id=f"{now:%Y%m%d-%H%M%S}-{secrets.token_hex(4)}", started=f"{now:%Y-%m-%dT%H:%M:%SZ}",
        command=redaction.clean(typed),
        preset=options.preset or DEFAULT, seed=secrets.randbelow(2**32) if options.seed is None else options.seed,
        workloads=tuple(options.workload), strategies=tuple(options.strategy),
        allocators=cells.split_allocators(options.allocator), cell_seconds=options.cell_seconds or CELL_SECONDS,
        binary_sha256=journal.sha256(*launch.programs(bench)))


def collect(path: Path) -> int:
    """Merges what is there, also before the end; 2 when something that is there does not belong."""
    plan = shares.read(path)
    accepted, refused = merge.gather(path, plan)
    print("".join(f"not merged: {line}\n" for line in refused), end="", file=sys.stderr)
    if not accepted:
        raise UserError(f"no share of {path} is whole yet; see scripts/poolmark fleet status {path}")
    folder.check_writable(path)
    found = merge.write(path, plan, accepted, refused)
    with writing(path / page.PAGE, merge.SPACE):
        write_whole(path / page.PAGE, page.render(plan, accepted, refused, found))
    for name, members in merge.by_class(accepted).items():
        print(f"{name}: {len(members)} shares of {len(merge.nodes(members))} nodes, {len(found[name]['cells'])} cells")
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


def verify_campaign(path: Path, with_pages: bool) -> int:
    """Each share from its rounds, each class from its shares, the page from the classes; 1 when something differs."""
    plan, members, refused, stored = merge.collected(path)
    if found := list(merge.check(plan, members, stored)):
        return verify.differs(found)
    print(f"ok  {len(stored)} classes of {len(members)} shares, recomputed from their rounds")
    for line in refused:
        print(f"--  not merged: {line}")
    if with_pages and (path / page.PAGE).read_text(encoding="utf-8") != page.render(plan, members, refused, stored):
        return verify.differs([f"{page.PAGE} is not what these results make; make it with: scripts/poolmark fleet collect"])
    print(f"verified: campaign {plan.run.id}, " + ", ".join(f"{name} hash {runs.run_hash(one)}" for name, one in stored.items()))
    return 0
