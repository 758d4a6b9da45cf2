"""One contender process: start, ready, epochs, quit, kill. Every way in which it can fail has a name."""

import json
import os
import select
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from suite import protocol

TAIL_LINES = 5
LONGEST_LINE_BYTES = 1 << 20


class ContenderFailure(Exception):
    """The contender cannot go on; `reason` is one line, `notes` the tail of its standard error."""

    def __init__(self, reason: str, notes: Sequence[str] = ()) -> None:
        super().__init__(reason)
        self.reason = reason
        self.notes = list(notes)


class Contender:
    """A running process that speaks the protocol."""

    def __init__(self, arguments: Sequence[str], environment: Mapping[str, str], seconds: float) -> None:
        self.seconds = seconds
        self._buffer = b""
        self._stderr = tempfile.TemporaryFile()
        try:
            # A process group of its own: Ctrl-C on the terminal is for the driver, which ends its children itself.
            self._process = subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0,
                                             stderr=self._stderr, env=environment, process_group=0)
        except OSError as failure:
            self._stderr.close()
            raise ContenderFailure(f"could not be started: {failure}") from failure
        self._input = self._process.stdin.fileno()
        self._output = self._process.stdout.fileno()
        os.set_blocking(self._output, False)
        self._poll = select.poll()
        self._poll.register(self._output, select.POLLIN)

    def ready(self) -> dict[str, Any]:
        """Waits until the subject is built and its work has been done once."""
        return self._event("ready", protocol.ready)

    def epoch(self, iterations: int) -> dict[str, Any]:
        """Passes the token for one epoch and waits until it is handed back."""
        self._write(b"run %d\n" % iterations)
        return self._epoch(self._line("epoch"), iterations)

    @property
    def descriptors(self) -> tuple[int, int]:
        """Where a conductor writes to and reads from while it passes the token."""
        return self._input, self._output

    def answered(self, line: bytes, iterations: int) -> dict[str, Any]:
        """The epoch in a line that a conductor was given, or the failure that it saw in place of one."""
        if line == b"!ended":
            raise self._ended()
        if line in (b"!silent", b"!long"):
            raise self._failure(f"no answer within {self.seconds:g} s (waiting for 'epoch')" if line == b"!silent"
                                else "out of protocol: an answer without end")
        return self._epoch(line, iterations)

    def _epoch(self, line: bytes, iterations: int) -> dict[str, Any]:
        event = self._parsed(line, "epoch", lambda event: protocol.epoch(event, iterations))
        event["real_ns"] = max(event["real_ns"], 1.0)  # an epoch too short for the clock still took some time
        return event

    def ask_to_quit(self) -> None:
        """Says `quit` without waiting, so that many contenders can tear down at the same time."""
        self._write(b"quit\n")

    def done(self) -> dict[str, Any]:
        """Waits for the last line and for a clean exit."""
        event = self._event("done", protocol.done)
        self._exit(after="done")
        return event

    def released(self) -> None:
        """Waits until a memory process has given its objects back and only watches what is kept."""
        self._event("released", lambda event: True)

    def memory(self) -> dict[str, Any]:
        """The last event of a process that weighs objects without being told to, and its clean exit."""
        return self._last("memory", protocol.memory)

    def latency(self) -> dict[str, Any]:
        """The single event of a process that times single operations, and its clean exit."""
        return self._last("latency", protocol.latency)

    def ceilings(self) -> dict[str, Any]:
        """The single event of a process that measures the machine, and its clean exit."""
        return self._last("ceilings", protocol.ceilings)

    def _last(self, name: str, fits: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        event = self._event(name, fits)
        self._exit(after=name)
        return event

    def signal_kill(self) -> None:
        """Ends the process and nothing else; safe while another thread waits for its answer."""
        self._process.kill()

    def kill(self) -> None:
        """Ends the process, however it is, and gives back what it held. May be called twice."""
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        for stream in (self._process.stdin, self._process.stdout, self._stderr):
            try:
                stream.close()
            except OSError:  # an unflushed pipe to a dead process has nobody left to tell
                pass

    def stderr_tail(self) -> list[str]:
        """The last lines of standard error."""
        self._stderr.seek(0, os.SEEK_END)
        self._stderr.seek(max(0, self._stderr.tell() - 4096))
        lines = self._stderr.read().decode(errors="replace").splitlines()
        return [line[:300] for line in lines if line.strip()][-TAIL_LINES:]

    def _write(self, command: bytes) -> None:
        try:
            os.write(self._input, command)
        except OSError:
            raise self._ended() from None

    def _event(self, name: str, fits: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        return self._parsed(self._line(name), name, fits)

    def _parsed(self, line: bytes, name: str, fits: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        try:
            event = json.loads(line)
        except (ValueError, RecursionError):
            raise self._out_of_protocol(line.decode(errors="replace")) from None
        if not isinstance(event, dict) or event.get("event") != name or not fits(event):
            raise self._out_of_protocol(line.decode(errors="replace"))
        return event

    def _line(self, awaited: str) -> bytes:
        deadline = time.monotonic() + self.seconds
        while b"\n" not in self._buffer:
            if len(self._buffer) > LONGEST_LINE_BYTES:
                raise self._out_of_protocol(self._buffer[:200].decode(errors="replace"))
            left = deadline - time.monotonic()
            if left <= 0 or not self._poll.poll(left * 1000):
                raise self._failure(f"no answer within {self.seconds:g} s (waiting for '{awaited}')")
            chunk = os.read(self._output, 65536)
            if not chunk:
                raise self._ended()
            self._buffer += chunk
        line, _, self._buffer = self._buffer.partition(b"\n")
        return line

    def _exit(self, after: str) -> None:
        try:
            code = self._process.wait(timeout=self.seconds)
        except subprocess.TimeoutExpired:
            raise self._failure(f"did not exit within {self.seconds:g} s after '{after}'") from None
        if code != 0:
            raise self._ended()

    def _ended(self) -> ContenderFailure:
        """The failure of a process that closed its output, told by the way it went."""
        try:
            code = self._process.wait(timeout=min(5, self.seconds))
        except subprocess.TimeoutExpired:
            return self._failure("closed its output but did not exit")
        if code < 0:
            try:
                name = signal.Signals(-code).name
            except ValueError:
                name = f"signal {-code}"
            return self._failure(f"crashed: {name}")
        tail = self.stderr_tail()
        if code == 2:
            return self._failure(f"refused: {tail[-1] if tail else 'without a word'}")
        return self._failure(f"ended with exit code {code} before it answered")

    def _out_of_protocol(self, line: str) -> ContenderFailure:
        return self._failure(f"out of protocol: {line[:120]!r}")

    def _failure(self, reason: str) -> ContenderFailure:
        return ContenderFailure(reason, self.stderr_tail())
