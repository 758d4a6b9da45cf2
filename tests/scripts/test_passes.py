"""The passes of a run beside time: who is asked, in which processes, what a failure costs, and what a run keeps."""

import json
import os
import threading
from dataclasses import replace

import pytest
from driver import PATIENCE, ROOT, campaign, executable, group
from suite.measure import contender, extra_measurements, journal, launch
from suite.measure.extra_measurements import MAX_WAITING, max_waiting
from suite.measure.group_run import GroupRun
from suite.measure.launch import Launcher
from suite.measure.outcome import Outcome
from suite.plan.presets import PRESETS

SMOKE = replace(PRESETS["smoke"], memory_processes=2, memory_wait_seconds=1.0, latency_processes=2)


def measure(folder, *strategies, latency=True, preset=SMOKE):
    launcher = Launcher(executable(folder), preset, max(os.sched_getaffinity(0)), PATIENCE)
    asked = replace(group(*strategies, memory=True), latency=latency)
    outcome = GroupRun(launcher, asked, 1).run()
    return outcome, {name.rpartition("/")[2]: record for name, record in outcome.records.items()}


def started(folder, kind):
    entries = [json.loads(line)["arguments"] for line in (folder / "log").read_text().splitlines()]
    return [arguments for arguments in entries if any(word.startswith(kind) for word in arguments)]


def test_each_contender_is_weighed_and_timed_singly_but_no_limit_row(tmp_path, monkeypatch):
    monkeypatch.setenv("FAKE_BENCH_LOG", str(tmp_path / "log"))
    outcome, records = measure(tmp_path, "fresh_heap", "slab_pool", "empty_loop")
    for name in ("fresh_heap@glibc", "slab_pool@glibc"):
        assert len(records[name].memory) == len(records[name].latency) == 2 and not records[name].failed
    assert not records["empty_loop@glibc"].memory and not records["empty_loop@glibc"].latency
    weighed, timed = started(tmp_path, "--memory"), started(tmp_path, "--latency")
    assert len(weighed) == len(timed) == 4
    # the first process of each watches what is kept, the others do not wait for it
    assert sorted(word for words in weighed for word in words if word.startswith("--wait")) == \
        ["--wait=0", "--wait=0", "--wait=1", "--wait=1"]
    assert all(any(word.startswith("--pin=") for word in words) for words in timed)
    assert Outcome.from_json(json.loads(json.dumps(outcome.to_json()))) == outcome


def test_who_has_nothing_to_tell_is_not_asked_and_measured_all_the_same(tmp_path):
    asked = replace(group("fresh_heap", "slab_pool", memory=True), latency=True)
    silent = tuple(replace(cell, answers=cell.strategy != "slab_pool") for cell in asked.cells)
    launcher = Launcher(executable(tmp_path), SMOKE, max(os.sched_getaffinity(0)), PATIENCE)
    records = GroupRun(launcher, replace(asked, cells=silent), 1).run().records
    told = {name.rpartition("/")[2]: (len(record.memory), len(record.latency), not record.failed)
            for name, record in records.items()}
    assert told["slab_pool@glibc"] == (0, 0, True) and told["fresh_heap@glibc"] == (2, 2, True)


@pytest.mark.parametrize("bad", ["crash_in_memory", "crash_in_latency"])
def test_a_contender_that_fails_in_a_pass_is_out_alone(tmp_path, bad):
    _, records = measure(tmp_path, "fresh_heap", bad, "slab_pool")
    assert records[f"{bad}@glibc"].reason == "crashed: SIGSEGV"
    for name in ("fresh_heap@glibc", "slab_pool@glibc"):
        assert len(records[name].memory) == len(records[name].latency) == 2


def test_many_wait_side_by_side_and_few_where_memory_is_short(tmp_path):
    names = [f"slab_pool_{number}" for number in range(12)]
    _, records = measure(tmp_path, "fresh_heap", *names, latency=False)
    assert all(len(record.memory) == 2 for record in records.values())
    gibi = 1 << 30
    assert max_waiting({"live": 1000, "bytes": 64}, gibi) == MAX_WAITING
    assert max_waiting({"live": 1_000_000, "bytes": 256}, 4 * gibi) == 5
    assert max_waiting({"record": "LogRecord"}, gibi) == 1
    assert max_waiting({"live": 1_000_000, "bytes": 256}, 0) == 1


def test_a_run_holds_its_ceilings_and_what_each_pass_found(tmp_path):
    measured = campaign(tmp_path).run(ROOT).results
    assert {one["name"] for one in measured["ceilings"]} == {"empty_loop", "l1_latency", "page_fault", "dram_latency"}
    cells = {cell["id"]: cell for cell in measured["cells"]}
    own = cells["good/live=10,hot=true/slab_pool@glibc"]
    assert own["memory"]["usable_bytes_per_object"] == 48.0 and own["memory"]["kept_bytes"]["0.1"] == -4096
    assert own["latency"]["samples"] == 1000 and own["latency"]["timer_ns"] == 18.0
    assert cells["good/live=100,hot=true/slab_pool@glibc"]["latency"] is None
    assert all("limit" in cell for cell in cells.values())


def test_what_a_pass_found_survives_the_journal_and_nonsense_does_not(tmp_path):
    outcome, _ = measure(tmp_path, "fresh_heap")
    journal.append(tmp_path, outcome)
    assert journal.read_outcomes(tmp_path) == [outcome]
    for change in ({"operations": 0}, {"replace": {}}, {"growth": [[1]]}, {"timer_ns": None},
                   {"acquire": {"maximum_ns": 1, "histogram": [[5, 0.5]]}}):
        plain = json.loads(json.dumps(outcome.to_json()))
        next(iter(plain["records"].values()))["latency"][0] |= change
        with pytest.raises(ValueError):
            Outcome.from_json(plain)


@pytest.mark.parametrize("change", [{"kept_bytes": [1]}, {"kept_bytes": {"0": "much"}}, {"timeline": [[1, 2, 3]]},
                                    {"usable_bytes_per_object": -1}, {"fragmentation": "none"}, {"objects": 1.5}])
def test_a_memory_event_out_of_protocol_is_told(change):
    good = {"objects": 1, "rss_bytes_per_object": 1.0, "requested_bytes_per_object": 1, "sizeof_bytes": 1,
            "payload_bytes": 1, "kept_bytes": {"0": -1}, "timeline": [[0, -4096]], "fragmentation": None}
    assert contender.memory(good) and not contender.memory(good | change)


@pytest.mark.parametrize(("act", "seconds", "said"), [
    ("exit 3", PATIENCE, "exit code 3"), ("exec sleep 600", 0.3, "no answer within 0.3 s")])
def test_ceilings_that_cannot_be_had_are_no_reason_to_lose_a_run(tmp_path, capsys, monkeypatch, act, seconds, said):
    asked, ask = [], extra_measurements._ask
    monkeypatch.setattr(extra_measurements, "_ask", lambda launcher: asked.append(launcher) or ask(launcher))
    monkeypatch.setattr(launch, "CEILINGS_SECONDS", 0.1)
    program = tmp_path / "poolmark-bench"
    program.write_text(f"#!/bin/sh\n{act}\n")
    program.chmod(0o755)
    launcher = Launcher(program, PRESETS["quick"], max(os.sched_getaffinity(0)), seconds)
    assert extra_measurements.measure_ceilings(launcher, threading.Event()) == []
    err = capsys.readouterr().err
    assert "asked 0 times instead of 5" in err and said in err and err.count("\n") == 1
    assert len(asked) == 1, "the next one would be as silent"
