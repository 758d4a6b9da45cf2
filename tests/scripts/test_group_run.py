"""One cell group: who takes part in what, what fails alone and what takes others with it."""

import json
import os
from dataclasses import replace

import pytest
from driver import PATIENCE, executable, group
from suite.analysis.cell_verdicts import judged
from suite.analysis.regimes import Conditions
from suite.measure import rounds
from suite.measure.group_run import GroupRun
from suite.measure.journal import Outcome
from suite.measure.launch import Launcher
from suite.measure.rounds import disturbed
from suite.plan.presets import PRESETS, Look

LOOKS = (Look(3, 0.95, 1), Look(5, 0.95, 2))
SHORT = replace(PRESETS["quick"], looks=LOOKS, long_looks=LOOKS, rounds=4, epoch_ns=250e3, memory_processes=2)


def measure(folder, *strategies, preset=SHORT, seconds=PATIENCE, seed=1, **options):
    launcher = Launcher(executable(folder), preset, max(os.sched_getaffinity(0)), seconds)
    outcome = GroupRun(launcher, group(*strategies, **options), seed).run()
    return outcome, {name.rpartition("/")[2]: record for name, record in outcome.records.items()}


def test_every_contender_gets_fresh_processes_and_shared_iterations(tmp_path, monkeypatch):
    monkeypatch.setenv("FAKE_BENCH_LOG", str(tmp_path / "log"))
    outcome, records = measure(tmp_path, "fresh_heap", "slab_pool", "empty_loop", twin=True)
    # the fastest contender that is no limit takes 500 ns an iteration and must take 250 us an epoch
    assert (outcome.iterations, outcome.rounds) == (500, 4)
    assert [len(record.samples) for record in records.values()] == [3, 3, 3, 3, 3]
    assert records["slab_pool@glibc"].samples[0]["ns_per_op"] == [50.0] * 4
    started = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]
    # three processes each, and one each before them for the calibration
    assert len({entry["pid"] for entry in started}) == len(started) == 20
    assert not any("twin" in argument for entry in started for argument in entry["arguments"])
    assert len({entry["padding"] for entry in started}) > 6
    assert all("--in-turn=5" in entry["arguments"] for entry in started), "so many displace one another from the caches"


def test_the_seed_decides_the_layouts(tmp_path):
    layouts = [[sample["layout"] for record in measure(tmp_path, "fresh_heap", "slab_pool", seed=seed)[1].values()
                for sample in record.samples] for seed in (1, 1, 2)]
    assert layouts[0] == layouts[1] != layouts[2]


def test_a_large_group_runs_in_blocks_each_with_the_baseline(tmp_path):
    rivals = [f"slab_pool_{number}" for number in range(6)]
    _, records = measure(tmp_path, "fresh_heap", *rivals)
    assert all(len(record.samples) == 3 for name, record in records.items() if name != "fresh_heap@glibc")
    assert len(records["fresh_heap@glibc"].samples) == 2 * 3
    for name in rivals:
        for sample in records[f"{name}@glibc"].samples:
            assert len(sample["baseline_ns_per_op"]) == len(sample["ns_per_op"]) == 4
    assert not records["fresh_heap@glibc"].samples[0]["baseline_ns_per_op"]


@pytest.mark.parametrize("bad", ["crash_at_ready", "crash_at_epoch", "crash_at_quit", "garbage", "other_digest"])
def test_a_failure_stays_alone_and_is_not_repeated(tmp_path, monkeypatch, bad):
    monkeypatch.setenv("FAKE_BENCH_LOG", str(tmp_path / "log"))
    _, records = measure(tmp_path, "fresh_heap", bad, "slab_pool")
    failed = records.pop(f"{bad}@glibc")
    assert failed.failed and not failed.samples
    assert all(not record.failed and len(record.samples) == 3 for record in records.values())
    starts = [line for line in (tmp_path / "log").read_text().splitlines() if bad in line]
    assert len(starts) == 1


