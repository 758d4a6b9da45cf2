"""A run from plan to results: measures group after group, keeps each as soon as it is finished, judges at the end."""

import os
import random
import threading
import time
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

from suite.analysis import cell_verdicts, run_quality
from suite.base import errors, redaction
from suite.base.errors import Interrupted, UserError
from suite.machine import environment, known_machine, run_counters
from suite.machine.calm import NAME as WITNESS, CalmestCpu
from suite.measure import extra_measurements, journal, launch
from suite.measure.group_run import GroupRun
from suite.measure.journal import Outcome, RunPlan
from suite.measure.launch import Launcher
from suite.plan import groups
from suite.plan.cells import CONTROLS, Group, Selection
from suite.plan.describe import Description
from suite.plan.presets import PRESETS
from suite.results import assemble, results_file
from suite.run.progress import Progress, Waiting


@dataclass(frozen=True)
class Ending:
    """How a run ended: the results, when there are any, and whether all was measured."""

    results: dict[str, Any] | None
    complete: bool


class Campaign:
    """One run. `bench` is the binary to measure; everything else stands in the plan."""

    def __init__(self, bench: Path, description: Description, plan: RunPlan, out: Path) -> None:
        self.bench, self.description, self.plan, self.out = bench, description, plan, out
        self.preset = PRESETS[plan.preset]
        self.selection = Selection(plan.workloads, plan.strategies, plan.allocators, plan.heaps)
        every = groups.make(description, self.selection, self.preset)
        self.groups = tuple(group for group in every if not plan.groups or group.name in plan.groups
                            or group.baseline.workload == CONTROLS)
        self.stop = threading.Event()
        self.running: set[GroupRun] = set()
        self.cpus = sorted(os.sched_getaffinity(0))
        self.ceilings: list = []
        self.calm: CalmestCpu | None = None
        self.known = known_machine.load()
        self.began = time.monotonic()

    def run(self, root: Path) -> Ending:
        """Measures what is not measured yet, writes results.json, and says whether it is whole."""
        self.began = started = time.monotonic()
        facts = environment.describe(self.description.build, bench=self.bench, root=root)  # before the run loads it
        before = run_counters.snapshot()
        outcomes = journal.read_outcomes(self.out)
        journal.refuse_unplanned(self.out, outcomes, self.groups)
        known = {outcome.group for outcome in outcomes}
        by_name = {outcome.group: outcome for outcome in outcomes}
        complete = True
        try:
            with errors.interruptible(self._interrupt):
                self._calm()
                self.ceilings = extra_measurements.measure_ceilings(self._launcher(self.calm.choose()), self.stop)
                self.began -= max((outcome.last_second() for outcome in outcomes), default=0.0)  # blocks go on in time
                self._passes(by_name)
        except Interrupted:
            complete = False
        finally:
            if self.calm:
                self.calm.close()
        outcomes = list(by_name.values())
        facts["during"] = run_counters.between(before, run_counters.snapshot())
        if not outcomes:
            return Ending(None, complete)
        commit, dirty = environment.commit(root)
        seconds = sum(outcome.seconds for outcome in outcomes) if known else time.monotonic() - started
        run = {"id": self.plan.id, "started": self.plan.started, "command": self.plan.command,
               "preset": self.plan.preset, "seed": self.plan.seed, "commit": commit, "dirty": dirty,
               "seconds": round(seconds, 1), "complete": complete}
        assembled = assemble.results(self.description, self.groups, outcomes, self.preset, run, facts,
                                     self.plan.cell_seconds, self._witness(outcomes), self.ceilings)
        assembled = redaction.clean(assembled)
        results_file.write(assembled, self.out)
        if complete:
            journal.finish(self.out)
        return Ending(assembled, complete)

    def _interrupt(self) -> None:
        self.stop.set()
        for run in list(self.running):
            run.abort()

    def _calm(self) -> None:
        """Begins to ask the CPUs."""
        self.calm = CalmestCpu(self.bench.with_name(WITNESS), self.cpus, self.known.levels.get("core"))

    def _witness(self, outcomes: Sequence[Outcome]) -> dict[str, Any]:
        """What the driver knows of the witnesses that the rounds do not hold; remembers the best levels for later runs."""
        pairs = [(group, outcome) for group in self.groups for outcome in outcomes if outcome.group == group.name]
        best = run_quality.conditions(pairs, self.known.levels).best
        if not self.preset.smoke and best.own:
            known_machine.keep(best.own, self.known)
        notes = [self.known.note] if self.known.note else []
        if len(self.cpus) == 1:
            notes.append("one CPU only: the driver runs beside the contenders, and there is no calmer CPU to go to")
        reference = {"cpu": self.known.cpu, "made": self.known.made, "levels": dict(self.known.levels)} if self.known.levels else None
        return {"reference": reference, "notes": notes, "moves": self.calm.moves, "waited_seconds": round(self.calm.waited, 1),
                "asked_seconds": round(self.calm.asked_seconds, 1)}

    def _passes(self, outcomes: dict[str, Outcome]) -> None:
        """Through all groups several times, so that a minute's weather meets a part of each cell only; after an interim
        analysis those with open cells go on."""
        with Progress(self.preset) as progress:
            for number in range(self.preset.passes):
                waiting = cell_verdicts.next_pass(self.groups, outcomes, self.preset, number, self.known.levels)
                if waiting:
                    self._shuffle(waiting, number)
                    progress.enter(waiting, number)
                    self._measure(waiting, progress, outcomes)

    def _shuffle(self, waiting: list[Waiting], number: int) -> None:
        """The controls first, the others in another order in each pass: no group has the same neighbours again."""
        if number:
            random.Random(f"{self.plan.seed}/pass/{number}").shuffle(waiting)
        waiting.sort(key=lambda each: each[0].baseline.workload != CONTROLS)

    def _measure(self, waiting: Sequence[Waiting], progress: Progress, outcomes: dict[str, Outcome]) -> None:
        def finish(group: Group, outcome: Outcome) -> None:
            if self.stop.is_set():
                raise Interrupted
            check_binary(self.plan, self.bench, self.out)  # a build in another terminal replaces it under us
            outcomes[group.name] = outcome  # first: who sees the journal may stop the run, and finds it in the results
            journal.append(self.out, outcome)
            progress.end(group, outcome)
        if self.preset.smoke and len(self.cpus) > 1:
            self._side_by_side([group for group, _ in waiting], progress, finish)
            return
        left = list(waiting)
        while left:
            group, names = left.pop(self._turn([group for group, _ in left]))
            progress.begin(group)
            finish(group, self._group(group, self.calm.cpu, outcomes.get(group.name), names))

    def _turn(self, left: Sequence[Group]) -> int:
        """Which group comes next: all CPUs are quiet less often than one of them, so groups of several threads come when they are,
        and wait for the others when they are not. The witnesses alone decide, never a time that was measured."""
        several = [number for number, group in enumerate(left) if group.baseline.threads > 1]
        if self.preset.smoke or left[0].baseline.workload == CONTROLS or not several or len(several) == len(left):
            return 0
        if self.calm.are_quiet(max(left[number].baseline.threads for number in several)):
            return several[0]
        return next(number for number in range(len(left)) if number not in several)

    def _side_by_side(self, waiting: Sequence[Group], progress: Progress,
                      finish: Callable[[Group, Outcome], None]) -> None:
        """Two groups at once, one on each CPU: good enough for a run that claims nothing about time."""
        free = list(self.cpus[-2:])

        def work(group: Group) -> Outcome:
            cpu = free.pop()
            try:
                return self._group(group, cpu)
            finally:
                free.append(cpu)
        with ThreadPoolExecutor(max_workers=len(free)) as pool:
            futures = {pool.submit(work, group): group for group in waiting}
            try:
                for future in as_completed(futures):
                    progress.begin(futures[future])
                    finish(futures[future], future.result())
            except BaseException:
                self._interrupt()
                pool.shutdown(wait=True, cancel_futures=True)
                raise

    def _launcher(self, cpu: int) -> Launcher:
        return Launcher(self.bench, self.preset, cpu, self.plan.cell_seconds)

    def _group(self, group: Group, cpu: int, known: Outcome | None = None,
               names: Collection[str] | None = None) -> Outcome:
        if self.stop.is_set():
            raise Interrupted
        choose = None if self.preset.smoke else partial(self.calm.choose, group.baseline.threads)
        run = GroupRun(self._launcher(cpu), group, self.plan.seed, self.stop, known, choose, self.began)
        self.running.add(run)
        try:
            return run.run(names)
        finally:
            self.running.discard(run)


@cache
def _hash_of(bench: Path, _stamp: tuple) -> str:
    return journal.sha256(*launch.programs(bench))


def _stamp(bench: Path) -> tuple:
    """What changes when a program is replaced: hashing its links takes as long as a dozen contenders do to start."""
    stats = [path.stat() for path in launch.programs(bench) if path.exists()]
    return tuple((stat.st_ino, stat.st_size, stat.st_mtime_ns) for stat in stats)


def check_binary(plan: RunPlan, bench: Path, out: Path) -> None:
    """A run measures one program from beginning to end, resumed or not."""
    if _hash_of(bench, _stamp(bench)) != plan.binary_sha256:
        raise UserError(f"poolmark-bench has changed since the run in {out} began; start a new run in another folder")
