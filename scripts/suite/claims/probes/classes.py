"""Facts about instances: what they weigh, what their layout allows, and how the articles' pool behaves."""

import sys

from probing import fact
from shapes import DictLog, DictPair, Extended, ScanPool, SlotLog, SlotPair, SlotTriple


def own(thing):
    """Shallow size without the collector's header, as sys.getsizeof counts it."""
    return sys.getsizeof(thing)


@fact
def size():
    slots, triple = SlotPair(1.0, 2.0), SlotTriple(1.0, 2.0)

    class Fresh:  # the size of a first instance's __dict__ counts the table that all instances of the class share
        def __init__(self):
            self.x, self.y = 1.0, 2.0
    plain = Fresh()
    first = own(plain)  # before anybody looks at __dict__: looking builds it
    table = own(plain.__dict__)
    later = [Fresh() for _ in range(50)][-1]
    return {"dict_instance": first, "dict_of_first_instance": table, "dict_instance_and_dict": first + table,
            "dict_of_later_instance": own(later.__dict__), "slots_2": own(slots), "slots_3": own(triple),
            "slots_5": own(SlotLog(1, 2, 3, 4, 5)),
            "dict_log": own(DictLog(1, 2, 3, 4, 5)), "empty_dict": own({}), "dict_3": own({"a": 1, "b": 2, "c": 3}),
            "shallow": own([[0] * 100]) == own([0])}


def raises(error, call):
    """Whether a call ends in that error."""
    try:
        call()
    except error:
        return True
    return False


def two_slotted_bases():
    other = type("Other", (), {"__slots__": ("z",)})
    return type("Both", (SlotPair, other), {})


@fact
def slots():
    extended = Extended(1, 2)
    extended.extra = 3
    return {"refuse_new_fields": raises(AttributeError, lambda: setattr(SlotPair(1, 2), "z", 3)),
            "have_no_dict": not hasattr(SlotPair(1, 2), "__dict__"),
            "subclass_without_has_dict": hasattr(extended, "__dict__"),
            "two_bases_refused": raises(TypeError, two_slotted_bases)}


@fact
def has_dict():
    things = {"object": object(), "int": 10 ** 6, "str": "zq w", "list": [], "instance": DictPair(1, 2)}
    found = {name: hasattr(thing, "__dict__") for name, thing in things.items()}
    return dict(found, every=all(found.values()))


def message(call):
    """What a refusal says."""
    try:
        call()
    except (RuntimeError, ValueError) as error:
        return "%s: %s" % (type(error).__name__, error)
    return ""


def released_twice():
    pool = ScanPool(2)
    thing = pool.acquire(1, 2)
    pool.release(thing)
    pool.release(thing)


@fact
def pool():
    one = ScanPool(1)
    first = one.acquire(1.0, 2.0)
    full = message(lambda: one.acquire(3.0, 4.0))
    one.release(first)
    second = one.acquire(9.0, 9.0)
    foreign = message(lambda: ScanPool(2).release(SlotTriple(1, 2)))
    others = message(lambda: ScanPool(2).release(ScanPool(2).acquire(1, 2)))
    return {"reuses_the_last": second is first, "full_is_an_error": full.startswith("RuntimeError"),
            "stale_name_sees_new_value": first.x == 9.0, "foreign_is_an_error": foreign.startswith("ValueError"),
            "tells_double_from_foreign": message(released_twice) != foreign, "tells_other_pool": others != foreign}
