"""Passes and interim analyses: who goes on after one, and that what leaves is never lost."""

import gzip
import json
from dataclasses import replace

import pytest
from driver import ROOT, campaign, description
from suite.analysis import cell_verdicts, run_quality
from suite.analysis.regimes import Conditions
from suite.analysis.statistics import actual_confidence
from suite.measure import journal
from suite.measure.journal import Outcome, Record
from suite.plan import groups
from suite.plan.cells import Selection
from suite.plan.presets import PRESETS, Look

LOOKS = (Look(9, 0.97, 3), Look(15, 0.98, 5))
QUICK = replace(PRESETS["quick"], looks=LOOKS, long_looks=LOOKS, rounds=4)
NEEDED = LOOKS[0].processes
QUIET, SHARED = 0.4, 0.66


# No A/A interval is that narrow, so those cells go on to the end.
BRIEF = replace(QUICK, looks=(LOOKS[0], Look(10, 0.98, 4)), long_looks=(LOOKS[0],), aa_half_width=-1.0)


@pytest.fixture
def brief(monkeypatch):
    monkeypatch.setitem(PRESETS, "quick", BRIEF)


def sample(process, ratio, core=()):
    """A process of one ratio; `core` is what the core's witness read in each of its rounds."""
    witness = {"witness": {"core": list(core), "chain": [0.57] * 4}} if core else {}
    return {"process": process, "pass": process % 3, "layout": {"heap_offset": 0, "environment_padding": 0, "build": process % 3},
            "ns_per_op": [100.0 * ratio] * 4, "baseline_ns_per_op": [100.0] * 4, "rejected": [], "minor_faults": 0,
            "operations": 10} | witness


def outcome(group, ratios, cores=None):
    """Every cell with one process for each of the ratios given for its strategy; else equal to the baseline."""
    records = {}
    for cell in group.contenders:
        values = ratios.get(cell.aa or cell.strategy, [0.01 if cell.role == "limit" else 1.0] * NEEDED)
        core = (cores or {}).get(cell.strategy, [QUIET] * 4) if cores is not None else ()
        records[cell.id] = Record(operations_per_iteration=1, looks=1, passes=3,
                                  samples=[sample(number, value, core) for number, value in enumerate(values)])
    return Outcome(group.name, records, iterations=10, rounds=4, in_heats=True, looks=1, passes=3)


def planned(workload="good"):
    return next(group for group in groups.make(description(), Selection(), QUICK) if group.baseline.workload == workload)


def open_after(workload="good", cores=None, **ratios):
    group = planned(workload)
    found = outcome(group, ratios, cores)
    under = run_quality.conditions([(group, found)])
    return [name.rpartition("/")[2] for name in cell_verdicts.open_cells(group, found, QUICK, under)]


WIDE = ([0.9, 1.1] * NEEDED)[:NEEDED]


def test_what_is_settled_leaves_and_what_is_open_goes_on():
    assert open_after(slab_pool=[0.5] * NEEDED, slow_pool=WIDE) == ["slow_pool@glibc"]
    assert open_after() == []


def test_an_a_a_cell_goes_on_until_its_interval_is_narrow():
    assert open_after(twin=WIDE) == ["fresh_heap@glibc#twin"]
    assert open_after(duplicate=([0.985, 1.015] * NEEDED)[:NEEDED]) == ["fresh_heap@glibc#duplicate"]
    assert open_after(duplicate=([0.995, 1.005] * NEEDED)[:NEEDED]) == []


def test_a_group_has_the_margin_of_its_own_a_a_comparisons():
    """A noisy minute of one group does not blunt the others."""
    pairs = [(group, outcome(group, {"twin": WIDE} if group.baseline.workload == "good" else {}))
             for group in groups.make(description(), Selection(), QUICK)]
    cells = [cell for group, found in pairs for cell in cell_verdicts.judged(group, found, QUICK, Conditions())]
    margins = {cell.workload: cell.margin for cell in cells}
    assert margins["good"] > 0.1 and margins["controls"] == 0.02
    told = run_quality.calibration(cells, QUICK, True, ())
    assert told["margins"]["good"] == margins["good"] and told["floors"]["controls"] == 0


def test_what_is_equal_within_a_raised_margin_only_goes_on():
    even, noisy = ([0.97, 1.03] * NEEDED)[:NEEDED], ([0.96, 1.04] * NEEDED)[:NEEDED]
    assert "slow_pool@glibc" in open_after(slow_pool=even, twin=noisy)


