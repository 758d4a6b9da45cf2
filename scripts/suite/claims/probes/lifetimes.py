"""Facts about memory that is reused, counts, cycles, and addresses that come back."""

import gc
import sys
import weakref

from probing import fact, number, retained
from shapes import DictPair, Node, SlotPair

HAS_LIST = 10  # blocks: less than this is chance


@fact
def free_list():
    """Which tuples have a list, how long it is, and whether what goes in ever comes out again."""
    kept, one_at_a_time = {}, {}
    for size in range(0, 31):
        source = [None] * size
        kept[size] = retained(lambda: tuple(source))
        one_at_a_time[size] = retained(lambda: tuple(source), 2500, 1)
    sizes = [size for size, blocks in kept.items() if blocks >= HAS_LIST]
    half, big = number(1) / 2, number(10) ** 6
    return {"tuple_smallest": min(sizes or [0]), "tuple_largest": max(sizes or [0]), "tuple_length": kept[2],
            "tuple_sizes_never_served": sum(blocks >= HAS_LIST for blocks in one_at_a_time.values()),
            "float_length": retained(lambda: half + half + 0.25), "list_length": retained(list),
            "dict_length": retained(dict), "int_length": retained(lambda: big + big), "set_length": retained(set)}


def reused(make):
    """The share of objects that lie where the one just deleted lay."""
    same = 0
    for _ in range(1000):
        first = make()
        where = "%d" % id(first)  # as text: an int of its own could take the place
        del first
        second = make()
        same += "%d" % id(second) == where
        del second
    return same / 1000


@fact
def address_reuse():
    half = number(1) / 2
    makers = {"list": lambda: [None], "dict": dict, "tuple": lambda: tuple([half]), "float": lambda: half + half,
              "slotted": lambda: SlotPair(half, half), "instance": lambda: DictPair(half, half)}
    return {name: reused(make) for name, make in makers.items()}


def zombies(live, total=20000):
    """The share of new objects that a set of addresses, and one of weakly held objects, take for registered ones."""
    alive, addresses, weak = [], set(), weakref.WeakSet()
    by_address = by_weak = 0
    for n in range(total):
        thing = DictPair(n, n)
        by_address += id(thing) in addresses
        by_weak += thing in weak
        addresses.add(id(thing))
        weak.add(thing)
        alive.append(thing)
        if len(alive) > live:
            alive.pop(0)
    return by_address / total, by_weak / total


@fact
def zombie():
    found = {}
    for live in (1, 10, 1000, 10000):
        found["address_set_%d" % live], found["weak_set_%d" % live] = zombies(live)
    return found


class Twin:
    """Equal to every other one."""

    def __eq__(self, other):
        return isinstance(other, Twin)

    def __hash__(self):
        return 1


def weakly(thing):
    """What a WeakSet says when an object is put into it."""
    try:
        weakref.WeakSet().add(thing)
    except TypeError:
        return False
    return True


@fact
def weak_set():
    kept, other = Twin(), Twin()
    tracked = weakref.WeakSet([kept])
    equal_seen = other in tracked
    ref = weakref.ref(kept)
    del kept
    return {"takes_equal_for_same": equal_seen, "forgets_the_dead": len(tracked) == 0,
            "reference_turns_none": ref() is None,
            "holds_tuple": weakly((1, 2)), "holds_int": weakly(number(10 ** 6)), "holds_dict": weakly({}),
            "holds_slotted": weakly(SlotPair(1, 2)), "holds_instance": weakly(DictPair(1, 2)),
            "silent_about_unholdable": ((1, 2) in weakref.WeakSet()) is False}


@fact
def tracked():
    things = {"int": number(10 ** 6), "float": 0.5, "str": "zq w", "empty_tuple": (), "list": [],
              "instance": DictPair(1, 2)}
    return {name: gc.is_tracked(thing) for name, thing in things.items()}


def pair():
    """Two objects that hold each other; the weak reference tells when they are gone."""
    one, two = Node(), Node()
    one.other, two.other = two, one
    return weakref.ref(one)


@fact
def cycle():
    was = gc.isenabled()
    gc.disable()
    gc.collect()
    ref = pair()
    before = ref() is not None
    for _ in range(99):
        pair()
    found = gc.collect()
    lone = weakref.ref(Node())
    if was:
        gc.enable()
    return {"survives_refcounting": before, "found_by_collector": ref() is None, "objects_of_100_cycles": found,
            "acyclic_dies_at_once": lone() is None, "threshold": gc.get_threshold()[0]}


@fact
def address():
    first, second = object(), object()
    return {"unique_while_alive": id(first) != id(second), "is_id": isinstance(id(first), int),
            "word_bytes": sys.getsizeof(object())}
