"""Campaigns: a plan in shares, shares merged by machine class, and the same through a real Slurm of two nodes on loopback."""

import json
import shutil
from dataclasses import replace

import pytest
from driver import ROOT, campaign, executable
from suite import cli
from suite.fleet import merge, page, shares
from suite.plan import binary
from suite.plan.presets import PRESETS, Look
from suite.results import results_file

LOOKS = (Look(6, 0.968, 3), Look(8, 0.99, 4))


@pytest.fixture
def bench(tmp_path, monkeypatch):
    """The stand-in is what is built."""
    program = executable(tmp_path)
    monkeypatch.setattr(binary, "ensure", lambda *_: program)
    monkeypatch.setitem(PRESETS, "quick", replace(PRESETS["quick"], looks=LOOKS, long_looks=LOOKS, rounds=4, latency_processes=1))
    return program


def fleet(capsys, *words):
    code = cli.main(["fleet", *map(str, words)])
    said = capsys.readouterr()
    return code, said.out, said.err


def test_a_divided_plan_run_here_holds_every_cell_of_a_run_once_and_is_verified(tmp_path, bench, capsys):
    out = tmp_path / "c"
    code, said, err = fleet(capsys, "local", "--shares", 2, "--preset", "smoke", "--workload", "good", "--seed", 7, "--out", out)
    assert code == 0, err
    (tmp_path / "run").mkdir()
    whole = campaign(tmp_path / "run").run(ROOT).results
    (name,) = merge.folders(out)
    merged = results_file.load(out / "classes" / name / "results.json")
    assert sorted(cell["id"] for cell in merged["cells"]) == sorted(cell["id"] for cell in whole["cells"])
    assert cli.main(["verify", str(out)]) == 0
    assert "verified: campaign" in capsys.readouterr().out
    assert cli.main(["verify", str(out / "classes" / name)]) == 0
