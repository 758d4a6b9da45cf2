"""The recorder beside programs that do what recorders stumble over: nothing unknown, nothing twice, nothing lost.
And recordings at rest: packed, equal to what they were, and readable as far as they go.
"""

import json
import os
import re
import subprocess
from pathlib import Path

import pytest
from driver import PATIENCE, ROOT, wait_until
from program_tools import tools
from suite.base.errors import UserError
from suite.program import record
from suite.program.target import Program, accept

EACH = 1000  # allocations of each churn
BYTES_AN_EVENT = 3  # at rest
HEADER, WINDOW = 4096, 8192  # bytes, and words of 8: programs/recording.hpp


def recorded(folder, *words, frames=4, **variables):
    folder.mkdir(exist_ok=True)
    done = subprocess.run(list(map(str, words)), capture_output=True, text=True, check=False, env=os.environ | variables | {
        "LD_PRELOAD": str(tools().preload("record")), "POOLMARK_RECORD": str(folder), "POOLMARK_RECORD_FRAMES": str(frames)})
    return done


def churned(process):
    """What one process allocated in blocks of 40 bytes, and its whole answer."""
    read = json.loads(tools().answer("sites", str(process)))
    return sum(count for site in read["sites"] for size, count in site["sizes"] if size == 40), read


def processes(folder):
    return sorted(folder.iterdir(), key=lambda process: record.about(process)["forked"])


@pytest.mark.parametrize(("trap", "churns"), [("", 1), ("closed", 41), ("exit", 1), ("abort", 1), ("kill", 1), ("threads", 201), ("forms", 1)])
@pytest.mark.parametrize("frames", [1, 4])
def test_every_call_is_there_however_the_process_ends(tmp_path, trap, churns, frames):
    recorded(tmp_path / "rec", tools().folder / "traps", trap, frames=frames)
    made, read = churned(*processes(tmp_path / "rec"))
    assert made == churns * EACH
    assert read["unknown_frees"] == read["duplicates"] == read["lost"] == 0


@pytest.mark.parametrize("clock", [{}, {"POOLMARK_RECORD_COUNTS": "1"}])
def test_a_block_that_another_thread_ends_does_so_before_its_address_begins_again(tmp_path, clock):
    recorded(tmp_path / "rec", tools().folder / "traps", "handover", **clock)
    made, read = churned(*processes(tmp_path / "rec"))
    assert made == (1 + 20 + 20 * 3 * 2) * EACH and read["handed_over"] > EACH
    assert read["unknown_frees"] == read["duplicates"] == read["lost"] == 0


def test_a_counter_serves_where_no_clock_does(tmp_path):
    recorded(tmp_path / "rec", tools().folder / "traps", "threads", POOLMARK_RECORD_COUNTS="1")
    made, read = churned(*processes(tmp_path / "rec"))
    assert made == 201 * EACH and read["unknown_frees"] == read["duplicates"] == 0


def test_a_child_of_fork_is_recorded_apart(tmp_path):
    recorded(tmp_path / "rec", tools().folder / "traps", "fork")
    (parent, child), (whole, own) = processes(tmp_path / "rec"), map(churned, processes(tmp_path / "rec"))
    assert (record.about(parent)["forked"], record.about(child)["forked"]) == ("0", "1")
    assert whole[0] == own[0] == EACH and whole[1]["unknown_frees"] == 0 and own[1]["unknown_frees"] == 1  # its parent's block


def test_wrappers_are_passed_by(tmp_path):
    recorded(tmp_path / "rec", "/usr/bin/env", "A=1", "/bin/sh", "-c", f"nice {tools().folder / 'traps'} threads; true")
    assert churned(record.process_of(tmp_path / "rec"))[0] == 201 * EACH


def test_all_forms_are_told_apart(tmp_path):
    recorded(tmp_path / "rec", tools().folder / "traps", "forms")
    _, read = churned(*processes(tmp_path / "rec"))
    kinds = {how for site in read["sites"] for how, _ in site["operations"]}
    assert kinds == {1, 2, 3, 4, 5, 6}  # malloc, calloc, memalign, realloc, new, new[]


def test_what_has_no_room_is_counted_and_the_program_goes_on(tmp_path):
    done = recorded(tmp_path / "rec", tools().folder / "traps", "closed", POOLMARK_RECORD_BYTES=str(300 << 10))
    _, read = churned(*processes(tmp_path / "rec"))
    assert done.returncode == 0 and read["lost"] > 0 and read["events"] > 5000
    assert recorded(tmp_path / "full", tools().folder / "traps", "closed", POOLMARK_RECORD_BYTES="0").returncode == 0


def test_what_a_thread_without_room_for_its_file_does_is_counted_as_lost(tmp_path):
    done = recorded(tmp_path / "rec", tools().folder / "traps", "threads", POOLMARK_RECORD_BYTES=str(100 << 10))
    made, read = churned(*processes(tmp_path / "rec"))
    assert done.returncode == 0 and made >= EACH and made + read["lost"] / 2 > 200 * EACH


