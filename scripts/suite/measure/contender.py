"""One contender process: start, ready, epochs, quit, kill. Every way in which it can fail has a name.

Whatever is read from one later is checked here first, so that an answer out of protocol costs its own cell and nothing else.
"""

import json
import os
import re
import select
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

LARGEST = 1e18  # nanoseconds of thirty years; beyond it arithmetic leaves the range of a float
EPOCH_NUMBERS = ("iterations", "real_ns", "migrations", "involuntary_switches", "run_delay_ns", "major_faults")
MEMORY_NUMBERS = ("objects", "rss_bytes_per_object", "requested_bytes_per_object", "sizeof_bytes", "payload_bytes")
MEMORY_IF_KNOWN = ("usable_bytes_per_object", "fragmentation", "ended_bytes")
LATENCY_PARTS = ("replace", "acquire", "release", "grow")
FACT, MAX_FACTS = re.compile("[a-z][a-z0-9_]{0,39}"), 16
WITNESSES = ("core", "chain", "l2", "l3", "dram", "fault", "line")
CEILINGS = ("empty_loop", "timer", "atomic_rmw", "page_fault", "l1_latency", "l2_latency", "l3_latency", "dram_latency")
TAIL_LINES = 5
LONGEST_LINE_BYTES = 1 << 20


def number(value: Any, least: float = -LARGEST) -> bool:
    """A number in range; a boolean is none, nor is NaN."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and least <= value <= LARGEST


def ready(event: Mapping[str, Any]) -> bool:
    """The subject is built: what it runs on, what it read back, what the reader should know."""
    allocator, notes, digest = event.get("allocator", {}), event.get("notes", []), event.get("digest")
    return (number(event.get("operations_per_iteration"), 1) and (digest is None or isinstance(digest, str))
            and isinstance(allocator, dict) and all(isinstance(value, str) for value in allocator.values())
            and isinstance(notes, list) and all(isinstance(line, str) for line in notes)
            and _facts(event.get("facts", {})))


def _facts(told: Any) -> bool:
    """Named numbers that a subject knows of its work: a share of hits, allocations for each operation."""
    return isinstance(told, dict) and len(told) <= MAX_FACTS and all(
        isinstance(name, str) and FACT.fullmatch(name) and number(value) for name, value in told.items())


def epoch(event: Mapping[str, Any], iterations: int) -> bool:
    """The epoch that was asked for, with its time and what disturbed it."""
    return all(number(event.get(key)) for key in EPOCH_NUMBERS) and event["real_ns"] >= 0 \
        and event["iterations"] == iterations and witness(event.get("witness", {})) \
        and number(event.get("witness_ns", 0), 0)


def witness(readings: Any) -> bool:
    """The readings before and after an epoch, by name."""
    return isinstance(readings, dict) and all(
        name in WITNESSES and isinstance(pair, list) and len(pair) == 2
        and all(number(value, 0) and value > 0 for value in pair) for name, pair in readings.items())


def done(event: Mapping[str, Any]) -> bool:
    """The last line."""
    return number(event.get("peak_rss_bytes"), 0)


def memory(event: Mapping[str, Any]) -> bool:
    """Bytes per object; resident memory may have shrunk, so that whatever is read from it may be negative."""
    known = all(number(event.get(key), -LARGEST if key == "rss_bytes_per_object" else 0) for key in MEMORY_NUMBERS)
    kept, timeline = event.get("kept_bytes", {}), event.get("timeline", [])
    return (known and _natural(event["objects"], 1) and isinstance(kept, dict) and all(map(number, kept.values()))
            and all(event.get(key) is None or number(event[key]) for key in MEMORY_IF_KNOWN)
            and (event.get("usable_bytes_per_object") or 0) >= 0 and _pairs(timeline))


def latency(event: Mapping[str, Any]) -> bool:
    """Single operations: how many, by which clock, and how they are distributed."""
    return (_natural(event.get("operations"), 1) and _natural(event.get("period"), 1)
            and _natural(event.get("involuntary_switches"), 0) and number(event.get("timer_ns"), 0)
            and isinstance(event.get("clock"), str) and _pairs(event.get("growth"), 0)
            and all(_distribution(event.get(part)) for part in LATENCY_PARTS))


def ceilings(event: Mapping[str, Any]) -> bool:
    """What the machine can do at most."""
    found = event.get("ceilings")
    return isinstance(found, list) and all(
        isinstance(one, dict) and one.get("name") in CEILINGS and isinstance(one.get("what"), str)
        and all(number(one.get(key), 0) and one[key] > 0 for key in ("ns", "low", "high"))
        and (one.get("bytes") is None or _natural(one["bytes"], 1)) for one in found)


def _natural(value: Any, least: int) -> bool:
    return type(value) is int and least <= value <= LARGEST


def _pairs(value: Any, least: float = -LARGEST) -> bool:
    return isinstance(value, list) and all(
        isinstance(pair, list) and len(pair) == 2 and all(number(part, least) for part in pair) for pair in value)


def _distribution(part: Any) -> bool:
    """Buckets with their upper ends, and not empty."""
    return (isinstance(part, dict) and number(part.get("maximum_ns"), 0) and _pairs(part.get("histogram"), 0)
            and bool(part["histogram"]) and all(_natural(count, 1) for _, count in part["histogram"]))


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
        return self._event("ready", ready)

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
        event = self._parsed(line, "epoch", lambda event: epoch(event, iterations))
        event["real_ns"] = max(event["real_ns"], 1.0)  # an epoch too short for the clock still took some time
        return event

    def ask_to_quit(self) -> None:
        """Says `quit` without waiting, so that many contenders can tear down at the same time."""
        self._write(b"quit\n")

    def done(self) -> dict[str, Any]:
        """Waits for the last line and for a clean exit."""
        event = self._event("done", done)
        self._exit(after="done")
        return event

    def released(self) -> None:
        """Waits until a memory process has given its objects back and only watches what is kept."""
        self._event("released", lambda event: True)

    def memory(self) -> dict[str, Any]:
        """The last event of a process that weighs objects without being told to, and its clean exit."""
        return self._last("memory", memory)

    def latency(self) -> dict[str, Any]:
        """The single event of a process that times single operations, and its clean exit."""
        return self._last("latency", latency)

    def ceilings(self) -> dict[str, Any]:
        """The single event of a process that measures the machine, and its clean exit."""
        return self._last("ceilings", ceilings)

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