def test_each_pass_brings_some_of_the_processes_and_is_named_in_them(tmp_path):
    asked = group("fresh_heap", "slab_pool", "slow_pool")
    launcher = Launcher(executable(tmp_path), SHORT, max(os.sched_getaffinity(0)), PATIENCE)
    first = GroupRun(launcher, asked, 1).run()
    second = GroupRun(launcher, asked, 1, known=first).run([f"{asked.name}/slab_pool@glibc"])
    assert (first.passes, first.looks, second.passes, second.looks) == (1, 1, 2, 2)

    def rows(outcome, name):
        return [(sample["process"], sample["pass"]) for sample in outcome.records[f"{asked.name}/{name}@glibc"].samples]
    assert rows(first, "slab_pool") == rows(second, "slow_pool") == [(0, 0), (1, 0), (2, 0)]
    assert rows(second, "slab_pool") == rows(second, "fresh_heap") == [(0, 0), (1, 0), (2, 0), (3, 1), (4, 1)]
    records = {name.rpartition("/")[2]: (record.passes, record.looks) for name, record in second.records.items()}
    assert records == {"fresh_heap@glibc": (2, 2), "slab_pool@glibc": (2, 2), "slow_pool@glibc": (1, 1)}


def test_each_block_runs_where_the_driver_says_and_keeps_its_witnesses(tmp_path):
    cpus = sorted(os.sched_getaffinity(0))
    asked = []

    def choose():
        asked.append(cpus[len(asked) % len(cpus)])
        return asked[-1]
    launcher = Launcher(executable(tmp_path), SHORT, cpus[-1], PATIENCE)
    outcome = GroupRun(launcher, group("fresh_heap", "slab_pool", "crowded", "visited"), 1, choose=choose).run()
    samples = {name.rpartition("/")[2]: record.samples for name, record in outcome.records.items()}
    for found in samples.values():
        assert [sample["cpu"] for sample in found] == asked[1:], "the first was asked for the calibration"
        assert [sample["at"] for sample in found] == sorted(sample["at"] for sample in found)
    assert {name: found[0]["witness"]["core"] for name, found in samples.items()} == {
        "fresh_heap@glibc": [0.4] * 4, "slab_pool@glibc": [0.4] * 4, "crowded@glibc": [0.66] * 4,
        "visited@glibc": [0.4, 0.66] * 2}
    assert Outcome.from_json(json.loads(json.dumps(outcome.to_json()))) == outcome


@pytest.mark.parametrize("change", [
    {"witness": {"core": [0.4] * 3}}, {"witness": {"core": [0.4, 0.4, 0.4, 0]}}, {"witness": {"core": [0.4, 0.4, 0.4, "x"]}},
    {"witness": []}, {"pass": -1}, {"pass": "x"}, {"cpu": None}, {"at": -1.0}, {"witness_ns": float("nan")}])
def test_rounds_with_nonsense_beside_them_are_none(tmp_path, change):
    outcome, _ = measure(tmp_path, "fresh_heap")
    plain = json.loads(json.dumps(outcome.to_json()))
    assert Outcome.from_json(plain)
    plain = json.loads(json.dumps(outcome.to_json()))
    next(iter(plain["records"].values()))["samples"][0] |= change
    with pytest.raises((ValueError, TypeError, AttributeError)):
        Outcome.from_json(plain)


def test_an_unequal_digest_shows_both(tmp_path):
    _, records = measure(tmp_path, "fresh_heap", "other_digest")
    assert records["other_digest@glibc"].reason == \
        f"digest differs from the baseline: got {'f' * 16}, baseline {'0' * 16}"


def test_facts_are_the_same_in_every_process_or_none(tmp_path):
    outcome, records = measure(tmp_path, "fresh_heap", "tells", "tells_other")
    assert records["tells@glibc"].facts == {"hit_ratio": 0.25} and not records["fresh_heap@glibc"].facts
    assert records["tells_other@glibc"].reason.startswith("its facts differ between processes")
    made = {cell.strategy: cell for cell in judged(group("fresh_heap", "tells", "tells_other"), outcome, SHORT, Conditions())}
    assert made["tells"].entry()["facts"] == {"hit_ratio": 0.25} and "facts" not in made["fresh_heap"].entry()
    assert Outcome.from_json(json.loads(json.dumps(outcome.to_json()))).records["good/live=10/tells@glibc"].facts


def test_a_hang_is_cut_off(tmp_path):
    _, records = measure(tmp_path, "fresh_heap", "hang_at_epoch", seconds=5.0)
    assert records["hang_at_epoch@glibc"].reason.startswith("no answer within 5 s")
    assert not records["fresh_heap@glibc"].failed


def test_without_the_baseline_the_group_fails(tmp_path):
    _, records = measure(tmp_path, "crash_at_epoch", "slab_pool", twin=True)
    assert records["crash_at_epoch@glibc"].reason == "crashed: SIGSEGV"
    assert records["slab_pool@glibc"].reason == "its baseline failed: crashed: SIGSEGV"
    assert not records["slab_pool@glibc"].samples


