"""Runs without witnesses and runs of older versions: their numbers are computed again, the rules of their time are theirs."""

import gzip
import json
import shutil

import pytest
from driver import ROOT
from suite import verify as check
from suite.measure.journal import RESULTS
from suite.verify import differences
from small_run import edit, edit_rounds, made, slab, verify

KEPT = sorted(path for path in (ROOT / "reports/runs").iterdir() if path.is_dir())


@pytest.fixture
def folder(original, tmp_path):
    """A copy to spoil."""
    return shutil.copytree(original, tmp_path / "run")


@pytest.fixture(scope="module")
def without_witnesses(tmp_path_factory):
    """One whose rounds have none."""
    return made(tmp_path_factory.mktemp("verify"), ("good/live=10*",), FAKE_WITNESS="none")


@pytest.mark.parametrize("reading", [0.1, 0.9])
def test_edited_witnesses_of_rounds_do_not_make_the_results(folder, capsys, reading):
    def change(groups):
        records = next(group["records"] for group in groups if group["group"] == "good/live=10,hot=true")
        sample = records["good/live=10,hot=true/slab_pool@glibc"]["samples"][0]
        sample["witness"]["core"] = [reading for _ in sample["witness"]["core"]]
    edit_rounds(folder, change)
    assert verify(folder, capsys, "--numbers")[0] == 1


def test_rounds_without_witnesses_make_results_without_them(without_witnesses, tmp_path, capsys):
    folder = shutil.copytree(without_witnesses, tmp_path / "run")
    assert "witness" not in json.loads((folder / RESULTS).read_text())
    code, out, _ = verify(folder, capsys)
    assert code == 0 and "--  made before witnesses" in out and "follow the rules of that version" in out


@pytest.mark.parametrize(("change", "named"), [
    (lambda m: slab(m)["ratio"].update(estimate=0.49), "ratio/estimate"), (lambda m: slab(m).update(verdict="SLOWER"), "verdict"),
    (lambda m: slab(m).update(verdict="EQUIVALENT"), "verdict"), (lambda m: slab(m).update(verdict="FAILED"), "verdict"),
    (lambda m: slab(m)["ns_per_op"].update(median=1.0), "ns_per_op/median"), (lambda m: m["calibration"].update(floor=0.1), "floor"),
    (lambda m: m["controls"][0].update(planted=1.5), "planted"), (lambda m: m.pop("controls"), "controls")])
def test_numbers_of_a_run_without_witnesses_are_still_checked(without_witnesses, tmp_path, capsys, change, named):
    folder = shutil.copytree(without_witnesses, tmp_path / "run")
    edit(folder, change)
    code, out, _ = verify(folder, capsys, "--numbers")
    assert code == 1 and named in out


@pytest.mark.parametrize("change", [
    lambda m: slab(m).update(verdict="UNRESOLVED", reason="as it was judged then"),
    lambda m: m["calibration"].update(quality="EXPLORATORY", reasons=["x"]), lambda m: m["controls"][0].update(right=False)])
def test_what_older_versions_made_of_the_numbers_is_theirs(without_witnesses, tmp_path, capsys, change):
    folder = shutil.copytree(without_witnesses, tmp_path / "run")
    edit(folder, change)
    assert verify(folder, capsys, "--numbers")[0] == 0


@pytest.mark.parametrize("run", KEPT, ids=lambda path: path.name)
def test_the_runs_that_are_kept_are_read(run, capsys):
    code, out, err = verify(run, capsys, "--numbers")
    assert code == 0 and err == "" and "verified: run " in out, out


@pytest.fixture
def old(tmp_path):
    """A run that was made before witnesses, as it was committed then."""
    return shutil.copytree(ROOT / "tests/scripts/old_run", tmp_path / "old")


def test_a_run_from_before_witnesses_is_read_and_one_line_says_what_cannot_be_checked(old, capsys):
    _, out, err = verify(old, capsys, "--numbers")
    assert err == "" and out.count("--  made before witnesses: whether somebody shared its core cannot be checked\n") == 1


def test_the_numbers_of_a_run_from_before_witnesses_are_computed_again(old, capsys):
    code, out, _ = verify(old, capsys, "--numbers")
    assert code == 0 and "verified: run test, hash " in out
    measured = json.loads(gzip.decompress((old / f"{RESULTS}.gz").read_bytes()))
    slab(measured)["ratio"]["estimate"] *= 1.001
    (old / f"{RESULTS}.gz").write_bytes(gzip.compress(json.dumps(measured).encode()))
    code, out, _ = verify(old, capsys, "--numbers")
    assert code == 1 and "ratio/estimate" in out and "made before witnesses" in out


WITNESS = {"regime": "quiet", "levels": {"core": 0.4}}


def test_to_take_the_witnesses_away_is_to_edit():
    def whole():
        return {"witness": dict(WITNESS), "cells": [{"id": "a", "citable": True, "regime": "quiet", "margin": 0.02, "shared": None}]}
    stored = whole()
    del stored["witness"]
    assert differences.differences(stored, whole()) and not differences.differences(whole(), whole())
    for key in ("citable", "regime", "margin", "shared"):
        stored = whole()
        del stored["cells"][0][key]
        found, = differences.differences(stored, whole())
        assert found.startswith(f"cells/a/{key}: results.json has nothing")
        without = whole()
        del stored["witness"], without["witness"]
        assert differences.differences(stored, without) == []  # a file that is older than the key


def test_what_a_run_only_says_of_its_witnesses_is_named():
    told = {"asked_seconds": 0.1, "moves": 3}
    assert check.unchecked({"witness": WITNESS}) == []
    assert check.unchecked({"witness": WITNESS | told}) == [
        "taken as the run says it, because no round has it: witness/moves, witness/asked_seconds"]
