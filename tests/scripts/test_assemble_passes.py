"""What the passes found, as results: sums of histograms, percentiles a sample supports, spikes, limits."""

from fractions import Fraction

import pytest
from suite.analysis import ceilings, extra_summaries
from suite.analysis.cell import of
from suite.measure.outcome import Record
from suite.plan.presets import PRESETS
from suite.results import assemble


def part(*buckets, maximum=None):
    return {"histogram": [list(bucket) for bucket in buckets], "maximum_ns": maximum or buckets[-1][0]}


def event(**changes):
    whole = part((20.0, 900), (50.0, 95), (910.0, 5), maximum=900.0)
    return {"operations": 16000, "period": 16, "clock": "rdtscp", "timer_ns": 9.0, "involuntary_switches": 1,
            "replace": whole, "acquire": whole, "release": whole, "grow": whole, "growth": [[0, 800.0]]} | changes


def test_percentiles_are_the_upper_ends_of_their_buckets():
    told = extra_summaries.distribution([part((10.0, 50), (20.0, 40), (40.0, 10))])
    assert told["percentiles"] == {"50": 10.0, "90": 20.0} and told["maximum_ns"] == 40.0 and told["samples"] == 100


@pytest.mark.parametrize(("total", "supported"), [
    (19, []), (20, ["50"]), (100, ["50", "90"]), (999, ["50", "90"]), (1000, ["50", "90", "99"]),
    (99_999, ["50", "90", "99", "99.9"]), (100_000, ["50", "90", "99", "99.9", "99.99"])])
def test_a_percentile_needs_ten_samples_beyond_it(total, supported):
    assert list(extra_summaries.distribution([part((10.0, total))])["percentiles"]) == supported
    assert extra_summaries.percentile([(10.0, 9)], 9, Fraction(1, 2)) is None


def test_processes_add_up_and_the_longest_time_is_kept():
    record = Record(latency=[event(), event(replace=part((20.0, 100), (7000.0, 1), maximum=6990.0), timer_ns=11.0)])
    told = extra_summaries.latency(record)
    assert told["samples"] == 1101 and told["maximum_ns"] == 6990.0 and told["operations"] == 32000
    assert told["histogram"] == [[20.0, 1000], [50.0, 95], [910.0, 5], [7000.0, 1]]
    assert told["timer_ns"] == 20.0 and told["parts"]["acquire"]["timer_ns"] == 10.0
    assert told["involuntary_switches"] == 2 and "histogram" not in told["parts"]["grow"]
    assert told["percentiles"]["99"] == 50.0


def test_no_percentile_lies_beyond_the_longest_time():
    told = extra_summaries.distribution([part((100.0, 1000), maximum=99.0)])
    assert set(told["percentiles"].values()) == {99.0}


def test_only_spikes_that_come_back_are_the_pools():
    lists = [[[0, 500.0], [7, 90_000.0], [512, 700.0]], [[0, 600.0], [512, 720.0], [999, 50_000.0]],
             [[0, 400.0], [512, 710.0], [3, 100.0]]]
    assert extra_summaries.growth(lists) == [[0, 500.0], [512, 710.0]]
    assert extra_summaries.growth(lists[:1]) == [[0, 500.0], [7, 90_000.0], [512, 700.0]]


def test_a_failed_or_unasked_cell_has_neither():
    failed = Record(latency=[event()], reason="crashed", peak_rss_bytes=[1])
    assert extra_summaries.latency(failed) is None and extra_summaries.memory(failed) is None
    assert extra_summaries.latency(Record()) is None
    assert extra_summaries.memory(Record(peak_rss_bytes=[3, 1])) == \
        {"peak_rss_bytes": 2, "faults_per_operation": None}
    samples = [{"minor_faults": 3, "operations": 100}, {"minor_faults": 1, "operations": 300}]
    assert extra_summaries.memory(Record(peak_rss_bytes=[3], samples=samples))["faults_per_operation"] == 0.01


def test_the_process_that_waited_tells_what_was_kept():
    weighed = {"objects": 10, "requested_bytes_per_object": 64.0, "sizeof_bytes": 64, "payload_bytes": 64,
               "usable_bytes_per_object": 72.0, "fragmentation": None, "timeline": [], "ended_bytes": None}
    record = Record(peak_rss_bytes=[5], memory=[
        weighed | {"rss_bytes_per_object": 90.0, "kept_bytes": {"0": 1}},
        weighed | {"rss_bytes_per_object": 80.0, "kept_bytes": {"0": 9, "0.1": 8, "1": 7}},
        weighed | {"rss_bytes_per_object": 100.0, "kept_bytes": {"0": 2}}])
    told = extra_summaries.memory(record)
    assert told["kept_bytes"] == {"0": 9, "0.1": 8, "1": 7} and told["usable_bytes_per_object"] == 72.0
    assert (told["rss_low"], told["rss_bytes_per_object"], told["rss_high"]) == (80.0, 90.0, 100.0)


