"""A recording packed and replayed: the same population of blocks, in threads that wait for each other, on every heap; bad files refused."""

import json
import os
import struct
import subprocess
from functools import cache

import pytest
from driver import PATIENCE, ROOT, once, shared
from program_tools import tools
from suite.base.errors import UserError
from suite.program import replay
from suite.program.target import Program

WINDOW = 4096  # events: benchmarks/harness/replay/format.hpp
HEADER, SLOTS = 104, 1 << 25
FREE, RESIZE, MEET, END = 5, 8, 9, 10  # deeds; those before FREE take a block
SANITIZED = ("address,undefined", "thread")


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("replay")


@cache
def checker(sanitizer=""):
    """The replayer on a heap that watches."""
    def compile_it(folder):
        subprocess.run(["g++", "-std=c++20", "-O1", "-g1", "-I", ROOT, *([f"-fsanitize={sanitizer}"] if sanitizer else []), "-o", folder / "replayed",
                        ROOT / "tests/programs/replayed.cpp", "-pthread"], check=True)
    return once(shared() / f"replayed-{sanitizer or 'plain'}", compile_it) / "replayed"


@cache
def packed(place, name, *words):
    """A program of the tests recorded and packed: the process's folder, the file, and what was counted."""
    folder = place / "-".join([name, *words])
    folder.mkdir()
    subprocess.run([tools().folder / name, *words], check=True, capture_output=True,
                   env=os.environ | {"LD_PRELOAD": str(tools().preload("record")), "POOLMARK_RECORD": str(folder)})
    process, = folder.iterdir()
    ops = place / f"{folder.name}.ops"
    return process, ops, json.loads(tools().answer("operations", str(process), str(ops)))


def replayed(ops, *words, sanitizer=""):
    done = subprocess.run([checker(sanitizer), ops, *words], capture_output=True, text=True, check=False, timeout=PATIENCE)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


PROGRAMS = [("handed",), ("handed", "two"), ("planted",)]


@pytest.mark.parametrize("words", PROGRAMS)
def test_the_population_is_the_recordings(place, words):
    process, ops, counted = packed(place, *words)
    sites = json.loads(tools().answer("sites", str(process)))
    assert (counted["made"] + counted["resized"], counted["peak_bytes"], counted["left"]) == (sites["made"], sites["peak_bytes"], sites["live_at_end"])
    assert counted["unknown_frees"] == counted["duplicates"] == 0
    seen = replayed(ops)
    assert seen["unknown"] == seen["misaligned"] == seen["not_zero"] == seen["left"] == 0
    for what in ("made", "resized", "bytes"):
        assert seen[what] == 2 * counted[what], what  # it is replayed twice
    slack = 0 if counted["threads"] == 1 else WINDOW
    assert counted["peak_live"] <= seen["peak_live"] + slack and seen["peak_live"] <= counted["peak_live"] + slack
    if counted["threads"] == 1:
        assert seen["peak_bytes"] == counted["peak_bytes"]


def steps(ops):
    """What each thread does, up to the end of the program: name of the deed, slot, whether it waits; as format.hpp has it."""
    data = ops.read_bytes()
    words = struct.unpack(f"<{(len(data) - HEADER) // 4}I", data[HEADER:])
    threads, = struct.unpack_from("<I", data, 12)
    for thread in range(threads):
        at, length = struct.unpack_from("<QQ", data, HEADER + 16 * thread)
        end, done = at + length, []
        while at < end and words[at] >> 28 != END:
            deed, extent, waits = words[at] >> 28, words[at] >> 25 & 1, words[at] >> 27 & 1
            if deed != MEET:
                done.append((deed, words[at] & SLOTS - 1, bool(waits)))
            at += 2 + (deed == RESIZE) + extent + waits
        yield done