def test_a_disturbed_round_is_rejected_for_the_pair_it_belongs_to(tmp_path):
    _, records = measure(tmp_path, "fresh_heap", "disturbed", "slab_pool")
    rejected = {name: [sample["rejected"] for sample in record.samples] for name, record in records.items()}
    assert rejected == {"fresh_heap@glibc": [[]] * 3, "disturbed@glibc": [[0, 1, 2, 3]] * 3,
                        "slab_pool@glibc": [[]] * 3}


def test_a_disturbed_baseline_rejects_the_round_for_everyone(tmp_path):
    _, records = measure(tmp_path, "disturbed", "slab_pool")
    assert all(sample["rejected"] == [0, 1, 2, 3] for record in records.values() for sample in record.samples)


def test_memory_is_measured_in_processes_of_its_own(tmp_path):
    _, records = measure(tmp_path, "fresh_heap", "crash_in_memory", "empty_loop", memory=True, twin=True)
    assert len(records["fresh_heap@glibc"].memory) == 2
    assert records["crash_in_memory@glibc"].reason == "crashed: SIGSEGV"
    assert not records["empty_loop@glibc"].memory and not records["fresh_heap@glibc#twin"].memory


@pytest.mark.parametrize(("evidence", "expected"), [
    ({}, False), ({"major_faults": 1}, True), ({"migrations": 1}, True),
    ({"involuntary_switches": 1, "run_delay_ns": 20_001}, True),
    ({"involuntary_switches": 1, "run_delay_ns": 19_999}, False), ({"run_delay_ns": 900_000}, False),
    ({"minor_faults": 50}, False),
])
def test_only_what_comes_from_outside_disturbs(evidence, expected):
    quiet = {"real_ns": 1e6, "migrations": 0, "involuntary_switches": 0, "run_delay_ns": 0, "major_faults": 0}
    assert disturbed(quiet | evidence) is expected


def test_threads_that_take_turns_are_not_disturbed_by_one_another():
    waited = {"real_ns": 1e6, "migrations": 0, "involuntary_switches": 9, "run_delay_ns": 700_000, "major_faults": 0}
    turns = waited | {"takes_turns": True}
    assert disturbed(waited) and not disturbed(turns) and disturbed(waited | {"takes_turns": "yes"})
    assert disturbed(turns | {"major_faults": 1}) and disturbed(turns | {"migrations": 1})


def test_a_contender_says_that_its_threads_take_turns(tmp_path):
    _, records = measure(tmp_path, "fresh_heap", "preempted", "takes_turns")
    rejected = {name: [sample["rejected"] for sample in record.samples] for name, record in records.items()}
    assert rejected == {"fresh_heap@glibc": [[]] * 3, "preempted@glibc": [[0, 1, 2, 3]] * 3,
                        "takes_turns@glibc": [[]] * 3}


class Clock:
    """A contender whose first long epoch is a disturbance."""

    def __init__(self, ns, spike_at=None):
        self.ns, self.spike_at, self.calls = ns, spike_at, []

    def epoch(self, iterations):
        self.calls.append(iterations)
        return {"real_ns": 1e6 if len(self.calls) - 1 == self.spike_at else self.ns * iterations}


def test_calibration_believes_only_what_it_sees_twice():
    assert rounds.iteration_ns(Clock(7.0), 50e3) == 7.0
    spiked = Clock(7.0, spike_at=0)
    assert rounds.iteration_ns(spiked, 50e3) == 7.0 and spiked.calls[-1] == spiked.calls[-2] > 7000


@pytest.mark.parametrize(("fastest", "slowest", "iterations"), [
    (500, 1000, 500),  # 250 us for the fastest
    (1000, 1e6, 50),  # the slowest may take 8 ms, but the fastest still needs 50 us
    (1e5, 1e7, 1),  # both cannot be had: one iteration
    (1e4, 5e5, 16),  # 8 ms for the slowest
])
def test_the_shared_count_fits_both_ends(fastest, slowest, iterations):
    preset = replace(PRESETS["quick"], epoch_ns=250e3, longest_epoch_ns=8e6, shortest_epoch_ns=50e3)
    assert rounds.shared_iterations(fastest, slowest, preset) == iterations


@pytest.mark.parametrize(("slowest", "count"), [(5e5, 12), (6e6, 10), (8e6, 8), (2e7, 8), (2.1e7, 3)])
def test_rounds_fit_the_budget_of_a_process(slowest, count):
    preset = replace(PRESETS["quick"], rounds=12, process_budget_ns=60e6, min_rounds=8, min_long_rounds=3)
    assert rounds.round_count(1, slowest, preset) == count
