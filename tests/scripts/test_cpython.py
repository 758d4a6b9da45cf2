"""CPython as a peer: the script answers on the Python at hand, and what is no answer is a reason, never a number."""

import json
import math
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from driver import PATIENCE
from suite.claims import cpython

SEEDS = [sys.executable, "-P", str(cpython.SCRIPT)]


def program(folder, body, name="python3"):
    path = folder / name
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


def answer(**more):
    return {"schema": 1, "python": {"level": "python", "version": "3.11.2"},
            "times": {"a": {"samples": [1.0, 2.0]}}} | more


def test_the_script_answers_everything_it_has(measured):
    assert not measured.failed
    assert measured.version.startswith(f"{sys.version_info[0]}.{sys.version_info[1]}")
    assert {"empty_loop", "lru_hit", "pool_busy_4096", "tuple_20"} <= measured.times.keys()
    assert all(len(samples) == 2 and min(samples) > 0 for samples in measured.times.values())


def test_constants_are_probed_and_held_against_the_table(measured):
    assert measured.facts["small_int.low"] == -5 and measured.facts["small_int.count"] >= 262
    rows = [row for row in measured.expected if "agrees" in row]
    assert rows and all(row["agrees"] == "True" for row in rows), [row for row in rows if row["agrees"] != "True"]


def test_a_round_is_what_the_clock_said_and_nothing_is_subtracted(monkeypatch):
    monkeypatch.syspath_prepend(str(cpython.SCRIPT.parent))
    import timing
    ticks = iter([10.0, 10.0 + 8e-6])
    monkeypatch.setattr(timing, "CPU", lambda: next(ticks))
    row = timing.Row("x", "pass")
    row.count = 10
    assert math.isclose(row.round(), 8e-6 * 1e9 / (10 * timing.UNROLL), rel_tol=1e-6)


def test_what_is_used_up_by_a_round_runs_once_and_is_put_back_after_it(monkeypatch):
    monkeypatch.syspath_prepend(str(cpython.SCRIPT.parent))
    import timing
    seen = []
    row = timing.Row("x", "seen.append('line')", "seen.append('ready')", after="seen.append('after')", once=True,
                     seen=seen)
    row.calibrate(1.0)
    row.round()
    assert seen == ["ready", "line", "after"]


def test_footprints_need_a_process_each(measured):
    assert measured.bytes["plain_dict_5"] > measured.bytes["slots_5"] > 40
    assert measured.bytes["dict_5_touched"] > measured.bytes["dict_5"]


def test_an_unknown_version_skips_the_expectations_with_the_reason():
    done = subprocess.run([sys.executable, "-c", "import sys; sys.path.insert(0, sys.argv[1])\nimport expected, json\n"
                           "print(json.dumps([expected.compare({'small_int.low': -5}, v) for v in "
                           "((3, 99), (3, 11), (2, 7))]))",
                           str(cpython.SCRIPT.parent)], capture_output=True, text=True, check=True)
    future, known, past = json.loads(done.stdout)
    assert all("is not in the table" in row["skipped"] for row in future + past)
    assert any(row.get("agrees") for row in known)


@pytest.mark.parametrize("facts, agrees", [({"small_int.high": 256}, True), ({"small_int.high": 1024}, False)])
def test_a_constant_that_differs_is_told(facts, agrees):
    done = subprocess.run([sys.executable, "-c", "import sys; sys.path.insert(0, sys.argv[1])\nimport expected, json\n"
                           "print(json.dumps(expected.compare(json.loads(sys.argv[2]), (3, 11))))",
                           str(cpython.SCRIPT.parent), json.dumps(facts)], capture_output=True, text=True, check=True)
    row, = [row for row in json.loads(done.stdout) if row["fact"] == "small_int.high"]
    assert row["agrees"] is agrees


