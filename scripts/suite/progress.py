"""What the reader sees while a run goes on, on standard error: a bar with the time left on a terminal, else one line a
cell group. Time left is taken from the finished groups, weighted by how many processes each one starts."""

import sys
import time
from collections.abc import Sequence

from suite.outcome import Outcome
from suite.plan import Group
from suite.presets import Preset


OBJECTS_THAT_DOUBLE = 40_000  # so many live objects cost a process about as much as all the rest of it


Waiting = tuple[Group, Sequence[str] | None]  # a group, and its rivals at this look; None: all of them


def weight(waiting: Waiting, preset: Preset, look: int) -> float:
    """The processes a group starts; those that keep many objects alive take longer to set up and to time."""
    group, names = waiting
    memory = preset.memory_processes if group.memory and not look else 0
    plan = preset.looks
    processes = plan[look].processes - (plan[look - 1].processes if look else 0) if look < len(plan) else 0
    rivals = len(group.contenders if names is None else names)
    sizes = [value for value in group.baseline.parameters.values() if isinstance(value, int)]
    largest = 0 if preset.smoke else max(sizes, default=0)
    return max(1, rivals) * (processes + memory) * (1 + largest / OBJECTS_THAT_DOUBLE)


def duration(seconds: float) -> str:
    """`47 s`, `3 min 05 s`."""
    whole = round(seconds)
    return f"{whole} s" if whole < 60 else f"{whole // 60} min {whole % 60:02d} s"


class Progress:
    """Counts finished groups and tells of them."""

    def __init__(self, waiting: Sequence[Waiting], preset: Preset, look: int = 0) -> None:
        self.total, self.finished = len(waiting), 0
        self._weights = {group.name: weight((group, names), preset, look) for group, names in waiting}
        self._left = sum(self._weights.values())
        self._done = 0
        self._started = self._last = time.monotonic()
        self._bar = self._task = None

    def __enter__(self) -> "Progress":
        if sys.stderr.isatty():
            self._start_bar()
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar:
            self._bar.stop()

    def begin(self, group: Group) -> None:
        """A group is about to be measured."""
        if self._bar:
            self._bar.update(self._task, description=group.name)

    def end(self, group: Group, outcome: Outcome) -> None:
        """A group is finished."""
        own = self._weights[group.name]
        self.finished += 1
        self._left, self._done = self._left - own, self._done + own
        seconds, self._last = time.monotonic() - self._last, time.monotonic()
        failed = [(name, record.reason) for name, record in outcome.records.items() if record.failed]
        if self._bar:
            for name, reason in failed:
                self._bar.console.print(f"FAILED {name}: {reason}", style="red", markup=False, highlight=False)
            self._bar.update(self._task, advance=own, left=self._time_left().lstrip(", "))
            return
        for name, reason in failed:
            print(f"FAILED {name}: {reason}", file=sys.stderr)
        print(f"[{self.finished}/{self.total}] {group.name}: {len(outcome.records)} cells, "
              f"{seconds:.1f} s{self._time_left()}", file=sys.stderr, flush=True)

    def _time_left(self) -> str:
        if self.finished == self.total or not self._done:
            return ""
        return f", about {duration((self._last - self._started) / self._done * self._left)} left"

    def _start_bar(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress as Bar, SpinnerColumn, TextColumn, TimeElapsedColumn
        columns = (SpinnerColumn(), BarColumn(bar_width=24), TextColumn("{task.percentage:>3.0f} %"),
                   TimeElapsedColumn(), TextColumn("{task.fields[left]}", markup=False),
                   TextColumn("{task.description}", markup=False))
        self._bar = Bar(*columns, console=Console(stderr=True), transient=True)  # rich honours NO_COLOR itself
        self._task = self._bar.add_task("", total=self._left, left="")
        self._bar.start()
