"""Every way in which a contender process can fail has its own name and leaves no process behind; servers say what they are."""

import os
import select
import shutil
import subprocess

import pytest
from driver import GLIBC, PATIENCE, ROOT, executable
from suite.measure import contender as protocol, launch
from suite.measure.contender import Contender, ContenderFailure
from suite.measure.launch import Launcher, Layout
from suite.plan.cells import Cell, Heap
from suite.plan.presets import PRESETS


@pytest.fixture
def start(tmp_path):
    running = []

    def begin(strategy):
        launcher = Launcher(executable(tmp_path), PRESETS["quick"], max(os.sched_getaffinity(0)), PATIENCE)
        running.append(launcher.contender(Cell("good", {"live": 10}, strategy, GLIBC), Layout(32, 100)))
        return running[-1]
    yield begin
    for contender in running:
        contender.kill()


def failure(contender):
    """Goes through a whole life and returns the failure on the way."""
    with pytest.raises(ContenderFailure) as caught:
        contender.ready()
        contender.epoch(5)
        contender.epoch(5)
        contender.ask_to_quit()
        contender.done()
    return caught.value


def test_a_whole_life(start):
    contender = start("slab_pool")
    assert contender.ready()["digest"] == "0" * 16
    assert contender.epoch(20)["real_ns"] == 50 * 10 * 20
    contender.ask_to_quit()
    assert contender.done()["peak_rss_bytes"] == 4096


@pytest.mark.parametrize("strategy", ["crash_at_ready", "crash_at_epoch", "crash_at_quit"])
def test_a_crash_names_the_signal_and_keeps_the_last_words(start, strategy):
    found = failure(start(strategy))
    assert found.reason == "crashed: SIGSEGV"
    assert found.notes == [f"line {number} of the last words" for number in range(3, 8)]


@pytest.mark.parametrize(("strategy", "awaited"), [("hang_at_ready", "ready"), ("hang_at_epoch", "epoch"),
                                                   ("half_line", "ready")])
def test_silence_is_a_time_out(start, strategy, awaited):
    contender = start(strategy)
    if awaited == "epoch":
        contender.ready()
    elif strategy == "half_line":
        select.select([contender.descriptors[1]], [], [], PATIENCE)  # until the half is there
    contender.seconds = 0.6
    with pytest.raises(ContenderFailure) as caught:
        contender.epoch(5) if awaited == "epoch" else contender.ready()
    assert caught.value.reason == f"no answer within 0.6 s (waiting for '{awaited}')"


@pytest.mark.parametrize(("strategy", "shown"), [("garbage", "Running ./poolmark-bench"), ("wrong_count", "epoch"),
                                                 ("chatter", "and another thing"), ("not_finite", "Infinity")])
def test_another_answer_is_out_of_protocol(start, strategy, shown):
    reason = failure(start(strategy)).reason
    assert reason.startswith("out of protocol: ") and shown in reason and len(reason) < 160


@pytest.mark.parametrize("part", ["ready", "done", "memory"])
@pytest.mark.parametrize("change", [
    {"allocator": "glibc"}, {"allocator": ["glibc"]}, {"allocator": {"name": 5}}, {"allocator": None},
    {"notes": "text"}, {"notes": [5]}, {"digest": 5}, {"operations_per_iteration": "10"},
    {"operations_per_iteration": 1e-300},
    {"facts": [1]}, {"facts": {"hit_ratio": "1"}}, {"facts": {"Hit ratio": 1}}, {"facts": {"hit_ratio": float("nan")}},
    {"operations_per_iteration": 10**400}, {"peak_rss_bytes": None}, {"peak_rss_bytes": float("nan")},
    {"objects": 1.5}, {"objects": 0}, {"sizeof_bytes": None}, {"rss_bytes_per_object": [1]}])
def test_no_field_of_another_type_passes(part, change):
    event = {"ready": {"operations_per_iteration": 10, "digest": None, "allocator": {"name": "glibc"}, "notes": ["n"],
                       "facts": {"hit_ratio": 0.5}},
             "done": {"peak_rss_bytes": 4096},
             "memory": {"objects": 10, "rss_bytes_per_object": -1.5, "requested_bytes_per_object": 40.0,
                        "sizeof_bytes": 40, "payload_bytes": 40}}[part]
    fits = getattr(protocol, part)
    assert fits(event) and fits(event | change) is not (set(change) <= set(event))


@pytest.mark.parametrize("change", [{"iterations": 6}, {"real_ns": -1}, {"real_ns": "5"}, {"real_ns": 10**400},
                                    {"migrations": None}, {"major_faults": True}])
