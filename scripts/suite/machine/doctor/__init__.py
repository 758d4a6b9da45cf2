"""`poolmark doctor`: what of this machine would change a verdict, and the command that fixes each.

Good for: before a run that is to be cited, and for telling why the last one was not.
Bad for:  promises. It looks at half a second; the run itself looks at every round, and has the last word.
"""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from suite.base import packages, streams
from suite.base.build import BENCH, ROOT
from suite.machine import environment, known_machine
from suite.machine.doctor import limits, machine, tools
from suite.machine.doctor.finding import PROBLEM, WARN, Finding
from suite.machine.source import Source

EFFECTS = {True: "would change a verdict", False: "changes no verdict"}


def examine(facts: Mapping[str, Any], trial: limits.Probe) -> list[Finding]:
    """Everything, in the order in which a reader would ask."""
    listed = packages.parse(packages.LIST.read_text(encoding="utf-8"))
    wanted = [package for package in listed if package.group != packages.ON_REQUEST]
    return [*machine.cpu(facts), *machine.kernel(facts), *machine.clock(facts), *limits.host(facts), *limits.heaps(facts),
            *limits.disk(ROOT / "reports/local"), *limits.load(trial),
            *machine.found(machine.ask(), known_machine.load()), tools.python(),
            *tools.installed(packages.missing(wanted), packages.may_install()), *tools.programs(),
            tools.network(Source()), *tools.checkout(facts, BENCH)]


def text(findings: Sequence[Finding]) -> str:
    """A line a fact; below one that is not ok, what it does and what fixes it."""
    width = max(len(finding.name) for finding in findings)
    lines, topic = [], ""
    for finding in findings:
        if finding.topic != topic:
            topic = finding.topic
            lines += ["", topic] if lines else [topic]
        lines.append(f"  {finding.state:7}  {finding.name:{width}}  {streams.printable(finding.value)}")
        if finding.state != "ok":
            indent = " " * (width + 13)
            lines += [f"{indent}{finding.effect} ({EFFECTS[finding.verdict]})", f"{indent}fix: {finding.fix}"]
    return "\n".join([*lines, "", summary(findings)])


def summary(findings: Sequence[Finding]) -> str:
    """The last line."""
    problems, warnings = (sum(finding.state == state for finding in findings) for state in (PROBLEM, WARN))
    counts = f"{problems} problem{'s' * (problems != 1)}, {warnings} warning{'s' * (warnings != 1)}"
    return f"{counts}: " + ("a run made now would not be sound" if problems else "a run made now can be cited")


def command(as_json: bool) -> int:
    """Prints what was found; 1 when something stands against citing."""
    facts = environment.describe({}, bench=BENCH, root=ROOT)
    trial = limits.run(os.sched_getaffinity(0))
    findings = examine(facts, trial)
    found_problem = any(finding.state == PROBLEM for finding in findings)
    if as_json:
        print(json.dumps({"citable": not found_problem, "findings": [asdict(finding) for finding in findings],
                          "environment": facts | {"during": trial.during}}, indent=2))
    else:
        print(text(findings))
    return 1 if found_problem else 0
