"""The `run` command: settles where the results go and what is measured, runs the campaign, makes the pages, sums up."""

import argparse
import os
import platform
import re
import shlex
import sys
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from suite.base import build, errors, folder, packages, streams
from suite.base.errors import UserError
from suite.measure import journal, launch
from suite.measure.journal import RunPlan
from suite.machine import kinds
from suite.plan import binary, cells, describe, groups, own, sources
from suite.plan.presets import DEFAULT
from suite.run.campaign import Campaign, Ending, check_binary
from suite.run.progress import duration

LOCAL = build.ROOT / "reports/local"
LATEST = LOCAL / "latest"


def command(options: argparse.Namespace, typed: str) -> int:
    """Bad use is refused before anything is installed, built or measured, as far as it can be told by then."""
    cells.split_allocators(options.allocator)
    own.headers(options.own)
    for what in own.BROUGHT:
        own.bring(what, getattr(options, what) or "")
    now = datetime.now(UTC)
    out = _folder(options, now)
    old = _resumable(options, out) if options.resume else None
    folder.check_writable(out)
    if not old and out.exists():
        with folder.lock(out):  # a folder in use is told from one that an interrupted run left
            journal.refuse_used(out)
    folder.refuse_foreign(out)
    with ExitStack() as held:
        if old:
            held.enter_context(folder.lock(out))
            old = _resumable(options, out)  # another run may have ended between the two
        return _measure(options, typed, out, old, now, held)


def _measure(options: argparse.Namespace, typed: str, out: Path, old: RunPlan | None, now: datetime,
             held: ExitStack) -> int:
    types = old.own if old else own.headers(options.own)
    brought = {what: own.bring(what, getattr(old or options, what) or "") for what in own.BROUGHT}
    asked = ((old.preset, old.workloads, old.strategies) if old else
             (options.preset or DEFAULT, tuple(options.workload), tuple(options.strategy)))
    bench = _binary(types, *asked)
    description = sources.stamped(describe.ask(bench), build.ROOT)
    if types:
        own.refuse_empty(description, types)
    sources.refuse_unfit(description, build.ROOT)
    if old:
        check_binary(old, bench, out)
    run_plan = old or journal.new_plan(options, typed, now, launch.programs(bench), own=types, **brought)
    for line in filter(None, [kinds.keep_to_one()]):
        print(f"note: {line}", file=sys.stderr)
    campaign = Campaign(bench, description, run_plan, out)  # refuses what the description does not know
    for line in groups.notes(description, campaign.selection, campaign.preset, campaign.groups):
        print(f"note: {line}", file=sys.stderr)
    if old:
        print(f"resuming the run in {out} with its seed, {old.seed}", file=sys.stderr)
    else:
        _begin(out, run_plan, held)
    if not options.out and not options.resume:
        _point_latest(out)
    with errors.restored():
        return _finish(campaign.run(build.ROOT), out)


def _begin(out: Path, run_plan: RunPlan, held: ExitStack) -> None:
    """Takes the folder, late, so that a run that is refused leaves none behind."""
    out.mkdir(parents=True, exist_ok=True)
    held.enter_context(folder.lock(out))
    journal.refuse_used(out)
    journal.start(out, run_plan)


def _binary(types: tuple[str, ...], preset: str, workloads: tuple[str, ...], strategies: tuple[str, ...]) -> Path:
    installed = packages.ensure(packages.TO_MEASURE)
    words = sys.argv[1:]
    packages.restart_on_system_python(words)
    return binary.ensure(types, preset, workloads, strategies, installed)


def _folder(options: argparse.Namespace, now: datetime) -> Path:
    if options.out:
        return options.out.absolute()
    if options.resume:
        if not LATEST.exists():
            raise UserError(f"there is no run to resume in {LOCAL}; name its folder with --out DIR")
        return LATEST.resolve()
    host = re.sub(r"[^A-Za-z0-9.-]+", "-", platform.node()).strip("-.") or "host"
    return LOCAL / f"{now:%Y%m%d-%H%M%S}-{host}"


def _resumable(options: argparse.Namespace, out: Path) -> RunPlan:
    """The recorded plan; an option that contradicts it is refused rather than ignored."""
    old = journal.read_plan(out)
    asked = {"preset": options.preset, "seed": options.seed, "workloads": tuple(options.workload) or None,
             "strategies": tuple(options.strategy) or None, "cell_seconds": options.cell_seconds,
             "allocators": cells.split_allocators(options.allocator) or None, "own": own.headers(options.own) or None,
             **{what: path and str(Path(path).resolve()) for what in own.BROUGHT for path in [getattr(options, what)]}}
    for name, value in asked.items():
        if value is not None and value != getattr(old, name):
            raise UserError(f"the run in {out} has {name} {getattr(old, name)!r}; "
                            "leave that option out to resume it, or start a new run")
    return old


def _point_latest(out: Path) -> None:
    """Moves the link in one step, so that it always points at a run. Without it the run is no worse."""
    fresh = LOCAL / f".latest-{os.getpid()}"
    try:
        fresh.symlink_to(out.name)
        os.replace(fresh, LATEST)
    except OSError:
        fresh.unlink(missing_ok=True)


def _finish(ending: Ending, out: Path) -> int:
    """Pages, summary, exit code."""
    if ending.results:
        from suite import claims, report
        from suite.claims import section
        try:
            report.write(ending.results, out, section.beside(out, ending.results))
        except UserError as failure:
            raise UserError(f"the results are kept, but not their pages: {failure}; make them with: scripts/poolmark report "
                            f"{shlex.quote(str(out / journal.RESULTS))}") from None
        try:
            _summary(ending.results, out, report)
        except BrokenPipeError:  # nobody reads the summary; the exit code is still owed
            streams.discard(sys.stdout)
        if ending.complete and ending.results["run"]["preset"] == "full":
            if claims.beside(out):
                report.write(ending.results, out, section.beside(out, ending.results))  # once more, now with what the articles say
    if not ending.complete:
        kept = f"kept what was measured in {out}" if ending.results else "nothing was measured yet"
        print(f"interrupted: {kept}; continue with: scripts/poolmark run --resume --out {shlex.quote(str(out))}",
              file=sys.stderr)
        return 130
    return exit_code(ending.results)


def exit_code(measured: dict[str, Any]) -> int:
    """1 when a cell failed, 3 when the run is INVALID, else 0."""
    if any(cell["verdict"] == "FAILED" for cell in measured["cells"]):
        return 1
    return 3 if measured["calibration"]["quality"] == "INVALID" else 0


def _processes(protocol: dict[str, Any]) -> str:
    """`10 to 27 processes`: cells that are settled leave early."""
    counts = [look["processes"] for look in (*protocol["looks"], *protocol["long_looks"])]
    least, most = min(counts), max(counts)
    return f"{least} process{'es' if least > 1 else ''}" if least == most else f"{least} to {most} processes"


def _summary(measured: dict[str, Any], out: Path, report: Any) -> None:
    from suite.results import model
    for line in report.summary(measured):
        print(line)
    print(f"\n{len(measured['cells'])} cells, {_processes(measured['protocol'])} per contender, "
          f"{duration(measured['run']['seconds'])}, seed {measured['run']['seed']}")
    failed = [cell for cell in measured["cells"] if cell["verdict"] == "FAILED"]
    for cell in failed:
        print(f"FAILED {model.clean(cell['id'])}: {model.clean(cell['reason'])}")
    print(out / "report.html")
