"""The calmest CPU: when the driver moves, how long it waits, and what it remembers of the machine at its best."""

import json
import os

import pytest
from driver import ROOT, campaign, executable
from suite.base.errors import UserError
from suite.machine import calm, known_machine
from suite.machine.calm import CalmestCpu, Reading
from suite.machine.known_machine import Known

CHAIN = 0.57


def reading(cpu, core, contended=False, chain=CHAIN):
    return Reading(cpu, core, chain, contended)


class Answers:
    """In place of the program: one list of readings for each time it is asked, the last one again and again."""

    def __init__(self, *answers):
        self.answers, self.asked, self.closed = list(answers), 0, False

    def ask(self):
        self.asked += 1
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    def close(self):
        self.closed = True


class Clock:
    """Time that only sleeping takes."""

    def __init__(self):
        self.now = 0.0

    def monotonic(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds


@pytest.fixture
def pinned(monkeypatch):
    """Where the driver was put; nobody is moved."""
    where = []
    monkeypatch.setattr(calm.os, "sched_setaffinity", lambda _, cpus: where.append(list(cpus)))
    return where


@pytest.fixture
def make(monkeypatch, pinned):
    def made(*answers, cpus=(0, 1), best=None):
        clock, witness = Clock(), Answers(*answers)
        monkeypatch.setattr(calm, "LONGEST_WAIT_SECONDS", 0.5)
        monkeypatch.setattr(calm, "Witness", lambda program, cpus: witness)
        monkeypatch.setattr(calm, "time", clock)
        return CalmestCpu(None, cpus, best), witness, clock
    return made


@pytest.mark.parametrize(("other", "chosen"), [(0.40, 1), (0.37, 1), (0.36, 0), (0.66, 1)])
def test_a_cpu_is_left_only_for_a_clearly_calmer_one(other, chosen):
    assert calm.calmest([reading(0, other), reading(1, 0.40)], here=1).cpu == chosen


def test_a_cpu_that_somebody_wants_is_never_preferred():
    assert calm.calmest([reading(0, 0.2, contended=True), reading(1, 0.66)], here=0).cpu == 1
    assert calm.calmest([reading(0, 0.66, contended=True), reading(1, 0.4, contended=True)], here=0).cpu == 1


def test_a_slower_clock_is_not_taken_for_a_neighbour():
    assert calm.calmest([reading(0, 0.4), reading(1, 0.8, chain=2 * CHAIN)], here=1).cpu == 1


def test_it_moves_counts_it_and_keeps_the_driver_off(make, pinned):
    chooser, witness, _ = make([reading(0, 0.40), reading(1, 0.66)], [reading(0, 0.41), reading(1, 0.40)])
    assert (chooser.choose(), chooser.moves, pinned[-1]) == (0, 1, [1])
    assert (chooser.choose(), chooser.moves, pinned[-1]) == (0, 1, [1]), "no calmer one, so it stays"
    chooser.close()
    assert witness.closed and pinned[-1] == [0, 1]


def test_on_one_cpu_the_driver_stays_beside_it(make, pinned):
    chooser, _, _ = make([reading(0, 0.4)], cpus=(0,))
    assert (chooser.choose(), pinned[-1]) == (0, [0])


def test_it_waits_for_a_quiet_core_and_no_longer(make):
    shared, quiet = [reading(0, 0.66), reading(1, 0.66)], [reading(0, 0.66), reading(1, 0.41)]
    chooser, witness, _ = make(shared, shared, shared, quiet, best=0.4 / CHAIN)
    assert chooser.choose() == 1 and witness.asked == 4
    assert chooser.waited == pytest.approx(3 * calm.PAUSE_SECONDS) and chooser.moves == 0


def test_two_threads_wait_for_two_quiet_cpus(make):
    one, both = [reading(0, 0.66), reading(1, 0.4)], [reading(0, 0.41), reading(1, 0.4)]
    chooser, witness, _ = make(one, one, both, best=0.4 / CHAIN)
    assert chooser.choose(2) == 1 and witness.asked == 3
    assert chooser.are_quiet(2) and chooser.are_quiet(100), "more threads than CPUs need no more than there are"
    chooser, witness, clock = make(one, best=0.4 / CHAIN)
    assert chooser.choose(1) == 1 and witness.asked == 1 and not chooser.are_quiet(2)
    assert chooser.choose(2) == 1 and clock.now == pytest.approx(calm.LONGEST_WAIT_FOR_SEVERAL_SECONDS, abs=2 * calm.PAUSE_SECONDS)
    chooser, _, _ = make([])
    assert not chooser.are_quiet(1)


def test_it_waits_for_a_cpu_that_nobody_else_wants(make):
    wanted = [reading(0, 0.4, contended=True), reading(1, 0.4, contended=True)]
    chooser, witness, _ = make(wanted, [reading(0, 0.4), reading(1, 0.4, contended=True)])
    assert chooser.choose() == 0 and witness.asked == 2


def test_the_wait_for_one_block_and_for_all_is_bounded(make):
    chooser, _, clock = make([reading(0, 0.66), reading(1, 0.66)], best=0.4 / CHAIN)
    chooser.choose()
    assert chooser.waited == pytest.approx(calm.LONGEST_WAIT_SECONDS, abs=calm.PAUSE_SECONDS)
    for _ in range(100):
        chooser.choose()
    assert clock.now == pytest.approx(chooser.waited), "nothing else took time"
    assert chooser.waited <= calm.FREE_WAIT_SECONDS / (1 - calm.WAIT_SHARE) + calm.PAUSE_SECONDS
    before = chooser.waited
    clock.now += 100
    chooser.choose()
    assert chooser.waited > before, "a longer run may wait longer"


def test_who_is_not_patient_does_not_wait(make):
    chooser, witness, _ = make([reading(0, 0.66), reading(1, 0.66)], best=0.4 / CHAIN)
    chooser.choose(patient=False)
    assert (chooser.waited, witness.asked) == (0, 1)


def test_the_best_level_is_the_best_it_ever_saw_on_a_free_cpu(make):
    chooser, _, _ = make([reading(0, 0.3, contended=True), reading(1, 0.5)], [reading(0, 0.45), reading(1, 0.5)], best=0.9)
    chooser.choose()
    assert chooser.best == pytest.approx(0.5 / CHAIN)
    chooser.choose()
    assert chooser.best == pytest.approx(0.45 / CHAIN)


def test_where_the_program_is_gone_it_stays(make):
    chooser, _, clock = make([])
    assert (chooser.choose(), chooser.moves, chooser.waited, clock.now) == (1, 0, 0, 0)


@pytest.fixture
def program(tmp_path):
    executable(tmp_path)
    return tmp_path / calm.NAME


def test_the_real_program_answers_for_each_cpu_and_is_missed_without_harm(program):
    cpus = sorted(os.sched_getaffinity(0))
    witness = calm.Witness(program, cpus)
    try:
        found = witness.ask()
        assert [one.cpu for one in found] == cpus and all(one.core > 0 and one.chain > 0 for one in found)
        assert [one.cpu for one in witness.ask()] == cpus
        witness._process.kill()
        witness._process.wait()
        assert witness.ask() == [] == witness.ask()
    finally:
        witness.close()


def test_a_program_that_is_not_there_is_one_line(tmp_path):
    with pytest.raises(UserError, match="poolmark-witness cannot be started .*scripts/poolmark setup"):
        calm.Witness(tmp_path / calm.NAME, [0])


@pytest.mark.parametrize("said", ["[]", "nonsense", "[1]", '[{"cpu": 0}]', "{}", "null", '{"cpu": 0}'])
def test_an_answer_that_is_none_is_nobodys(tmp_path, said):
    program = tmp_path / calm.NAME
    program.write_text(f"#!/bin/sh\nwhile read -r _; do echo '{said}'; done\n")
    program.chmod(0o755)
    witness = calm.Witness(program, [0])
    try:
        assert witness.ask() == []
    finally:
        witness.close()


LEVELS = {"core": 0.7, "dram": 88.0}


@pytest.fixture
def kept():
    known_machine.keep(LEVELS, Known("A CPU"))
    return known_machine.path()


def test_it_reads_back_as_it_was_kept(kept):
    found = known_machine.load("A CPU")
    assert (found.levels, found.note) == (LEVELS, "") and len(found.made) == len("2026-01-31")
    assert [path.name for path in kept.parent.iterdir()] == [kept.name], "nothing is left beside it"


def test_without_a_file_quiet_is_what_this_run_sees():
    found = known_machine.load("A CPU")
    assert found.levels == {} and found.note.startswith("no earlier run on this machine")


@pytest.mark.parametrize("text", ["", "[]", "null", "{", '{"cpu": "A CPU"}', '{"cpu": "A CPU", "levels": [], "made": ""}',
                                  '{"cpu": "A CPU", "levels": {"core": "x"}', "\xff"])
def test_a_damaged_file_is_named_and_does_not_count(kept, text):
    kept.write_text(text, encoding="latin-1")
    found = known_machine.load("A CPU")
    assert found.levels == {} and str(kept) in found.note and "remove it" in found.note and "\n" not in found.note


@pytest.mark.parametrize("value", [0, -1, True, None, "0.4", 1e30, float("nan"), [0.4]])
def test_a_level_that_nothing_can_measure_does_not_count(kept, value):
    kept.write_text(json.dumps({"cpu": "A CPU", "levels": {"core": value, "dram": 88.0, "other": 1.0}, "made": "2026-01-31"}))
    assert known_machine.load("A CPU").levels == {"dram": 88.0}


def test_levels_of_another_kind_of_machine_do_not_count_and_are_named(kept):
    found = known_machine.load("Another CPU")
    assert found.levels == {} and "another kind of machine (A CPU)" in found.note and found.cpu == "Another CPU"


def test_the_better_of_each_level_is_kept(kept):
    known_machine.keep({"core": 0.9, "dram": 80.0, "l3": 12.0}, known_machine.load("A CPU"))
    assert known_machine.load("A CPU").levels == {"core": 0.7, "dram": 80.0, "l3": 12.0}


def test_another_machine_takes_the_place(kept):
    known_machine.keep({"core": 0.9}, known_machine.load("Another CPU"))
    assert known_machine.load("Another CPU").levels == {"core": 0.9}


def test_a_folder_that_cannot_be_written_is_no_reason_to_lose_a_run(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("mine")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    known_machine.keep(LEVELS, Known("A CPU"))
    assert known_machine.load("A CPU").levels == {} and (tmp_path / "file").read_text() == "mine"


def test_a_smoke_run_teaches_nothing(tmp_path):
    campaign(tmp_path, workloads=("good",)).run(ROOT)
    assert not known_machine.path().exists()
