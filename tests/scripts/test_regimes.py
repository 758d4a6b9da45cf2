"""Rounds are sorted by their witnesses, never by their own time."""

import pytest
from driver import ROOT  # noqa: F401
from suite.analysis import regimes, samples
from suite.analysis.regimes import BUSY, QUIET, SHARED, UNKNOWN, Conditions
from suite.measure import rounds

OWN, NEIGHBOUR, CHAIN = 0.4, 0.66, 0.57


def sample(core=(OWN,) * 8, chain=CHAIN, **more):
    """A process of as many rounds as the core's witness has readings; other witnesses by name, the same in every round."""
    process, at, times = (more.pop(key, preset) for key, preset in (("process", 0), ("at", None), ("times", None)))
    rounds = len(core)
    return {"process": process, "layout": {"build": 0, "heap_offset": 0, "environment_padding": 0}, "cpu": 1, "pass": 0,
            "ns_per_op": list(times or [50.0] * rounds), "baseline_ns_per_op": [100.0] * rounds,
            "rejected": list(more.pop("rejected", ())), "minor_faults": 0, "operations": 1,
            "witness": {"core": list(core), "chain": [chain] * rounds}
            | {name: [value] * rounds for name, value in more.items()}} | ({} if at is None else {"at": at})


def without(rounds=8):
    """A process as runs of before witnesses have it."""
    return {key: value for key, value in sample((OWN,) * rounds).items() if key != "witness"}


BEST = regimes.levels([sample()])


def test_each_round_is_of_its_own_regime():
    mixed = sample((OWN, NEIGHBOUR, OWN * 1.14, OWN * 1.16))
    assert regimes.of_rounds(mixed, BEST) == [QUIET, SHARED, QUIET, SHARED]
    assert regimes.counts(regimes.of_rounds(mixed, BEST)) == {QUIET: 2, SHARED: 2, BUSY: 0}


def test_a_slower_clock_is_no_neighbour():
    """It slows the chain by as much, and the chain is what a core is held against."""
    assert regimes.of_rounds(sample((OWN * 1.4,) * 3, chain=CHAIN * 1.4), BEST) == [QUIET] * 3


def test_memory_is_busy_over_a_whole_block():
    best = regimes.levels([sample(dram=80.0), sample(dram=80.0, process=1)])
    assert regimes.of_rounds(sample(dram=199.0), best) == [QUIET] * 8
    assert regimes.of_rounds(sample(dram=201.0), best) == [BUSY] * 8
    once = sample(dram=80.0)
    once["witness"]["dram"][3] = 400.0
    assert regimes.of_rounds(once, best) == [QUIET] * 8, "one reading of a few dozen steps says little"
    assert regimes.of_rounds(sample((NEIGHBOUR,) * 2, dram=201.0), best) == [SHARED] * 2, "the core decides first"


def test_a_rounds_own_time_says_nothing():
    slow = sample((OWN,) * 4, times=[1.0, 50.0, 900.0, 1e6])
    assert regimes.of_rounds(slow, BEST) == [QUIET] * 4 and regimes.rejected(slow, BEST, QUIET) == []


def test_rounds_that_were_disturbed_or_are_of_another_regime_do_not_count():
    mixed = sample((OWN, NEIGHBOUR, OWN, OWN), rejected=[0])
    assert regimes.rejected(mixed, BEST, QUIET) == [0, 1]
    assert regimes.rejected(mixed, BEST, SHARED) == [0, 2, 3]


def test_without_a_witness_nothing_is_known():
    assert regimes.levels([without()]).core is None
    assert regimes.of_rounds(without(4), BEST) == [UNKNOWN] * 4 and regimes.counts(regimes.of_rounds(without(), BEST)) == {}
    assert regimes.conditions([without()]).run == UNKNOWN and regimes.conditions([]).run == UNKNOWN
    row, = samples.process_samples([without()])
    assert row["ratio"] == 0.5 and "quiet" not in row and "witness" not in row


def test_the_best_level_is_one_that_several_blocks_reach():
    """One lucky reading of a hundred would make all others shared."""
    blocks = [sample(process=number) for number in range(99)] + [sample((OWN / 2,) * 8)]
    best = regimes.levels(blocks)
    assert best.core == pytest.approx(OWN / CHAIN) and best.nanoseconds["core"] == OWN


def test_a_better_level_of_an_earlier_run_counts():
    """A machine whose core is shared throughout cannot know that from the run alone."""
    crowded = [sample((NEIGHBOUR,) * 8, dram=100.0, process=number) for number in range(20)]
    alone = regimes.conditions(crowded)
    assert alone.run == QUIET and regimes.of_rounds(crowded[0], alone.best) == [QUIET] * 8
    known = regimes.conditions(crowded, {"core": OWN / CHAIN, "dram": 90.0, "line": 100.0})
    assert known.run == SHARED and regimes.of_rounds(crowded[0], known.best) == [SHARED] * 8
    assert dict(known.best.others) == {"dram": 90.0}, "a witness that nobody asked has no level"
    assert known.best.own["core"] == pytest.approx(NEIGHBOUR / CHAIN, rel=1e-3), "what this run showed is kept apart"
    worse = regimes.conditions(crowded, {"core": 2 * NEIGHBOUR / CHAIN})
    assert worse.run == QUIET and worse.best.core == pytest.approx(NEIGHBOUR / CHAIN)


