"""A trace of the reader's own: refused before anything is built, and named to every process that is started."""

import os
import subprocess

import pytest
from driver import ROOT
from suite.base.errors import UserError
from suite.plan import own


@pytest.fixture(autouse=True)
def clean(monkeypatch):
    monkeypatch.setenv(own.VARIABLE, "left over")


def test_the_file_is_named_to_all_processes_by_its_whole_path(tmp_path, monkeypatch):
    (tmp_path / "mine.txt").write_text("a\nb\n")
    monkeypatch.chdir(tmp_path)
    assert own.bring("mine.txt") == os.environ[own.VARIABLE] == str(tmp_path / "mine.txt")
    assert own.bring("") == "" and own.VARIABLE not in os.environ


def test_one_that_is_not_there_is_refused():
    with pytest.raises(UserError, match="there is no file '/no/such'"):
        own.bring("/no/such")


def test_the_command_refuses_it_in_one_line(tmp_path):
    done = subprocess.run([ROOT / "scripts/poolmark", "run", "--trace", tmp_path / "none", "--out", tmp_path / "out"],
                          capture_output=True, text=True, check=False)
    assert done.returncode == 2 and done.stderr.count("\n") == 1 and "--trace: there is no file" in done.stderr
    assert not (tmp_path / "out").exists()
