"""What each version is known to do, to hold the probes against. Nothing here is measured with: a probe that disagrees
is news about this build, and the probe is what counts."""

OLDEST, NEWEST = (3, 6), (3, 15)
IMMORTAL = 4294967295

# fact: the first version of each span and what holds from there on. None: not known, or it varies within the span.
TABLE = {
    "small_int.low": {(3, 6): -5},
    "small_int.high": {(3, 6): 256, (3, 15): 1024},
    "small_int.count": {(3, 6): 262, (3, 15): 1030},
    "refcount.none": {(3, 6): None, (3, 12): IMMORTAL, (3, 14): None},
    "refcount.256": {(3, 6): None, (3, 12): IMMORTAL, (3, 14): None},
    "refcount.of_256": {(3, 6): "rises and falls", (3, 12): "constant"},
    "refcount.temporary": {(3, 6): 1},
    "refcount.list_steps": {(3, 6): "2, 3, 2", (3, 14): None},
    "free_list.tuple_smallest": {(3, 6): 1},
    "free_list.tuple_largest": {(3, 6): 19, (3, 11): 20},
    "free_list.tuple_sizes_never_served": {(3, 6): 0, (3, 11): 1, (3, 13): 0},
    "free_list.tuple_length": {(3, 6): 2000},
    "free_list.float_length": {(3, 6): 100},
    "free_list.list_length": {(3, 6): 80},
    "free_list.dict_length": {(3, 6): None, (3, 10): 80},
    "free_list.int_length": {(3, 6): 0, (3, 14): 100},
    "cycle.threshold": {(3, 6): 700, (3, 13): 2000, (3, 14): None},
    "intern_forgets.all": {(3, 6): True, (3, 12): None, (3, 13): True},  # 3.12.0 to 3.12.6 never forget
    "merged.in_module": {(3, 6): True},
    "merged.across_functions": {(3, 6): False, (3, 8): True},
    "interned_constant.leading_digit": {(3, 6): True},
    "interned_constant.hyphen": {(3, 6): False, (3, 13): None},  # builds without the lock intern every constant
    "size.slots_2": {(3, 6): 64, (3, 8): 48},
    "size.slots_3": {(3, 6): 72, (3, 8): 56},
    "size.empty_dict": {(3, 6): 248, (3, 8): 64},
    "lru_threads.called_once": {(3, 6): False},
}
SLACK = {"free_list.tuple_length": 4, "free_list.float_length": 4, "free_list.list_length": 4,
         "free_list.dict_length": 4,
         "free_list.int_length": 4}  # blocks that the probe itself holds


def known(version):
    """Why a version is outside of the table, or nothing."""
    if not OLDEST <= tuple(version[:2]) <= NEWEST:
        return "version %d.%d is not in the table of expectations (3.%d to 3.%d)" % (
            version[0], version[1], OLDEST[1], NEWEST[1])
    return ""


def expectation(name, version):
    """What a version should answer, or None."""
    spans = [since for since in TABLE[name] if since <= tuple(version[:2])]
    return TABLE[name][max(spans)] if spans else None


def compare(facts, version):
    """One row for each expectation: expected, probed, and whether they agree; skipped rows say why."""
    rows, outside = [], known(version)
    for name in sorted(TABLE):
        row = {"fact": name, "probed": facts.get(name)}
        wanted = None if outside else expectation(name, version)
        if outside or wanted is None or name not in facts:
            row["skipped"] = outside or ("not probed" if name not in facts else "varies within this version")
        else:
            close = abs(facts[name] - wanted) <= SLACK[name] if name in SLACK else facts[name] == wanted
            row.update(expected=wanted, agrees=close)
        rows.append(row)
    return rows