@pytest.mark.parametrize("wrong", [
    None, [], "text", 1, {}, answer(schema=2), answer(schema=True), answer(python=[]),
    answer(python={"level": "python"}),
    answer(python={"level": "pypy", "version": "3"}), answer(times=[]), answer(times={"a": 1}),
    answer(times={"a": {"samples": []}}),
    answer(times={"a": {"samples": [0]}}), answer(times={"a": {"samples": [-1.0]}}),
    answer(times={"a": {"samples": ["1"]}}),
    answer(times={"a": {"samples": [math.nan]}}), answer(times={"a": {"samples": [math.inf]}}),
    answer(times={"a": {"samples": [True]}}),
    answer(bytes={"a": -1}), answer(bytes={"a": "x"}), answer(facts={"a": []}), answer(facts={"a": "x" * 1000}),
    answer(facts=1),
    answer(expected={}), answer(expected=[1]), answer(failed=[1])])
def test_garbage_is_refused(wrong):
    with pytest.raises(ValueError):
        cpython.accept(wrong)


def test_hostile_text_is_made_one_printable_line():
    found = cpython.accept(answer(python={"level": "python", "version": "3.11\n## x\x1b[31m"},
                                  failed={"a\nb": "c\x00d" * 100}))
    assert "\n" not in found.version and "\x1b" not in found.version
    assert all(text.isprintable() and len(text) <= 160 for pair in found.failed.items() for text in pair)


@pytest.mark.parametrize("body, said", [
    ("exit 3", "exit code 3"), ("echo broken >&2; exit 1", "broken"), ("echo nonsense", "which version"),
    ("echo PyPy 3.10 3.10.1 /usr/bin/pypy", "it is PyPy"),
    ("echo CPython 2.7 2.7.18 /usr/bin/python", "older than 3.6"),
    ("echo CPython x.y z w", "which version"), ("head -c 200 /dev/urandom", "")])
def test_what_cannot_be_measured_says_why(tmp_path, body, said):
    with pytest.raises(ValueError, match=said):
        cpython.identify(program(tmp_path, body))


def test_no_python_on_the_path_is_a_skipped_row(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(cpython, "NAMES", ("python3", "python3.11"))
    found, skipped = cpython.find(["/nonexistent/python3"])
    assert not found
    assert [one.name for one in skipped] == ["/nonexistent/python3", "python3"]
    assert all("there is no such program" in one.reason for one in skipped)


def test_one_interpreter_by_several_names_is_asked_once(tmp_path, monkeypatch):
    monkeypatch.setattr(cpython, "NAMES", (sys.executable, os.path.realpath(sys.executable)))
    found, skipped = cpython.find([sys.executable])
    assert len(found) == 1 and not skipped


@pytest.mark.parametrize("body, said, seconds", [
    ("echo not json", "not JSON", PATIENCE), ("echo '[1'", "not JSON", PATIENCE), ("exit 1", "exit code 1", PATIENCE),
    ("echo '{}'", "form of an answer", PATIENCE), ("exec sleep 600", "no answer within 1 s", 1.0)])
def test_an_interpreter_that_answers_garbage_has_no_document(tmp_path, body, said, seconds):
    with pytest.raises(ValueError, match=said):
        cpython.raw(program(tmp_path, body), seconds=seconds)


def test_the_peer_is_merged_over_the_hash_seeds(tmp_path):
    body = """echo '{"schema": 1, "python": {"level": "c api", "version": "3.11.2"},'
              echo '"times": {"c_a": {"samples": ['$PYTHONHASHSEED']}}}'"""
    found = cpython.accept(cpython.raw_peer(3, Path(program(tmp_path, body, "peer"))))
    assert found.times == {"c_a": (1.0, 2.0, 3.0)} and found.name == "3.11.2 C API"


def test_no_peer_is_a_reason_that_names_the_package(tmp_path):
    with pytest.raises(ValueError, match="apt-get install -y python3-dev"):
        cpython.raw_peer(1, tmp_path / "gone")


def test_a_ratio_is_taken_process_by_process():
    assert cpython.ratio((10.0, 20.0, 40.0), (5.0, 10.0, 20.0)) == (2.0, 2.0, 2.0)
    assert cpython.ratio((10.0, 20.0), (5.0,)) == (3.0, 2.0, 4.0)