def test_controls_leave_when_they_are_settled_and_limits_never_go_on():
    assert open_after("controls", planted_20_percent=[1.2] * NEEDED) == []
    assert open_after("controls", planted_2_percent=WIDE) == ["planted_2_percent@glibc"]
    assert open_after(empty_loop=WIDE) == []


def test_a_cell_beside_neighbours_is_not_citable_and_goes_on():
    """Its time is as clear as ever, but its rounds are of another regime than the run."""
    cores = {"slab_pool": [SHARED, SHARED, SHARED, QUIET]}
    assert open_after(cores=cores, slab_pool=[0.5] * NEEDED) == ["slab_pool@glibc"]
    group = planned()
    found = outcome(group, {"slab_pool": [0.5] * NEEDED}, cores)
    cells = {cell.strategy: cell for cell in cell_verdicts.judged(group, found, QUICK, run_quality.conditions([(group, found)]))}
    own = cells["slab_pool"]
    assert (own.verdict, own.said_citable, own.regime) == ("NOT CITABLE", False, "quiet")
    assert own.reason.startswith(f"neighbours used the same core or memory in {4 * NEEDED} of {4 * NEEDED} rounds, so that "
                                    f"only 0 of {NEEDED} processes count")
    assert cells["slow_pool"].said_citable is True


def test_enough_processes_on_a_shared_core_make_a_second_figure():
    """Half of the processes met a neighbour, and beside one the ratio is another."""
    group = planned()
    found = outcome(group, {}, {})
    record = found.records[f"{group.name}/slab_pool@glibc"]
    record.samples = [sample(number, 0.7 if number % 2 else 0.5, [SHARED if number % 2 else QUIET] * 4) for number in range(18)]

    def own():
        under = run_quality.conditions([(group, found)])
        return next(cell for cell in cell_verdicts.judged(group, found, QUICK, under) if cell.strategy == "slab_pool")
    assert own().ratio.estimate == 0.5 and own().verdict == "FASTER"
    assert own().parts["shared"] == {"ratio": {"estimate": 0.7, "low": 0.7, "high": 0.7}, "processes": 9, "rounds": 36}
    record.samples = record.samples[::2] + record.samples[1:6:2]
    assert own().ratio.estimate == 0.5 and own().parts["shared"] is None, "three processes have no interval"


def test_each_pass_takes_everybody_until_an_interim_analysis():
    group = planned()
    settled = outcome(group, {"slab_pool": [0.5] * NEEDED, "slow_pool": WIDE})
    everybody = [cell.id for cell in group.contenders if cell.id != group.baseline.id]

    def after(passes, looks_done):
        settled.passes, settled.looks = passes, looks_done
        for record in settled.records.values():
            record.passes = passes
        return cell_verdicts.next_pass([group], {group.name: settled}, QUICK, passes)
    assert cell_verdicts.next_pass([group], {}, QUICK, 0) == [(group, None)]
    assert after(1, 0) == [(group, everybody)] and after(2, 0) == [(group, everybody)]
    assert after(3, 1) == [(group, [f"{group.name}/slow_pool@glibc"])], "the interim analysis"
    for cell in group.contenders:
        settled.records[cell.id].passes = 3
    settled.records[f"{group.name}/slow_pool@glibc"].passes = settled.records[group.baseline.id].passes = settled.passes = 4
    assert cell_verdicts.next_pass([group], {group.name: settled}, QUICK, 4) == [(group, [f"{group.name}/slow_pool@glibc"])], "who left stays out"
    assert after(5, 2) == [], "the last analysis"


def test_a_resumed_run_goes_on_with_the_pass_that_each_group_has_reached():
    first, second = (group for group in groups.make(description(), Selection(("good",)), QUICK)
                     if group.baseline.workload == "good")
    known = {first.name: outcome(first, {}), second.name: outcome(second, {})}
    known[first.name].passes = 2
    for record in known[first.name].records.values():
        record.passes = 2
    known[second.name].passes = 1
    for record in known[second.name].records.values():
        record.passes = 1

    def waiting(number):
        return [group.name for group, _ in cell_verdicts.next_pass([first, second], known, QUICK, number)]
    assert (waiting(0), waiting(1), waiting(2)) == ([], [second.name], [first.name])


def test_who_failed_is_not_asked_again():
    group = planned()
    found = outcome(group, {})
    found.passes = 1
    for record in found.records.values():
        record.passes = 1
    found.records[f"{group.name}/slab_pool@glibc"].fail("crashed: SIGSEGV")
    (_, names), = cell_verdicts.next_pass([group], {group.name: found}, QUICK, 1)
    assert f"{group.name}/slab_pool@glibc" not in names and f"{group.name}/slow_pool@glibc" in names


