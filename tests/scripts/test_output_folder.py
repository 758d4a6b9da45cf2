"""Whose files are whose: pages replace pages, and nothing else is ever replaced."""

import json
import os
import shutil
import subprocess

import pytest
import sample_results
from driver import ROOT
from suite import report
from suite.base import folder
from suite.base.errors import UserError


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
