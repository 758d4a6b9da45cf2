"""What the reader sees while a run goes on, on standard error: a bar with the time left on a terminal, else one line a
cell group. Time left counts all passes; before an interim analysis nobody knows how many cells will be open after it, so
that part is a guess until then."""

import sys
import time
from collections.abc import Sequence

from suite.measure.journal import Outcome
from suite.plan.cells import Group
from suite.plan.presets import Preset

OBJECTS_THAT_DOUBLE = 40_000  # so many live objects cost a process about as much as all the rest of it
POPULATIONS = ("live", "objects", "slots", "nodes")  # parameters that say how many
OPEN_SHARE = 0.3  # of the cells, after an interim analysis: a guess

Waiting = tuple[Group, Sequence[str] | None]  # a group, and its rivals in this pass; None: all of them


def weight(waiting: Waiting, preset: Preset, number: int) -> float:
    """What a group costs in a pass, in processes; those that keep many objects alive take longer to set up and to time."""
    group, names = waiting
    memory = preset.memory_processes if group.memory and not number else 0
    first, last = preset.span(number, True)
    rivals = len(group.contenders if names is None else names)
    sizes = [value for key, value in group.baseline.parameters.items() if key in POPULATIONS and isinstance(value, int)]
    largest = 0 if preset.smoke else max(sizes, default=0)
    return max(1, rivals) * (last - first + memory) * (1 + largest / OBJECTS_THAT_DOUBLE)


def duration(seconds: float) -> str:
    """`47 s`, `3 min 05 s`."""
    whole = round(seconds)
    return f"{whole} s" if whole < 60 else f"{whole // 60} min {whole % 60:02d} s"


class Progress:
    """Counts finished groups over all passes."""

    def __init__(self, preset: Preset) -> None:
        self.preset = preset
        self._pass, self._total, self._finished = 0, 0, 0
        self._weights: dict[str, float] = {}
        self._later = 0.0  # of the passes after this one
        self._left = self._done = self._seconds = 0.0
        self._last = time.monotonic()
        self._bar = self._task = None

    def __enter__(self) -> "Progress":
        if sys.stderr.isatty():
            self._start_bar()
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar:
            self._bar.stop()

    def enter(self, waiting: Sequence[Waiting], number: int) -> None:
        """A pass begins. What a process costs is taken from this pass alone: the first one has more to ask."""
        self._pass, self._total, self._finished = number, len(waiting), 0
        self._weights = {group.name: weight((group, names), self.preset, number) for group, names in waiting}
        self._left = sum(self._weights.values())
        self._later = self._after(waiting, number)
        self._done = self._seconds = 0.0
        self._last = time.monotonic()
        if self._bar:
            self._bar.update(self._task, total=self._left + self._later, completed=0)

    def _after(self, waiting: Sequence[Waiting], number: int) -> float:
        analyses = [look.passes for look in self.preset.looks]
        share, whole = 1.0, 0.0
        for later in range(number + 1, self.preset.passes):
            share *= OPEN_SHARE if later in analyses else 1
            whole += share * sum(weight(each, self.preset, later) for each in waiting)
        return whole

    def begin(self, group: Group) -> None:
        """A group is about to be measured."""
        if self._bar:
            self._bar.update(self._task, description=group.name)

    def end(self, group: Group, outcome: Outcome) -> None:
        """A group is finished for this pass."""
        own = self._weights[group.name]
        seconds, self._last = time.monotonic() - self._last, time.monotonic()
        self._finished += 1
        self._left, self._done, self._seconds = self._left - own, self._done + own, self._seconds + seconds
        failed = [(name, record.reason) for name, record in outcome.records.items() if record.failed and not self._pass]
        if self._bar:
            for name, reason in failed:
                self._bar.console.print(f"FAILED {name}: {reason}", style="red", markup=False, highlight=False)
            self._bar.update(self._task, advance=own, left=self._time_left().lstrip(", "))
            return
        for name, reason in failed:
            print(f"FAILED {name}: {reason}", file=sys.stderr)
        where = f"pass {self._pass + 1}, " if self.preset.passes > 1 else ""
        print(f"[{where}{self._finished}/{self._total}] {group.name}: {len(outcome.records)} cells, "
              f"{seconds:.1f} s{self._time_left()}", file=sys.stderr, flush=True)

    def _time_left(self) -> str:
        left = self._left + self._later
        if left <= 0 or not self._done:
            return ""
        return f", about {duration(self._seconds / self._done * left)} left"

    def _start_bar(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress as Bar, SpinnerColumn, TextColumn, TimeElapsedColumn
        columns = (SpinnerColumn(), BarColumn(bar_width=24), TextColumn("{task.percentage:>3.0f} %"),
                   TimeElapsedColumn(), TextColumn("{task.fields[left]}", markup=False),
                   TextColumn("{task.description}", markup=False))
        self._bar = Bar(*columns, console=Console(stderr=True), transient=True)  # rich honours NO_COLOR itself
        self._task = self._bar.add_task("", total=1.0, left="")
        self._bar.start()
