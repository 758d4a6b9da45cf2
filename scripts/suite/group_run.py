"""Measures one cell group: blocks of fresh processes, all alive at once, the token passed from one to the next."""

import random
import threading
import time
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from suite import calibration, launch
from suite.contender import Contender, ContenderFailure
from suite.errors import Interrupted
from suite.launch import Launcher
from suite.orders import block_orders
from suite.outcome import Outcome, Record
from suite.plan import Cell, Group

LARGEST_JITTER = 1.2  # longer and shorter rounds keep epochs from beating with a periodic disturbance
FEWEST_JITTERED = 10  # below, a fifth more is not even two iterations
MOST_RUN_DELAY = 0.01


class BaselineFailure(Exception):
    """Without its baseline a group has nothing to be compared with."""


def disturbed(epoch: dict[str, Any]) -> bool:
    """Whether something outside the program disturbed the epoch. The time itself is never evidence."""
    preempted = epoch["involuntary_switches"] > 0 and epoch["run_delay_ns"] > MOST_RUN_DELAY * epoch["real_ns"]
    return bool(epoch["major_faults"] > 0 or epoch["migrations"] > 0 or preempted)


class GroupRun:
    """One group being measured. Chance depends on seed and group alone, so a resumed run repeats it."""

    def __init__(self, launcher: Launcher, group: Group, seed: int, stop: threading.Event | None = None) -> None:
        self.launcher, self.group, self.preset = launcher, group, launcher.preset
        self.stop = stop or threading.Event()
        self.chance = random.Random(f"{seed}/{group.name}")
        self.cells = {cell.id: cell for cell in group.contenders}
        self.records = {name: Record() for name in self.cells}
        self.iterations = 1 if self.preset.smoke else None
        self.rounds = self.preset.rounds
        self.alive: dict[str, Contender] = {}

    def run(self) -> Outcome:
        """All blocks, then the memory processes."""
        started = time.monotonic()
        try:
            for process in range(self.preset.processes if self.cells else 0):
                self._block(process)
            if self.group.memory:
                self._memory()
        except BaselineFailure as failure:
            for record in self.records.values():
                record.fail(str(failure))
        finally:
            self._end_all()
        return Outcome(self.group.name, self.records, self.iterations, self.rounds, time.monotonic() - started)

    def _block(self, process: int) -> None:
        layouts = {name: launch.draw(self.chance) for name in self.cells}
        try:
            for name, cell in self.cells.items():
                if not self.records[name].failed:
                    self._try(name, lambda n=name, c=cell: self._begin(n, c, layouts[n]))
            for name in list(self.alive):
                self._try(name, lambda n=name: self._check(n, self.alive[n].ready()))
            if self.iterations is None:
                self._calibrate()
            samples = self._rounds(process, layouts)
            for name in list(self.alive):
                self._try(name, self.alive[name].ask_to_quit)
            for name in list(self.alive):
                self._try(name, lambda n=name: self._collect(n))
            for name in self.alive:
                self.records[name].samples.append(samples[name])
        finally:
            self._end_all()

    def abort(self) -> None:
        """Ends the children from another thread; the run then stops at its next step."""
        self.stop.set()
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
            if name == self.group.baseline.id:
                raise BaselineFailure(f"its baseline failed: {failure.reason}") from failure
            return None

    def _begin(self, name: str, cell: Cell, layout: launch.Layout) -> None:
        self.alive[name] = self.launcher.contender(cell, layout)

    def _check(self, name: str, event: dict[str, Any]) -> None:
        """Equal work or no number: the digest must be that of the baseline, in every block."""
        record, cell = self.records[name], self.cells[name]
        first = record.digest is None
        record.operations_per_iteration = event["operations_per_iteration"]
        record.allocator = event.get("allocator") or {}
        record.note([str(line) for line in event.get("notes") or []])
        got, baseline = event.get("digest"), self.records[self.group.baseline.id].digest
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

    def _calibrate(self) -> None:
        times = {}
        for name in list(self.alive):
            if self.cells[name].role != "limit":
                times[name] = self._try(name, lambda n=name: calibration.iteration_ns(
                    self.alive[n], self.preset.shortest_epoch_ns))
        found = [value for value in times.values() if value is not None]
        self.iterations = calibration.shared_iterations(min(found), max(found), self.preset)
        self.rounds = calibration.rounds(self.iterations, max(found), self.preset)

    def _rounds(self, process: int, layouts: dict[str, launch.Layout]) -> dict[str, dict[str, Any]]:
        samples = {name: {"process": process, "layout": asdict(layouts[name]), "ns_per_op": [], "rejected": []}
                   for name in self.alive}
        for number, order in enumerate(block_orders(list(self.alive), self.rounds, self.chance)):
            factor = self.chance.uniform(1.0, LARGEST_JITTER)
            iterations = round(self.iterations * factor) if self.iterations >= FEWEST_JITTERED else self.iterations
            rejected = False
            for name in order:
                if name not in self.alive:
                    continue
                epoch = self._try(name, lambda n=name: self.alive[n].epoch(iterations))
                if epoch is not None:
                    operations = iterations * self.records[name].operations_per_iteration
                    samples[name]["ns_per_op"].append(float(f"{epoch['real_ns'] / operations:.5g}"))
                    rejected |= disturbed(epoch)
            if rejected and not self.preset.smoke:  # a smoke run claims nothing, so nothing need be left out
                for name in self.alive:
                    samples[name]["rejected"].append(number)
        return samples

    def _collect(self, name: str) -> None:
        self.records[name].peak_rss_bytes.append(int(self.alive[name].done()["peak_rss_bytes"]))

    def _memory(self) -> None:
        for name, cell in self.cells.items():
            if cell.role == "limit" or cell.twin:
                continue
            for _ in range(self.preset.memory_processes):
                if not self.records[name].failed:
                    self._try(name, lambda n=name, c=cell: self._memory_process(n, c))

    def _memory_process(self, name: str, cell: Cell) -> None:
        contender = self.alive[name] = self.launcher.memory(cell, launch.draw(self.chance))
        self.records[name].memory.append(contender.answer("memory"))
        self.alive.pop(name).kill()
