"""The lines that are timed: values, instances, fields, strings as keys; results that are kept, pools, lazy and eager, cycles, addresses.

Local variables only, and values that no compiler has folded.
"""

import array
import collections
import functools
import gc
import pickle
import sys
import time
import weakref

import shapes
from probing import number, text
from timing import row
from values import edge

HIGH, LOW = edge(1), edge(-1)
FRESH = 10 ** 6
KEYS = 32

row("empty_loop", "pass")

# Integers and what is made fresh.
for _name, _a, _b in (("int_cached", 100, 100), ("int_last_cached", HIGH - 1, 1), ("int_first_fresh", HIGH, 1),
                      ("int_fresh", FRESH, FRESH), ("int_lowest_cached", LOW + 1, -1), ("int_below_cached", LOW, -1)):
    row(_name, "a + b", a=number(_a), b=number(_b))
row("range_cached", "list(r)", r=range(0, HIGH), operations=HIGH)
row("range_fresh", "list(r)", r=range(FRESH, FRESH + HIGH), operations=HIGH)
row("float_fresh", "a + b", a=number(1) / 2, b=number(3) / 4)
row("object_fresh", "make()", make=object)
for _name, _shape in (("slots_2", shapes.SlotPair), ("slots_3", shapes.SlotTriple), ("dict_2", shapes.DictPair)):
    row("new_" + _name, "make(a, b)", make=_shape, a=0.5, b=1.5)
for _name, _shape in (("slots_5", shapes.SlotLog), ("dict_5", shapes.DictLog)):
    row("new_" + _name, "make(a, a, a, a, a)", make=_shape, a=0.5)
row("new_list", "[]")
row("new_dict", "{}")
row("new_dict_3", "{'user': a, 'type': a, 'time': a}", a=1)
for _size in (1, 2, 10, 19, 20, 21, 30):
    row("tuple_%d" % _size, "(%s,)" % ", ".join("a" * _size), a=1)

# Fields of instances.
for _name, _thing in (("slots", shapes.SlotPair(0.5, 1.5)), ("dict", shapes.DictPair(0.5, 1.5))):
    row("get_" + _name, "thing.x", thing=_thing)
    row("set_" + _name, "thing.x = a", thing=_thing, a=2.5)

# Strings as keys, and comparing them.
for _length in (16, 64, 1024, 65536):
    _keys = [("%08d" % n).rjust(_length, "k") for n in range(KEYS)]
    _copies = [text(key) for key in _keys]
    _table = {key: hash(copy) for key, copy in zip(_keys, _copies)}
    row("lookup_same_%d" % _length, "for key in keys: table[key]", operations=KEYS, keys=_keys, table=_table)
    row("lookup_equal_%d" % _length, "for key in keys: table[key]", operations=KEYS, keys=_copies, table=_table)
    row("compare_same_%d" % _length, "a == b", a=_keys[0], b=_keys[0])
    row("compare_equal_%d" % _length, "a == b", a=_keys[0], b=_copies[0])
row("compare_is", "a is b", a=text("zqabc"), b=text("zqabc"))
_fresh = "names = ['key_%07d' % n for n in range(2000)]"
row("lookup_fresh_16", "for name in names: find(name)", _fresh, operations=2000, once=True, find={}.get)
row("intern_fresh_16", "for name in names: intern(name)", _fresh, operations=2000, once=True, intern=sys.intern)
_fields = ["timestamp", "level", "source", "message", "user_id", "event_type", "session"]
_known = set(_fields)
_record = {text(name): 1 for name in _fields}
row("parse_plain", "{key: value for key, value in record.items() if key in known}", record=_record, known=_known)
row("parse_interning_each", "{intern(key): value for key, value in record.items() if intern(key) in known}",
    record=_record,
    known=set(map(sys.intern, _fields)), intern=sys.intern)
row("array_pair", "make('d', pair)", make=array.array, pair=(0.5, 1.5))

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
