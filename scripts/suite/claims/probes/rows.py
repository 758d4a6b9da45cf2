"""The lines that are timed, first part: values, instances, fields, and strings as keys.

Local variables only, and values that no compiler has folded.
"""

import array
import sys

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
