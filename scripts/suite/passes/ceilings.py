"""What the machine can do at most, asked in several fresh processes on the CPU that everything is timed on.

A run that is taken up again asks again: it may have been moved to another machine's CPU meanwhile.
"""

import sys
import threading
from typing import Any

from suite.contender import ContenderFailure
from suite.launch import Launcher
from suite.streams import printable


def measure(launcher: Launcher, stop: threading.Event) -> list[list[dict[str, Any]]]:
    """One list of ceilings for each process that answered. One that does not is no reason to lose a run, nor to wait for the
    others: they would not answer either."""
    found: list[list[dict[str, Any]]] = []
    while len(found) < launcher.preset.ceiling_processes and not stop.is_set():
        try:
            found.append(_ask(launcher))
        except ContenderFailure as failure:
            if not stop.is_set():
                print(f"note: the machine's limits were asked {len(found)} times instead of "
                      f"{launcher.preset.ceiling_processes}: {printable(failure.reason)}", file=sys.stderr)
            break
    return found


def _ask(launcher: Launcher) -> list[dict[str, Any]]:
    contender = launcher.ceilings()
    try:
        return contender.ceilings()["ceilings"]
    finally:
        contender.kill()
