"""results.json is written whole or not at all, what is none is refused in one line, times that pages show fit their ratios; and in the folder
pages replace pages, and nothing else is ever replaced."""

import gzip
import json
import math
import os
import shutil
import statistics
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
import sample_results
from driver import campaign, ROOT
from suite import report
from suite.base import folder
from suite.base.errors import UserError
from suite.measure import journal
from suite.plan.presets import Look, PRESETS
from suite.results import model, results_file, runs


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    return campaign(tmp_path_factory.mktemp("run"), workloads=("good",)).run(ROOT).results


def test_it_reads_back_as_written_with_a_cell_a_line(good, tmp_path):
    path = results_file.write(good, tmp_path)
    assert results_file.load(path) == good
    lines = path.read_text().splitlines()
    assert all(any(line.strip().startswith('{"id": "' + cell["id"] + '"') for line in lines) for cell in good["cells"])


def test_nothing_is_left_of_a_write_that_fails(good, tmp_path, monkeypatch):
    path = results_file.write(good, tmp_path)
    before = path.read_bytes()

    def full(_):
        raise OSError(28, "No space left on device")
    monkeypatch.setattr(journal.os, "fsync", full)
    with pytest.raises(UserError, match="No space left"):
        results_file.write(good | {"cells": []}, tmp_path)
    assert path.read_bytes() == before and [entry.name for entry in tmp_path.iterdir()] == ["results.json"]