@pytest.mark.parametrize(("words", "whole"), [(2 * WINDOW + 1, 1), (WINDOW + 1, 0), (WINDOW - 1, 0)])
def test_a_recording_that_was_cut_is_read_up_to_its_last_block(tmp_path, words, whole):
    recorded(tmp_path / "rec", tools().folder / "traps", "closed")
    file = next((tmp_path / "rec").rglob("*.events"))
    os.truncate(file, HEADER + words * 8 + 7)
    made, read = churned(*processes(tmp_path / "rec"))
    assert WINDOW / 4 * whole <= made <= WINDOW / 3 * whole
    assert read["unknown_frees"] == read["duplicates"] == 0


def test_a_limit_on_files_ends_the_recording_and_not_the_program(tmp_path):
    done = subprocess.run(["/bin/sh", "-c", f"ulimit -f 400; exec {tools().folder / 'traps'} closed"], check=False, env=os.environ | {
        "LD_PRELOAD": str(tools().preload("record")), "POOLMARK_RECORD": str(tmp_path)})
    _, read = churned(record.process_of(tmp_path))
    assert done.returncode == 0 and read["lost"] > 0 and read["events"] > 5000


def test_frames_are_those_of_the_compiler_s_own_unwinder(tmp_path):
    said = subprocess.run([tools().folder / "frames"], capture_output=True, text=True, check=True).stdout
    equal, different, deep, again = map(int, re.findall(r"\d+", said))
    assert equal > 10_000 and different == 0 and deep > 16 and again > 1000


def test_a_foreign_recording_is_refused(tmp_path):
    recorded(tmp_path / "rec", tools().folder / "traps")
    process, = processes(tmp_path / "rec")
    file = next(process.glob("*.events"))
    file.write_bytes(b"x" * 8192)
    with pytest.raises(UserError, match="not a recording of this version"):
        record.sites(tools(), tmp_path / "rec")
    (process / "process").write_text("version 9\n")
    with pytest.raises(UserError, match="version 9"):
        record.about(process)
    with pytest.raises(UserError, match="no recording"):
        record.process_of(tmp_path)


def test_five_proofs_go_with_a_recording(tmp_path):
    read = record.make(tools(), accept(Program((str(tools().folder / "traps"), "threads"))), tmp_path)
    assert [one["holds"] for one in read["proofs"]] == [True] * 5
    assert [entry.name for entry in tmp_path.iterdir()] == ["recording"]


def test_a_program_that_crashes_leaves_nothing(tmp_path):
    with pytest.raises(UserError, match="crashes"):
        record.make(tools(), accept(Program((str(tools().folder / "traps"), "abort"))), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_packed_recording_reads_as_before_and_is_small(tmp_path):
    folder = tmp_path / "rec"
    recorded(folder, tools().folder / "traps", "threads", frames=8).check_returncode()
    process = record.process_of(folder)
    before = json.loads(tools().answer("sites", str(process)))
    for _ in range(2):  # the second time there is nothing to do
        tools().answer("pack", str(folder))
        assert json.loads(tools().answer("sites", str(process))) == before
        assert sum(file.stat().st_size for file in process.glob("*.events")) < BYTES_AN_EVENT * before["events"]
        assert record.process_of(folder) == process and not list(process.glob("*.packing"))


def test_a_packed_recording_that_was_cut_is_read_up_to_its_last_group(tmp_path):
    read = record.make(tools(), accept(Program((str(tools().folder / "planted"),))), tmp_path)
    file = max((tmp_path / "recording").rglob("*.events"), key=lambda events: events.stat().st_size)
    assert read["file_bytes"] < 10 * read["events"]  # it was packed
    os.truncate(file, file.stat().st_size - 5)
    cut = record.sites(tools(), tmp_path / "recording")
    assert 0 < cut["made"] < read["made"] and cut["duplicates"] == 0
    os.truncate(file, 70)
    assert record.sites(tools(), tmp_path / "recording")["made"] < cut["made"]


@pytest.mark.skipif(not (ROOT / "build/bench/poolmark-bench").exists(), reason="the bench build is not there")
def test_a_signal_ends_the_program_as_well_and_leaves_nothing(tmp_path):
    out, mark = tmp_path / "out", tmp_path / "here"
    words = ["program", "record", "--out", str(out), "--limit", "100000", "--", "/bin/sh", "-c", f"echo $$ > {mark}; exec sleep 100000"]
    running = subprocess.Popen([ROOT / "scripts/poolmark", *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: mark.exists() and mark.read_text().strip())
        running.terminate()
        assert running.wait(PATIENCE) == 130
    finally:
        running.kill()
        running.wait()
    wait_until(lambda: not Path(f"/proc/{mark.read_text().strip()}").exists())
    assert not out.exists()
