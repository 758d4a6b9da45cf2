"""Coarse first: which cells go on after a look, and that what a look gives up is never lost."""

import gzip
import json

from driver import ROOT, campaign, description
from suite import evidence, groups, journal, looks
from suite.outcome import Outcome, Record
from suite.plan import Selection
from suite.presets import PRESETS
from suite.statistics import actual_confidence

QUICK = PRESETS["quick"]
NEEDED = QUICK.looks[0].processes


def sample(process, ratio):
    return {"process": process, "layout": {"heap_offset": 0, "environment_padding": 0, "build": process % 3},
            "ns_per_op": [100.0 * ratio] * 4, "baseline_ns_per_op": [100.0] * 4, "rejected": [], "minor_faults": 0,
            "operations": 10}


def outcome(group, ratios):
    """Every cell with one process for each of the ratios given for its strategy; else equal to the baseline."""
    records = {}
    for cell in group.contenders:
        values = ratios.get(cell.aa or cell.strategy, [0.01 if cell.role == "limit" else 1.0] * NEEDED)
        records[cell.id] = Record(operations_per_iteration=1, looks=1,
                                  samples=[sample(number, value) for number, value in enumerate(values)])
    return Outcome(group.name, records, iterations=10, rounds=4, in_heats=True, looks=1)


def open_after(workload="good", margin=0.02, **ratios):
    group = next(group for group in groups.make(description(), Selection(), QUICK) if group.baseline.workload == workload)
    return [name.rpartition("/")[2] for name in looks.open_cells(group, outcome(group, ratios), QUICK, margin)]


WIDE = ([0.9, 1.1] * NEEDED)[:NEEDED]


def test_what_is_settled_leaves_and_what_is_open_goes_on():
    assert open_after(slab_pool=[0.5] * NEEDED, slow_pool=WIDE) == ["slow_pool@glibc"]
    assert open_after() == []


def test_an_a_a_cell_goes_on_until_it_is_within_the_readers_margin():
    assert open_after(twin=WIDE) == ["fresh_heap@glibc#twin"]
    assert open_after(duplicate=([0.993, 1.007] * NEEDED)[:NEEDED], margin=0.1) == ["fresh_heap@glibc#duplicate"]


def test_a_workload_is_held_to_the_floor_of_its_own_a_a_comparisons():
    """A noisy neighbour in one question does not blunt the others; what has no A/A interval has the floor of all."""
    pairs = [(group, outcome(group, {"twin": WIDE} if group.baseline.workload == "good" else {}))
             for group in groups.make(description(), Selection(), QUICK)]
    margins = evidence.margins(pairs, QUICK)
    assert margins["good"] > 0.1 and margins["controls"] == 0.02
    told = evidence.calibration(pairs, QUICK, True, ())
    assert told["margins"]["good"] == float(f"{margins['good']:.6g}") and told["floors"]["controls"] == 0
    without = [(group, outcome(group, {"twin": [], "duplicate": []}) if group.baseline.workload == "controls" else done)
               for group, done in pairs]
    assert evidence.margins(without, QUICK)["controls"] == margins["good"]


def test_controls_go_on_to_the_end_and_limits_never_do():
    assert len(open_after("controls", planted_20_percent=[1.2] * NEEDED)) == 6
    assert open_after(empty_loop=WIDE) == []


def test_a_run_gives_settled_cells_the_first_look_only(tmp_path):
    ending = campaign(tmp_path, "quick", workloads=("good/live=10*",)).run(ROOT)
    processes = {cell["id"].rpartition("/")[2]: len(cell["samples"]) for cell in ending.results["cells"]}
    assert processes["slab_pool@glibc"] == NEEDED and processes["planted_5_percent@glibc"] == QUICK.processes
    assert {row["planted"]: row["right"] for row in ending.results["controls"]} == {1.0: True, 1.02: True, 1.05: True,
                                                                                      1.2: True}
    confidence = {cell["id"].rpartition("/")[2]: cell["confidence"] for cell in ending.results["cells"]}
    first, last = (actual_confidence(look.processes, look.confidence) for look in QUICK.looks)
    assert (confidence["slab_pool@glibc"], confidence["planted_5_percent@glibc"]) == (first, last)
    assert not (tmp_path / journal.PARTIAL).exists()


def test_a_run_that_ends_between_two_looks_goes_on_with_the_second(tmp_path):
    first = campaign(tmp_path, "quick", workloads=("good/live=10*",))
    for group in first.groups:
        journal.append(tmp_path, first._group(group, first.cpus[0]))
    before = {outcome.group: outcome for outcome in journal.read_outcomes(tmp_path)}
    ending = campaign(tmp_path, "quick", workloads=("good/live=10*",)).run(ROOT)
    for cell in ending.results["cells"]:
        known = before[cell["group"]].records.get(cell["id"])
        if known and known.samples:
            kept = cell["samples"][:len(known.samples)]
            assert [row["layout"] for row in kept] == [row["layout"] for row in known.samples]
    control = next(cell for cell in ending.results["cells"] if cell["strategy"] == "planted_5_percent")
    assert [row["process"] for row in control["samples"]] == list(range(QUICK.processes))


def test_the_journal_holds_each_group_once_at_the_end(tmp_path):
    for seconds in (1.0, 2.0):
        journal.append(tmp_path, Outcome("a", {"cell": Record(digest="0")}, seconds=seconds))
    assert [found.seconds for found in journal.read_outcomes(tmp_path)] == [2.0]
    journal.append(tmp_path, Outcome("a", {"cell": Record(digest="0")}, seconds=3.0))
    journal.finish(tmp_path)
    lines = gzip.decompress((tmp_path / journal.ROUNDS).read_bytes()).decode().splitlines()
    assert [json.loads(line)["seconds"] for line in lines] == [3.0]


def test_raw_data_do_not_tell_where_the_checkout_lies(tmp_path):
    served = str(ROOT / "build/bench/libpoolmark_bump.so")
    journal.append(tmp_path, Outcome("a", {"cell": Record(digest="0", allocator={"name": "bump", "library": served})}))
    journal.finish(tmp_path)
    text = gzip.decompress((tmp_path / journal.ROUNDS).read_bytes()).decode()
    assert str(ROOT) not in text and '"library": "build/bench/libpoolmark_bump.so"' in text


def test_an_outcome_that_is_added_to_leaves_the_known_one_alone():
    group = groups.make(description(), Selection(), QUICK)[0]
    known = outcome(group, {})
    copied = known.copy()
    next(iter(copied.records.values())).samples.append(sample(99, 1.0))
    assert len(next(iter(known.records.values())).samples) == NEEDED
