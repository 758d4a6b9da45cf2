"""The command as a reader types it: every mistake is one line that names the mend, and exit code 2."""

import json
import os
import subprocess

import pytest
from driver import ROOT, campaign, description
from suite import build, cli, describe, journal, tables, testing
from suite.errors import UserError

POOLMARK = ROOT / "scripts/poolmark"


def poolmark(*words, cwd=ROOT, program=POOLMARK, **variables):
    return subprocess.run([str(program), *words], cwd=cwd, capture_output=True, text=True, check=False, timeout=60,
                          env=os.environ | {"POOLMARK_NO_INSTALL": "1"} | variables)


@pytest.mark.parametrize("words", [
    (), ("frobnicate",), ("run", "--frob"), ("run", "--preset", "huge"), ("run", "--pre", "smoke"),
    ("run", "--seed", "-1"), ("run", "--seed", "x"), ("run", "--cell-seconds", "0"), ("run", "--cell-seconds", "nan"),
    ("run", "--allocator", "mine=/no/such.so"), ("run", "--out", "/proc/none"), ("run", "--workload"),
    ("report",), ("report", "/no/such.json"), ("report", "/"), ("report", "scripts/poolmark"), ("list", "things"),
])
def test_a_mistake_is_one_line_and_exit_code_2(words):
    done = poolmark(*words)
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr.startswith("poolmark: ") and done.stderr.count("\n") == 1


def test_an_unknown_preset_names_the_known_ones():
    assert "'smoke', 'quick', 'full'" in poolmark("run", "--preset", "huge").stderr


def test_it_works_from_elsewhere_and_through_links(tmp_path):
    (tmp_path / "direct").symlink_to(POOLMARK)
    (tmp_path / "relative").symlink_to("direct")
    for name in ("direct", "relative"):
        done = poolmark("--help", cwd="/", program=tmp_path / name)
        assert done.returncode == 0 and "RESULTS.json" not in done.stderr and "run" in done.stdout


def test_a_used_folder_is_left_as_it_is(tmp_path):
    campaign(tmp_path, workloads=("good",)).run(ROOT)
    before = {entry.name: entry.read_bytes() for entry in tmp_path.iterdir()}
    for more in ((), ("--resume",)):
        done = poolmark("run", "--out", str(tmp_path), *more)
        assert done.returncode == 2 and done.stderr.count("\n") == 1
    assert {entry.name: entry.read_bytes() for entry in tmp_path.iterdir()} == before


def test_trying_a_folder_leaves_none_behind(tmp_path):
    journal.check_writable(tmp_path / "new")
    assert not (tmp_path / "new").exists()
    with pytest.raises(UserError, match="--out"):
        journal.check_writable(POOLMARK / "below-a-file")


def test_resume_without_a_run_says_so(tmp_path):
    assert "nothing to resume" in poolmark("run", "--resume", "--out", str(tmp_path)).stderr


def test_resume_refuses_another_plan(tmp_path):
    campaign(tmp_path, workloads=("good",))
    done = poolmark("run", "--resume", "--out", str(tmp_path), "--preset", "full")
    assert done.returncode == 2 and "has preset 'smoke'" in done.stderr


@pytest.mark.parametrize(("change", "said"), [({"type": "dev"}, "dev build"),
                                              ({"sanitizers": "address"}, "bench build with address")])
def test_only_the_bench_build_is_measured(change, said):
    source = description()
    unfit = describe.Description({**source.build, **change}, source.allocators, source.strategies, source.workloads)
    with pytest.raises(UserError, match=said):
        build.refuse_unfit(unfit)
    build.refuse_unfit(source)


@pytest.mark.parametrize("text", ["", "[]", '{"protocol": 1}', '{"protocol": 2}', "Running"])
def test_a_description_out_of_protocol_is_refused(tmp_path, text):
    program = tmp_path / "bench"
    program.write_text(f"#!/bin/sh\ncat <<'END'\n{text}\nEND\n")
    program.chmod(0o755)
    with pytest.raises(UserError):
        describe.ask(program)


def test_lists_are_plain_in_a_pipe(capsys):
    tables.show(description(), cli.KINDS)
    said = capsys.readouterr().out
    assert "\x1b" not in said and "not installed: apt install absent" in said
    assert said.startswith("workload  baseline")


def test_errors_stay_one_line():
    assert str(UserError("a\nb")) == "a b"


@pytest.mark.parametrize(("output", "expected"), [
    ("100% tests passed, 0 tests failed out of 57\n", (57, 0)), ("93% tests passed, 2 tests failed out of 30", (28, 2)),
    ("99% tests passed, 1 test failed out of 100", (99, 1)), ("No tests were found!!!", None)])
def test_ctest_counts(output, expected):
    assert testing.count_ctest(output) == (expected and testing.Count(*expected))


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


BENCH = build.BENCH


@pytest.mark.skipif(not BENCH.exists(), reason="the bench build is not there")
def test_the_real_binary_describes_itself():
    found = describe.ask(BENCH)
    assert found.allocators[0].name == "glibc" and json.dumps(dict(found.build))
    build.refuse_unfit(found)