def test_what_does_not_hold_to_the_schema_is_never_written(good, tmp_path):
    with pytest.raises(AssertionError, match="schema"):
        results_file.write(good | {"surprise": 1}, tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_name_that_is_no_text_is_kept(good, tmp_path):
    odd = good | {"run": good["run"] | {"command": "scripts/poolmark run --out /tmp/\udcff"}}
    assert results_file.load(results_file.write(odd, tmp_path)) == odd


def broken(good, **changes):
    return json.dumps(good | changes)


@pytest.mark.parametrize(("make", "said"), [
    (lambda good: results_file.dump(good)[:-200], "was cut short"), (lambda good: "", "not JSON"),
    (lambda good: "<html>", "not JSON"), (lambda good: "[" * 100_000, "not JSON"),
    (lambda good: "[1]", "schema None"), (lambda good: broken(good, schema=2), "schema 2"),
    (lambda good: broken(good, schema=True), "schema True"), (lambda good: broken(good, cells=[{}]), "at cells/0"),
    (lambda good: broken(good, run={**good["run"], "seed": -1}), "at run/seed"),
    (lambda good: broken(good, more=1), "at the top"),
    (lambda good: broken(good, calibration={**good["calibration"], "floor": float("nan")}), "at calibration/floor: nan is no"),
    (lambda good: broken(good, run={**good["run"], "seconds": float("inf")}), "at run/seconds: inf is no"),
])
def test_another_file_is_refused_in_one_line(good, tmp_path, make, said):
    path = tmp_path / "other.json"
    path.write_text(make(good))
    with pytest.raises(UserError, match=said) as caught:
        results_file.load(path)
    assert "\n" not in str(caught.value) and str(path) in str(caught.value)


def test_a_missing_file_a_folder_and_no_text_are_refused(tmp_path):
    for path, said in ((tmp_path / "none.json", "does not exist"), (tmp_path, "is a folder")):
        with pytest.raises(UserError, match=said):
            results_file.load(path)
    (tmp_path / "bytes.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UserError, match="cannot be read"):
        results_file.load(tmp_path / "bytes.json")


@pytest.fixture
def brief(monkeypatch):
    monkeypatch.setitem(PRESETS, "quick", replace(PRESETS["quick"], looks=(Look(6, 0.968, 3),), long_looks=(Look(6, 0.968, 3),),
                                                  rounds=4))


def test_estimates_can_be_computed_again_from_the_file(tmp_path, brief):
    from suite.analysis import samples
    measured = campaign(tmp_path, "quick").run(ROOT).results
    for cell in measured["cells"]:
        if cell["verdict"] not in ("BASELINE", "FAILED", "SKIPPED"):
            again = samples.ratio(cell["samples"])
            assert cell["ratio"]["estimate"] == pytest.approx(again.estimate, rel=1e-5)


def test_each_sample_can_be_computed_again_from_the_rounds(tmp_path, brief):
    measured = campaign(tmp_path, "quick").run(ROOT).results
    lines = gzip.decompress((tmp_path / "rounds.jsonl.gz").read_bytes()).decode().splitlines()
    records = {name: record for line in lines for name, record in json.loads(line)["records"].items()}
    checked = 0
    for cell in measured["cells"]:
        for row, raw in zip(cell["samples"], records[cell["id"]]["samples"] if cell["samples"] else [], strict=True):
            kept = [number for number in range(row["rounds"]) if number not in raw["rejected"]]
            assert row["rejected"] == len(raw["rejected"])
            if kept and raw["baseline_ns_per_op"]:
                ratios = [raw["ns_per_op"][number] / raw["baseline_ns_per_op"][number] for number in kept]
                middle = math.exp(statistics.median(math.log(value) for value in ratios))
                assert row["ratio"] == pytest.approx(middle, rel=1e-5)
                checked += 1
    assert checked and not (tmp_path / "partial.jsonl").exists()


def test_a_run_that_is_kept_for_long_is_read_packed(tmp_path):
    """By the same name: the folder, the file, and the list of all runs know it."""
    text = json.dumps(sample_results.build())
    (tmp_path / "kept").mkdir()
    with gzip.open(tmp_path / "kept/results.json.gz", "wt") as stream:
        stream.write(text)
    (tmp_path / "plain").mkdir()
    (tmp_path / "plain/results.json").write_text(text)
    assert results_file.published(tmp_path) == [tmp_path / "kept/results.json", tmp_path / "plain/results.json"]
    assert runs.load(tmp_path / "kept") == results_file.load(tmp_path / "kept/results.json") == json.loads(text)
    (tmp_path / "kept/results.json.gz").write_bytes(b"\x1f\x8b torn")
    with pytest.raises(UserError, match="cannot be read"):
        runs.load(tmp_path / "kept")


TIMES = {"median": 120.0, "minimum": 90.0, "low": 110.0, "high": 130.0}


def cell(**times: float) -> model.Cell:
    entry = {"id": "w/p/s@glibc", "strategy": "s", "allocator": "glibc", "verdict": "FASTER", "ns_per_op": TIMES | times,
             "ratio": {"estimate": 0.5, "low": 0.49, "high": 0.51}}
    return model.load({"cells": [entry]}).cells[0]


def test_the_shown_time_moves_the_interval_of_the_median_along() -> None:
    assert cell(shown=60.0).nanoseconds == model.Interval(60.0, 55.0, 65.0)


def test_older_runs_show_the_median() -> None:
    assert cell().nanoseconds == model.Interval(120.0, 110.0, 130.0)


@pytest.mark.parametrize("odd", [None, "60", True, 1e300, -5.0, 0])
def test_what_is_no_time_is_not_shown(odd: object) -> None:
    found = cell(shown=odd).nanoseconds
    assert found is None or found.estimate == 120.0


@pytest.mark.parametrize(("odd", "named"), [
    ({"ratio": -0.5}, "-0.5"), ({"rounds": -1}, "-1"), ({"rejected": 1.5}, "1.5"), ({"node": 7}, "7"), ({"layout": {"heap_offset": 0}}, "environment_padding"),
    ({"guess": 1}, "guess"), ({"ratio": "0.5"}, "0.5")])
def test_one_odd_row_among_those_of_many_nodes_is_found(odd, named):
    raw = sample_results.build()
    measured = next(cell for cell in raw["cells"] if cell["samples"])
    row = measured["samples"][0]
    measured["samples"] = [row | {"process": number, "ratio": 0.5 + number / 1000} for number in range(1000)]
    assert results_file.violation(raw) == ""
    measured["samples"][500] |= odd
    assert named in results_file.violation(raw)


def test_one_odd_row_among_those_of_all_cells_is_found():
    raw = sample_results.build()
    rows = [row for cell in raw["cells"] for row in cell["samples"]]
    for number, row in enumerate(rows):
        row["rejected"] = float(number % 3)
    assert results_file.violation(raw) == "", "whole numbers, whatever their type"
    rows[len(rows) // 2]["rejected"] = 1.5
    assert "1.5 is not of type 'integer'" in results_file.violation(raw)


@pytest.fixture
def pages(tmp_path):
    return shutil.copytree(sample_results.pages("partial"), tmp_path, dirs_exist_ok=True)


def files(out):
    return {path.relative_to(out): path.read_bytes() for path in out.rglob("*") if path.is_file()}


@pytest.mark.parametrize("name", ["report.md", "report.html", "charts/mine.svg", "charts/notes.txt",
                                  "charts/deep/a.svg", "charts"])
def test_a_foreign_file_is_refused_and_kept(tmp_path, name):
    (tmp_path / name).parent.mkdir(exist_ok=True, parents=True)
    (tmp_path / name).write_text("mine")
    before = files(tmp_path)
    with pytest.raises(UserError, match="not made by this command"):
        report.write(sample_results.empty(), tmp_path)
    assert files(tmp_path) == before


@pytest.mark.parametrize("command", ["run", "report"])
def test_it_is_refused_before_anything_is_done(tmp_path, command):
    source = tmp_path / "results.json"
    source.write_text(json.dumps(sample_results.empty()))
    out = tmp_path / "out"
    (out / "charts").mkdir(parents=True)
    (out / "charts/thesis.png").write_text("mine")
    words = ["report", str(source)] if command == "report" else ["run", "--preset", "smoke"]
    done = subprocess.run([str(ROOT / "scripts/poolmark"), *words, "--out", str(out)], capture_output=True, text=True,
                          check=False, env=os.environ | {"POOLMARK_NO_INSTALL": "1", "PATH": "/usr/bin:/bin"})
    assert done.returncode == 2 and done.stderr.count("\n") == 1 and "thesis.png" in done.stderr
    assert [str(path) for path in files(out)] == ["charts/thesis.png"]


@pytest.mark.parametrize("name", ["charts/mine.svg", "charts/data.csv", "report.html"])
def test_a_foreign_file_among_ours_is_refused_and_kept(pages, name):
    (pages / name).write_text("mine")
    with pytest.raises(UserError, match=os.path.basename(name)):
        report.write(sample_results.empty(), pages)
    assert (pages / name).read_text() == "mine"


def test_a_chart_with_the_name_of_ours_is_foreign_without_our_page(pages):
    (pages / "report.md").unlink()
    with pytest.raises(UserError, match="charts"):
        folder.refuse_foreign(pages)


def test_pages_replace_pages(pages):
    report.write(sample_results.empty(), pages)
    assert not list((pages / "charts").iterdir())


def test_a_report_that_fails_leaves_no_folder(tmp_path, monkeypatch):
    monkeypatch.setattr(report, "build", lambda *_, **options: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        report.write(sample_results.empty(), tmp_path / "a/b/c")
    assert not list(tmp_path.iterdir())
