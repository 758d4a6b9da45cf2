"""A run as a whole: what is written, judged, kept when interrupted, and taken up again."""

import json
import os
import shutil
import signal
import subprocess
from dataclasses import replace

import pytest
from driver import ROOT, campaign, executable
from suite.base import errors, folder
from suite.base.errors import Interrupted, UserError
from suite.cli import run
from suite.machine import environment
from suite.measure import journal
from suite.measure.group_run import GroupRun
from suite.measure.journal import Outcome, Record
from suite.plan.presets import PRESETS, Look
from suite.results import results_file
from suite.run.campaign import Ending

BRIEF = replace(PRESETS["quick"], looks=(Look(9, 0.97, 3), Look(10, 0.98, 4)), long_looks=(Look(9, 0.968, 3),), rounds=4)


def verdicts(ending, workload="good"):
    return {cell["id"].rpartition("/")[2]: cell["verdict"] for cell in ending.results["cells"]
            if cell["workload"] == workload and cell["parameters"].get("live") == 10}


def test_smoke_tries_every_cell_and_claims_nothing(tmp_path):
    ending = campaign(tmp_path, workloads=("good", "bad", "lost")).run(ROOT)
    assert ending.complete and results_file.load(tmp_path / "results.json") == ending.results
    assert verdicts(ending) == {
        "fresh_heap@glibc": "BASELINE", "fresh_heap@other": "NOT CITABLE", "fresh_heap@absent": "SKIPPED",
        "slab_pool@glibc": "NOT CITABLE", "slow_pool@glibc": "NOT CITABLE", "empty_loop@glibc": "NOT CITABLE",
        "half_line@glibc": "SKIPPED"}
    assert verdicts(ending, "bad")["crash_at_epoch@glibc"] == "FAILED"
    assert set(verdicts(ending, "lost").values()) == {"FAILED"}
    told = ending.results["calibration"]
    assert (told["quality"], told["citable"]) == ("SOUND", 0) and told["reasons"]
    assert run.exit_code(ending.results) == 1
    assert not (tmp_path / journal.PARTIAL).exists()


def test_quick_judges_against_the_baseline_and_its_twin(tmp_path, monkeypatch):
    monkeypatch.setitem(PRESETS, "quick", BRIEF)
    ending = campaign(tmp_path, "quick").run(ROOT)
    assert verdicts(ending) == {
        "fresh_heap@glibc": "BASELINE", "fresh_heap@glibc#twin": "EQUIVALENT",
        "fresh_heap@glibc#duplicate": "EQUIVALENT", "fresh_heap@other": "EQUIVALENT",
        "fresh_heap@absent": "SKIPPED", "slab_pool@glibc": "FASTER", "slow_pool@glibc": "SLOWER",
        "empty_loop@glibc": "NOT CITABLE", "half_line@glibc": "SKIPPED"}
    slow = next(cell for cell in ending.results["cells"] if cell["id"] == "good/live=10,hot=true/slow_pool@glibc")
    assert slow["ratio"] == {"estimate": 2, "low": 2, "high": 2} and slow["ns_per_op"]["median"] == 200
    assert slow["memory"]["rss_bytes_per_object"] == slow["memory"]["rss_low"] == 40.5
    calibration = ending.results["calibration"]
    assert (calibration["quality"], calibration["floor"], len(calibration["aa"])) == ("SOUND", 0, 6)
    # three of live=10 and two of live=100: neither what was planted, nor who is absent, is a comparison
    assert (calibration["citable"], calibration["compared"]) == (5, 5)
    assert ending.results["protocol"]["passes"] == 3 and {row["pass"] for row in slow["samples"]} == {0, 1, 2}
    assert run.exit_code(ending.results) == 0


def test_every_time_on_a_page_agrees_with_its_ratio(tmp_path, monkeypatch):
    monkeypatch.setitem(PRESETS, "quick", BRIEF)
    ending = campaign(tmp_path, "quick", workloads=("good/live=10*",)).run(ROOT)
    cells = {cell["id"]: cell for cell in ending.results["cells"]}
    for cell in cells.values():
        if cell["ns_per_op"] and cell["ratio"]:
            shown = cells[cell["baseline"]]["ns_per_op"]["median"] * cell["ratio"]["estimate"]
            assert cell["ns_per_op"]["shown"] == pytest.approx(shown, rel=1e-5)


