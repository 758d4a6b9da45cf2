"""Lets a small program pass the token for a whole block: `poolmark-conductor` shares the contenders' CPU, so that no idle
one has to be woken for each epoch. Python plans the turns and reads the answers."""

import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from suite.base.errors import Interrupted, UserError
from suite.measure.contender import Contender, ContenderFailure

NAME = "poolmark-conductor"
GRACE_SECONDS = 5.0  # on a machine so busy that nobody gets a CPU


@dataclass(frozen=True)
class Turn:
    """One epoch of one contender."""

    name: str
    iterations: int


@dataclass(frozen=True)
class Answers:
    """What the turns gave: one event a turn, None where the contender was out; and why each of those is."""

    events: list[dict[str, Any] | None]
    failures: dict[str, ContenderFailure]


class Conductor:
    """Runs blocks of turns on one CPU."""

    def __init__(self, program: Path, cpu: int, seconds: float) -> None:
        self.program, self.cpu, self.seconds = program, cpu, seconds
        self._process: subprocess.Popen | None = None

    def block(self, contenders: Mapping[str, Contender], turns: Sequence[Turn]) -> Answers:
        """Runs the turns in order. A contender that fails is left out of its later ones."""
        seats = {name: seat for seat, name in enumerate(contenders)}
        lines = "".join(f"{seats[turn.name]} {turn.iterations}\n" for turn in turns)
        said = self._run([contender.descriptors for contender in contenders.values()], lines)
        answers = {name: iter(said.get(seat, ())) for name, seat in seats.items()}
        events: list[dict[str, Any] | None] = []
        failures: dict[str, ContenderFailure] = {}
        for turn in turns:
            event = None
            if turn.name not in failures:
                try:
                    event = contenders[turn.name].answered(next(answers[turn.name], b"!silent"), turn.iterations)
                except ContenderFailure as failure:
                    failures[turn.name] = failure
            events.append(event)
        return Answers(events, failures)

    def abort(self) -> None:
        """Ends a block from another thread."""
        process = self._process
        if process:
            process.kill()

    def _run(self, descriptors: Sequence[tuple[int, int]], lines: str) -> dict[int, list[bytes]]:
        command = [str(self.program), str(self.cpu), f"{self.seconds:g}",
                   *(f"{write}:{read}" for write, read in descriptors)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                         stderr=subprocess.PIPE, process_group=0,
                                         pass_fds=[number for pair in descriptors for number in pair])
        try:
            out, err = self._said(self._process, lines)
            code = self._process.returncode
        finally:
            self._process = None
        if code < 0:  # killed: by abort(), or by somebody who wants the run to end
            raise Interrupted
        if code != 0:
            raise UserError(f"{NAME} failed ({err.decode(errors='replace').strip()[:200]}); what was measured is kept, continue "
                            "with --resume")
        return _by_seat(out)

    def _said(self, process: subprocess.Popen, lines: str) -> tuple[bytes, bytes]:
        """Its output. How long a block takes nobody knows beforehand, but each wait in it ends after `seconds`: who is not
        switched to once in twice that time has been stopped."""
        window, seen, asked = 2 * self.seconds + GRACE_SECONDS, None, lines.encode() or None
        while True:
            try:
                return process.communicate(asked, timeout=window)
            except subprocess.TimeoutExpired:
                switches = _switches(process.pid)
                if switches is not None and switches == seen:
                    process.kill()
                    process.communicate()
                    raise UserError(f"{NAME} has not moved for {window:g} s, so it was stopped by somebody; what was measured "
                                    "is kept, continue with --resume") from None
                seen, asked = switches, None
            except BaseException:
                process.kill()
                raise


def _switches(process: int) -> int | None:
    """How often a process gave or lost its CPU; None where that cannot be known."""
    try:
        lines = Path(f"/proc/{process}/status").read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return None
    found = [line.split()[1] for line in lines if "ctxt_switches" in line]
    return sum(map(int, found)) if found else None


def _by_seat(out: bytes) -> dict[int, list[bytes]]:
    said: dict[int, list[bytes]] = {}
    for line in out.split(b"\n")[:-1]:
        seat, _, answer = line.partition(b" ")
        said.setdefault(int(seat), []).append(answer)
    return said
