"""What is called a problem, what a warning, and that each names its fix; nothing but Python is needed to be told."""

import copy
import json
import os
import subprocess
import sys

import pytest
from driver import PATIENCE, ROOT
from suite.base import packages
from suite.base.build import BENCH
from suite.machine import doctor, environment
from suite.machine.doctor import limits, machine, tools
from suite.machine.doctor.finding import Finding
from suite.machine.doctor.limits import Probe
from suite.machine.source import Source

QUIET = Probe(100, 0, {"steal_share": 0.0, "nr_throttled": 0, "memory_pressure_share": 0.0, "load_before": 0.1})


@pytest.fixture(scope="module")
def facts():
    """Of a machine that has nothing wrong with it."""
    found = environment.describe({}, {}, bench=BENCH, root=ROOT)
    found["processor"] |= {"online": "0-1", "stepping": 1}
    found["settings"] |= {"fixed_addresses": False, "policy": "other", "nice": 0}
    found["memory"] |= {"available_bytes": 8 << 30, "swap_bytes": 0, "overcommit": 0}
    found["host"] |= {"cpu_limit": None, "memory_limit_bytes": None}
    found["clock"] |= {"source": "tsc", "smallest_step_ns": 50, "read_ns": 80.0}
    found["checkout"] = {"commit": "0" * 40, "dirty": False, "difference_sha256": ""}
    return found | {"aslr": "2", "governor": "performance", "cpus": 2, "variables": {}}


def judged(facts, trial=QUIET):
    return [*machine.cpu(facts), *machine.kernel(facts), *machine.clock(facts), *limits.host(facts), *limits.heaps(facts),
            *limits.load(trial), *tools.checkout(facts, BENCH)]


def changed(facts, path, value):
    found = copy.deepcopy(facts)
    *folders, last = path.split("/")
    place = found
    for name in folders:
        place = place[name]
    place[last] = value
    return found


def test_a_machine_in_order_has_nothing_to_mend(facts):
    assert [finding for finding in judged(facts) if finding.state != "ok"] == []


@pytest.mark.parametrize(("path", "value", "state", "verdict", "fix"), [
    ("aslr", "0", "problem", True, "sysctl -w kernel.randomize_va_space=2"),
    ("settings/fixed_addresses", True, "problem", True, "setarch"), ("host/cpu_limit", 0.5, "problem", True, "cpu-quota"),
    ("host/cpu_limit", 1.5, "warn", True, "cpu-quota"), ("host/memory_limit_bytes", 100 << 20, "problem", True, "ps -eo rss"),
    ("memory/available_bytes", 1 << 30, "warn", True, "ps -eo rss"), ("governor", "powersave", "warn", True, "echo performance"),
    ("cpus", 1, "warn", True, "taskset -c 0-1"), ("settings/nice", 10, "warn", True, "renice"),
    ("settings/policy", "idle", "warn", True, "chrt"), ("memory/overcommit", 2, "warn", False, "overcommit_memory=0"),
    ("clock/source", "hpet", "warn", True, "echo tsc"), ("clock/smallest_step_ns", 4_000_000, "warn", True, "tsc"),
    ("variables", {"MALLOC_ARENA_MAX": "1"}, "warn", True, "unset MALLOC_ARENA_MAX"),
    ("checkout", {"commit": "1" * 40, "dirty": True}, "warn", False, "git stash"),
    ("checkout", {"commit": "unknown", "dirty": True}, "warn", False, "git clone"),
    ("counters", {"usable": False, "present": True, "reason": "paranoid is 4"}, "warn", False, "perf_event_paranoid=2")])
def test_each_fault_is_named_with_its_mend_and_whether_it_counts(facts, path, value, state, verdict, fix):
    found, = [finding for finding in judged(changed(facts, path, value)) if finding.state != "ok"]
    assert (found.state, found.verdict) == (state, verdict) and fix in found.fix and found.effect
    assert "\n" not in found.fix


