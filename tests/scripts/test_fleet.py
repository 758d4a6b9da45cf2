"""Campaigns: a plan in shares, shares merged by machine class, the page, and what does not belong."""

import json
import shutil
from dataclasses import replace
from statistics import median

import pytest
from driver import ROOT, campaign, executable
from suite import cli
from suite.analysis import samples
from suite.fleet import merge, shares
from suite.fleet import slurm as scheduler
from suite.measure import journal
from suite.plan import binary, describe, groups
from suite.plan.cells import Selection
from suite.plan.presets import PRESETS, Look
from suite.results import results_file
from suite.validate import coverage, simulated

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
    """Rewrites what a share says of itself."""
    file = path / "shares" / f"{number:04d}" / "share.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | changes))


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


def test_groups_are_never_divided_and_each_is_in_one_share(bench, tmp_path):
    every = groups.make(describe.ask(bench), Selection(("good", "tiers")), PRESETS["quick"])
    names = [group.name for group in every if group.baseline.workload != "controls"]
    divided = shares.divide(every, PRESETS["quick"], 3)
    assert sorted(name for share in divided for name in share) == sorted(names) and all(divided)


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
    assert cell["verdict"] == "FASTER" and cell["confidence"] == pytest.approx(0.992, abs=1e-3)
    assert cli.main(["cite", str(path), SLAB]) == 0
    assert "8 nodes, 99.2 % interval" in capsys.readouterr().out
    assert "Nodes differ by" in (path / "campaign.html").read_text()


def test_between_classes_nothing_is_averaged_and_where_they_disagree_comes_first(two_shares, tmp_path, capsys):
    path = own(two_shares, tmp_path)
    facts = json.loads((path / "shares/0001/share.json").read_text())["class"]
    told(path, 1, **{"class": facts | {"cpu": "A stub of another CPU", "heap other": "not there"}})
    assert fleet(capsys, "collect", path)[0] == 0
    found = merge.folders(path)
    assert len(found) == 2 and any(name.startswith("a-stub-of-another-cpu-") for name in found)
    one, other = ({cell["id"]: cell for cell in results_file.load(folder / "results.json")["cells"]} for folder in found.values())
    assert all(len({row.get("node") for row in cells[SLAB]["samples"]}) == 1 for cells in (one, other))
    assert "2 machine classes" in (page := (path / "campaign.html").read_text()) and "heap other not there" in page
    assert cli.main(["compare", str(path), str(two_shares)]) == 2  # that one was never collected
    assert "collect" in capsys.readouterr().err
    assert cli.main(["compare", str(path), str(path)]) == 0
    said = capsys.readouterr().out
    assert said.count("both are the same run") == 2


def test_two_campaigns_meet_class_by_class(two_shares, tmp_path, capsys):
    first, second = tmp_path / "first", tmp_path / "second"
    for path in (first, second):
        shutil.copytree(two_shares, path)
    plan = shares.read(second)
    shares.write(second, replace(plan, run=replace(plan.run, id="another")))
    for number in (0, 1):
        told(second, number, campaign="another")
    assert fleet(capsys, "collect", first)[0] == fleet(capsys, "collect", second)[0] == 0
    assert cli.main(["replicate", str(first), str(second)]) == 0
    said = capsys.readouterr().out
    assert "100.0 % of" in said and " first " in said and " second " in said and said.startswith(next(iter(merge.folders(first))))
    assert cli.main(["compare", str(first), str(second)]) == 0 and "cells are the same within the margin" in capsys.readouterr().out
    facts = json.loads((second / "shares/0000/share.json").read_text())["class"]
    for number in (0, 1):
        told(second, number, **{"class": facts | {"kernel": "another"}})
    assert fleet(capsys, "collect", second)[0] == 0
    assert cli.main(["compare", str(first), str(second)]) == 2 and "no machine class in common" in capsys.readouterr().err


def spoil_cut(path):
    file = path / "shares/0001/rounds.jsonl.gz"
    file.write_bytes(file.read_bytes()[:-40])


