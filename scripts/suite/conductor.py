"""Lets a small program pass the token for a whole block: `poolmark-conductor` shares the contenders' CPU, so that no idle
one has to be woken for each epoch. Python plans the turns and reads the answers."""

import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from suite.contender import Contender, ContenderFailure
from suite.errors import Interrupted

NAME = "poolmark-conductor"


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
            out, err = self._process.communicate(lines.encode())
            code = self._process.returncode
        finally:
            self._process = None
        if code < 0:  # killed: by abort(), or by somebody who wants the run to end
            raise Interrupted
        if code != 0:
            raise RuntimeError(f"{NAME} failed: {err.decode(errors='replace').strip()}")
        said: dict[int, list[bytes]] = {}
        for line in out.split(b"\n")[:-1]:
            seat, _, answer = line.partition(b" ")
            said.setdefault(int(seat), []).append(answer)
        return said
