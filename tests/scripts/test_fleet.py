"""Campaigns: a plan in shares, shares merged by machine class, the page, and what does not belong."""

import json
import os
import shutil
from dataclasses import replace
from math import log
from statistics import NormalDist, median

import pytest
from driver import ROOT, campaign, executable
from suite import cli
from suite.analysis import regimes, samples
from suite.base.errors import UserError
from suite.fleet import merge, shares
from suite.fleet import slurm as scheduler
from suite.plan import binary
from suite.plan.presets import PRESETS, Look
from suite.results import results_file
from suite.validate import simulated

LOOKS = (Look(6, 0.968, 3), Look(8, 0.99, 4))
BRIEF = replace(PRESETS["quick"], looks=LOOKS, long_looks=LOOKS, rounds=4, latency_processes=1)


@pytest.fixture
def bench(tmp_path, monkeypatch):
    """The stand-in is what is built."""
    program = executable(tmp_path)
    monkeypatch.setattr(binary, "ensure", lambda *_: program)
    monkeypatch.setitem(PRESETS, "quick", BRIEF)
    monkeypatch.setenv("POOLMARK_NO_INSTALL", "1")
    return program


@pytest.fixture(autouse=True)
def few_pages(request, monkeypatch):
    """The pages of classes are as those of runs: one test draws them."""
    if "a_divided_plan" not in request.node.name:
        monkeypatch.setattr(merge.report, "build", lambda *_, **__: None)


@pytest.fixture(scope="session")
def two_shares(tmp_path_factory):
    """A replicated plan on two nodes, by hand. Whoever spoils it takes a copy."""
    where = tmp_path_factory.mktemp("fleet")
    with pytest.MonkeyPatch.context() as patch:
        program = executable(where)
        patch.setattr(binary, "ensure", lambda *_: program)
        patch.setitem(PRESETS, "quick", BRIEF)
        patch.setenv("POOLMARK_NO_INSTALL", "1")
        words = ["--mode", "replicate", "--workload", "good", "--seed", "7", "--out", str(where / "c")]
        assert cli.main(["fleet", "local", "--prepare", "--shares", "2", *words]) == 0
        for number in range(2):
            patch.setenv("SLURMD_NODENAME", f"n{number}")
            assert shares.share(where / "c", number) == 0
    return where / "c"


def fleet(capsys, *words):
    code = cli.main(["fleet", *map(str, words)])
    said = capsys.readouterr()
    return code, said.out, said.err


def own(source, tmp_path):
    return shutil.copytree(source, tmp_path / "own")


def told(path, number, **changes):
    """Rewrites what a share says of itself, or leaves it away."""
    file = path / "shares" / f"{number:04d}" / "share.json"
    said = {key: value for key, value in (json.loads(file.read_text()) | changes).items() if value is not None}
    file.write_text(json.dumps(said))
    return said


def multiplied(path, count):
    """The second share again as so many more nodes, each a little slower with the slab pool than the one before."""
    plan = shares.read(path)
    shares.write(path, replace(plan, shares=((),) * (count + 1)))
    second = path / "shares/0001"
    source = json.loads((second / "share.json").read_text())
    for number in range(1, count + 1):
        if number > 1:
            shutil.copytree(second, path / "shares" / f"{number:04d}")
        cells = {name: [ratio * (1 + number / 100) if "/slab_pool@" in name else ratio, *rest]
                 for name, (ratio, *rest) in source["cells"].items()}
        told(path, number, share=number, node=f"{number:08x}", cells=cells)


def cells_of(path):
    return {cell["id"]: cell for folder in merge.folders(path).values()
            for cell in results_file.load(folder / "results.json")["cells"]}


SLAB = "good/live=10,hot=true/slab_pool@glibc"


def test_a_divided_plan_run_here_holds_every_cell_of_a_run_once_and_is_verified(tmp_path, bench, capsys):
    out = tmp_path / "c"
    code, said, err = fleet(capsys, "local", "--shares", 2, "--preset", "smoke", "--workload", "good", "--seed", 7, "--out", out)
    assert code == 0, err
    (tmp_path / "run").mkdir()
    whole = campaign(tmp_path / "run").run(ROOT).results
    (folder,) = merge.folders(out).values()
    merged = results_file.load(folder / "results.json")
    assert sorted(cell["id"] for cell in merged["cells"]) == sorted(cell["id"] for cell in whole["cells"])
    assert cli.main(["verify", str(out)]) == 0 and "verified: campaign" in capsys.readouterr().out
    assert cli.main(["verify", str(folder)]) == 0
    page = (out / "campaign.html").read_text()
    assert all(f"shares/{number:04d}/report.html" in page and (out / f"shares/{number:04d}/report.html").exists() for number in (0, 1))


