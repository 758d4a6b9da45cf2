"""Slurm: the script of a campaign's array job, its submission, and what became of its tasks.

Which node runs what, when, and once more after a node's death is Slurm's affair. A task is one plain command, so that whatever
else can run a command with a number in it can take Slurm's place.
"""

import shlex
import shutil
import subprocess
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby
from math import ceil
from pathlib import Path

from suite.base.build import ROOT
from suite.base.errors import UserError
from suite.fleet.shares import CAMPAIGN, Plan, missing, read, whole, write
from suite.results import wording

SPARE, LEAST_SECONDS = 3, 600  # a node may be three times slower than ours; pages and a first start take their time too
PROBE_SECONDS = 10  # to get nodes for the probe; where all are busy, each task looks for itself
UNSEEN = 47  # what the probe ends with; no shell means anything by it
ALIVE = ("PENDING", "RUNNING", "COMPLETING", "CONFIGURING", "REQUEUED", "SUSPENDED")  # somebody is going to finish it
FORGOTTEN = "Invalid job id"  # some minutes after its end
AGAIN = "scripts/poolmark fleet submit --resume --out"
ELSEWHERE = "or run its shares without Slurm, docs/fleet.md says how"


def script(path: Path, plan: Plan, seconds: float, partition: str, exclusive: bool, limit: int | None, at_once: int | None) -> str:
    """The whole script. Tasks are not bound to CPUs: a share pins each contender itself, its driver needs another CPU."""
    minutes = limit or ceil((SPARE * seconds + LEAST_SECONDS) / 60)
    array = ranges(missing(path, plan)) + (f"%{at_once}" if at_once else "")
    options = [f"--job-name=poolmark-{plan.run.id}", f"--array={array}", "--nodes=1", "--ntasks=1", f"--time={minutes}", "--requeue",
               "--open-mode=append", f"--output={str(path).replace('%', '%%')}/log/%a.txt", f"--chdir={ROOT}"]
    options += [f"--partition={partition}"] if partition else []
    options += ["--exclusive", "--mem=0"] if exclusive else ["--cpus-per-task=2"]
    where = shlex.quote(str(path))
    unseen = f"{path} cannot be read on this node, so nothing was measured; use a folder on a file system that all nodes mount"
    return "\n".join(["#!/bin/sh", *(f"#SBATCH {shlex.quote(option)}" for option in options),
        f"test -r {where}/{CAMPAIGN} || {{ echo {shlex.quote(unseen)} >&2; exit 2; }}",
        f'exec {shlex.quote(str(ROOT / "scripts/poolmark"))} fleet share {where} "$SLURM_ARRAY_TASK_ID"', ""])


def ranges(numbers: Sequence[int]) -> str:
    """`0-3,7`, as --array takes it."""
    parts = [[number for _, number in run] for _, run in groupby(enumerate(numbers), lambda pair: pair[1] - pair[0])]
    return ",".join(str(part[0]) if len(part) == 1 else f"{part[0]}-{part[-1]}" for part in parts)


def _ask(*command: str, given: str | None = None) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(command, input=given or "", capture_output=True, text=True, check=False)
    except OSError:
        raise UserError(f"{command[0]} cannot be run here; submit from a node that has Slurm, {ELSEWHERE}") from None


def _said(done: subprocess.CompletedProcess[str]) -> str:
    return (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1].removeprefix(f"{done.args[0]}: error: ")


def check(partition: str) -> None:
    """Whether there is a Slurm that answers, and the partition."""
    if shutil.which("sbatch") is None:
        raise UserError(f"there is no Slurm here (no sbatch on the path); submit from a node that has it, {ELSEWHERE}")
    done = _ask("sinfo", "-h", "-o", "%R")
    if done.returncode:
        raise UserError(f"Slurm does not answer ({_said(done)}); see that its controller runs, {ELSEWHERE}")
    known = sorted(set(done.stdout.split()))
    if partition and partition not in known:
        raise UserError(f"there is no partition '{partition}'; there are: {', '.join(known)}")


def probe(path: Path, partition: str, nodes: int) -> str:
    """Refuses a folder that other nodes do not see, before anything is measured; a note where no node was free to be asked."""
    done = _ask("srun", "--quiet", f"--immediate={PROBE_SECONDS}", f"--nodes={nodes}", f"--ntasks={nodes}", "--time=1",
                "--chdir=/", *([f"--partition={partition}"] if partition else []),
                "sh", "-c", f"test -w {shlex.quote(str(path / CAMPAIGN))} || exit {UNSEEN}")
    if done.returncode == UNSEEN:
        raise UserError(f"not all of {nodes} nodes see {path}; choose one that all nodes mount with --out DIR")
    return (f"no {wording.count(nodes, 'node')} could be asked whether they see {path} ({_said(done)}); each share looks itself"
            if done.returncode else "")


def submit(path: Path, text: str) -> str:
    """Hands the script to Slurm, and keeps the number of the job."""
    done = _ask("sbatch", "--parsable", given=text)
    if done.returncode:
        raise UserError(f"sbatch refused the job ({_said(done)}); change that, and go on with: {AGAIN} {path}")
    job = done.stdout.strip().partition(";")[0]
    plan = read(path)
    write(path, replace(plan, jobs=(*plan.jobs, job)))
    return job


def tasks(plan: Plan) -> dict[int, tuple[str, str, str]] | None:
    """The state, the node and the time of each share that Slurm knows of: of its last job. None where there is no job or no answer."""
    found: dict[int, tuple[str, str, str]] = {}
    for job in plan.jobs:
        done = _ask("squeue", "-h", "-r", "-t", "all", "-j", job, "-o", "%K|%T|%N|%M") if shutil.which("squeue") else None
        if done is None or done.returncode and FORGOTTEN not in done.stderr:
            return None
        for line in done.stdout.splitlines() if not done.returncode else ():
            number, state, node, took = line.split("|")
            if number.isdigit():
                found[int(number)] = (state, node, took)
    return found if plan.jobs else None


def status(path: Path) -> int:
    """One line a share that is not whole, and what to do about those that nobody will finish."""
    plan = read(path)
    known, states, lines, lost = tasks(plan), Counter(), [], []
    unseen = "not whole" if known is None else "not queued"
    for number in range(len(plan.shares)):
        state, node, took = (known or {}).get(number, (unseen, "", ""))
        state = "whole" if whole(path, number) else state
        states[state.lower()] += 1
        if state != "whole":
            where = f" on {node}, {took}" if node else ""
            lines.append(f"  share {number:<4} {state.lower()}{where}{_last(path, number)}")
        if state not in ("whole", *ALIVE):
            lost.append(number)
    print(f"campaign {plan.run.id}, {plan.mode} {plan.run.preset}, {len(plan.shares)} shares: "
          + ", ".join(f"{count} {state}" for state, count in states.most_common()))
    print("\n".join(lines), end="\n" * bool(lines))
    if lost and known is None:
        print(f"not whole: {ranges(lost)}; run one with: scripts/poolmark fleet share {path} {lost[0]}")
    elif lost:
        print(f"nobody is going to finish {ranges(lost)}; what they measured is kept, go on with: {AGAIN} {path}")
    return 0


def _last(path: Path, number: int) -> str:
    """The last line that the share said, where it refused something."""
    try:
        said = (path / "log" / f"{number}.txt").read_text(encoding="utf-8", errors="replace").strip().splitlines()
    except OSError:
        return ""
    return f": {said[-1][:200]}" if said and said[-1].startswith("poolmark: ") else ""
