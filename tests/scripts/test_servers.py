"""Cells whose other half is a server of the harness: what they say of themselves to the protocol."""

import shutil
import subprocess
from pathlib import Path

import pytest
from driver import PATIENCE

BENCH = Path(__file__).resolve().parents[2] / "build/bench/poolmark-bench"
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