def test_no_epoch_of_another_kind_passes(change):
    event = dict.fromkeys(protocol.EPOCH_NUMBERS, 0) | {"iterations": 5}
    assert protocol.epoch(event, 5) and not protocol.epoch(event | change, 5)


@pytest.mark.parametrize("readings", [
    None, [], "core", {"core": 0.4}, {"core": [0.4]}, {"core": [0.4, 0.4, 0.4]}, {"core": [0.4, 0]}, {"core": [0.4, -1]},
    {"core": [0.4, None]}, {"core": [0.4, True]}, {"core": [0.4, "0.4"]}, {"core": [0.4, 10**400]}, {"other": [1.0, 1.0]},
    {"core": [0.4, float("nan")]}, {"core": [0.4, 0.4], "dram": {}}])
def test_no_witness_of_another_kind_passes(readings):
    event = dict.fromkeys(protocol.EPOCH_NUMBERS, 0) | {"iterations": 5}
    good = {name: [0.4, 0.5] for name in protocol.WITNESSES}
    assert protocol.epoch(event | {"witness": good, "witness_ns": 900}, 5) and protocol.epoch(event | {"witness": {}}, 5)
    assert not protocol.epoch(event | {"witness": readings}, 5)
    assert not protocol.epoch(event | {"witness": good, "witness_ns": -1}, 5)


@pytest.mark.parametrize("line", ["[" * 100_000, '{"event": "ready", "digest": ' + "[" * 100_000,
                                  '{"event": "ready", "operations_per_iteration": 10, "allocator": "glibc"}'])
def test_an_answer_out_of_protocol_is_a_failure_of_its_contender(tmp_path, line):
    (tmp_path / "answer").write_text(line + "\n")
    contender = Contender(["cat", str(tmp_path / "answer")], {}, PATIENCE)
    with pytest.raises(ContenderFailure, match="out of protocol"):
        contender.ready()
    contender.kill()


def test_a_refusal_is_quoted(start):
    assert failure(start("refuse")).reason == "refused: unknown strategy 'refuse'; try another"


def test_another_exit_code_is_told(start):
    assert failure(start("exit_3")).reason == "ended with exit code 3 before it answered"


def test_what_cannot_be_started_says_why():
    with pytest.raises(ContenderFailure, match="could not be started"):
        Contender(["/no/such/program"], {}, 1)


def test_a_killed_contender_is_gone(start):
    contender = start("hang_at_ready")
    contender.kill()
    contender.kill()
    assert contender._process.returncode is not None


def test_contenders_end_when_the_driver_does(start):
    contender = start("slab_pool")
    contender.ready()
    contender._process.stdin.close()  # what the kernel does when the driver dies
    assert contender._process.wait(PATIENCE) == 0


def test_the_environment_is_the_drivers():
    own = Heap("jemalloc", "/lib/je.so")
    mine = {"LD_PRELOAD": "/lib/readers.so", "HOME": "/root"}
    cell = Cell("good", {}, "fresh_heap", GLIBC)
    found = launch.environment(cell, Layout(0, 17), mine)
    assert "LD_PRELOAD" not in found and found["HOME"] == "/root" and len(found["POOLMARK_PADDING"]) == 17
    readers = Cell("good", {}, "fresh_heap", Heap("mine", "/lib/m.so", own=True))
    assert "LD_PRELOAD" not in launch.environment(readers, Layout(0, 0), mine)
    preloaded = launch.environment(Cell("good", {}, "fresh_heap", own), Layout(0, 0), mine)
    assert preloaded["LD_PRELOAD"] == "/lib/je.so"


BENCH = ROOT / "build/bench/poolmark-bench-all"
POINT = "transport=local,operation=hit,bytes=100"


def contend(cell):
    done = subprocess.run([BENCH, "--smoke", f"--contend={cell}"], input="run 1\nquit\n", capture_output=True, text=True,
                          timeout=PATIENCE, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("cell, program", [
    (f"server_round_trips/{POINT}/bare_hiredis", "redis-server"), (f"server_round_trips/{POINT}/redis_store", "redis-server"),
    (f"server_round_trips/{POINT}/bare_libmemcached", "memcached")])
def test_a_wait_for_the_own_server_is_no_disturbance_from_outside(cell, program):
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed")
    assert '"takes_turns":true' in contend(cell)


@pytest.mark.parametrize("cell", ["cache_stores/operation=hit,bytes=100/bare_lmdb", "cache_stores/operation=hit,bytes=100/sqlite_store",
                                  "cache_stores/operation=hit,bytes=100/file_store"])
def test_who_asks_no_server_waits_for_nobody(cell):
    assert "takes_turns" not in contend(cell)
