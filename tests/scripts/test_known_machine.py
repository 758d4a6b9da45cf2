"""What a machine showed at its best is remembered between runs, and losing it costs nothing else."""

import json

import pytest
from driver import ROOT, campaign
from suite.machine import known_machine
from suite.machine.known_machine import Known

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