def test_ceilings_are_medians_over_processes():
    def one(ns, low, high):
        return [{"name": "l1_latency", "what": "a step", "ns": ns, "low": low, "high": high, "bytes": 16384}]
    told = ceilings.table([one(2.0, 1.5, 3.0), one(1.5, 1.4, 9.0), one(1.6, 1.5, 2.0)])
    assert told == [{"name": "l1_latency", "what": "a step", "ns": 1.6, "low": 1.4, "high": 9.0, "bytes": 16384,
                     "processes": [[2.0, 1.5, 3.0], [1.5, 1.4, 9.0], [1.6, 1.5, 2.0]]}]
    assert ceilings.table(ceilings.processes_behind(told)) == told
    assert ceilings.table([]) == []


CACHES = [{"level": 1, "type": "Data", "bytes": 48 << 10}, {"level": 1, "type": "Instruction", "bytes": 64 << 10},
          {"level": 2, "type": "Unified", "bytes": 1 << 20}, {"level": 3, "type": "Unified", "bytes": 32 << 20}]
BOUNDS = [{"name": name, "ns": ns} for name, ns in
          (("l1_latency", 1.5), ("l2_latency", 5.0), ("l3_latency", 40.0), ("dram_latency", 90.0),
           ("page_fault", 800.0))]


def cell(workload, ns=100.0, role="contender", memory=None, **parameters):
    return of({"workload": workload, "parameters": parameters, "role": role, "memory": memory,
               "ns_per_op": ns and {"median": ns}})


@pytest.mark.parametrize(("asked", "expected"), [
    (cell("footprint", live=1000, bytes=16), {"ceiling": "l1_latency", "ns": 1.5, "share": 0.015}),
    (cell("footprint", live=1000, bytes=60), {"ceiling": "l2_latency", "ns": 5.0, "share": 0.05}),
    (cell("footprint", live=100_000, bytes=64), {"ceiling": "l3_latency", "ns": 40.0, "share": 0.4}),
    (cell("footprint", live=1_000_000, bytes=64), {"ceiling": "dram_latency", "ns": 90.0, "share": 0.9}),
    (cell("pair", ns=3.0, bytes=64), {"ceiling": "l1_latency", "ns": 1.5, "share": 0.5}),
    (cell("build", live=10, bytes=64, memory={"faults_per_operation": 0.025}),
     {"ceiling": "page_fault", "ns": 20.0, "share": 0.2}),
    (cell("footprint", live=100_000, bytes=64, memory={"faults_per_operation": 0.1}),
     {"ceiling": "page_fault", "ns": 80.0, "share": 0.8}),
    (cell("churn", live=1_000, bytes=64, memory={"faults_per_operation": 0.001}), None),
    (cell("churn", live=1_000_000, bytes=64, memory={"faults_per_operation": 0}), None),
    (cell("pair", ns=3.0, role="limit", bytes=64), None), (cell("pair", ns=None, bytes=64), None)])
def test_a_cell_stands_beside_the_highest_ceiling_that_bounds_it(asked, expected):
    assert ceilings.limit_of_cell(asked, BOUNDS, CACHES) == expected


def test_a_cell_below_its_ceiling_has_none_and_a_smoke_run_none_at_all():
    assert ceilings.limit_of_cell(cell("footprint", ns=39.0, live=100_000, bytes=64), BOUNDS, CACHES) is None
    for preset, ceiling in (("smoke", None), ("quick", "l1_latency")):
        found = assemble._bounded(cell("pair", ns=3.0, bytes=64), BOUNDS, CACHES, PRESETS[preset]).entry()["limit"]
        assert (found and found["ceiling"]) == ceiling


def test_a_ceiling_that_was_not_measured_bounds_nothing():
    assert ceilings.limit_of_cell(cell("footprint", live=100_000, bytes=64), BOUNDS[:2], CACHES) is None
    assert ceilings.limit_of_cell(cell("footprint", live=100_000, bytes=64), BOUNDS, [])["ceiling"] == "dram_latency"
