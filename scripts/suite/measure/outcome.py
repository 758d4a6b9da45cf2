"""What was measured, before anything is judged: one record per cell, one outcome per group, as plain JSON."""

from dataclasses import dataclass, field, replace
from typing import Any

from suite.measure import contender


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