def test_a_few_nodes_widen_the_interval_as_passes_do(two_shares, tmp_path, capsys):
    path = own(two_shares, tmp_path)
    assert fleet(capsys, "collect", path)[0] == 0
    cell = cells_of(path)[SLAB]
    assert len({row["node"] for row in cell["samples"]}) == 2 and cell["variance"] is None
    assert len({row["process"] for row in cell["samples"]}) == len(cell["samples"]) >= 12
    assert cli.main(["verify", str(path)]) == 0
    rows = [row | {"ratio": row["ratio"] * (1.01 if row["node"] == cell["samples"][0]["node"] else 1)} for row in cell["samples"]]
    widened = samples.ratio(rows)
    alone = samples.ratio([{key: value for key, value in row.items() if key != "node"} | {"pass": 0} for row in rows])
    assert widened.half_width > 5 * alone.half_width  # Student's t has one degree of freedom with two nodes


def test_from_six_nodes_on_the_interval_is_over_nodes(two_shares, tmp_path, capsys):
    path = own(two_shares, tmp_path)
    multiplied(path, 8)
    shutil.rmtree(path / "shares/0000")
    code, said, err = fleet(capsys, "collect", path)
    assert code == 0 and "8 of 9 shares merged, 1 not there yet" in said, err
    cell = cells_of(path)[SLAB]
    ratios = sorted(row["ratio"] for row in cell["samples"])
    assert len(ratios) == 8 and cell["ratio"]["estimate"] == pytest.approx(median(ratios), rel=1e-3)
    assert ratios[0] < cell["ratio"]["low"] < ratios[1] and ratios[-2] < cell["ratio"]["high"] < ratios[-1]
    assert cell["verdict"] == "FASTER" and cell["confidence"] == pytest.approx((0.9922 + 0.9297) / 2, abs=1e-3)  # the ends lie half way
    assert cli.main(["cite", str(path), SLAB]) == 0
    assert "8 nodes, 96.1 % interval" in capsys.readouterr().out
    assert "Nodes differ by" in (path / "campaign.html").read_text()
    said, group = told(path, 3), SLAB.rpartition("/")[0]
    other = next(name for name in cells_of(path) if name.startswith(group) and name not in (SLAB, cell["baseline"]))
    told(path, 3, digests=said["digests"] | {SLAB: "0"}, missing={other: "FAILED: it broke"},
         cells={name: one for name, one in said["cells"].items() if name != other})
    assert fleet(capsys, "collect", path)[0] == 0
    assert [(one["verdict"], one["reason"]) for name in (SLAB, other) for one in [cells_of(path)[name]]] == [
        ("FAILED", "nodes of one class read back different values"), ("FAILED", "it broke")]


def test_between_classes_nothing_is_averaged_and_where_they_disagree_comes_first(two_shares, tmp_path, capsys):
    path = own(two_shares, tmp_path)
    facts = json.loads((path / "shares/0001/share.json").read_text())["class"]
    told(path, 1, **{"class": facts | {"cpu": "Another CPU", "heap other": "not there"}})
    plan = shares.read(path)
    shares.write(path, replace(plan, mode=shares.SPLIT))
    assert "note: the plan was divided over 2 classes" in fleet(capsys, "collect", path)[2]
    assert "was divided over 2 classes" in (path / "campaign.html").read_text()
    assert not any(results_file.load(folder / "results.json")["run"]["complete"] for folder in merge.folders(path).values())
    shares.write(path, plan)
    assert fleet(capsys, "collect", path)[::2] == (0, "")
    found = merge.folders(path)
    assert len(found) == 2 and any(name.startswith("another-cpu-") for name in found)
    one, other = ({cell["id"]: cell for cell in results_file.load(folder / "results.json")["cells"]} for folder in found.values())
    assert all(len({row.get("node") for row in cells[SLAB]["samples"]}) == 1 for cells in (one, other))
    assert "2 machine classes" in (page := (path / "campaign.html").read_text()) and "heap other not there" in page
    assert cli.main(["compare", str(path), str(two_shares)]) == 2  # that one was never collected
    assert "collect" in capsys.readouterr().err
    assert cli.main(["compare", str(path), str(path)]) == 0
    said = capsys.readouterr().out
    assert said.count("both are the same run") == 2


