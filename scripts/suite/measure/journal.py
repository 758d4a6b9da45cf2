"""The output folder while a run is under way: `plan.json` says what is measured, `partial.jsonl` what already is.

What was measured, before anything is judged, is one record a cell and one outcome a group. A line is appended for each
finished group and forced to disk, so that neither Ctrl-C nor kill -9 loses a finished group.
"""

import argparse
import gzip
import hashlib
import json
import os
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from suite.base import redaction
from suite.base.build import ROOT
from suite.base.errors import UserError, writing
from suite.base.folder import write_whole
from suite.measure import contender
from suite.plan import heap_states
from suite.plan.cells import Group, split_allocators
from suite.plan.presets import DEFAULT, PRESETS

PLAN, PARTIAL, RESULTS = "plan.json", "partial.jsonl", "results.json"
ROUNDS = "rounds.jsonl.gz"
UNUSABLE = "remove that line to measure its group again, or start a new run with another --out DIR"
CELL_SECONDS = 60.0
KEPT = "what was measured until now is kept, continue with --resume once it can be written"


@dataclass
class Record:
    """The raw account of one cell; filled while its group runs."""

    reason: str = ""  # why it failed; empty while it has not
    notes: list[str] = field(default_factory=list)
    digest: str | None = None
    operations_per_iteration: int | None = None
    allocator: dict[str, Any] = field(default_factory=dict)
    samples: list[dict[str, Any]] = field(default_factory=list)
    looks: int = 0  # how many interim analyses it took part in: a cell that is settled leaves
    passes: int = 0
    peak_rss_bytes: list[int] = field(default_factory=list)
    memory: list[dict[str, Any]] = field(default_factory=list)
    latency: list[dict[str, Any]] = field(default_factory=list)
    instructions: dict[str, Any] = field(default_factory=dict)
    facts: dict[str, float] = field(default_factory=dict)  # what follows from the work: every process tells the same

    @property
    def failed(self) -> bool:
        """Whether the cell is out of the run."""
        return bool(self.reason)

    def fail(self, reason: str, notes: list[str] | None = None) -> None:
        """Takes the cell out of the run. Its samples go too: half a cell is no evidence."""
        if not self.failed:
            self.reason = reason
            self.notes += notes or []
            self.samples = []

    def note(self, lines: list[str]) -> None:
        """Adds lines that are not there yet: every process of a cell tells the same."""
        self.notes += [line for line in lines if line not in self.notes]


@dataclass
class Outcome:
    """A finished group."""

    group: str
    records: dict[str, Record]
    iterations: int | None = None
    rounds: int | None = None
    in_heats: bool = False  # in several blocks: whether its epochs are short enough for rivals to be paired closely
    looks: int = 0
    passes: int = 0  # through the whole run: each brings some of the processes
    seconds: float = 0.0

    def to_json(self) -> dict[str, Any]:
        """For the journal. Shallow: a run's samples are large, and nobody changes them."""
        return vars(self) | {"records": {name: vars(record) for name, record in self.records.items()}}

    def last_second(self) -> float:
        """When its last block ran, in seconds since the run began."""
        return max((sample.get("at", 0.0) for record in self.records.values() for sample in record.samples), default=0.0)

    def copy(self) -> "Outcome":
        """One that may be added to without changing this one."""
        return replace(self, records={name: replace(record, notes=[*record.notes], samples=[*record.samples],
                                                    peak_rss_bytes=[*record.peak_rss_bytes], memory=[*record.memory],
                                                    latency=[*record.latency])
                                      for name, record in self.records.items()})

    @staticmethod
    def from_json(source: dict[str, Any]) -> "Outcome":
        """From the journal; raises KeyError, TypeError or ValueError when it is not one."""
        plain = dict(source)
        plain["records"] = {name: _record(record) for name, record in source["records"].items()}
        outcome = Outcome(**plain)
        counts = (outcome.iterations, outcome.rounds)
        if not isinstance(outcome.group, str) or not contender.number(outcome.seconds, 0) \
                or type(outcome.looks) is not int or type(outcome.passes) is not int or type(outcome.in_heats) is not bool \
                or not all(count is None or type(count) is int and count > 0 for count in counts):
            raise ValueError(outcome.group)
        return outcome


