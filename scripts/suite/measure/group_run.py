"""Measures one pass of a cell group: blocks of fresh processes, each of which proves equal work first."""

import random
import threading
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import Any

from suite.base.build import ROOT
from suite.base.errors import Interrupted
from suite.measure import extra_measurements, launch, rounds
from suite.measure.conductor import NAME as CONDUCTOR, Conductor
from suite.measure.contender import Contender, ContenderFailure
from suite.measure.extra_measurements import Asked
from suite.measure.journal import Outcome, Record
from suite.measure.launch import Launcher, Layout
from suite.plan.cells import DUPLICATE, Group

# A shared machine changes its speed within milliseconds, so rivals must run close to the baseline: a large group is
# split into blocks of the baseline and this many rivals, drawn anew for each block.
RIVALS_PER_BLOCK = 4


class BaselineFailure(Exception):
    """Without its baseline a group has nothing to be compared with."""


class GroupRun:
    """One group being measured. Chance depends on seed, group and pass alone, so a resumed run repeats it.

    `choose` says on which CPU the next block runs; `began` is when the run began, for the time that a block is stamped with.
    """

    def __init__(self, launcher: Launcher, group: Group, seed: int, stop: threading.Event | None = None,
                 known: Outcome | None = None, choose: Callable[[], int] | None = None, began: float | None = None) -> None:
        self.launcher, self.group, self.preset = launcher, group, launcher.preset
        self.choose, self.began = choose, time.monotonic() if began is None else began
        self.stop = stop or threading.Event()
        # A copy: a pass that is interrupted must leave what was known as it was.
        self.outcome = known.copy() if known else Outcome(group.name, {cell.id: Record() for cell in group.contenders},
                                        iterations=1 if launcher.preset.smoke else None, rounds=launcher.preset.rounds)
        self.chance = random.Random(f"{seed}/{group.name}/{self.outcome.passes}")
        self.cells = {cell.id: cell for cell in group.contenders}
        self.records = self.outcome.records
        self.baseline = group.baseline.id
        self.conductor = Conductor(launcher.bench.with_name(CONDUCTOR), launcher.cpu, launcher.seconds)
        self.alive: dict[str, Contender] = {}

    def run(self, names: Collection[str] | None = None) -> Outcome:
        """Measures the next pass of these rivals; of all of them in the first one, and their memory as well."""
        started = time.monotonic()
        try:
            if self.cells:
                self._pass(self.records if names is None else names)
        except BaselineFailure as failure:
            for record in self.records.values():
                record.fail(str(failure))
        finally:
            self._end_all()
        self.outcome.seconds += time.monotonic() - started
        return self.outcome

    def _pass(self, names: Collection[str]) -> None:
        first = self.outcome.passes == 0
        if first:
            self._calibrate()
        for process in range(*self.preset.span(self.outcome.passes, self.outcome.in_heats)):
            for members in self._blocks(names):
                self._block(process, members)
        self.outcome.passes += 1
        self.outcome.looks = sum(look.passes <= self.outcome.passes for look in self.preset.looks_of(self.outcome.in_heats))
        for name in (self.baseline, *names):
            self.records[name].looks, self.records[name].passes = self.outcome.looks, self.outcome.passes
        if first:
            self._passes()

    def _blocks(self, names: Collection[str]) -> list[list[str]]:
        """The contenders that are still in, by block; the baseline is in each of them."""
        rivals = [name for name in names if not self.records[name].failed and name != self.baseline]
        self.chance.shuffle(rivals)
        size = RIVALS_PER_BLOCK if self.outcome.in_heats else max(1, len(rivals))
        return [[self.baseline, *rivals[first:first + size]] for first in range(0, max(1, len(rivals)), size)]

    def _layouts(self, process: int, names: Collection[str]) -> dict[str, Layout]:
        """Rivals share a link order, which changes from process to process. Only the duplicate takes the next one: what
        sets it apart from its baseline is where the same code lies."""
        builds = len(launch.programs(self.launcher.bench))
        return {name: launch.draw(self.chance, (process + (self.cells[name].aa == DUPLICATE)) % builds)
                for name in names}

    def _block(self, process: int, names: list[str]) -> None:
        """One fresh process for each name, all rounds."""
        layouts = self._layouts(process, names)
        self._move()
        try:
            self._begin(names, layouts)
            found = self._rounds(process, {name: layouts[name] for name in self.alive})
            self._finish()
            for name in self.alive:
                self.records[name].samples.append(found[name])
        finally:
            self._end_all()

    def _move(self) -> None:
        """To the CPU that is the calmest now."""
        if self.choose:
            cpu = self.choose()
            self.launcher = replace(self.launcher, cpu=cpu)
            self.conductor.cpu = cpu

    def _rounds(self, process: int, layouts: Mapping[str, Layout]) -> dict[str, dict[str, Any]]:
        planned = rounds.draw_rounds(list(layouts), self.outcome.rounds, self.outcome.iterations, self.chance)
        before = rounds.stolen_ticks(self.launcher.cpu)
        answers = self.conductor.block(dict(self.alive), rounds.turns(planned))
        stolen = rounds.stolen(before, rounds.stolen_ticks(self.launcher.cpu)) and not self.preset.smoke
        for name, failure in answers.failures.items():
            self._try(name, lambda f=failure: _raise(f))
        if self.stop.is_set():
            raise Interrupted
        operations = {name: self.records[name].operations_per_iteration for name in layouts}
        block = rounds.Block(process, self.outcome.passes, self.launcher.cpu, time.monotonic() - self.began)
        found = rounds.samples(block, layouts, self.baseline, planned, answers.events, operations, self.preset.smoke)
        for sample in found.values() if stolen else ():
            sample["rejected"] = list(range(len(sample["ns_per_op"])))
        return found

    def _begin(self, names: Collection[str], layouts: Mapping[str, Layout]) -> None:
        """Starts the processes and waits until each has proved equal work."""
        for name in names:
            self._try(name, lambda n=name: self._start(n, layouts[n], len(names)))
        for name in list(self.alive):
            self._try(name, lambda n=name: self._check(n, self.alive[n].ready()))

    def _start(self, name: str, layout: Layout, in_turn: int) -> None:
        self.alive[name] = self.launcher.contender(self.cells[name], layout, in_turn)

    def _finish(self) -> None:
        for name in list(self.alive):
            self._try(name, self.alive[name].ask_to_quit)
        for name in list(self.alive):
            self._try(name, lambda n=name: self._collect(n))

    def abort(self) -> None:
        """Ends the children from another thread; the run then stops at its next step."""
        self.stop.set()
        self.conductor.abort()
        for contender in list(self.alive.values()):
            contender.signal_kill()

    def _end_all(self) -> None:
        for contender in self.alive.values():
            contender.kill()
        self.alive.clear()

    def _try(self, name: str, step: Callable[[], Any]) -> Any:
        """Runs a step of one contender; when it fails, the cell is out and the others go on."""
        if self.stop.is_set():
            raise Interrupted
        try:
            return step()
        except ContenderFailure as failure:
            self.records[name].fail(failure.reason, failure.notes)
            contender = self.alive.pop(name, None)
            if contender:
                contender.kill()
            if name == self.baseline:
                raise BaselineFailure(f"its baseline failed: {failure.reason}") from failure
            return None

    def _check(self, name: str, event: dict[str, Any]) -> None:
        """Equal work or no number: the digest must be that of the baseline, in every block."""
        record, cell = self.records[name], self.cells[name]
        first = record.digest is None
        record.operations_per_iteration = event["operations_per_iteration"]
        record.allocator = {key: value.removeprefix(f"{ROOT}/")  # our own library, wherever the checkout lies
                            for key, value in event.get("allocator", {}).items()}
        record.note(event.get("notes", []))
        self._told(record, event.get("facts", {}))
        got, baseline = event.get("digest"), self.records[self.baseline].digest
        if cell.role == "limit":
            return
        if got is None:
            raise ContenderFailure("no digest: only a limit row may go without one")
        if first:
            record.digest = got
        expected = baseline or got
        if got != expected:
            record.digest = got
            raise ContenderFailure(f"digest differs from the baseline: got {got}, baseline {expected}")

    @staticmethod
    def _told(record: Record, facts: dict[str, float]) -> None:
        """What a subject knows of its work is the same in every process, or it is none of the work's."""
        if record.digest is not None and facts != record.facts:
            raise ContenderFailure(f"its facts differ between processes: {facts}, before {record.facts}"[:300])
        record.facts = facts

    def _calibrate(self) -> None:
        """One process for each contender, to find the iteration count that all of them share."""
        if self.preset.smoke:
            return
        times = {}
        self._move()
        try:
            self._begin(list(self.cells), {name: launch.draw(self.chance) for name in self.cells})
            for name in list(self.alive):
                if self.cells[name].role != "limit":
                    times[name] = self._try(name, lambda n=name: rounds.iteration_ns(
                        self.alive[n], self.preset.shortest_epoch_ns))
            self._finish()
        finally:
            self._end_all()
        found = [value for value in times.values() if value is not None]
        iterations = rounds.shared_iterations(min(found), max(found), self.preset)
        self.outcome.iterations = iterations
        self.outcome.rounds = rounds.round_count(iterations, max(found), self.preset)
        self.outcome.in_heats = not rounds.is_long(iterations, max(found))

    def _passes(self) -> None:
        """What is asked beside time, after it."""
        asked = Asked(self.launcher, self.cells, self.records, self.chance, self.alive, self._try)
        if self.group.memory:
            extra_measurements.measure_memory(asked)
        if self.group.latency:
            extra_measurements.measure_latency(asked)

    def _collect(self, name: str) -> None:
        self.records[name].peak_rss_bytes.append(int(self.alive[name].done()["peak_rss_bytes"]))


def _raise(failure: Exception) -> None:
    raise failure
