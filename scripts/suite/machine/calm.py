"""Which CPU is the calmest now? Asks `poolmark-witness` before each block of rounds, waits a bounded time for a quiet core,
and remembers the best level that this kind of machine ever showed."""

import json
import os
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from suite.analysis import regimes
from suite.base.errors import UserError

NAME = "poolmark-witness"
STAY = 0.08  # a CPU is left only for one that is calmer by more than this
PAUSE_SECONDS = 0.05
LONGEST_WAIT_SECONDS = 0.5  # for one block on one CPU
LONGEST_WAIT_FOR_SEVERAL_SECONDS = 2.0  # all of them are quiet less often
WAIT_SHARE = 0.1  # of the run's time until now, for all blocks together
FREE_WAIT_SECONDS = 5.0


@dataclass(frozen=True)
class Reading:
    """One CPU's answer."""

    cpu: int
    core: float
    chain: float
    contended: bool

    @property
    def quotient(self) -> float:
        """The core's witness at any clock rate: the chain depends on that alone."""
        return self.core / self.chain


class Witness:
    """The running program that asks the CPUs; ends with `close`."""

    def __init__(self, program: Path, cpus: Sequence[int]) -> None:
        self.cpus = list(cpus)
        try:
            self._process = subprocess.Popen([str(program), *map(str, cpus)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                             stderr=subprocess.DEVNULL, text=True, process_group=0)
        except OSError as failure:
            raise UserError(f"{NAME} cannot be started ({failure.strerror}); build it again with scripts/poolmark setup"
                            ) from None

    def ask(self) -> list[Reading]:
        """One reading a CPU, in their order; empty when the program is gone."""
        try:
            self._process.stdin.write("\n")
            self._process.stdin.flush()
            return [Reading(one["cpu"], one["core"], one["chain"], one["contended"])
                    for one in json.loads(self._process.stdout.readline() or "[]")]
        except (OSError, ValueError, KeyError, TypeError):
            return []

    def close(self) -> None:
        """Ends the program."""
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            with suppress(OSError):  # what was not sent has nobody left to read it
                stream.close()


class CalmestCpu:
    """Where to measure next. What it did stands in `moves`, `waited` and `asked_seconds`."""

    def __init__(self, program: Path, cpus: Sequence[int], best: float | None) -> None:
        self.cpus, self.best = list(cpus), best
        self.cpu = self.cpus[-1]
        self.moves, self.waited, self.asked_seconds = 0, 0.0, 0.0
        self._witness = Witness(program, cpus)
        self._started = time.monotonic()

    def choose(self, threads: int = 1, patient: bool = True) -> int:
        """The calmest CPU, for the first of `threads`; `patient` waits until as many are quiet, as long as the run can afford.
        Keeps the driver off it."""
        deadline = time.monotonic() + (self._patience(threads) if patient else 0.0)
        found = self._ask()
        while found and not self._enough(found, threads) and time.monotonic() < deadline:
            time.sleep(PAUSE_SECONDS)
            self.waited += PAUSE_SECONDS
            found = self._ask()
        chosen = calmest(found, self.cpu) if found else None
        if chosen and chosen.cpu != self.cpu:
            self.moves += 1
            self.cpu = chosen.cpu
        others = [cpu for cpu in self.cpus if cpu != self.cpu]
        os.sched_setaffinity(0, others or self.cpus)
        return self.cpu

    def are_quiet(self, threads: int) -> bool:
        """Whether so many threads would find a quiet CPU each now."""
        found = self._ask()
        return bool(found) and self._enough(found, threads)

    def close(self) -> None:
        """Ends the asking program, and lets the driver run anywhere again."""
        self._witness.close()
        os.sched_setaffinity(0, self.cpus)

    def _patience(self, threads: int) -> float:
        allowed = FREE_WAIT_SECONDS + WAIT_SHARE * (time.monotonic() - self._started) - self.waited
        return max(0.0, min(LONGEST_WAIT_SECONDS if threads == 1 else LONGEST_WAIT_FOR_SEVERAL_SECONDS, allowed))

    def _ask(self) -> list[Reading]:
        started = time.monotonic()
        found = self._witness.ask()
        self.asked_seconds += time.monotonic() - started
        free = [one.quotient for one in found if not one.contended]
        self.best = min(free + ([self.best] if self.best else []), default=None)
        return found

    def _enough(self, found: Sequence[Reading], threads: int) -> bool:
        quiet = [one for one in found if not one.contended and
                 (self.best is None or regimes.is_quiet("core", one.quotient, self.best))]
        return len(quiet) >= min(threads, len(found))


def calmest(found: Sequence[Reading], here: int) -> Reading:
    """The reading to go by: nobody else wants that CPU, and its core is the least shared. The one where the last block ran
    keeps its place unless another is clearly calmer."""
    def rank(one: Reading) -> tuple[bool, float]:
        return one.contended, one.quotient * (1 - STAY if one.cpu == here else 1)
    return min(found, key=rank)