def _record(source: dict[str, Any]) -> Record:
    record = Record(**source)
    operations = record.operations_per_iteration
    ready = {"operations_per_iteration": 1 if operations is None else operations, "digest": record.digest,
             "allocator": record.allocator, "notes": record.notes, "facts": record.facts}
    if not (isinstance(record.reason, str) and type(record.looks) is int and record.looks >= 0 and type(record.passes) is int and contender.ready(ready) and all(map(contender.memory, record.memory))
            and all(map(contender.latency, record.latency))
            and all(type(size) is int and size >= 0 for size in record.peak_rss_bytes)
            and all(map(_is_sample, record.samples))):
        raise ValueError(source)
    return record


def _is_sample(sample: dict[str, Any]) -> bool:
    own, baseline, layout = sample["ns_per_op"], sample["baseline_ns_per_op"], sample["layout"]
    whole = (sample["process"], sample["minor_faults"], sample["operations"], layout["build"],
             layout["heap_offset"], layout["environment_padding"], *sample["rejected"])
    seen = sample.get("witness", {})
    placed = all(contender.number(sample.get(key, 0), 0) for key in ("pass", "cpu", "at", "witness_ns"))
    witnessed = isinstance(seen, dict) and all(len(values) == len(own) and all(contender.number(value, 0) and value > 0 for value in values)
                                               for values in seen.values())
    return (placed and witnessed and all(type(value) is int and value >= 0 for value in whole) and len(baseline) in (0, len(own))
            and all(contender.number(value, 0) and value > 0 for value in (*own, *baseline)))


@dataclass(frozen=True)
class RunPlan:
    """All that a resumed run must share with the run it resumes."""

    id: str
    started: str
    command: str
    preset: str
    seed: int
    workloads: tuple[str, ...]
    strategies: tuple[str, ...]
    allocators: tuple[str, ...]
    cell_seconds: float
    binary_sha256: str
    own: tuple[str, ...] = ()
    trace: str = ""  # the file of a trace of the reader's own
    recording: str = ""  # the file of a program of the reader's
    heaps: tuple[str, ...] = ()  # their states, where the reader chose them
    groups: tuple[str, ...] = ()  # of a share of a campaign: these alone, and the controls


def new_plan(options: argparse.Namespace, command: str, now: datetime, programs: Sequence[Path], **more: Any) -> RunPlan:
    """The plan of a new run, from a command line."""
    return RunPlan(
        id=f"{now:%Y%m%d-%H%M%S}-{secrets.token_hex(4)}", started=f"{now:%Y-%m-%dT%H:%M:%SZ}", command=command,
        preset=options.preset or DEFAULT, seed=secrets.randbelow(2**32) if options.seed is None else options.seed,
        workloads=tuple(options.workload), strategies=tuple(options.strategy), allocators=split_allocators(options.allocator),
        heaps=heap_states.split(options.heap),
        cell_seconds=options.cell_seconds or CELL_SECONDS, binary_sha256=sha256(*programs), **more)


def sha256(*paths: Path) -> str:
    """The hash of files one after another; empty when one is gone."""
    whole = hashlib.sha256()
    try:
        for path in paths:
            whole.update(path.read_bytes())
    except OSError:
        return ""
    return whole.hexdigest()


def refuse_used(out: Path) -> None:
    """Nothing is written over: a folder that holds a run is only taken up with --resume."""
    if any((out / name).exists() for name in (RESULTS, PLAN)):
        if is_complete(out):
            raise UserError(f"{out} already holds a finished run; choose another folder with --out DIR")
        raise UserError(f"{out} already holds a run that was interrupted; add --resume, or choose another --out DIR")
    for name in (PARTIAL, ROUNDS):
        if os.path.lexists(out / name):
            raise UserError(f"{out / name} is in the way and no part of a run; choose another folder with --out DIR")


def is_complete(out: Path) -> bool:
    """Whether the folder's results are those of a whole run; an unreadable file counts as one, so as not to lose it. The
    journal goes last of all: where it is still there, the disk filled before the rounds were packed."""
    if not (out / RESULTS).exists():
        return False
    try:
        return json.loads((out / RESULTS).read_text(encoding="utf-8"))["run"]["complete"] is not False \
            and not (out / PARTIAL).exists()
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return True