def test_what_the_witnesses_saw_stands_in_the_results_and_is_remembered(tmp_path, monkeypatch):
    monkeypatch.setitem(PRESETS, "quick", BRIEF)
    for folder_name, before in (("first", None), ("second", {"core": round(0.4 / 0.57, 4)})):
        (tmp_path / folder_name).mkdir()
        ending = campaign(tmp_path / folder_name, "quick", workloads=("good/live=10*",)).run(ROOT)
        told = ending.results["witness"]
        assert (told["regime"], told["quiet_share"], told["levels"]) == ("quiet", 1.0, {"chain": 0.57, "core": 0.4})
        assert (told["reference"] or {}).get("levels") == before
        assert any("no earlier run" in note for note in told["notes"]) is (before is None)
        assert sum(one["blocks"] for one in told["cpus"]) == len(told["strip"]) > 0
        assert {cell["regime"] for cell in ending.results["cells"]} == {"quiet"}
    monkeypatch.setenv("FAKE_WITNESS", "shared")
    (tmp_path / "third").mkdir()
    shared = campaign(tmp_path / "third", "quick", workloads=("good/live=10*",)).run(ROOT).results
    assert (shared["witness"]["regime"], shared["witness"]["quiet_share"]) == ("shared", 0.0)
    assert any(note.startswith("all CPUs were shared throughout") for note in shared["witness"]["notes"])
    cells = {cell["id"].rpartition("/")[2]: (cell["verdict"], cell["regime"], cell["shared"]) for cell in shared["cells"]}
    assert cells["slab_pool@glibc"] == ("FASTER", "shared", None), "it is citable as that"


def test_a_run_that_is_interrupted_before_its_first_analysis_claims_nothing(tmp_path, monkeypatch):
    monkeypatch.setitem(PRESETS, "quick", BRIEF)
    begun = campaign(tmp_path, "quick", workloads=("good/live=10*",))

    def after_a_pass(waiting, number, shuffle=begun._shuffle):
        shuffle(waiting, number)
        if number == 1:
            raise Interrupted
    monkeypatch.setattr(begun, "_shuffle", after_a_pass)
    ending = begun.run(ROOT)
    assert not ending.complete and ending.results["calibration"]["citable"] == 0
    slab = next(cell for cell in ending.results["cells"] if cell["strategy"] == "slab_pool")
    assert (slab["verdict"], slab["reason"]) == ("NOT CITABLE", "interrupted 2 passes before its first analysis; continue with "
                                                                "--resume")
    whole = campaign(tmp_path, "quick", workloads=("good/live=10*",)).run(ROOT)
    assert verdicts(whole)["slab_pool@glibc"] == "FASTER"


def test_a_group_of_several_threads_asks_for_as_many_quiet_cpus(tmp_path, monkeypatch):
    begun, asked = campaign(tmp_path, "quick", workloads=("good/live=10*",)), []
    begun.calm = type("Calm", (), {"choose": staticmethod(asked.append)})()
    monkeypatch.setattr(GroupRun, "run", lambda self, names: self.choose())
    first = replace(begun.groups[-1].baseline, parameters={"threads": 4})
    begun._group(replace(begun.groups[-1], cells=(first,)), begun.cpus[0])
    assert asked == [4]


def test_groups_of_several_threads_come_while_all_cpus_are_quiet(tmp_path):
    begun = campaign(tmp_path, "quick", workloads=("good/live=10*",))
    def of(threads, workload="good"):
        first = replace(begun.groups[-1].baseline, workload=workload, parameters={"threads": threads})
        return replace(begun.groups[-1], cells=(first,))
    asked = []
    class Calm:
        quiet = True
        def are_quiet(self, threads):
            asked.append(threads)
            return self.quiet
    begun.calm = Calm()
    left = [of(1), of(2), of(1), of(4)]
    assert begun._turn(left) == 1 and asked == [4]
    Calm.quiet = False
    assert begun._turn(left[1:]) == 1, "the others go first"
    assert begun._turn([of(2), of(4)]) == 0, "nobody else is left"
    assert begun._turn([of(1, "controls"), of(2), of(1)]) == 0 and begun._turn([of(1), of(1)]) == 0
    assert len(asked) == 2, "where there is no choice nobody is asked"


