"""What the machine can do at most, asked in several fresh processes on the CPU that everything is timed on.

A run that is taken up again asks again: it may have been moved to another machine's CPU meanwhile.
"""

import threading
from typing import Any

from suite.contender import ContenderFailure
from suite.launch import Launcher


def measure(launcher: Launcher, stop: threading.Event) -> list[list[dict[str, Any]]]:
    """One list of ceilings for each process that answered. One that does not is no reason to lose a run."""
    found = []
    for _ in range(launcher.preset.ceiling_processes):
        if stop.is_set():
            break
        try:
            contender = launcher.ceilings()
        except ContenderFailure:
            continue
        try:
            found.append(contender.ceilings()["ceilings"])
        except ContenderFailure:
            pass
        finally:
            contender.kill()
    return found
