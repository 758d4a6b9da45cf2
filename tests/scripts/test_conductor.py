"""The token's way through the conductor: every turn in order, and every way in which a contender may not answer."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from driver import PATIENCE, built_conductor, executable, group, wait_until
from suite.base.errors import UserError
from suite.measure import conductor, launch, rounds
from suite.measure.conductor import Conductor, Turn
from suite.measure.launch import Launcher
from suite.plan.presets import PRESETS


@pytest.fixture(name="alive")
def alive_fixture(tmp_path):
    started = []

    def start(*strategies, seconds=PATIENCE):
        launcher = Launcher(executable(tmp_path), PRESETS["quick"], max(os.sched_getaffinity(0)), PATIENCE)
        contenders = {cell.strategy: launcher.contender(cell, launch.Layout(0, 0))
                      for cell in group(*strategies).cells}
        started.extend(contenders.values())
        for contender in contenders.values():
            contender.ready()
            contender.seconds = seconds
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


@pytest.mark.parametrize(("bad", "reason", "seconds"), [
    ("crash_at_epoch", "crashed: SIGSEGV", PATIENCE), ("not_finite", "out of protocol", PATIENCE),
    ("wrong_count", "out of protocol", PATIENCE), ("hang_at_epoch", "no answer within 3 s", 3.0)])
def test_a_contender_that_fails_is_left_out_and_the_others_go_on(alive, bad, reason, seconds):
    contenders, conductor = alive("fresh_heap", bad, seconds=seconds)
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
              f"p = subprocess.Popen(['{built_conductor()}', '0', '{2 * PATIENCE}', f'{{w}}:{{silent}}'], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, pass_fds=(silent, w)); "
              "p.stdin.write(b'0 1\\n'); p.stdin.close(); print(p.pid, flush=True); os.read(r, 100); os._exit(0)")
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=PATIENCE, check=True)
    wait_until(lambda: not Path(f"/proc/{ran.stdout.strip()}").exists())


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
    counts, switches, enough = [0], conductor._switches, tmp_path / "enough"

    def moved(process):
        wait_until(lambda: enough.exists() or switches(process) > counts[-1])
        counts.append(switches(process) or 0)
        if len(counts) == 6:
            enough.touch()
        return len(counts)
    monkeypatch.setattr(conductor, "_switches", moved)
    slow = scripted(tmp_path, f"until [ -e '{enough}' ]; do sleep 0.01; done", 0.05)
    assert slow.block({}, []).events == [] and len(counts) >= 6


def test_a_conductor_that_fails_is_one_line(tmp_path):
    with pytest.raises(UserError, match="no such CPU.*--resume"):
        scripted(tmp_path, "echo no such CPU >&2; exit 2", 1.0).block({}, [])


def test_a_block_is_stolen_when_the_hypervisor_took_a_tenth_of_it():
    assert rounds.stolen((5, 100), (8, 120)) and not rounds.stolen((5, 100), (7, 120))
    assert not rounds.stolen((5, 100), (6, 101)), "one tick may be nobody's"
    assert not rounds.stolen((0, 0), (0, 0))
