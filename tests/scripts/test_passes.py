"""The passes of a run beside time: who is asked, in which processes, what a failure costs, what a run keeps; and what they found, as
results: sums of histograms, percentiles a sample supports, spikes, limits."""

import json
import os
import threading
from dataclasses import replace
from fractions import Fraction

import pytest
from driver import campaign, executable, group, PATIENCE, ROOT
from suite.analysis import ceilings, extra_summaries
from suite.analysis.cell import of
from suite.measure import contender, extra_measurements, journal, launch
from suite.measure.extra_measurements import MAX_WAITING, max_waiting
from suite.measure.group_run import GroupRun
from suite.measure.journal import Outcome, Record
from suite.measure.launch import Launcher
from suite.plan.presets import PRESETS
from suite.results import assemble

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


def part(*buckets, maximum=None):
    return {"histogram": [list(bucket) for bucket in buckets], "maximum_ns": maximum or buckets[-1][0]}


def event(**changes):
    whole = part((20.0, 900), (50.0, 95), (910.0, 5), maximum=900.0)
    return {"operations": 16000, "period": 16, "clock": "rdtscp", "timer_ns": 9.0, "involuntary_switches": 1,
            "replace": whole, "acquire": whole, "release": whole, "grow": whole, "growth": [[0, 800.0]]} | changes


def test_percentiles_are_the_upper_ends_of_their_buckets():
    told = extra_summaries.distribution([part((10.0, 50), (20.0, 40), (40.0, 10))])
    assert told["percentiles"] == {"50": 10.0, "90": 20.0} and told["maximum_ns"] == 40.0 and told["samples"] == 100


@pytest.mark.parametrize(("total", "supported"), [
    (19, []), (20, ["50"]), (100, ["50", "90"]), (999, ["50", "90"]), (1000, ["50", "90", "99"]),
    (99_999, ["50", "90", "99", "99.9"]), (100_000, ["50", "90", "99", "99.9", "99.99"])])
def test_a_percentile_needs_ten_samples_beyond_it(total, supported):
    assert list(extra_summaries.distribution([part((10.0, total))])["percentiles"]) == supported
    assert extra_summaries.percentile([(10.0, 9)], 9, Fraction(1, 2)) is None


def test_processes_add_up_and_the_longest_time_is_kept():
    record = Record(latency=[event(), event(replace=part((20.0, 100), (7000.0, 1), maximum=6990.0), timer_ns=11.0)])
    told = extra_summaries.latency(record)
    assert told["samples"] == 1101 and told["maximum_ns"] == 6990.0 and told["operations"] == 32000
    assert told["histogram"] == [[20.0, 1000], [50.0, 95], [910.0, 5], [7000.0, 1]]
    assert told["timer_ns"] == 20.0 and told["parts"]["acquire"]["timer_ns"] == 10.0
    assert told["involuntary_switches"] == 2 and "histogram" not in told["parts"]["grow"]
    assert told["percentiles"]["99"] == 50.0


def test_no_percentile_lies_beyond_the_longest_time():
    told = extra_summaries.distribution([part((100.0, 1000), maximum=99.0)])
    assert set(told["percentiles"].values()) == {99.0}


def test_only_spikes_that_come_back_are_the_pools():
    lists = [[[0, 500.0], [7, 90_000.0], [512, 700.0]], [[0, 600.0], [512, 720.0], [999, 50_000.0]],
             [[0, 400.0], [512, 710.0], [3, 100.0]]]
    assert extra_summaries.growth(lists) == [[0, 500.0], [512, 710.0]]
    assert extra_summaries.growth(lists[:1]) == [[0, 500.0], [7, 90_000.0], [512, 700.0]]


def test_a_failed_or_unasked_cell_has_neither():
    failed = Record(latency=[event()], reason="crashed", peak_rss_bytes=[1])
    assert extra_summaries.latency(failed) is None and extra_summaries.memory(failed) is None
    assert extra_summaries.latency(Record()) is None
    assert extra_summaries.memory(Record(peak_rss_bytes=[3, 1])) == \
        {"peak_rss_bytes": 2, "faults_per_operation": None}
    samples = [{"minor_faults": 3, "operations": 100}, {"minor_faults": 1, "operations": 300}]
    assert extra_summaries.memory(Record(peak_rss_bytes=[3], samples=samples))["faults_per_operation"] == 0.01