def test_an_invalid_run_has_an_exit_code_of_its_own():
    measured = {"cells": [{"verdict": "FASTER"}], "calibration": {"quality": "INVALID"}}
    assert run.exit_code(measured) == 3


def test_a_resumed_run_measures_only_what_is_missing(tmp_path, monkeypatch):
    whole = campaign(tmp_path)
    first = whole._group(whole.groups[0], whole.cpus[0])
    journal.append(tmp_path, first)
    with (tmp_path / journal.PARTIAL).open("a") as stream:
        stream.write('{"group": "good/live=100,hot=true", "recor')  # kill -9 in the middle of a write
    monkeypatch.setenv("FAKE_BENCH_LOG", str(tmp_path / "log"))
    ending = campaign(tmp_path).run(ROOT)
    assert ending.complete and {cell["parameters"].get("live") for cell in ending.results["cells"]} == {None, 10, 100}
    assert "kind=dependent_chain" not in (tmp_path / "log").read_text()
    with pytest.raises(UserError, match="nothing to resume"):
        journal.read_plan(tmp_path)


@pytest.mark.parametrize("torn", ['{"group": "x", "rec', '{"group": "x", "records": {}}'])
def test_a_torn_line_neither_counts_nor_spoils_the_next(tmp_path, torn):
    (tmp_path / journal.PARTIAL).write_text(torn)
    assert journal.read_outcomes(tmp_path) == []
    for name in ("a", "b"):
        journal.append(tmp_path, Outcome(name, {"cell": Record(digest="0")}))
    assert [outcome.group for outcome in journal.read_outcomes(tmp_path)] == ["a", "b"]


@pytest.mark.parametrize("spoil", [
    lambda record: record.clear(), lambda record: record["records"].clear(),
    lambda record: next(iter(record["records"].values())).update(samples=[{}]),
    lambda record: next(iter(record["records"].values())).update(memory=[{"objects": "x"}]),
    lambda record: record.update(group="other"), lambda record: record.update(seconds="x"),
    lambda record: record.update(records=[])])
def test_a_journal_that_is_none_is_refused(tmp_path, spoil):
    whole = campaign(tmp_path)
    journal.append(tmp_path, whole._group(whole.groups[0], whole.cpus[0]))
    record = json.loads((tmp_path / journal.PARTIAL).read_text())
    spoil(record)
    (tmp_path / journal.PARTIAL).write_text(json.dumps(record) + "\n")
    with pytest.raises(UserError, match="partial.jsonl"):
        campaign(tmp_path).run(ROOT)


@pytest.mark.parametrize("change", [{"preset": "huge"}, {"preset": []}, {"seed": "x"}, {"cell_seconds": 0},
                                    {"workloads": "ab"}, {"allocators": [5]}, {"command": None}])
def test_a_plan_that_cannot_be_followed_is_refused(tmp_path, change):
    campaign(tmp_path)
    path = tmp_path / journal.PLAN
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(UserError, match="cannot be read as a plan"):
        journal.read_plan(tmp_path)


