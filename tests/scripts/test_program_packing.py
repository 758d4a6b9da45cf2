"""Recordings at rest: packed, equal to what they were, and readable as far as they go."""

import json
import os
import subprocess

from program_tools import tools
from suite.program import record
from suite.program.target import Program, accept

BYTES_AN_EVENT = 3


def test_a_packed_recording_reads_as_before_and_is_small(tmp_path):
    folder = tmp_path / "rec"
    folder.mkdir()
    subprocess.run([tools().folder / "traps", "threads"], check=True, env=os.environ | {
        "LD_PRELOAD": str(tools().preload("record")), "POOLMARK_RECORD": str(folder), "POOLMARK_RECORD_FRAMES": "8"})
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