@pytest.mark.parametrize("words", PROGRAMS)
def test_a_slot_that_a_thread_gave_back_is_the_next_that_it_takes(place, words):
    _, ops, counted = packed(place, *words)
    new = set(range(counted["slots"]))
    for done in steps(ops):
        free = []
        for deed, slot, _ in done:
            if deed < FREE and free:
                assert slot == free.pop()
            elif deed < FREE:
                new.remove(slot)  # else two threads would have it
            elif deed < RESIZE:
                free.append(slot)
    assert not new


def test_slots_are_no_more_than_blocks_at_once(place):
    _, _, counted = packed(place, "handed")
    assert counted["slots"] == counted["peak_live"]


@pytest.mark.parametrize("words", PROGRAMS)
def test_what_another_thread_made_is_waited_for_and_nothing_else(place, words):
    process, ops, counted = packed(place, *words)
    waits = 0
    for done in steps(ops):
        own = set()
        for deed, slot, waiting in done:
            assert deed < FREE or waiting or slot in own
            waits += waiting
            own.add(slot) if deed < FREE or deed == RESIZE else own.discard(slot)
    assert waits == counted["handed"] == json.loads(tools().answer("sites", str(process)))["handed_over"]


def test_every_way_to_ask_is_kept(place):
    process, ops, counted = packed(place, "handed")
    assert counted["resized"] == 400 and counted["made"] >= 1000 and counted["threads"] == 1
    assert "operator new" not in subprocess.run([tools().folder / "poolmark-program", "replay", ops], capture_output=True, text=True, check=True).stderr


def test_blocks_pass_from_thread_to_thread(place):
    _, _, counted = packed(place, "handed", "two")
    assert counted["threads"] == 2 and counted["handed"] >= 50 * 199


@pytest.mark.parametrize("sanitizer", SANITIZED)
@pytest.mark.parametrize("words", PROGRAMS)
def test_nothing_races_and_nothing_is_misused(place, words, sanitizer):
    _, ops, _ = packed(place, *words)
    assert replayed(ops, "unwatched", sanitizer=sanitizer)["digest"] == replayed(ops)["digest"]


@pytest.mark.parametrize("words", PROGRAMS)
def test_equal_work_has_an_equal_digest_on_every_heap(place, words):
    _, ops, _ = packed(place, *words)
    said = set()
    for heap in tools().heaps():
        if not heap.reason:
            done = subprocess.run([tools().program, "replay", ops], capture_output=True, text=True, check=True, env=os.environ | {"LD_PRELOAD": heap.library})
            said.add(json.loads(done.stdout)["digest"])
    assert len(said) == 1
    assert replayed(ops)["digest"] == replayed(ops)["digest"]


def test_a_block_handed_out_twice_shows_in_the_digest(place):
    _, ops, _ = packed(place, "handed")
    assert replayed(ops)["digest"] != replayed(ops, "twice")["digest"]


@pytest.mark.parametrize(("spoil", "why"), [
    (lambda data: b"", "is no file of operations"), (lambda data: b"x" * 4096, "is no file of operations"), (lambda data: data[:-4], "was cut"),
    (lambda data: data[:8] + b"\7" + data[9:], "is of version 7"), (lambda data: data[:-3] + bytes([data[-3] ^ 1]) + data[-2:], "was changed")])
def test_a_foreign_cut_or_older_file_is_refused_in_one_line(place, tmp_path, spoil, why):
    bad = tmp_path / "bad.ops"
    bad.write_bytes(spoil(packed(place, "handed")[1].read_bytes()))
    done = subprocess.run([tools().program, "replay", bad], capture_output=True, text=True, check=False)
    assert done.returncode == 2 and done.stdout == "" and done.stderr.count("\n") == 1 and why in done.stderr


def cut(events):
    """What the disk did not take of the last block."""
    os.truncate(events, events.stat().st_size - 40_000)


def older(events):
    with events.open("r+b") as file:
        file.seek(8)
        file.write(b"\1")


def lost(events):
    with events.open("r+b") as file:
        file.seek(24)  # recording.hpp: magic, version, window_words, place, lost
        file.write(b"\1")