def test_a_folder_that_goes_away_during_a_run_is_named(tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    running = campaign(out, program=executable(tmp_path))
    shutil.rmtree(out)
    with pytest.raises(UserError, match="partial.jsonl"):
        running.run(ROOT)


def test_a_full_disk_names_the_journal(tmp_path, monkeypatch):
    def full(_):
        raise OSError(28, "No space left on device")
    monkeypatch.setattr(journal.os, "fsync", full)
    with pytest.raises(UserError, match="partial.jsonl.*No space left.*--resume"):
        journal.append(tmp_path, Outcome("a", {}))


def test_a_disk_that_fills_while_the_rounds_are_packed_loses_nothing(tmp_path, monkeypatch):
    def full(path, _):
        path.touch()
        raise OSError(28, "No space left on device")
    with monkeypatch.context() as patch:
        patch.setattr(journal.Path, "write_bytes", full)
        with pytest.raises(UserError, match="rounds.jsonl.gz.*No space left.*--resume"):
            campaign(tmp_path).run(ROOT)
    assert sorted(path.name for path in tmp_path.iterdir() if path.suffix != "") == ["partial.jsonl", "plan.json", "results.json"]
    assert journal.read_plan(tmp_path).seed == 7
    assert campaign(tmp_path).run(ROOT).complete and (tmp_path / journal.ROUNDS).exists() and journal.is_complete(tmp_path)


def test_pages_that_cannot_be_written_leave_the_results_and_say_how_to_make_them(tmp_path, monkeypatch):
    from suite import report

    def full(_, out, claims):
        raise UserError(f"cannot write {out}")
    monkeypatch.setattr(report, "write", full)
    with pytest.raises(UserError, match=r"results are kept.*poolmark report .*results\.json"):
        run._finish(campaign(tmp_path).run(ROOT), tmp_path)


def test_a_folder_that_is_being_measured_is_refused(tmp_path):
    campaign(tmp_path)
    with folder.lock(tmp_path):
        for more in ((), ("--resume",)):
            done = subprocess.run([str(ROOT / "scripts/poolmark"), "run", "--out", str(tmp_path), *more], text=True,
                                  capture_output=True, check=False, env=os.environ | {"POOLMARK_NO_INSTALL": "1"})
            assert done.returncode == 2 and "being measured by another process" in done.stderr
    with folder.lock(tmp_path):
        pass


@pytest.mark.parametrize("name", [journal.PARTIAL, journal.ROUNDS])
def test_a_file_of_the_same_name_is_not_taken_for_a_journal(tmp_path, name):
    (tmp_path / name).write_text("mine\n")
    with pytest.raises(UserError, match=name):
        journal.refuse_used(tmp_path)


def test_signals_after_the_first_spoil_nothing():
    interrupts = []
    with errors.restored():
        before = signal.getsignal(signal.SIGINT)
        with pytest.raises(Interrupted), errors.interruptible(lambda: interrupts.append(1)):
            signal.raise_signal(signal.SIGINT)
        for number in errors.NUMBERS:  # results and pages are being written
            signal.raise_signal(number)
    assert interrupts == [1] and signal.getsignal(signal.SIGINT) == before


def test_the_hint_can_be_pasted(tmp_path, capsys):
    assert run._finish(Ending(None, False), tmp_path / "a b;c") == 130
    assert f"--out '{tmp_path}/a b;c'" in capsys.readouterr().err


def test_what_contenders_never_get_is_not_told():
    told = environment.describe({}, {"LD_PRELOAD": "/x.so", "MALLOC_ARENA_MAX": "1"})["variables"]
    assert told == {"MALLOC_ARENA_MAX": "1"}


def test_a_changed_binary_is_not_resumed(tmp_path):
    old = campaign(tmp_path)
    program = executable(tmp_path)
    program.write_bytes(program.read_bytes() + b"changed")
    with pytest.raises(UserError, match="has changed"):
        run.check_binary(old.plan, program, tmp_path)


def test_a_binary_that_is_replaced_during_a_run_stops_it(tmp_path):
    running = campaign(tmp_path)
    running.bench.write_bytes(running.bench.read_bytes() + b"rebuilt")
    with pytest.raises(UserError, match="has changed"):
        running.run(ROOT)
    assert not (tmp_path / "results.json").exists()


def test_a_used_folder_is_refused(tmp_path):
    journal.refuse_used(tmp_path)
    campaign(tmp_path)
    with pytest.raises(UserError, match="--resume"):
        journal.refuse_used(tmp_path)
    (tmp_path / "results.json").write_text('{"run": {"complete": true}}')
    with pytest.raises(UserError, match="--out"):
        journal.refuse_used(tmp_path)
