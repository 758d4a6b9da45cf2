"""Measures one cell group: heats of fresh processes, all alive at once, the token passed from one to the next."""

import random
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from suite import calibration, launch
from suite.build import ROOT
from suite.contender import Contender, ContenderFailure
from suite.errors import Interrupted
from suite.launch import Launcher
from suite.orders import block_orders
from suite.outcome import Outcome, Record
from suite.plan import Group

LARGEST_JITTER = 1.2  # longer and shorter rounds keep epochs from beating with a periodic disturbance
FEWEST_JITTERED = 10  # below, a fifth more is not even two iterations
MOST_RUN_DELAY = 0.01


# A shared machine changes its speed within milliseconds, so rivals must run close to the baseline: a large group is
# split into heats of the baseline and this many rivals, drawn anew for each block.
RIVALS_PER_HEAT = 4


MEMORY_PROCESSES_AT_ONCE = 2


@dataclass(frozen=True)
class Epoch:
    """One epoch as it counts."""

    ns_per_op: float
    disturbed: bool


def _digits(value: float) -> float:
    """As written: the file holds what the estimates are computed from."""
    return float(f"{value:.5g}")


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
        self.in_heats = False  # until the calibration knows how long an epoch is
        self.baseline = group.baseline.id
        self.alive: dict[str, Contender] = {}

    def run(self) -> Outcome:
        """The calibration, all blocks, then the memory processes."""
        started = time.monotonic()
        try:
            if self.cells:
                self._calibrate()
                for process in range(self.preset.processes if self.in_heats else self.preset.long_processes):
                    for names in self._heats():
                        self._heat(process, names)
            if self.group.memory:
                self._memory()
        except BaselineFailure as failure:
            for record in self.records.values():
                record.fail(str(failure))
        finally:
            self._end_all()
        return Outcome(self.group.name, self.records, self.iterations, self.rounds, time.monotonic() - started)

    def _heats(self) -> list[list[str]]:
        """The contenders that are still in, by heat; the baseline is in each of them."""
        rivals = [name for name, record in self.records.items() if not record.failed and name != self.baseline]
        self.chance.shuffle(rivals)
        size = RIVALS_PER_HEAT if self.in_heats else max(1, len(rivals))
        return [[self.baseline, *rivals[first:first + size]] for first in range(0, max(1, len(rivals)), size)]

    def _heat(self, process: int, names: list[str]) -> None:
        """One fresh process for each name, all rounds."""
        layouts = {name: launch.draw(self.chance) for name in names}
        try:
            self._begin(names, layouts)
            samples = self._rounds(process, layouts)
            self._finish()
            for name in self.alive:
                self.records[name].samples.append(samples[name])
        finally:
            self._end_all()

    def _begin(self, names: list[str], layouts: dict[str, launch.Layout]) -> None:
        """Starts the processes and waits until each has proved equal work."""
        for name in names:
            self._try(name, lambda n=name: self._start(n, layouts[n]))
        for name in list(self.alive):
            self._try(name, lambda n=name: self._check(n, self.alive[n].ready()))

    def _start(self, name: str, layout: launch.Layout) -> None:
        self.alive[name] = self.launcher.contender(self.cells[name], layout)

    def _finish(self) -> None:
        for name in list(self.alive):
            self._try(name, self.alive[name].ask_to_quit)
        for name in list(self.alive):
            self._try(name, lambda n=name: self._collect(n))

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

    def _calibrate(self) -> None:
        """One process for each contender, to find the iteration count that all of them share."""
        if self.preset.smoke:
            return
        times = {}
        try:
            self._begin(list(self.cells), {name: launch.draw(self.chance) for name in self.cells})
            for name in list(self.alive):
                if self.cells[name].role != "limit":
                    times[name] = self._try(name, lambda n=name: calibration.iteration_ns(
                        self.alive[n], self.preset.shortest_epoch_ns))
            self._finish()
        finally:
            self._end_all()
        found = [value for value in times.values() if value is not None]
        self.iterations = calibration.shared_iterations(min(found), max(found), self.preset)
        self.rounds = calibration.rounds(self.iterations, max(found), self.preset)
        self.in_heats = not calibration.is_long(self.iterations, max(found))

    def _rounds(self, process: int, layouts: dict[str, launch.Layout]) -> dict[str, dict[str, Any]]:
        samples = {name: {"process": process, "layout": asdict(layouts[name]), "ns_per_op": [],
                          "baseline_ns_per_op": [], "rejected": []} for name in self.alive}
        for order in block_orders(list(self.alive), self.rounds, self.chance):
            factor = self.chance.uniform(1.0, LARGEST_JITTER)
            iterations = round(self.iterations * factor) if self.iterations >= FEWEST_JITTERED else self.iterations
            epochs = {name: self._try(name, lambda n=name: self._epoch(n, iterations))
                      for name in order if name in self.alive}
            for name, epoch in epochs.items():
                if epoch is not None:
                    self._keep(samples[name], epoch, None if name == self.baseline else epochs[self.baseline])
        return samples

    def _epoch(self, name: str, iterations: int) -> Epoch:
        event = self.alive[name].epoch(iterations)
        operations = iterations * self.records[name].operations_per_iteration
        return Epoch(event["real_ns"] / operations, disturbed(event) and not self.preset.smoke)

    @staticmethod
    def _keep(sample: dict[str, Any], own: Epoch, baseline: Epoch | None) -> None:
        """A round of one contender, with the baseline's epoch of the same round beside it."""
        if own.disturbed or (baseline and baseline.disturbed):
            sample["rejected"].append(len(sample["ns_per_op"]))
        sample["ns_per_op"].append(_digits(own.ns_per_op))
        if baseline:
            sample["baseline_ns_per_op"].append(_digits(baseline.ns_per_op))

    def _collect(self, name: str) -> None:
        self.records[name].peak_rss_bytes.append(int(self.alive[name].done()["peak_rss_bytes"]))

    def _memory(self) -> None:
        """Bytes do not depend on what runs beside them, so these processes share the machine."""
        names = [name for name, cell in self.cells.items() if cell.role != "limit" and not cell.twin]
        for _ in range(self.preset.memory_processes):
            for first in range(0, len(names), MEMORY_PROCESSES_AT_ONCE):
                together = [name for name in names[first:first + MEMORY_PROCESSES_AT_ONCE]
                            if not self.records[name].failed]
                for name in together:
                    self._try(name, lambda n=name: self._start_memory(n))
                for name in [name for name in together if name in self.alive]:
                    self._try(name, lambda n=name: self._collect_memory(n))

    def _start_memory(self, name: str) -> None:
        self.alive[name] = self.launcher.memory(self.cells[name], launch.draw(self.chance))

    def _collect_memory(self, name: str) -> None:
        self.records[name].memory.append(self.alive[name].memory())
        self.alive.pop(name).kill()