@pytest.mark.parametrize(("spoil", "why"), [(cut, "a file was cut"), (older, "not a recording of this version"), (lost, "events were lost")])
def test_a_cut_older_or_lossy_recording_is_refused_and_leaves_no_file(place, tmp_path, spoil, why):
    process, _, _ = packed(place, "planted")
    copy = tmp_path / "process"
    subprocess.run(["cp", "-r", process, copy], check=True)
    spoil(copy / "0.events")
    with pytest.raises(UserError, match=why):
        tools().answer("operations", str(copy), str(tmp_path / "none.ops"))
    assert [path.name for path in tmp_path.iterdir()] == ["process"]


def test_what_is_no_recording_is_refused(tmp_path):
    for folder in (tmp_path, tmp_path / "none"):
        with pytest.raises(UserError, match="cannot read|no events"):
            tools().answer("operations", str(folder), str(tmp_path / "none.ops"))


def times(*seconds):
    return [[value, 0, 0, 0, 0, 0] for value in seconds]


def test_the_prediction_is_a_share_of_the_run_time_of_the_same_round():
    real = {"glibc": times(*[2.0] * 7), "itself": times(*[2.0] * 7), "fast": times(*[1.5] * 7), "slow": times(*[3.0] * 7)}
    again = {"glibc": times(*[1e9] * 7), "itself": times(*[1e9] * 7), "fast": times(*[0.6e9] * 7), "slow": times(*[1.8e9] * 7)}
    found = replay.compare(real, again, "glibc")
    assert [row["name"] for row in found["compared"]] == ["fast", "slow"]
    fast, slow = found["compared"]
    assert fast["real"] == [25, 25, 25] and fast["predicted"] == pytest.approx([20] * 3) and fast["difference"] == pytest.approx([-5] * 3)
    assert slow["real"] == [-50] * 3 and slow["predicted"] == pytest.approx([-40] * 3)
    assert found["median_error"] == pytest.approx(7.5) and found["worst_error"] == pytest.approx(10) and found["signs"] == [2, 2]
    assert [name for _, name in found["bounds"]] == ["slow", "fast"]
    assert replay.believed(found).endswith("±10.0 % of the run time, and ±5.0 % without slow.")


def test_a_replay_that_takes_the_worse_heap_for_the_better_one_is_not_to_be_believed():
    real = {"glibc": times(*[2.0] * 7), "fast": times(*[1.5] * 7)}
    again = {"glibc": times(*[1e9] * 7), "fast": times(*[1.2e9] * 7)}
    assert replay.believed(replay.compare(real, again, "glibc")).startswith("Do not believe")


def test_what_differs_from_round_to_round_is_not_settled_and_no_error_is_claimed():
    real = {"glibc": times(*[2.0] * 7), "fast": times(1.0, 3.0, 1.0, 3.0, 1.0, 3.0, 2.0)}
    again = {"glibc": times(*[1e9] * 7), "fast": times(*[1e9] * 7)}
    found = replay.compare(real, again, "glibc")
    assert found["worst_error"] == 0 and found["bounds"] == [] and found["untold"] == ["fast"]
    assert replay.believed(found).startswith("UNRESOLVED")
    with_another = replay.compare(real | {"slow": times(*[3.0] * 7)}, again | {"slow": times(*[1.8e9] * 7)}, "glibc")
    assert replay.believed(with_another).endswith("±10.0 % of the run time. Of fast it cannot be told: runs differ too much.")


def test_the_program_and_its_replay_are_measured_side_by_side(place, tmp_path):
    _, ops, counted = packed(place, "handed")
    catalog = tools().heaps()[:1] + tuple(heap for heap in tools().heaps() if heap.name == "mimalloc" and not heap.reason)
    result = replay.measure(tools(), Program((str(tools().folder / "handed"),)), ops, counted, catalog, 60, count=7)
    for part in (replay.REAL, replay.AGAIN):
        assert all(len(row["raw"]) == 7 for row in result[part]["rows"] if "raw" in row)
    assert [row["name"] for row in result["compared"]] == [heap.name for heap in catalog[1:]]
    assert any("calls of 1 threads" in line for line in replay.lines(result))
