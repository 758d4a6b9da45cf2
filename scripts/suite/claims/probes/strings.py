"""Facts about strings: which are one object, what interning does, and the keys of records."""

import gc
import json
import sys

from probing import fact, module, number, text

WORDS = {"letters": "zqhello", "underscores_digits": "zq_world_123", "leading_digit": "123zq", "space": "zq world",
         "hyphen": "zq-world", "exclamation": "zq!", "accent": "zq\u00e9"}


def constant_is_interned(letters):
    """Whether the compiler put a constant into the table: then a copy that is interned turns into it."""
    constant = module("value = " + repr(letters))["value"]
    return sys.intern(text(letters)) is constant


@fact
def interned_constant():
    return {name: constant_is_interned(text(letters)) for name, letters in WORDS.items()}


@fact
def run_time_string():
    return {"equal_are_one": text("zqab") is text("zqab"), "one_letter_are_one": chr(number(65)) is chr(number(65)),
            "one_letter_singletons": sum(chr(number(n)) is chr(number(n)) for n in range(400)),
            "empty_are_one": text([]) is text([]), "tracked_by_collector": gc.is_tracked(text("zqab"))}


def refused(value):
    """Whether sys.intern raises TypeError."""
    try:
        sys.intern(value)
    except TypeError:
        return True
    return False


@fact
def intern():
    long = text("zq words with spaces")
    literal = module("value = 'zq_event_type'")["value"]
    return {"makes_one": sys.intern(text(long)) is sys.intern(text(long)), "refuses_numbers": refused(12),
            "refuses_bytes": refused(b"zq"), "refuses_subclass": refused(type("name", (str,), {})("zq")),
            "does_nothing_to_identifier_literal": sys.intern(text("zq_event_type")) is literal}


@fact
def intern_forgets():
    """The share of 20,000 dropped interned strings whose memory came back."""
    sys.intern(text("zq grow"))
    gc.collect()
    before = sys.getallocatedblocks()
    for n in range(20000):
        sys.intern("zq%d" % n)
    left = max(0, sys.getallocatedblocks() - before)
    return {"share": round(1 - min(1.0, left / 20000), 3), "all": left < 1000}


def keys_of(records):
    """How many different objects the keys of some records are."""
    return len({id(key) for record in records for key in record})


@fact
def key_objects():
    """Of 1,000 records with three fields each, made in the four usual ways."""
    names, count = ("user_id", "event-type", "timestamp"), 1000
    line = json.dumps(dict.fromkeys(names, 1))
    written = module("def make(n):\n    return {'user_id': n, 'event-type': n, 'timestamp': n}")["make"]
    return {"literal": keys_of([written(n) for n in range(count)]),
            "split": keys_of([{text(name): n for name in names} for n in range(count)]),
            "split_interned": keys_of([{sys.intern(text(name)): n for name in names} for n in range(count)]),
            "json": keys_of([json.loads(line) for _ in range(count)]),
            "first_keys_alike_without_intern": next(iter(written(1))) is next(iter(written(2)))}


@fact
def lookup_asks_identity_first():
    asked = []

    class Name(str):
        __hash__ = str.__hash__

        def __eq__(self, other):
            asked.append(other)
            return str.__eq__(self, other)

    name = Name("zq")
    found = {name: 1}[name]
    return found == 1 and not asked