def test_the_process_that_waited_tells_what_was_kept():
    weighed = {"objects": 10, "requested_bytes_per_object": 64.0, "sizeof_bytes": 64, "payload_bytes": 64,
               "usable_bytes_per_object": 72.0, "fragmentation": None, "timeline": [], "ended_bytes": None}
    record = Record(peak_rss_bytes=[5], memory=[
        weighed | {"rss_bytes_per_object": 90.0, "kept_bytes": {"0": 1}},
        weighed | {"rss_bytes_per_object": 80.0, "kept_bytes": {"0": 9, "0.1": 8, "1": 7}},
        weighed | {"rss_bytes_per_object": 100.0, "kept_bytes": {"0": 2}}])
    told = extra_summaries.memory(record)
    assert told["kept_bytes"] == {"0": 9, "0.1": 8, "1": 7} and told["usable_bytes_per_object"] == 72.0
    assert (told["rss_low"], told["rss_bytes_per_object"], told["rss_high"]) == (80.0, 90.0, 100.0)


def test_ceilings_are_medians_over_processes():
    def one(ns, low, high):
        return [{"name": "l1_latency", "what": "a step", "ns": ns, "low": low, "high": high, "bytes": 16384}]
    told = ceilings.table([one(2.0, 1.5, 3.0), one(1.5, 1.4, 9.0), one(1.6, 1.5, 2.0)])
    assert told == [{"name": "l1_latency", "what": "a step", "ns": 1.6, "low": 1.4, "high": 9.0, "bytes": 16384,
                     "processes": [[2.0, 1.5, 3.0], [1.5, 1.4, 9.0], [1.6, 1.5, 2.0]]}]
    assert ceilings.table(ceilings.processes_behind(told)) == told
    assert ceilings.table([]) == []


CACHES = [{"level": 1, "type": "Data", "bytes": 48 << 10}, {"level": 1, "type": "Instruction", "bytes": 64 << 10},
          {"level": 2, "type": "Unified", "bytes": 1 << 20}, {"level": 3, "type": "Unified", "bytes": 32 << 20}]
BOUNDS = [{"name": name, "ns": ns} for name, ns in
          (("l1_latency", 1.5), ("l2_latency", 5.0), ("l3_latency", 40.0), ("dram_latency", 90.0),
           ("page_fault", 800.0))]


def cell(workload, ns=100.0, role="contender", memory=None, **parameters):
    return of({"workload": workload, "parameters": parameters, "role": role, "memory": memory,
               "ns_per_op": ns and {"median": ns}})


@pytest.mark.parametrize(("asked", "expected"), [
    (cell("footprint", live=1000, bytes=16), {"ceiling": "l1_latency", "ns": 1.5, "share": 0.015}),
    (cell("footprint", live=1000, bytes=60), {"ceiling": "l2_latency", "ns": 5.0, "share": 0.05}),
    (cell("footprint", live=100_000, bytes=64), {"ceiling": "l3_latency", "ns": 40.0, "share": 0.4}),
    (cell("footprint", live=1_000_000, bytes=64), {"ceiling": "dram_latency", "ns": 90.0, "share": 0.9}),
    (cell("pair", ns=3.0, bytes=64), {"ceiling": "l1_latency", "ns": 1.5, "share": 0.5}),
    (cell("build", live=10, bytes=64, memory={"faults_per_operation": 0.025}),
     {"ceiling": "page_fault", "ns": 20.0, "share": 0.2}),
    (cell("footprint", live=100_000, bytes=64, memory={"faults_per_operation": 0.1}),
     {"ceiling": "page_fault", "ns": 80.0, "share": 0.8}),
    (cell("churn", live=1_000, bytes=64, memory={"faults_per_operation": 0.001}), None),
    (cell("churn", live=1_000_000, bytes=64, memory={"faults_per_operation": 0}), None),
    (cell("pair", ns=3.0, role="limit", bytes=64), None), (cell("pair", ns=None, bytes=64), None)])
def test_a_cell_stands_beside_the_highest_ceiling_that_bounds_it(asked, expected):
    assert ceilings.limit_of_cell(asked, BOUNDS, CACHES) == expected


def test_a_cell_below_its_ceiling_has_none_and_a_smoke_run_none_at_all():
    assert ceilings.limit_of_cell(cell("footprint", ns=39.0, live=100_000, bytes=64), BOUNDS, CACHES) is None
    for preset, ceiling in (("smoke", None), ("quick", "l1_latency")):
        found = assemble._bounded(cell("pair", ns=3.0, bytes=64), BOUNDS, CACHES, PRESETS[preset]).entry()["limit"]
        assert (found and found["ceiling"]) == ceiling


def test_a_ceiling_that_was_not_measured_bounds_nothing():
    assert ceilings.limit_of_cell(cell("footprint", live=100_000, bytes=64), BOUNDS[:2], CACHES) is None
    assert ceilings.limit_of_cell(cell("footprint", live=100_000, bytes=64), BOUNDS, [])["ceiling"] == "dram_latency"
