"""`poolmark list`: what there is to measure, as tables on a terminal and as plain columns in a pipe."""

import sys
from collections.abc import Iterable, Sequence

from suite.plan.describe import PRESETS, Description

Row = tuple[str, ...]


def rows(description: Description, kind: str) -> tuple[Row, list[Row]]:
    """Heading and rows of one kind; an unavailable entry says what would make it available."""
    def state(entry) -> str:
        return "yes" if entry.available else entry.reason or "no"
    if kind == "workloads":
        return ("workload", "baseline", "strategies", "points", "from preset", "question"), [
            (entry.name, entry.strategies[0].name, str(len(entry.strategies)), str(len(entry.points)), entry.preset,
             entry.question)
            for entry in description.workloads]
    if kind == "strategies":
        return ("strategy", "family", "available", "from preset", "what it does"), [
            (entry.name, entry.family, state(entry), tier(description, entry.name), entry.summary)
            for entry in description.strategies]
    return ("allocator", "available", "library", "what it is"), [
        (entry.name, state(entry), entry.library or "-", entry.summary) for entry in description.allocators]


def tier(description: Description, strategy: str) -> str:
    """The least thorough preset in which any workload takes the strategy; before it, it takes part where it is named."""
    presets = {max(workload.preset, entrant.preset, key=PRESETS.index) for workload in description.workloads
               for entrant in workload.strategies if entrant.name == strategy}
    return min(presets, key=PRESETS.index, default="-")


def plain(heading: Row, body: Sequence[Row]) -> str:
    """Columns padded with spaces, two apart."""
    widths = [max(len(row[column]) for row in (heading, *body)) for column in range(len(heading))]
    return "\n".join("  ".join(text.ljust(width) for text, width in zip(row, widths)).rstrip()
                     for row in (heading, *body))


def show(description: Description, kinds: Iterable[str]) -> None:
    """Prints the tables of the kinds."""
    for number, kind in enumerate(kinds):
        heading, body = rows(description, kind)
        if not sys.stdout.isatty():
            print(("\n" if number else "") + plain(heading, body))
            continue
        from rich.console import Console
        from rich.table import Table
        from rich.text import Text
        table = Table(*heading, title=kind, title_justify="left", box=None, pad_edge=False)
        for row in body:
            table.add_row(*map(Text, row))
        Console().print(table)