def spoil_stray(path):
    (path / "shares/0001").rename(path / "shares/0099")


SPOILED = {
    "a file that was cut": (lambda path: os.truncate(path / "shares/0001/rounds.jsonl.gz", 99), "since the share was done; move it away and run it"),
    "a summary that was cut": (lambda path: (path / "shares/0001/share.json").write_text('{"schema": 1'), "share.json was cut short"),
    "another version's share": (lambda path: told(path, 1, version="0123456789ab"), "another version of the program or of the suite"),
    "another campaign's share": (lambda path: told(path, 1, campaign="elsewhere"), "of campaign elsewhere, not of this one"),
    "a folder of nobody's": (spoil_stray, "0099 is no share of this campaign"),
    "a run whose own checks failed": (lambda path: told(path, 1, quality="INVALID", reasons=["it failed"]), "its own checks failed (it failed)"),
}


@pytest.mark.parametrize("what", SPOILED)
def test_what_does_not_belong_is_named_and_the_rest_is_merged(what, two_shares, tmp_path, capsys):
    path = own(two_shares, tmp_path)
    spoil, line = SPOILED[what]
    spoil(path)
    before = sorted((path / "shares").rglob("*"))
    code, said, err = fleet(capsys, "collect", path)
    assert code == 2 and line in err and err.count("\n") == 1 and "1 of 2 shares merged" in said
    assert len({row["node"] for row in cells_of(path)[SLAB]["samples"]}) == 1 and ": 1 share of 1 node, " in said
    assert sorted((path / "shares").rglob("*")) == before
    assert "Not merged" in (text := (path / "campaign.html").read_text()) and str(path) not in text + (path / "classes/collected.json").read_text()
    told(path, 0, version="0123456789ab")
    code, _, err = fleet(capsys, "collect", path)
    assert code == 2 and "shares that " in err and "can be merged" in err and "is whole yet" not in err


@pytest.mark.parametrize("change", [{"quality": None}, {"version": None}, {"simulated": None}, {"seconds": "3"}, {"reasons": 1}, {"digests": []},
                                    {"simulated": True}, {"files": {}}, {"cells": {SLAB: [1, 2, 3]}}, {"cells": {SLAB: [1, -2, 1, 0]}}], ids=str)
def test_a_summary_of_another_shape_is_refused_and_the_rest_belongs(change, two_shares, tmp_path):
    path = own(two_shares, tmp_path)
    told(path, 1, **change)
    accepted, (line,) = merge.gather(path, shares.read(path))
    assert [share.number for share in accepted] == [0] and "0001/share.json was cut short or changed" in line


def test_each_round_keeps_its_regime_and_each_cell_its_error(two_shares):
    levels = regimes.Levels(1.0, {"dram": 1.0})
    sample = {"process": 0, "ns_per_op": [1, 1], "witness": {"core": [1, 3], "chain": [1, 1], "dram": [9, 9]}}
    assert regimes.of_rounds(merge._labelled(sample, levels, "a", 1), levels) == [regimes.BUSY, regimes.SHARED]
    assert [regimes.of_rounds(merge._row(0, "a", (1.0, 1.0, number, 0), 1.0, False), levels) for number in range(4)] == [
        [regime] for regime in (regimes.SHARED, regimes.QUIET, regimes.BUSY, regimes.UNKNOWN)]
    measured = results_file.load(two_shares / "shares/0000/results.json")
    (entry,) = (one for one in measured["cells"] if one["id"] == SLAB)
    entry["ratio"] |= {"low": 0.9 * entry["ratio"]["estimate"], "high": 1.1 * entry["ratio"]["estimate"]}
    error = shares.summary(shares.read(two_shares), 0, measured, {})["cells"][SLAB][3]
    assert error == pytest.approx(log(1.1 / 0.9) / 2 / NormalDist().inv_cdf((1 + entry["confidence"]) / 2), rel=0.01) and entry["confidence"] > 0.96