def test_settled_cells_leave_a_run_at_the_interim_analysis(tmp_path, brief):
    ending = campaign(tmp_path, "quick", workloads=("good/live=10*",)).run(ROOT)
    rows = {cell["id"].rpartition("/")[2]: cell["samples"] for cell in ending.results["cells"]}
    assert len(rows["slab_pool@glibc"]) == NEEDED and len(rows["fresh_heap@glibc#twin"]) == BRIEF.processes
    assert [row["pass"] for row in rows["fresh_heap@glibc#twin"]] == [number // 3 for number in range(BRIEF.processes)]
    assert {row["planted"]: row["right"] for row in ending.results["controls"]} == {1.0: True, 1.02: True, 1.05: True,
                                                                                      1.2: True}
    confidence = {cell["id"].rpartition("/")[2]: cell["confidence"] for cell in ending.results["cells"]}
    first, last = (actual_confidence(look.processes, look.confidence) for look in BRIEF.looks)
    assert (confidence["slab_pool@glibc"], confidence["fresh_heap@glibc#twin"]) == (first, last)
    assert not (tmp_path / journal.PARTIAL).exists()


def test_a_run_that_ends_between_two_passes_goes_on_with_the_second(tmp_path, brief):
    first = campaign(tmp_path, "quick", workloads=("good/live=10*",))
    first._calm()
    for group in first.groups:
        journal.append(tmp_path, first._group(group, first.cpus[0]))
    first.calm.close()
    before = {outcome.group: outcome for outcome in journal.read_outcomes(tmp_path)}
    ending = campaign(tmp_path, "quick", workloads=("good/live=10*",)).run(ROOT)
    for cell in ending.results["cells"]:
        known = before[cell["group"]].records.get(cell["id"])
        if known and known.samples:
            kept = cell["samples"][:len(known.samples)]
            assert [row["layout"] for row in kept] == [row["layout"] for row in known.samples]
    twin = next(cell for cell in ending.results["cells"] if cell["id"].endswith("#twin"))
    assert [row["process"] for row in twin["samples"]] == list(range(BRIEF.processes))
    rows = ending.results["witness"]["strip"]
    assert [row[0] for row in rows] == sorted(row[0] for row in rows), "time goes on where the first part ended"


def test_the_journal_holds_each_group_once_at_the_end(tmp_path):
    for seconds in (1.0, 2.0):
        journal.append(tmp_path, Outcome("a", {"cell": Record(digest="0")}, seconds=seconds))
    assert [found.seconds for found in journal.read_outcomes(tmp_path)] == [2.0]
    journal.append(tmp_path, Outcome("a", {"cell": Record(digest="0")}, seconds=3.0))
    journal.finish(tmp_path)
    lines = gzip.decompress((tmp_path / journal.ROUNDS).read_bytes()).decode().splitlines()
    assert [json.loads(line)["seconds"] for line in lines] == [3.0]


def test_a_plan_tells_whose_home_it_was_as_little_as_the_results_do(tmp_path):
    campaign(tmp_path, command="scripts/poolmark run --out /home/somebody/out")
    assert journal.read_plan(tmp_path).command == "scripts/poolmark run --out ~/out" and "somebody" not in (tmp_path / journal.PLAN).read_text()


@pytest.mark.parametrize("checkout", [str(ROOT), "/home/somebody/poolmark", "/root"])
def test_raw_data_do_not_tell_where_the_checkout_lies(tmp_path, monkeypatch, checkout):
    monkeypatch.setattr(journal, "ROOT", checkout)
    served = f"{checkout}/build/bench/libpoolmark_bump.so"
    journal.append(tmp_path, Outcome("a", {"cell": Record(digest="0", allocator={"name": "bump", "library": served})}))
    journal.finish(tmp_path)
    text = gzip.decompress((tmp_path / journal.ROUNDS).read_bytes()).decode()
    assert checkout not in text and '"library": "build/bench/libpoolmark_bump.so"' in text


def test_an_outcome_that_is_added_to_leaves_the_known_one_alone():
    group = groups.make(description(), Selection(), QUICK)[0]
    known = outcome(group, {})
    copied = known.copy()
    next(iter(copied.records.values())).samples.append(sample(99, 1.0))
    assert len(next(iter(known.records.values())).samples) == NEEDED