def test_a_few_quiet_rounds_make_a_quiet_run():
    def run(quiet):
        return regimes.conditions([sample((OWN if number < quiet else NEIGHBOUR,) * 4) for number in range(100)],
                                  {"core": OWN / CHAIN}).run
    assert (run(5), run(4)) == (QUIET, SHARED)


def test_memory_that_was_never_quiet_sorts_nothing_and_names_the_regime():
    blocks = [sample(dram=250.0, process=number) for number in range(20)] + [sample()]
    under = regimes.conditions(blocks, {"dram": 80.0})
    assert under.best.never == {"dram"} and under.run == QUIET
    assert regimes.of_cell([blocks[0]], under) == BUSY and regimes.of_cell([blocks[-1]], under) == QUIET
    assert regimes.rejected(blocks[0], under.best, BUSY) == [], "else such a cell would have no round at all"
    row, = samples.process_samples([blocks[0]], under, BUSY)
    assert row["ratio"] == 0.5


def test_on_a_shared_machine_verdicts_are_of_the_shared_rounds():
    under = Conditions(BEST, SHARED)
    mixed = sample((NEIGHBOUR, OWN, NEIGHBOUR, NEIGHBOUR), times=[60.0, 50.0, 60.0, 60.0])
    assert regimes.of_cell([mixed], under) == SHARED
    row, = samples.process_samples([mixed], under, SHARED)
    assert (row["ratio"], row["ns_per_op"], row["other"]) == (0.6, 60.0, 1)


def test_a_process_with_fewer_than_three_rounds_says_nothing():
    under = Conditions(BEST, QUIET)
    two, three = ((OWN,) * count + (NEIGHBOUR,) * (8 - count) for count in (2, 3))
    rows = samples.process_samples([sample(two), sample(three, process=1)], under, QUIET)
    assert [(row["ratio"], row["ns_per_op"], row["round_spread"]) for row in rows] == [(None, None, None), (0.5, 50.0, 0.0)]
    assert [(row["quiet"], row["shared"], row["other"]) for row in rows] == [(2, 6, 8), (3, 5, 5)]
    short, = samples.process_samples([sample((OWN,) * 2)], under, QUIET)
    assert short["ratio"] == 0.5, "it has no more"


def test_a_row_holds_the_medians_of_its_witnesses():
    row, = samples.process_samples([sample((OWN, OWN, NEIGHBOUR), dram=80.123456)], Conditions(BEST, QUIET), QUIET)
    assert row["witness"] == {"core": OWN, "chain": CHAIN, "dram": 80.12}


def test_the_strip_has_a_row_a_block_in_the_order_of_time():
    blocks = [sample(at=9.0), sample((NEIGHBOUR,) * 4, at=2.5), sample((NEIGHBOUR,) * 4, at=2.5), sample(), without() | {"at": 1.0}]
    assert regimes.strip(blocks) == [[2.5, 1, NEIGHBOUR, CHAIN], [9.0, 1, OWN, CHAIN]]


def test_a_round_has_the_worst_reading_of_its_pair():
    """Of both epochs, before and after each: a neighbour that came in the middle spoiled the round."""
    calm, before, after = ({"witness": {"core": pair, "chain": [CHAIN, CHAIN]}}
                           for pair in ([OWN, OWN], [NEIGHBOUR, OWN], [OWN, NEIGHBOUR]))
    assert rounds.witnesses([[calm, calm], [before, calm], [calm, after]])["core"] == [OWN, NEIGHBOUR, NEIGHBOUR]
    walks = {"witness": calm["witness"] | {"dram": [80.0, 81.0]}}
    assert sorted(rounds.witnesses([[calm, walks]])) == ["chain", "core"], "what only one of them read is of no pair"
    assert rounds.witnesses([[walks], [walks]])["dram"] == [81.0, 81.0]
    assert rounds.witnesses([]) == {} and rounds.witnesses([[{}, calm]]) == {}


def test_a_sample_takes_the_witnesses_of_itself_and_its_baseline_alone():
    def epoch(core):
        return {"real_ns": 10.0, "iterations": 1, "involuntary_switches": 0, "run_delay_ns": 0, "major_faults": 0, "migrations": 0,
                "witness": {"core": [core, core], "chain": [CHAIN, CHAIN]}, "witness_ns": 7}
    names = ["base", "calm", "crowded"]
    from suite.measure.launch import Layout
    planned = [rounds.Round(names, 1)] * 2
    found = rounds.samples(rounds.Block(3, 2, 1, 4.56), dict.fromkeys(names, Layout(0, 0)), "base", planned,
                         [epoch(OWN), epoch(OWN), epoch(NEIGHBOUR)] * 2, dict.fromkeys(names, 1))
    assert {name: one["witness"]["core"] for name, one in found.items()} == \
        {"base": [OWN] * 2, "calm": [OWN] * 2, "crowded": [NEIGHBOUR] * 2}
    assert {key: found["calm"][key] for key in ("process", "pass", "cpu", "at", "witness_ns")} == \
        {"process": 3, "pass": 2, "cpu": 1, "at": 4.6, "witness_ns": 14}
