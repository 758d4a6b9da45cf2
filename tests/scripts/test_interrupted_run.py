"""A run that somebody ends: by a signal, by killing the driver, while a contender hangs."""

import json
import os
import signal
import subprocess
import sys

import pytest
from driver import HERE, PATIENCE, ROOT, campaign, wait_until
from suite.base.errors import UserError, interruptible
from suite.measure import journal
from suite.results import results_file

INTERRUPTED = """
import sys
sys.path.insert(0, {here!r})
from pathlib import Path
import driver
ending = driver.campaign(Path({out!r}), {preset!r}, workloads={workloads!r}, seconds=3600).run(driver.ROOT)
print(ending.complete, len(ending.results["cells"]) if ending.results else 0, flush=True)
"""


def children_alive(log):
    pids = [json.loads(line)["pid"] for line in log.read_text().splitlines()]
    return [pid for pid in pids if os.path.exists(f"/proc/{pid}") and
            "poolmark-bench" in open(f"/proc/{pid}/cmdline").read()]


def interrupted(folder, preset, number, workloads=("good", "bad"), started=""):
    """Starts a run in a process of its own, sends it a signal after the first group, and returns what it says when
    none of its contenders is left.

    With `started` it also waits until a contender of that name has been started.
    """
    log = folder / "log"
    program = INTERRUPTED.format(here=str(HERE), out=str(folder), preset=preset, workloads=workloads)
    child = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True,
                             env=os.environ | {"FAKE_BENCH_LOG": str(log)})
    partial = folder / journal.PARTIAL
    wait_until(lambda: partial.exists() and "\n" in partial.read_text() and started in log.read_text())
    child.send_signal(number)
    said, _ = child.communicate(timeout=PATIENCE)
    wait_until(lambda: not children_alive(log))
    return said


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupted_run_keeps_what_it_measured(tmp_path, number):
    assert interrupted(tmp_path, "quick", number).startswith("False ")
    kept = results_file.load(tmp_path / "results.json")
    assert kept["run"]["complete"] is False and kept["cells"]
    assert any("interrupted" in reason for reason in kept["calibration"]["reasons"])
    with pytest.raises(UserError, match="interrupted"):
        journal.refuse_used(tmp_path)
    plan = journal.read_plan(tmp_path)
    assert (plan.seed, plan.workloads) == (7, ("good", "bad"))


def test_a_terminal_that_hangs_up_ends_a_run_as_a_signal_does(tmp_path):
    """The session's leader gets SIGHUP, and each write to the terminal fails from then on."""
    log, (master, slave) = tmp_path / "log", os.openpty()
    program = "import fcntl, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0)" + INTERRUPTED.format(
        here=str(HERE), out=str(tmp_path), preset="quick", workloads=("good", "bad"))
    program = program.replace("print(", "sys.stdout.write('x' * 100000); sys.stdout.flush(); print(")
    child = subprocess.Popen([sys.executable, "-c", program], stdin=slave, stdout=slave, stderr=slave, start_new_session=True,
                             env=os.environ | {"FAKE_BENCH_LOG": str(log)})
    os.close(slave)
    partial = tmp_path / journal.PARTIAL
    wait_until(lambda: partial.exists() and "\n" in partial.read_text())
    os.close(master)
    assert child.wait(timeout=PATIENCE) == 0
    assert results_file.load(tmp_path / "results.json")["run"]["complete"] is False


def test_nohup_is_respected():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with interruptible(lambda: None):
            signal.raise_signal(signal.SIGHUP)
        assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


def test_a_killed_driver_leaves_no_contender_and_can_be_resumed(tmp_path):
    assert interrupted(tmp_path, "quick", signal.SIGKILL) == "" and not (tmp_path / "results.json").exists()
    assert journal.read_plan(tmp_path).id == "test" and journal.read_outcomes(tmp_path)


def test_an_interrupt_does_not_wait_for_a_contender_that_hangs(tmp_path):
    assert interrupted(tmp_path, "smoke", signal.SIGINT, ("good", "stuck"), "hang_at_epoch").startswith("False ")


def test_each_worker_of_a_smoke_run_stops_too(tmp_path):
    stopped = campaign(tmp_path, workloads=("good", "bad"))
    stopped.stop.set()
    ending = stopped.run(ROOT)
    assert not ending.complete and ending.results is None
