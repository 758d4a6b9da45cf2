"""The lines that are timed, second part: results that are kept, pools, lazy and eager, cycles, addresses."""

import collections
import functools
import gc
import pickle
import time
import weakref

import shapes
from timing import row

# Results that are kept.


def _square(x):
    return x * x


def _heavy(n):
    total = 0
    for i in range(n):
        total += i * i
    return total


_cached = functools.lru_cache(maxsize=100)(_square)
_table = {n: n * n for n in range(100)}
row("square_inline", "x * x", x=4)
row("square_call", "square(x)", square=_square, x=4)
row("lru_hit", "square(x)", square=_cached, x=4)
row("dict_hit", "table[x]", table=_table, x=4)
row("heavy_call", "heavy(1000)", heavy=_heavy)
row("heavy_hit", "heavy(1000)", heavy=functools.lru_cache(maxsize=100)(_heavy))
row("lru_cyclic_101_of_100", "for x in keys: square(x)", operations=101, keys=range(101),
    square=functools.lru_cache(maxsize=100)(_square))
row("lru_cyclic_101_of_128", "for x in keys: square(x)", operations=101, keys=range(101),
    square=functools.lru_cache(maxsize=128)(_square))
_ordered = collections.OrderedDict(_table)
row("ordered_dict_lru_hit", "value = table[x]; move(x)", table=_ordered, move=_ordered.move_to_end, x=4)
_timed = {n: (n * n, time.monotonic() + 1e6) for n in range(100)}
row("expiring_hit", "value, ends = table[x]; ends > now()", table=_timed, now=time.monotonic, x=4)
row("clock_read", "now()", now=time.monotonic)
row("pickled_hit", "loads(data)", loads=pickle.loads, data=pickle.dumps(_table))

# Pools of small objects and of dear ones.


def _filled(pool):
    for _ in range(pool.size - 1):
        pool.acquire(0.5, 1.5)
    return pool


for _size in (4, 16, 256, 4096):
    row("pool_idle_%d" % _size, "pool.release(pool.acquire(a, b))", pool=shapes.ScanPool(_size), a=0.5, b=1.5)
    row("pool_busy_%d" % _size, "pool.release(pool.acquire(a, b))", pool=_filled(shapes.ScanPool(_size)), a=0.5, b=1.5)
    row("pool_flag_%d" % _size, "pool.release(pool.acquire(a, b))", pool=shapes.FlagPool(_size), a=0.5, b=1.5)
for _bytes in (64, 4096, 65536, 1 << 20):
    row("buffer_fresh_%d" % _bytes, "make(size)", make=bytearray, size=_bytes)
    row("buffer_pooled_%d" % _bytes, "b = take(); give(b)",
        "free = [bytearray(size)]\ntake = free.pop\ngive = free.append", size=_bytes)

# Lazy and eager; cycles; addresses.
_n = 20000
row("sum_of_list", "sum([i * i for i in r])", operations=_n, r=range(_n))
row("sum_of_generator", "sum(i * i for i in r)", operations=_n, r=range(_n))
row("any_of_list", "any([i > 10 for i in r])", operations=_n, r=range(_n))
row("any_of_generator", "any(i > 10 for i in r)", operations=_n, r=range(_n))
for _name, _node in (("dict", shapes.Node), ("slots", shapes.SlotNode)):
    row("collect_cycles_" + _name, "collect()", "collect()\nfor _ in range(5000):\n    one = node(); two = node()\n"
        "    one.other = two; two.other = one\none = two = None", operations=5000, once=True, node=_node,
        collect=gc.collect)
row("drop_pair", "one = node(); two = node(); one.other = two; two.other = None", node=shapes.Node)
_many = 100000
row("lists_without_collector", "kept = [[] for _ in r]", operations=_many, once=True, r=range(_many))
row("lists_with_collector", "kept = [[] for _ in r]", "on()", after="off()", operations=_many, once=True,
    r=range(_many),
    on=gc.enable, off=gc.disable)
_things = [shapes.DictPair(n, n) for n in range(1000)]
row("address_query", "id(thing) in seen", thing=_things[7], seen=set(map(id, _things)))
row("weak_set_query", "thing in seen", thing=_things[7], seen=weakref.WeakSet(_things))