def start(out: Path, plan: RunPlan) -> None:
    """Records the plan of a new run."""
    with writing(out / PLAN, "choose another folder with --out DIR"):
        out.mkdir(parents=True, exist_ok=True)
        told = asdict(plan) | {"command": redaction.clean(plan.command)}  # the rest is what a resumed run goes by
        write_whole(out / PLAN, json.dumps(told, indent=2) + "\n")


def read_plan(out: Path) -> RunPlan:
    """The plan to resume."""
    path = out / PLAN
    if is_complete(out):
        raise UserError(f"{out} is complete, there is nothing to resume; leave out --resume to start a new run")
    try:
        source = json.loads(path.read_text(encoding="utf-8"))
        for key in ("workloads", "strategies", "allocators"):
            source[key] = _strings(source[key])
        source |= {key: _strings(source.get(key, [])) for key in ("own", "heaps", "groups")}
        return _sound(RunPlan(**source))
    except FileNotFoundError:
        raise UserError(f"{path} does not exist, so there is nothing to resume; leave out --resume") from None
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        raise UserError(f"{path} cannot be read as a plan; start a new run with another --out DIR") from None


def _strings(source: object) -> tuple[str, ...]:
    if not isinstance(source, list) or not all(isinstance(entry, str) for entry in source):
        raise TypeError(source)
    return tuple(source)


def _sound(plan: RunPlan) -> RunPlan:
    """The plan, if a run can follow it; else a ValueError."""
    texts = (plan.id, plan.started, plan.command, plan.preset, plan.binary_sha256, plan.trace, plan.recording)
    if not all(isinstance(text, str) for text in texts) or plan.preset not in PRESETS \
            or type(plan.seed) is not int or plan.seed < 0 \
            or type(plan.cell_seconds) not in (int, float) or not 0 < plan.cell_seconds < 1e6:
        raise ValueError(plan)
    return plan


def append(out: Path, outcome: Outcome) -> None:
    """Keeps one group after a look. Its line holds all that is known of it, so the last line of a group counts."""
    path = out / PARTIAL
    with writing(path, KEPT), path.open("a", encoding="utf-8") as stream:
        stream.write(json.dumps(redaction.clean(outcome.to_json()), allow_nan=False) + "\n")
        stream.flush()
        os.fsync(stream.fileno())


def finish(out: Path) -> None:
    """The journal of a finished run becomes its raw data: each round of each process, compressed."""
    partial = out / PARTIAL
    with writing(out / ROUNDS, KEPT):
        _pack(partial, out)


def _pack(partial: Path, out: Path) -> None:
    # No time stamp, no name and no checkout's path inside: equal rounds make equal files.
    last = {json.loads(line)["group"]: line for line in partial.read_text(encoding="utf-8").split("\n")[:-1]}
    text = "".join(f"{line}\n" for line in last.values())
    for checkout in (str(ROOT), redaction.clean(str(ROOT))):  # lines are clean already; a checkout below a home is as well, then
        text = text.replace(f"{checkout}/", "")
    packed = gzip.compress(text.encode(), mtime=0)
    fresh = out / f".{ROUNDS}"
    try:
        fresh.write_bytes(packed)
        os.replace(fresh, out / ROUNDS)
    finally:
        fresh.unlink(missing_ok=True)
    partial.unlink()


def read_outcomes(out: Path) -> list[Outcome]:
    """The finished groups. A torn last line is cut off, so that the next one starts on a line of its own."""
    path = out / PARTIAL
    if not path.exists():
        return []
    whole, outcomes = {}, {}
    # Not splitlines: JSON may hold line separators other than this one.
    for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").split("\n")[:-1], start=1):
        try:
            outcome = Outcome.from_json(json.loads(line))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise UserError(f"line {number} of {path} is no measured group; {UNUSABLE}") from None
        whole[outcome.group] = line
        outcomes[outcome.group] = outcome
    with writing(path, KEPT):
        write_whole(path, "".join(f"{line}\n" for line in whole.values()))
    return list(outcomes.values())


def refuse_unplanned(out: Path, outcomes: Sequence[Outcome], groups: Sequence[Group]) -> None:
    """A kept group must be one of the plan, with a record for each of its contenders: everything later relies on it."""
    planned = {group.name: {cell.id for cell in group.contenders} for group in groups}
    for outcome in outcomes:
        if planned.get(outcome.group) != set(outcome.records):
            raise UserError(f"{out / PARTIAL} holds '{outcome.group[:80]}' other than the plan has it; {UNUSABLE}")
