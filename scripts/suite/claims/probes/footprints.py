"""Bytes for each object that stays, as the system counts them: a million in a fresh process, because a size that an
object tells of itself knows nothing of size classes, of tables shared by a class, or of what looking at it builds."""

import functools
import json
import os
import sys

import shapes
from probing import text

NAMES = ("user_id", "event-type", "timestamp")
MADE = {}


def made(function):
    """Registers a maker: count -> something that keeps the objects alive."""
    MADE[function.__name__] = function
    return function


def resident():
    """Bytes of this process in memory."""
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def per_object(name, count):
    """What one object of a kind adds, without the place in the list that holds it."""
    MADE[name](1000)  # code, caches and pages that the first ones take
    before = resident()
    kept = MADE[name](count)
    grown = resident() - before
    places = 8 * count if isinstance(kept, list) else 0
    return max(0.0, (grown - places) / count)


def _filled(count, make):
    kept = [None] * count
    for i in range(count):
        kept[i] = make(i)
    return kept


def _kind(name, make):
    MADE[name] = lambda count: _filled(count, make)


_A, _B = 0.5, 1.5
_kind("slots_2", lambda i: shapes.SlotPair(_A, _B))
_kind("slots_3", lambda i: shapes.SlotTriple(_A, _B))
_kind("dict_2", lambda i: shapes.DictPair(_A, _B))
_kind("slots_5", lambda i: shapes.SlotLog(_A, _A, _A, _A, _A))
_kind("dict_5", lambda i: shapes.DictLog(_A, _A, _A, _A, _A))
_kind("plain_dict_5", lambda i: {"time": _A, "level": _A, "source": _A, "message": _A, "user": _A})
_kind("plain_dict_3", lambda i: {"user": _A, "type": _A, "time": _A})
_kind("tuple_2", lambda i: (_A, i & 1))
_kind("tuple_3", lambda i: (_A, _B, i & 1))
_kind("small_int", lambda i: int(str(i & 127)))
_kind("large_int", lambda i: int(str(10 ** 6 + i)))
_kind("float", lambda i: i + 0.5)


@made
def dict_2_touched(count):
    kept = _filled(count, lambda i: shapes.DictPair(_A, _B))
    for thing in kept:
        thing.__dict__
    return kept


@made
def dict_5_touched(count):
    kept = _filled(count, lambda i: shapes.DictLog(_A, _A, _A, _A, _A))
    for thing in kept:
        thing.__dict__
    return kept


@made
def extended_slots(count):
    """A subclass without slots of its own, with one field more."""
    def make(_):
        thing = shapes.Extended(_A, _B)
        thing.extra = _A
        return thing
    return _filled(count, make)


_kind("record_literal", lambda i: {"user_id": _A, "event-type": _A, "timestamp": _A})
_kind("record_preinterned", lambda i, k=tuple(map(sys.intern, NAMES)): {k[0]: _A, k[1]: _A, k[2]: _A})
_kind("record_split", lambda i: {text(name): _A for name in NAMES})
_kind("record_interned", lambda i: {sys.intern(text(name)): _A for name in NAMES})
_LINE = json.dumps(dict.fromkeys(NAMES, 1))
_kind("record_json", lambda i: json.loads(_LINE))


def _remembering(size):
    def make(count):
        remember = functools.lru_cache(maxsize=size and count)(lambda key: None)
        keys = [int(str(10 ** 6 + i)) for i in range(count)]
        before = resident()
        for key in keys:
            remember(key)
        _remembering.grown = (resident() - before) / count
        return remember
    return make


def cached(size, count):
    """Bytes for each entry of a cache whose keys are there anyway."""
    kept = _remembering(size)(count)
    return _remembering.grown if kept else 0.0


SPECIAL = {"lru_bounded_entry": lambda count: cached(1, count),
           "lru_unbounded_entry": lambda count: cached(None, count)}


@made
def interned_and_dropped(count):
    """Strings that were interned and forgotten: what stays is what the table cannot let go."""
    for i in range(count):
        sys.intern("zq%d" % i)
    return None


def all_names():
    """Every footprint there is."""
    return sorted(list(MADE) + list(SPECIAL))


def footprint(name, count):
    """One of them."""
    return SPECIAL[name](count) if name in SPECIAL else per_object(name, count)
