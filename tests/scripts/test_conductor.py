"""The token's way through the conductor: every turn in order, and every way in which a contender may not answer."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from driver import built_conductor, executable, group
from suite import conductor, heat, launch
from suite.conductor import Conductor, Turn
from suite.errors import UserError
from suite.launch import Launcher
from suite.presets import PRESETS


@pytest.fixture(name="alive")
def alive_fixture(tmp_path):
    started = []

    def start(*strategies, seconds=10.0):
        launcher = Launcher(executable(tmp_path), PRESETS["quick"], max(os.sched_getaffinity(0)), seconds)
        contenders = {cell.strategy: launcher.contender(cell, launch.Layout(0, 0))
                      for cell in group(*strategies).cells}
        started.extend(contenders.values())
        for contender in contenders.values():
            contender.ready()
        return contenders, Conductor(built_conductor(), launcher.cpu, seconds)
    yield start
    for contender in started:
        contender.kill()


def test_turns_are_answered_in_order(alive):
    contenders, conductor = alive("fresh_heap", "slab_pool")
    turns = [Turn("slab_pool", 3), Turn("fresh_heap", 5), Turn("fresh_heap", 7), Turn("slab_pool", 11)]
    answers = conductor.block(contenders, turns)
    assert [event["iterations"] for event in answers.events] == [3, 5, 7, 11] and not answers.failures
    assert [event["real_ns"] for event in answers.events] == [1500, 5000, 7000, 5500]
    assert conductor.block(contenders, turns[:1]).events[0]["iterations"] == 3  # the same processes, another block


@pytest.mark.parametrize(("bad", "reason"), [
    ("crash_at_epoch", "crashed: SIGSEGV"), ("not_finite", "out of protocol"), ("wrong_count", "out of protocol"),
    ("hang_at_epoch", "no answer within 1 s")])
def test_a_contender_that_fails_is_left_out_and_the_others_go_on(alive, bad, reason):
    contenders, conductor = alive("fresh_heap", bad, seconds=1.0)
    answers = conductor.block(contenders, [Turn("fresh_heap", 1), Turn(bad, 1), Turn(bad, 1), Turn("fresh_heap", 2)])
    assert [event and event["iterations"] for event in answers.events] == [1, None, None, 2]
    assert list(answers.failures) == [bad] and answers.failures[bad].reason.startswith(reason)


@pytest.mark.parametrize(("arguments", "turns"), [
    (["0"], ""), (["x", "1", "0:1"], ""), (["0", "1", "0:x"], ""), (["0", "1", "0:1"], "1 5\n"), (["0", "1", "0:1"], "0 x\n"),
    (["9999", "1", "0:1"], ""), (["0", "1", "0"], "")])
def test_nonsense_is_refused_in_one_line(arguments, turns):
    ran = subprocess.run([built_conductor(), *arguments], input=turns, capture_output=True, text=True, check=False)
    assert ran.returncode == 2 and ran.stderr.startswith("poolmark-conductor: ") and ran.stderr.count("\n") == 1


def test_it_ends_with_the_driver():
    script = ("import os, subprocess, sys; r, w = os.pipe(); silent, _ = os.pipe(); "
              f"p = subprocess.Popen(['{built_conductor()}', '0', '60', f'{{w}}:{{silent}}'], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, pass_fds=(silent, w)); "
              "p.stdin.write(b'0 1\\n'); p.stdin.close(); print(p.pid, flush=True); os.read(r, 100); os._exit(0)")
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=30, check=True)
    until = time.monotonic() + 10
    while Path(f"/proc/{ran.stdout.strip()}").exists():
        assert time.monotonic() < until, "the conductor outlives its driver"
        time.sleep(0.05)


def scripted(folder, text, seconds):
    program = folder / conductor.NAME
    program.write_text(f"#!/bin/sh\n{text}\n")
    program.chmod(0o755)
    return Conductor(program, 0, seconds)


def test_a_conductor_that_was_stopped_is_not_waited_for(tmp_path, monkeypatch):
    monkeypatch.setattr(conductor, "GRACE_SECONDS", 0.1)
    with pytest.raises(UserError, match="has not moved for 0.12 s.*--resume"):
        scripted(tmp_path, "kill -STOP $$", 0.01).block({}, [])


def test_a_conductor_that_works_for_long_is_waited_for(tmp_path, monkeypatch):
    monkeypatch.setattr(conductor, "GRACE_SECONDS", 0.0)
    slow = scripted(tmp_path, "for i in 1 2 3 4 5 6 7 8; do sleep 0.05; done", 0.1)
    assert slow.block({}, []).events == []


def test_a_conductor_that_fails_is_one_line(tmp_path):
    with pytest.raises(UserError, match="no such CPU.*--resume"):
        scripted(tmp_path, "echo no such CPU >&2; exit 2", 1.0).block({}, [])


def test_a_block_is_stolen_when_the_hypervisor_took_a_tenth_of_it():
    assert heat.stolen((5, 100), (8, 120)) and not heat.stolen((5, 100), (7, 120))
    assert not heat.stolen((5, 100), (6, 101)), "one tick may be nobody's"
    assert not heat.stolen((0, 0), (0, 0))