def spoil_stray(path):
    (path / "shares/0001").rename(path / "shares/0099")


SPOILED = {
    "a file that was cut": (spoil_cut, "since the share was done; move it away and run it again: scripts/poolmark fleet share"),
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
    assert len({row["node"] for row in cells_of(path)[SLAB]["samples"]}) == 1
    assert sorted((path / "shares").rglob("*")) == before
    assert "Not merged" in (path / "campaign.html").read_text()


def test_verify_sees_a_class_that_its_shares_do_not_make(two_shares, tmp_path, capsys):
    path = own(two_shares, tmp_path)
    fleet(capsys, "collect", path)
    (folder,) = merge.folders(path).values()
    merged = json.loads((folder / "results.json").read_text())
    next(cell for cell in merged["cells"] if cell["id"] == SLAB)["ratio"]["estimate"] *= 1.01
    (folder / "results.json").write_text(json.dumps(merged))
    assert cli.main(["verify", str(path)]) == 1
    assert "DIFFERS  class " in capsys.readouterr().out


def test_a_share_that_is_done_twice_counts_once(two_shares, tmp_path, monkeypatch, capsys):
    path = own(two_shares, tmp_path)
    monkeypatch.setenv("SLURMD_NODENAME", "n0")
    assert shares.share(path, 0) == 0 and "whole already" in capsys.readouterr().out
    plan = shares.read(path)
    work = path / "work" / f"0000-{shares.node(plan)}"
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


def test_a_disk_that_is_full_loses_no_share(two_shares, tmp_path, monkeypatch, capsys):
    path = own(two_shares, tmp_path)

    def full(*_):
        raise OSError(28, "No space left on device")
    monkeypatch.setattr(merge.results_file, "write", full)
    code, said, err = fleet(capsys, "collect", path)
    assert code == 2 and "No space left on device" in err and "the shares are as they were" in err and err.count("\n") == 1
    assert not list(path.glob(".classes-*")) and len(list((path / "shares").iterdir())) == 2


def test_another_version_of_the_suite_runs_no_share(two_shares, tmp_path, monkeypatch, capsys):
    path = own(two_shares, tmp_path)
    shutil.move(path / "shares/0001", tmp_path / "away")
    monkeypatch.setattr(shares, "version", lambda: "0123456789ab")
    code, _, err = fleet(capsys, "share", path, 1)
    assert code == 2 and "run the share from the checkout that submitted it" in err and not list((path / "work").iterdir())


def test_the_script_of_a_job_is_shown_and_nothing_is_made(bench, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(scheduler, "check", lambda _: None)
    code, said, err = fleet(capsys, "submit", "--dry-run", "--workload", "good", "--shares", 2, "--partition", "bench", "--out", tmp_path / "new")
    assert code == 0 and not (tmp_path / "new").exists(), err
    assert {"#SBATCH --array=0-1", "#SBATCH --partition=bench", "#SBATCH --exclusive", "#SBATCH --requeue"} <= set(said.splitlines())
    assert f'fleet share {tmp_path}/new "$SLURM_ARRAY_TASK_ID"' in said and "#SBATCH --time=" in said
    assert scheduler.ranges([0, 1, 2, 5, 7, 8]) == "0-2,5,7-8"


def test_intervals_over_nodes_cover_what_they_say():
    found = coverage.nodes(seed=3, trials=400, counts=(6, 8, 30))
    assert all(0.93 <= row["covered"] <= 0.998 for row in found), found
    assert 0.93 < sum(row["covered"] for row in found) / len(found) < 0.99


def test_a_campaign_of_made_up_nodes_says_so_and_names_those_that_stand_out(tmp_path, capsys):
    simulated.campaign(tmp_path, 24, 20, seed=1)
    assert fleet(capsys, "collect", tmp_path)[0] == 0
    assert "nothing here was measured" in (page := (tmp_path / "campaign.html").read_text()) and "node 00000004: " in page and "longer than those of its class" in page
    assert "made up by the simulator" in (next(iter(merge.folders(tmp_path).values())) / "results.json").read_text()
