"""Shares of hits, computed again: policies as their authors describe them, written here once more over plain lists, must
hit exactly as often as the caches do on a trace of the reader's own."""

import json
import random
import subprocess
from pathlib import Path

import pytest
from driver import PATIENCE

BENCH = Path(__file__).resolve().parents[2] / "build/bench/poolmark-bench-all"


def lru(keys, room):
    """Order of use; the oldest goes."""
    kept, hits = [], 0
    for key in keys:
        if key in kept:
            hits += 1
            kept.remove(key)
        elif len(kept) == room:
            kept.pop(0)
        kept.append(key)
    return hits


def clock(keys, room):
    """A ring with a bit for each place; the hand clears bits until it finds none, and the new key takes that place."""
    ring, used, hand, hits = [], [], 0, 0
    for key in keys:
        if key in ring:
            hits += 1
            used[ring.index(key)] = True
        elif len(ring) < room:
            ring.append(key)
            used.append(False)
        else:
            while used[hand]:
                used[hand] = False
                hand = (hand + 1) % room
            ring[hand] = key
            hand = (hand + 1) % room
    return hits


def sieve(keys, room):
    """A queue by age with a bit for each key; the hand goes from old to new, clears bits, and takes the first without."""
    queue, used, hand, hits = [], set(), None, 0  # oldest first; the hand is a key
    for key in keys:
        if key in queue:
            hits += 1
            used.add(key)
            continue
        if len(queue) == room:
            at = queue.index(hand) if hand in queue else 0
            while queue[at] in used:
                used.discard(queue[at])
                at = (at + 1) % room
            hand = queue[at + 1] if at + 1 < room else None
            del queue[at]
        queue.append(key)
    return hits


def direct(keys):
    """No room is enough for a policy that hits keys which were never asked for: a bound for all."""
    return len(keys) - len(set(keys))


def trace():
    """Popular keys, a scan now and then, and a loop at the end."""
    chance, keys = random.Random(5), []
    for turn in range(12):
        keys += chance.choices(range(300), weights=[1 / (rank + 1) for rank in range(300)], k=500)
        keys += [f"scan-{turn}-{number}" for number in range(60)]
    return [f"key:{key}" for key in keys + [f"loop-{number % 50}" for number in range(400)]]


def described(file):
    done = subprocess.run([BENCH, "--describe", f"--trace={file}"], capture_output=True, text=True, timeout=PATIENCE, check=True)
    return {workload["name"]: workload for workload in json.loads(done.stdout)["workloads"]}


def facts(file, where, strategy):
    cell = "memo_traces/" + ",".join(f"{name}={value}" for name, value in where.items()) + "/" + strategy
    done = subprocess.run([BENCH, f"--contend={cell}", f"--trace={file}"], input="quit\n", capture_output=True, text=True,
                          timeout=PATIENCE, check=True)
    return json.loads(done.stdout.splitlines()[0])["facts"]


def test_the_policies_here_do_what_their_authors_say():
    assert lru("abcab", 2) == 0 and lru("abab", 2) == 2 and lru("abcabdab", 3) == 4
    assert clock("abacab", 2) == 2  # the used a is spared once: c takes the place of b
    assert sieve("abacadae", 2) == 3  # a stays where it is, new keys come and go beside it
    assert lru(list("abcd") * 5, 3) == 0 and clock(list("abcd") * 5, 3) == 0


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    if not BENCH.exists() or "memo_traces" not in subprocess.run([BENCH, "--describe"], capture_output=True, text=True,
                                                                 timeout=PATIENCE, check=False).stdout:
        pytest.skip("no bench build with the workload memo_traces")
    keys, file = trace(), tmp_path_factory.mktemp("trace") / "mine.txt"
    file.write_text("".join(f"{key} {len(key)}\n" for key in keys))
    points = [point["parameters"] for point in described(file)["memo_traces"]["points"]
              if str(point["parameters"]["trace"]).startswith("own-")]
    assert [point["capacity"] for point in points] == [len(set(keys)) // 100, len(set(keys)) // 10]
    return keys, file, points


@pytest.mark.parametrize("strategy, policy", [("lru_intrusive", lru), ("lru_list_map", lru), ("lru_nodes", lru),
                                              ("clock_cache", clock), ("sieve_cache", sieve)])
def test_the_caches_hit_exactly_as_often(own, strategy, policy):
    keys, file, points = own
    for point in points:
        told = facts(file, point, strategy)
        assert told["hit_ratio"] == policy(keys, point["capacity"]) / len(keys), point
        assert 0 < told["byte_hit_ratio"] < 1


def test_no_cache_hits_a_key_it_was_never_asked_for(own):
    keys, file, points = own
    for strategy in ("two_q_cache", "tiny_lfu_cache", "direct_mapped"):
        assert 0 < facts(file, points[-1], strategy)["hit_ratio"] <= direct(keys) / len(keys)
