"""The command as a reader types it: every mistake is one line that names the fix, and exit code 2."""

import json
import os
import runpy
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import types
from dataclasses import replace

import pytest
from driver import PATIENCE, ROOT, campaign, description, executable
from suite import cli, report
from suite.base import build, folder, packages
from suite.base.errors import UserError
from suite.cli import list_tables, run
from suite.measure import journal
from suite.plan import describe, sources
from suite.run import campaign as campaigns

POOLMARK = ROOT / "scripts/poolmark"


def poolmark(*words, cwd=ROOT, program=POOLMARK, **variables):
    return subprocess.run([str(program), *words], cwd=cwd, capture_output=True, text=True, check=False, timeout=PATIENCE,
                          env=os.environ | {"POOLMARK_NO_INSTALL": "1"} | variables)


@pytest.mark.parametrize("words", [
    (), ("frobnicate",), ("run", "--frob"), ("run", "--preset", "huge"), ("run", "--pre", "smoke"),
    ("run", "--seed", "-1"), ("run", "--seed", "x"), ("run", "--cell-seconds", "0"), ("run", "--cell-seconds", "nan"),
    ("run", "--allocator", "mine=/no/such.so"), ("run", "--allocator", ""),
    ("run", "--allocator", "glibc,,x"), ("run", "--out", "/proc/none"), ("run", "--workload"),
    ("report",), ("report", "/no/such.json"), ("report", "/"), ("report", "scripts/poolmark"), ("list", "things"),
    ("doctor", "--frob"), ("cite",), ("cite", "/no/such"), ("cite", "/no/such", "x"), ("compare", "/no/such"),
    ("compare", "/no/such", "/none"), ("verify",), ("verify", "/no/such"), ("verify", "/"), ("verify", "scripts/poolmark"),
    ("program",), ("program", "--frob"), ("program", "--", "/no/such"), ("program", "heaps", "--rounds", "3", "--", "true"),
    ("program", "--stdin", "/no/such", "--", "true"), ("program", "--metric", "(", "--", "true"),
    ("splice", "--frob"), ("verify", "x" * 10_000), ("cite", "\x1b[31m", "x"),
])
def test_a_mistake_is_one_line_and_exit_code_2(words, monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("POOLMARK_NO_INSTALL", "1")
    monkeypatch.setattr(sys, "argv", ["poolmark", *words])
    with pytest.raises(SystemExit) as ended:
        runpy.run_module("suite", run_name="__main__")
    said = capsys.readouterr()
    assert ended.value.code == 2 and said.out == ""
    assert said.err.startswith("poolmark: ") and said.err.count("\n") == 1


def test_an_unknown_preset_names_the_known_ones():
    done = poolmark("run", "--preset", "huge")
    assert "smoke, quick, heaps, wide, full" in done.stderr.replace("'", "")  # newer Pythons do not quote them
    assert done.returncode == 2 and done.stdout == "" and done.stderr.startswith("poolmark: ") and done.stderr.count("\n") == 1


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
    folder.check_writable(tmp_path / "new" / "below" / "it")
    assert not (tmp_path / "new").exists()
    with pytest.raises(UserError, match="--out"):
        folder.check_writable(POOLMARK / "below-a-file")


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
        sources.refuse_unfit(unfit, ROOT)
    sources.refuse_unfit(source, ROOT)


def test_a_binary_of_other_sources_is_not_measured(tmp_path):
    source = description()
    for folder in sources.FOLDERS:
        shutil.copytree(ROOT / folder, tmp_path / folder)
    sources.refuse_unfit(source, tmp_path)
    (tmp_path / "pools/arena.hpp").write_text("// another pool\n")
    with pytest.raises(UserError, match="not built from the sources that stand here; build it again"):
        sources.refuse_unfit(source, tmp_path)
    with pytest.raises(UserError, match="build it again"):
        sources.refuse_unfit(replace(source, sources=""), ROOT)


def test_the_build_takes_the_same_hash_of_a_checkout_and_writes_it_once(tmp_path):
    written = tmp_path / "sources.cpp"
    write = ["cmake", f"-DROOT={ROOT}", f"-DOUT={written}", "-P", str(ROOT / "cmake/source_hash.cmake")]
    subprocess.run(write, check=True)
    assert f'"{sources.tree_hash(ROOT)}"' in written.read_text()
    os.utime(written, (1, 1))
    subprocess.run(write, check=True)
    assert written.stat().st_mtime == 1, "nothing is compiled again without need"


@pytest.mark.parametrize("text", ["", "[]", '{"protocol": 1}', '{"protocol": 2}', "Running"])
def test_a_description_out_of_protocol_is_refused(tmp_path, text):
    program = tmp_path / "bench"
    program.write_text(f"#!/bin/sh\ncat <<'END'\n{text}\nEND\n")
    program.chmod(0o755)
    with pytest.raises(UserError):
        describe.ask(program)


def test_lists_are_plain_in_a_pipe(capsys):
    list_tables.show(description(), cli.KINDS)
    said = capsys.readouterr().out
    assert "\x1b" not in said and "not installed: apt install absent" in said
    assert said.startswith("workload  baseline")


@pytest.mark.parametrize(("words", "there", "everything"), [((), False, False), ((), True, True), (("--all",), False, True)])
def test_the_list_is_of_everything_where_it_is_built_or_asked_for(monkeypatch, capsys, tmp_path, words, there, everything):
    asked = []
    monkeypatch.setattr(build, "EVERYTHING", tmp_path if there else tmp_path / "none")
    monkeypatch.setattr(build, "ensure", lambda reconfigure, everything: asked.append(everything))
    monkeypatch.setattr(describe, "ask", lambda bench: description())
    assert cli.main(["list", "workloads", *words]) == 0 and asked == [everything]
    assert ("list --all" in capsys.readouterr().err) is not everything


def test_the_list_says_from_which_preset_on_a_strategy_takes_part():
    heading, body = list_tables.rows(description(), "strategies")
    tiers = {row[0]: row[heading.index("from preset")] for row in body}
    assert (tiers["slab_pool"], tiers["rare_pool"], tiers["not_finite"]) == ("quick", "wide", "-")


@pytest.mark.parametrize("name", ["suite.py", "argparse.py", "numpy.py", "json.py"])
def test_nothing_of_the_readers_folder_is_executed(tmp_path, name):
    (tmp_path / name).write_text("raise SystemExit('taken')")
    (tmp_path / "suite").mkdir()
    (tmp_path / "suite/__init__.py").write_text("raise SystemExit('taken')")
    done = poolmark("report", "none.json", cwd=tmp_path)
    assert done.returncode == 2 and "taken" not in done.stderr and "none.json does not exist" in done.stderr


def test_another_python_is_left_for_the_systems_without_the_readers_folder(monkeypatch):
    called = []
    monkeypatch.setattr(packages.importlib.util, "find_spec", lambda _: None)
    monkeypatch.setattr(packages.sys, "executable", "/elsewhere/python3")
    monkeypatch.setattr(packages.os, "execv", lambda *words: called.append(words))
    packages.restart_on_system_python(["list"])
    assert called[0][1][1:] == ["-P", "-m", "suite", "list"]


@pytest.mark.parametrize(("stream", "code"), [("> /dev/full", 2), (">&-", 2), ("2>&-", 0), ("2> /dev/full", 0),
                                              ("| true", 0)])
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_stream_that_cannot_be_written_is_no_traceback(stream, code, unbuffered):
    done = subprocess.run(["bash", "-c", f"set -o pipefail; {POOLMARK} --help {stream}"], capture_output=True,
                          text=True, check=False, timeout=PATIENCE, env=os.environ | {"PYTHONUNBUFFERED": unbuffered})
    assert done.returncode == code and done.stderr.count("\n") == (code == 2)
    assert "Traceback" not in done.stderr and "Exception ignored" not in done.stderr


@pytest.fixture
def fake(tmp_path, monkeypatch):
    program = executable(tmp_path)
    monkeypatch.setattr(run, "_binary", lambda *_asked: program)
    return ["run", "--preset", "smoke", "--workload", "good/live=10,*", "--out", str(tmp_path / "a b" / "out")]


def test_a_run_from_end_to_end(fake, tmp_path, capsys):
    assert cli.main(fake) == 0
    out = tmp_path / "a b/out"
    assert sorted(path.name for path in out.iterdir()) == \
        ["charts", "decisions.md", "plan.json", "report.html", "report.md", "results.json", "rounds.jsonl.gz"]
    assert str(out / "report.html") in capsys.readouterr().out
    assert "--out" not in (out / "report.md").read_text().partition("## Run it again")[2]
    assert cli.main(["report", str(out / "results.json")]) == 0
    assert cli.main(fake) == 2 and "finished run" in capsys.readouterr().err


def test_signals_while_pages_are_written_lose_nothing(fake, tmp_path, monkeypatch, capsys):
    keep, write, before = journal.append, report.write, signal.getsignal(signal.SIGINT)

    def interrupted(out, outcome):
        if (out / journal.PARTIAL).exists():
            signal.raise_signal(signal.SIGINT)
        keep(out, outcome)

    def impatient(results, out, claims):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.raise_signal(number)
        write(results, out, claims)
    monkeypatch.setattr(campaigns.journal, "append", interrupted)
    monkeypatch.setattr(report, "write", impatient)
    fake[4] = "good"
    assert cli.main(fake) == 130
    assert "kept what was measured" in capsys.readouterr().err and (tmp_path / "a b/out/report.html").exists()
    assert signal.getsignal(signal.SIGINT) is before


def test_an_error_of_the_system_names_its_file(monkeypatch, capsys):
    def denied(*_):
        raise PermissionError(13, "Permission denied", "/some/file")
    monkeypatch.setitem(cli.COMMANDS, "setup", denied)
    assert cli.main(["setup"]) == 2
    said = capsys.readouterr().err
    assert "/some/file" in said and said.count("\n") == 1


def test_a_build_log_that_cannot_be_written_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(build, "LOG", tmp_path / "bench.log")
    (tmp_path / "bench.log").mkdir()
    with pytest.raises(UserError, match="bench.log"):
        build.ensure()


@pytest.mark.parametrize("letter", [*'][$;"\'\\\n\t?|#<>`&*^'])
def test_a_checkout_whose_name_no_build_takes_is_refused_before_anything_is_made(tmp_path, monkeypatch, letter):
    monkeypatch.setattr(build, "ROOT", tmp_path / f"a{letter}b")
    monkeypatch.setattr(build, "LOG", tmp_path / f"a{letter}b/build/bench.log")
    for begin in (build.ensure, lambda: build.target("poolmark-programs", "building")):
        with pytest.raises(UserError, match="CMake cannot build with .*move the checkout"):
            begin()
    assert not list(tmp_path.iterdir())


def test_a_colon_in_the_checkouts_name_is_refused(tmp_path):
    (tmp_path / "a:b").mkdir()
    shutil.copy(POOLMARK, tmp_path / "a:b")
    done = poolmark("list", program=tmp_path / "a:b/poolmark")
    assert done.returncode == 2 and "move the checkout" in done.stderr and done.stderr.count("\n") == 1


def test_a_long_value_is_cut(tmp_path):
    (tmp_path / "r.json").write_text(json.dumps({"schema": "x" * 5000}))
    assert len(poolmark("report", str(tmp_path / "r.json")).stderr) < 400


def test_errors_stay_one_line():
    assert str(UserError("a\nb")) == "a b"


BENCH = build.BENCH


@pytest.mark.skipif(not BENCH.exists(), reason="the bench build is not there")
def test_the_real_binary_describes_itself():
    found = describe.ask(BENCH)
    assert found.allocators[0].name == "glibc" and json.dumps(dict(found.build))
    sources.refuse_unfit(found, ROOT)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_any_command_with_a_word_and_its_folders(tmp_path, monkeypatch, capsys, number):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    before = signal.getsignal(number)

    def ended(*_):
        with tempfile.TemporaryDirectory():
            os.kill(os.getpid(), number)
            time.sleep(PATIENCE)
    monkeypatch.setitem(cli.COMMANDS, "setup", ended)
    assert cli.main(["setup"]) == 130
    assert capsys.readouterr().err == "poolmark: interrupted\n" and not list(tmp_path.iterdir())
    assert signal.getsignal(number) is before


def test_an_interrupt_while_modules_are_read_is_one_line_too(monkeypatch, capsys):
    class Interrupting(types.ModuleType):
        def __getattr__(self, name):
            raise KeyboardInterrupt
    monkeypatch.setitem(sys.modules, "suite.cli", Interrupting("suite.cli"))
    with pytest.raises(SystemExit) as ended:
        runpy.run_module("suite", run_name="__main__")
    assert ended.value.code == 130 and capsys.readouterr().err == "poolmark: interrupted\n"
