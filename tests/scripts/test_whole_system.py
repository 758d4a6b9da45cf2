"""Systems of their own: what is refused, that nothing of them is left, and what is written down."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from suite import cli
from suite.base.errors import UserError
from suite.cli import whole_system
from suite.cli.whole_system import STEPS, Outcome

RUN = Outcome(STEPS["run"], 0, 600.0, "900 cells, 0 failed, 3 skipped. Heaps: glibc 2.41")
TEST = Outcome(STEPS["test"], 1, 3000.0, "700 passed, 1 failed")


def test_an_unknown_system_is_refused_with_the_known_ones(capsys):
    assert cli.main(["test", "--system", "debian9"]) == 2
    assert "unknown system 'debian9'; known: debian12, debian13" in capsys.readouterr().err
    assert cli.main(["test", "--only", "run"]) == 2


def test_who_may_not_make_one_is_told_before_anything_is_made(monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(UserError, match="run this command as root"):
        whole_system.command("debian13", None)


@pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("unshare"), reason="only root can mount")
@pytest.mark.parametrize("end", ["true", "exit 3", "{ sleep 600 & }; exit 4"])
def test_its_mounts_and_processes_end_with_it_however_it_ends(tmp_path, end):
    (tmp_path / "brought").touch()
    before = Path("/proc/mounts").read_text()
    done = subprocess.run(whole_system.inside(Path("/"), tmp_path, f"ls /var/cache/apt/archives && echo $HOME && {end}"),
                          capture_output=True, text=True, timeout=60)
    if "Operation not permitted" in done.stderr:
        pytest.skip("this container may not mount")
    assert done.stdout.split() == ["brought", "/root"], done.stderr
    assert (done.returncode == 0) == (end == "true")
    assert Path("/proc/mounts").read_text() == before


def test_the_page_keeps_one_block_a_system_and_one_row_a_command():
    page = whole_system.page("# Systems\n", "debian13", "g++ 14.2.0", [RUN, TEST], "2026-01-31")
    assert f"| `{STEPS['run']}` | ok | 2026-01-31 | 10 min | 900 cells, 0 failed, 3 skipped. Heaps: glibc 2.41 |" in page
    assert "**exit code 1**" in page
    page = whole_system.page(page, "debian12", "g++ 12.2.0", [RUN], "2026-02-01")
    again = whole_system.page(page, "debian13", "g++ 14.3.0", [Outcome(STEPS["test"], 0, 60.0, "701 passed, 0 failed")], "2026-02-02")
    assert again.count("## debian13") == again.count("## debian12") == 1 and "14.2.0" not in again
    assert again.count(STEPS["run"] + "`") == 2 and "**exit code 1**" not in again and "2026-02-01" in again


def test_a_row_that_a_package_could_fill_is_told(tmp_path):
    file = tmp_path / "results.json"
    cells = [{"verdict": "SKIPPED", "reason": "not installed: apt install libx"}, {"verdict": "SKIPPED", "reason": "4 CPUs are too few"},
             {"verdict": "MEASURED", "reason": ""}]
    heaps = [{"name": "glibc", "version": "2.41"}, {"name": "jemalloc", "version": "5.3.0-0-g54eaed1d8b"},
             {"name": "absent", "version": ""}]
    file.write_text(json.dumps({"cells": cells, "allocators": heaps}))
    said = whole_system.measured(file)
    assert said == ("3 cells, 0 failed, 2 skipped, of which a package could fill some (not installed: apt install libx). "
                    "Heaps: glibc 2.41, jemalloc 5.3.0")
    file.write_text(json.dumps({"cells": cells[1:], "allocators": heaps}))
    assert "could fill" not in whole_system.measured(file) and whole_system.measured(None) == ""


def test_versions_are_told_without_what_debian_adds():
    assert whole_system.versions("g++ 4:14.2.0-1\ncmake 3.31.6-2\nlibc6 2.41-12+deb13u1\n") == "g++ 14.2.0, cmake 3.31.6, libc6 2.41"
