"""Facts about results that are kept: functools.lru_cache, dictionaries, files."""

import functools
import pickle
import threading
import time
import tracemalloc

from probing import fact
from shapes import DictPair


@fact
def lru():
    called, two = [], functools.lru_cache(maxsize=2)(lambda key: key)
    for key in (1, 2, 1, 3, 1, 2):  # 3 evicts 2, which was used longest ago; the last 2 is then a miss
        two(key)
    cached = functools.lru_cache(maxsize=100)(called.append)
    cached(4)
    cached(4)
    cyclic = functools.lru_cache(maxsize=100)(lambda key: key)
    for n in range(1010):
        cyclic(n % 101)
    return {"runs_once": len(called) == 1, "evicts_least_recent": two.cache_info().hits == 2,
            "hits_of_101_cyclic_keys_in_100": cyclic.cache_info().hits,
            "knows_expiry": "ttl" in (functools.lru_cache.__doc__ or "").lower()}


def unhashable(argument):
    """Whether a cached function refuses the argument."""
    try:
        functools.lru_cache(maxsize=10)(len)(argument)
    except TypeError:
        return True
    return False


@fact
def lru_arguments():
    box, read = DictPair(1, 2), functools.lru_cache(maxsize=10)(lambda box: box.x)
    read(box)
    box.x = 50
    return {"list_refused": unhashable([1]), "dict_refused": unhashable({}), "mutable_accepted": read(box) in (1, 50),
            "mutable_gives_stale": read(box) == 1}


@fact
def lru_stale():
    """Nothing that is old leaves by itself: a source that changed is not asked again."""
    source = {"rate": 1}
    rate = functools.lru_cache(maxsize=10)(source.get)
    rate("rate")
    source["rate"] = 2
    time.sleep(0.01)
    return {"leave_by_themselves": rate("rate") == 2}


@fact
def lru_threads():
    """Eight threads ask for one cold key."""
    calls, results, start, inside = [], [], threading.Barrier(8), threading.Barrier(8)

    @functools.lru_cache(maxsize=10)
    def slow(key):
        calls.append(key)
        try:
            inside.wait(10)  # until all are called; who is called alone waits in vain
        except threading.BrokenBarrierError:
            pass
        return object()

    def ask():
        start.wait()
        results.append(slow(1))
    crowd = [threading.Thread(target=ask) for _ in range(8)]
    for each in crowd:
        each.start()
    for each in crowd:
        each.join()
    return {"coherent": len(results) == 8 and slow.cache_info().currsize == 1, "calls_for_one_key": len(calls),
            "called_once": len(calls) == 1}


def peak(make):
    """Bytes at the highest point, as tracemalloc sees them."""
    tracemalloc.start()
    try:
        make()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@fact
def lazy():
    eager = peak(lambda: sum([i * i for i in range(200000)]))
    generated = peak(lambda: sum(i * i for i in range(200000)))
    return {"peak_list_bytes": eager, "peak_generator_bytes": generated, "peak_ratio": eager / generated}


@fact
def pickled():
    value = {"a": [1, 2, 3]}
    return {"survives": pickle.loads(pickle.dumps(value)) == value,
            "is_another_object": pickle.loads(pickle.dumps(value)) is not value}
