"""What every probe needs: the list of facts, values that no compiler has seen, and the two ways to compile a line.

A fact is a function that finds something out about the interpreter it runs in and returns a truth, a number or a word;
one that returns a dict stands for several facts of one family. Whatever is compared by identity is built at run time:
two literals of one code object are one object whatever the interpreter caches, so a test with literals proves nothing.
"""

import code
import gc
import sys
import warnings

FACTS = {}


def fact(function):
    """Registers a probe under its name."""
    FACTS[function.__name__] = function
    return function


def all_facts():
    """Every fact, and why a probe had no answer."""
    found, failed = {}, {}
    for name in sorted(FACTS):
        try:
            value = FACTS[name]()
        except Exception as failure:  # a probe of a mechanism that this version lacks
            failed[name] = "%s: %s" % (type(failure).__name__, failure)
            continue
        if isinstance(value, dict):
            found.update(("%s.%s" % (name, key), each) for key, each in value.items())
        else:
            found[name] = value
    return found, failed


def number(n):
    """An integer that was made at run time."""
    return int(str(n))


def text(letters):
    """The same letters in an object of their own, interned by nobody."""
    return "".join(list(letters))


def module(source, **names):
    """Runs lines as one module would: one code object for all of them. Returns its names."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        names["__code__"] = compile(source, "<module>", "exec")  # kept: its constants hold references
    exec(names["__code__"], names)
    return names


def prompt(*lines, **names):
    """Runs lines as they are typed at the interactive prompt: one code object for each. Returns the names."""
    session = code.InteractiveInterpreter(names)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for line in lines:
            session.runsource(line)
    return names


def retained(make, count=5000, at_a_time=None):
    """Blocks of the interpreter's allocator that stay taken after so many objects came and went.

    What stays is what free lists keep. All are alive together, unless `at_a_time` is 1: then a list that serves what it
    was given keeps one.
    """
    gc.collect()  # a full collection empties the free lists
    alive = [None] * count
    before = sys.getallocatedblocks()
    for i in range(count):
        alive[i if at_a_time is None else 0] = make()
    for i in range(count):
        alive[i] = None
    return max(0, sys.getallocatedblocks() - before)