def test_verify_sees_a_class_that_its_shares_do_not_make(two_shares, tmp_path, capsys):
    path = own(two_shares, tmp_path)
    fleet(capsys, "collect", path)
    (folder,) = merge.folders(path).values()
    merged = json.loads((folder / "results.json").read_text())
    next(cell for cell in merged["cells"] if cell["id"] == SLAB)["ratio"]["estimate"] *= 1.01
    (folder / "results.json").write_text(json.dumps(merged))
    assert cli.main(["verify", str(path)]) == 1
    assert "DIFFERS  class " in capsys.readouterr().out
    said = told(path, 1)
    for key, forged in (("cells", said["cells"] | {SLAB: [0.1, 1, 1, 0]}), ("class", said["class"] | {"cpu": "Z80"}), ("seconds", 0)):
        told(path, 1, **said | {key: forged})
        fleet(capsys, "collect", path)
        assert cli.main(["verify", str(path)]) == 1 and f"DIFFERS  share 1: share.json has another {key}" in capsys.readouterr().out


def test_a_share_that_is_done_twice_counts_once(two_shares, tmp_path, monkeypatch, capsys):
    path = own(two_shares, tmp_path)
    monkeypatch.setenv("SLURMD_NODENAME", "n0")
    assert shares.share(path, 0) == 0 and "whole already" in capsys.readouterr().out
    plan = shares.read(path)
    work = path / "running" / f"0000-{shares.node(plan)}"
    shutil.copytree(path / "shares/0000", work)  # as it stands where a second task was as fast
    (work / "share.json").unlink()
    monkeypatch.setitem(PRESETS, "quick", BRIEF)
    seen = iter((False, True))
    monkeypatch.setattr(shares, "whole", lambda *_: next(seen))
    assert shares.share(path, 0) == 0 and "does not count" in capsys.readouterr().out and work.exists()


@pytest.mark.parametrize("words, line", [
    (("status", "nowhere"), "is no folder of a campaign on this machine"),
    (("collect", "C"), "no share of"),
    (("share", "C", "7"), "has the shares 0 to 1, and no 7"),
    (("local", "--shares", "99", "--workload", "good", "--out", "new"), "cell groups, which are never divided; use at most --shares 2"),
    (("local", "--shares", "2", "--workload", "good", "--preset", "smoke", "--mode", "replicate", "--out", "new"), "or --mode split"),
    (("local", "--workload", "good", "--preset", "smoke", "--out", "C"), "is not empty; choose another folder with --out DIR, or add --resume"),
    (("local", "--resume", "--preset", "smoke", "--out", "C"), "was begun with another --preset (quick)"),
    (("local", "--resume", "--seed", "8", "--out", "C"), "was begun with another --seed (7)"),
    (("local", "--resume", "--mode", "split", "--workload", "good", "--out", "C"), "was begun with another --mode (replicate)"),
    (("submit", "--shares", "0", "--out", "new"), "give a whole number from 1"),
    (("submit", "--workload", "good", "--out", "new"), "there is no Slurm here"),
])
def test_bad_use_gets_one_line_and_leaves_no_folder(words, line, two_shares, bench, tmp_path, monkeypatch, capsys):
    path = own(two_shares, tmp_path)
    shutil.rmtree(path / "shares")
    (path / "shares").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(scheduler.shutil, "which", lambda name: None)
    code, said, err = fleet(capsys, *(str(path) if word == "C" else word for word in words))
    assert code == 2 and line in err and err.count("\n") == 1 and not (tmp_path / "new").exists()


def test_another_version_of_the_suite_runs_no_share(two_shares, tmp_path, monkeypatch, capsys):
    path = own(two_shares, tmp_path)
    shutil.move(path / "shares/0001", tmp_path / "away")
    monkeypatch.setattr(shares, "version", lambda: "0123456789ab")
    for words in (("share", path, 1), ("local", "--resume", "--out", path)):
        code, _, err = fleet(capsys, *words)
        assert code == 2 and "work from the checkout that submitted it" in err and not list((path / "running").iterdir())
    monkeypatch.undo()

    def lacking(bench):
        raise UserError(f"{bench} --describe failed: libfew.so: cannot open shared object file; build it again with scripts/poolmark setup")
    monkeypatch.setattr(shares.describe, "ask", lacking)
    code, _, err = fleet(capsys, "share", path, 1)
    assert code == 2 and "libfew.so: cannot open shared object file); install the libraries" in err and "build it again" not in err


def test_a_campaign_of_made_up_nodes_says_so_and_names_those_that_stand_out(tmp_path, capsys):
    simulated.campaign(tmp_path, 24, 20, seed=1)
    assert fleet(capsys, "collect", tmp_path)[0] == 0
    assert "nothing here was measured" in (page := (tmp_path / "campaign.html").read_text()) and "node 00000004: " in page
    assert "longer than those of its class" in page
    assert "made up by the simulator" in (next(iter(merge.folders(tmp_path).values())) / "results.json").read_text()
