"""Facts about integers, constants and the objects there is one of."""

import sys
import warnings

from probing import fact, module, number, prompt, text


def edge(step):
    n = 0
    while abs(n) < 20000 and number(n + step) is number(n + step):
        n += step
    return n


@fact
def small_int():
    low, high = edge(-1), edge(1)
    inside = all(number(n) is number(n) for n in range(low, high + 1))
    hit, missed = number(high - 1) + 1, number(high) + 1
    return {"low": low, "high": high, "count": high - low + 1, "no_holes": inside,
            "arithmetic_hits": hit is number(high),
            "arithmetic_past_the_end_hits": missed is number(high + 1), "table_bytes": 32 * (high - low + 1)}


def counted(thing):
    """How the count of an object behaves when a thousand references come and go."""
    before = sys.getrefcount(thing)
    kept = [thing] * 1000
    during = sys.getrefcount(thing)
    del kept
    after = sys.getrefcount(thing)
    return "constant" if before == during == after else "only rises" if after >= during else "rises and falls"


@fact
def refcount():
    ints, fresh = number(256), number(123456789)
    things = {"256": ints, "none": None, "true": True, "false": False, "empty_tuple": ()}
    found = {name: sys.getrefcount(thing) for name, thing in things.items()}
    listed = module("import sys\na = [1, 2, 3]\nr1 = sys.getrefcount(a)\nb = a\nr2 = sys.getrefcount(a)\n"
                    "del b\nr3 = sys.getrefcount(a)")
    found["list_steps"] = "%d, %d, %d" % (listed["r1"], listed["r2"], listed["r3"])
    found.update({"of_256": counted(ints), "of_fresh_int": counted(fresh), "of_none": counted(None),
                  "temporary": sys.getrefcount(object()),
                  "singletons_least": min(map(sys.getrefcount, (None, True, False)))})
    return found


@fact
def refcount_257():
    line = ("c = 257", "d = 257", "import sys", "same = c is d", "count = sys.getrefcount(c)")
    third = ("c = 257", "d = 257", "import sys", "count = sys.getrefcount(257)")
    typed, script = prompt(*line), module("\n".join(line))
    return {"same_at_prompt": typed["same"], "count_at_prompt": typed["count"], "same_in_script": script["same"],
            "count_in_script": script["count"], "count_of_third_literal_at_prompt": prompt(*third)["count"]}


@fact
def two_names():
    """In the articles' loop both names are bound to the one value, so no row of it can differ."""
    rows = []
    for n in map(number, range(254, 259)):
        a = n
        b = n
        rows.append(a is b)
    return {"of_one_value_differ": not all(rows)}


@fact
def merged():
    """Equal constants of a compilation are one object: merging, and no cache of values."""
    lines = "a = 98765\nb = 98765\nsame = a is b"
    functions = "def f1():\n    return 98765\ndef f2():\n    return 98765\nsame = f1() is f2()"
    inside = "def f():\n    a = 98765\n    b = 98765\n    return a is b\nsame = f()"
    return {"in_function": module(inside)["same"], "in_module": module(lines)["same"],
            "across_functions": module(functions)["same"],
            "on_one_prompt_line": prompt(lines.replace("\n", "; "))["same"],
            "across_prompt_lines": prompt(*lines.split("\n"))["same"],
            "across_compilations": module("a = 98765")["a"] is module("a = 98765")["a"],
            "literal_257": module("same = 257 is 257")["same"], "literal_minus_6": module("same = -6 is -6")["same"],
            "spaces_in_script": module("a = 'zq w'; b = 'zq w'\nsame = a is b")["same"],
            "spaces_at_prompt": prompt("a = 'zq w'", "b = 'zq w'", "same = a is b")["same"],
            "spaces_in_function": module(inside.replace("98765", "'zq w'"))["same"],
            "tuples_in_function": module(inside.replace("98765", "(98765,)"))["same"],
            "folded": module("same = 'zq' + 'folded' is 'zqfolded'")["same"],
            "joined": module("x = ''.join(['zq', 'folded'])\nsame = x is 'zqfolded'")["same"]}


@fact
def warns_of_is_with_literal():
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        compile("257 is 257", "<line>", "eval")
    return bool(seen)


@fact
def one_object():
    singles = [None is type(None)(), bool(number(1)) is True, bool(number(0)) is False,
               NotImplemented is type(NotImplemented)()]
    return {"none_true_false": all(singles), "true_equals_1": number(1) == True,  # noqa: E712 (the claim itself)
            "true_is_1": number(1) is True, "empty_tuple": tuple([]) is tuple(text([])),
            "empty_list": list() is list(), "constant_tuple_in_function": module(
                "def f():\n    return (1,) is (1,)\nsame = f()")["same"]}
