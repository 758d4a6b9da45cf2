"""What is installed, what could be, and what is lost without it. Nothing here changes a verdict, but for the compiler."""

import shutil
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from suite.base import packages
from suite.machine.doctor.finding import Finding, ok, problem, warn
from suite.machine.source import Source

TOPIC = "tools"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
LOST = {"heaps": "rows of these heaps are skipped", "peers": "rows of these peers are skipped"}


def python() -> Finding:
    """The driver's own needs."""
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info < (3, 11):
        return problem(TOPIC, "Python", version, "the driver needs 3.11", "sudo apt-get install -y python3")
    return ok(TOPIC, "Python", version)


def installed(found: tuple[packages.Package, ...], may_install: bool) -> list[Finding]:
    """One line a group of packages that lacks some."""
    by_group: dict[str, list[packages.Package]] = {}
    for package in found:
        by_group.setdefault(package.group, []).append(package)
    lines = []
    for group, lacking in by_group.items():
        names = [package.name for package in lacking]
        fix = " ".join(packages.command(names))
        if any(package.required for package in lacking) and group in ("build", "report") and not may_install:
            lines.append(problem(TOPIC, f"packages ({group})", f"not installed: {' '.join(names)}",
                                 "nothing can be measured without them", fix))
        elif group in LOST:
            lines.append(warn(TOPIC, f"packages ({group})", f"not installed: {' '.join(names)}", LOST[group], fix, verdict=False))
        else:
            effect = "only the tests need them" if group == "test" else "the first run installs them"
            lines.append(warn(TOPIC, f"packages ({group})", f"not installed: {' '.join(names)}", effect, fix, verdict=False))
    return lines or [ok(TOPIC, "packages", "all are installed, or this system has no dpkg")]


def programs(which: Callable[[str], str | None] = shutil.which) -> list[Finding]:
    """Programs that a part of the suite is lost without."""
    valgrind = ok(TOPIC, "valgrind", "there") if which("valgrind") else warn(
        TOPIC, "valgrind", "not there", "no instruction counts: times stand without their why",
        " ".join(packages.command(["valgrind"])), verdict=False)
    browser = ok(TOPIC, "browser", "there") if any(map(which, BROWSERS)) else warn(
        TOPIC, "browser", "not there", "the pages' own test in a browser is skipped; pages need none to be made",
        " ".join(packages.command(["chromium"])), verdict=False)
    git = ok(TOPIC, "git", "there") if which("git") else warn(
        TOPIC, "git", "not there", "results cannot name their commit", " ".join(packages.command(["git"])), verdict=False)
    return [valgrind, browser, git]


def network(source: Source) -> Finding:
    """Whether there is a way out. Nothing is sent to find out."""
    routes = [line.split() for line in source.text("/proc/net/route", "").splitlines()[1:]]
    six = [line.split() for line in source.text("/proc/net/ipv6_route", "").splitlines()]
    out = any(len(route) > 1 and route[1] == "00000000" for route in routes) or \
        any(len(route) > 9 and set(route[0]) == {"0"} and route[1] == "00" and route[9] != "lo" for route in six)
    return ok(TOPIC, "network", "there is a way out" if out else "no way out: nothing can be installed, and a run needs none")


def checkout(facts: Mapping[str, Any], bench: Path) -> list[Finding]:
    """What results will say of their own program."""
    found = facts["checkout"]
    built = ok(TOPIC, "poolmark-bench", f"built, {facts['binary']['sha256'][:12]}" if bench.exists() else
               "not built yet; the first run builds it")
    if found["commit"] == "unknown":
        return [built, warn(TOPIC, "checkout", "no git checkout", "results cannot name their commit",
                            "git clone the repository, and run from there", verdict=False)]
    if found["dirty"]:
        return [built, warn(TOPIC, "checkout", f"{found['commit'][:12]}, modified",
                            "citations say 'modified', and nobody else can build that program", "git stash", verdict=False)]
    return [built, ok(TOPIC, "checkout", found["commit"][:12])]
