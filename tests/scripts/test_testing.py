"""`poolmark test`: what is counted, and what is shown of a step that fails."""

import shutil
import subprocess

import pytest
from suite.cli import testing


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
