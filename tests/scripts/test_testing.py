"""`poolmark test`: what is counted, and what is shown of a step that fails; and systems of their own to test in: what is refused, that
nothing of them is left, and what is written down."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from suite import cli
from suite.base.errors import UserError
from suite.cli import testing, whole_system
from suite.cli.whole_system import Outcome, STEPS


@pytest.mark.parametrize(("output", "expected"), [
    ("100% tests passed, 0 tests failed out of 57\n", (57, 0)), ("93% tests passed, 2 tests failed out of 30", (28, 2)),
    ("99% tests passed, 1 test failed out of 100", (99, 1)), ("No tests were found!!!", None)])
def test_ctest_counts(output, expected):
    assert testing.count_ctest(output) == (expected and testing.Count(*expected))

GTEST = """
#include <gtest/gtest.h>
#include <cstdlib>
TEST(cases, pass) {}
TEST(cases, may_fail) { EXPECT_EQ(std::getenv("FAILS"), nullptr); }
TEST(cases, may_die) { if (std::getenv("DIES") != nullptr) { std::abort(); } }
TEST(cases, pass_again) {}
"""


def test_cases_of_a_program_are_counted_one_by_one_and_none_of_one_that_dies(tmp_path, capsys):
    program, cases = tmp_path / "program", tmp_path / "cases"
    (tmp_path / "program.cpp").write_text(GTEST)
    subprocess.run(["g++", "-std=c++20", tmp_path / "program.cpp", "-o", program, "-lgtest", "-lgtest_main"], check=True)
    for variable, expected in (("NONE", (5, 0)), ("FAILS", (4, 1)), ("DIES", (1, 1))):
        shutil.rmtree(cases, ignore_errors=True)
        (tmp_path / "CTestTestfile.cmake").write_text(
            f'add_test(other "true")\nadd_test(program "{program}")\nset_tests_properties(program PROPERTIES ENVIRONMENT '
            f'"{variable}=1;GTEST_OUTPUT=xml:{cases}/program.xml")\n')
        counted = testing.step(variable, ["ctest", "--test-dir", str(tmp_path), "--output-on-failure"],
                               testing.count_cases(cases))
        assert counted == testing.Count(*expected)
    said = capsys.readouterr().out
    assert "[  FAILED  ] cases.may_fail" in said and "[ RUN      ] cases.may_die" in said and "cases.pass_again" not in said


def test_a_program_that_dies_after_its_last_case_is_red(tmp_path):
    (tmp_path / "program.xml").write_text('<testsuites tests="9" failures="0"/>')
    output = "50% tests passed, 1 tests failed out of 2\n\nThe following tests FAILED:\n\t  1 - program (SEGFAULT)\n"
    assert testing.count_cases(tmp_path)(output) == testing.Count(1, 1)


@pytest.mark.parametrize(("output", "expected"), [
    ("12 passed in 0.3s", (12, 0)), ("=== 3 failed, 12 passed, 1 error in 1.05s ===", (12, 4)),
    ("2 errors in 0.1s", (0, 2)), ("1 passed, 4 skipped in 2s", (1, 0)), ("no tests ran in 0.01s", None)])
def test_pytest_counts(output, expected):
    assert testing.count_pytest(output) == (expected and testing.Count(*expected))


def test_a_red_step_without_a_count_is_one_failure(capsys):
    assert testing.step("configure", ["false"]) == testing.Count(0, 1)
    assert testing.step("tests", ["true"], testing.count_pytest) == testing.Count(0, 1)
    assert testing.step("build", ["true"]) is None
    assert testing.step("tests", ["echo", "5 passed in 1s"], testing.count_pytest) == testing.Count(5, 0)
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["FAILED", "FAILED", "ok", "ok"]


@pytest.mark.parametrize(("said", "failed"), [
    ("[1/2] Building CXX object\n", False), ("/x/a.hpp:3:1: warning: unused variable 'a' [-Wunused-variable]\n", True),
    ("/x/a.hpp:3:1: warning: called on pointer [-Wmismatched-new-delete]\n", False)])
def test_a_bench_build_that_warns_is_red(tmp_path, monkeypatch, capsys, said, failed):
    monkeypatch.setattr(testing.build, "LOG", tmp_path / "bench.log")
    (tmp_path / "bench.log").write_text(said)
    assert testing._warnings() == (testing.Count(failed=1) if failed else None)
    assert ("the compiler warns" in capsys.readouterr().out) is failed


RUN = Outcome(STEPS["run"], 0, 600.0, "900 cells, 0 failed, 3 skipped. Heaps: glibc 2.41")
TEST = Outcome(STEPS["test"], 1, 3000.0, "700 passed, 1 failed")


def test_an_unknown_system_is_refused_with_the_known_ones(capsys):
    assert cli.main(["test", "--system", "debian9"]) == 2
    assert "unknown system 'debian9'; known: debian12, debian13" in capsys.readouterr().err
    assert cli.main(["test", "--only", "run"]) == 2
    assert cli.main(["test", "--aarch64", "--system", "debian13"]) == 2


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
