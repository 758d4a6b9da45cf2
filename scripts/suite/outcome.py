"""What was measured, before anything is judged: one record per cell, one outcome per group, as plain JSON."""

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass
class Record:
    """The raw account of one cell; filled while its group runs."""

    reason: str = ""  # why it failed; empty while it has not
    notes: list[str] = field(default_factory=list)
    digest: str | None = None
    operations_per_iteration: int | None = None
    allocator: dict[str, Any] = field(default_factory=dict)
    samples: list[dict[str, Any]] = field(default_factory=list)
    peak_rss_bytes: list[int] = field(default_factory=list)
    memory: list[dict[str, Any]] = field(default_factory=list)

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
    seconds: float = 0.0

    def to_json(self) -> dict[str, Any]:
        """For the journal."""
        return asdict(self)

    @staticmethod
    def from_json(source: dict[str, Any]) -> "Outcome":
        """From the journal; raises KeyError or TypeError when it is not one."""
        plain = dict(source)
        plain["records"] = {name: Record(**record) for name, record in source["records"].items()}
        return Outcome(**plain)