@pytest.mark.parametrize(("trial", "state"), [
    (Probe(100, 40), "problem"), (Probe(100, 20), "warn"), (Probe(100, 5), "ok"), (Probe(0, 0), "ok"),
    (Probe(100, 0, {"nr_throttled": 2}), "problem"), (Probe(100, 0, {"steal_share": 0.1}), "warn"),
    (Probe(100, 0, {"memory_pressure_share": 0.5}), "warn")])
def test_neighbours_are_judged_by_the_rule_of_the_run(facts, trial, state):
    states = {finding.state for finding in judged(facts, trial)}
    assert states == ({"ok"} if state == "ok" else {"ok", state})


def test_missing_packages_change_no_verdict_unless_nothing_can_be_built():
    def lacking(group, required):
        return (packages.Package("thing", group, required, ""),)
    skipped, = tools.installed(lacking("heaps", False), may_install=False)
    assert (skipped.state, skipped.verdict) == ("warn", False) and "skipped" in skipped.effect and "apt-get" in skipped.fix
    assert tools.installed(lacking("build", True), may_install=False)[0].state == "problem"
    assert tools.installed(lacking("build", True), may_install=True)[0].state == "warn"
    assert tools.installed(lacking("test", True), may_install=False)[0].state == "warn"
    assert tools.installed((), may_install=False)[0].state == "ok"


def test_programs_that_are_not_there_are_told():
    assert [finding.state for finding in tools.programs(lambda _: None)] == ["warn"] * 3
    assert [finding.state for finding in tools.programs(lambda _: "/usr/bin/x")] == ["ok"] * 3


@pytest.mark.parametrize(("route", "said"), [
    ("Iface Destination Gateway\neth0 00000000 0102A8C0 0003\n", "there is"), ("Iface Destination\neth0 0002A8C0 0\n", "no way"),
    ("", "no way")])
def test_a_network_is_looked_up_and_not_tried(tmp_path, route, said):
    (tmp_path / "proc/net").mkdir(parents=True)
    (tmp_path / "proc/net/route").write_text(route)
    assert said in tools.network(Source(tmp_path)).value


def test_a_machine_that_tells_nothing_is_examined_all_the_same(tmp_path):
    facts = environment.describe({}, {}, bench=tmp_path / "none", root=tmp_path, source=Source(tmp_path))
    findings = doctor.examine(facts, Probe(0, 0))
    assert "poolmark-bench" in doctor.text(findings)


def test_hostile_facts_are_shown_harmless():
    text = doctor.text([Finding("a", "b", "\x1b[31m<script>\x00\n" + "x" * 10_000)])
    assert "\x1b" not in text and "\x00" not in text and text.count("\n") == 3


def test_the_exit_code_says_whether_a_run_can_be_cited(monkeypatch, capsys):
    monkeypatch.setattr(doctor, "examine", lambda facts, trial: [Finding("a", "b", "c", "warn", "d", "e")])
    assert doctor.command(as_json=False) == 0 and "can be cited" in capsys.readouterr().out
    monkeypatch.setattr(doctor, "examine", lambda facts, trial: [Finding("a", "b", "c", "problem", "d", "e", True)])
    assert doctor.command(as_json=True) == 1
    assert json.loads(capsys.readouterr().out)["citable"] is False


def test_it_needs_nothing_but_python_and_one_cpu():
    done = subprocess.run([sys.executable, "-S", "-P", "-m", "suite", "doctor", "--json"], capture_output=True, text=True,
                          env={"PYTHONPATH": str(ROOT / "scripts"), "PATH": "/nowhere"}, check=False, timeout=PATIENCE,
                          preexec_fn=lambda: os.sched_setaffinity(0, {min(os.sched_getaffinity(0))}))
    assert done.returncode in (0, 1), done.stderr
    found = json.loads(done.stdout)
    cpus, = [finding for finding in found["findings"] if finding["name"] == "CPUs"]
    assert cpus["state"] == "warn" and cpus["verdict"] and done.stderr == ""
