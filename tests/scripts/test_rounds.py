"""The order of a run: positions and predecessors are balanced, the order follows from the seed, and each process belongs to one pass."""

import random
import re
from collections import Counter
from dataclasses import replace

import pytest
from driver import ROOT, group
from suite.measure.journal import Outcome
from suite.measure.rounds import block_orders, williams
from suite.plan.cells import Group
from suite.plan.presets import PRESETS, Look
from suite.run import progress
from suite.run.progress import Progress, weight


@pytest.mark.parametrize("size", range(2, 14))
def test_each_stands_in_each_position_equally_often(size):
    rows = williams(size)
    assert len(rows) == (size if size % 2 == 0 else 2 * size)
    seen = Counter((label, position) for row in rows for position, label in enumerate(row))
    assert set(seen.values()) == {len(rows) // size} and len(seen) == size**2


@pytest.mark.parametrize("size", range(2, 14))
def test_each_follows_each_other_equally_often(size):
    pairs = Counter(pair for row in williams(size) for pair in zip(row, row[1:]))
    assert len(pairs) == size * (size - 1)
    assert set(pairs.values()) == {1 if size % 2 == 0 else 2}


def test_one_contender_is_always_first():
    assert williams(1) == [[0]] and williams(0) == [[]]


def test_a_block_repeats_its_rows_and_follows_from_the_seed():
    labels = ["a", "b", "c", "d"]
    orders = block_orders(labels, 6, random.Random(1))
    assert orders[4:] == orders[:2] and all(sorted(order) == labels for order in orders)
    assert orders == block_orders(labels, 6, random.Random(1))
    assert len({tuple(map(tuple, block_orders(labels, 4, random.Random(seed)))) for seed in range(20)}) > 5


BRIEF = replace(PRESETS["quick"], looks=(Look(6, 0.97, 3), Look(10, 0.98, 5)), long_looks=(Look(6, 0.97, 3),))


@pytest.mark.parametrize("preset", PRESETS.values(), ids=str)
@pytest.mark.parametrize("in_blocks", [True, False])
def test_each_process_of_an_analysis_belongs_to_one_of_its_passes(preset, in_blocks):
    plan = preset.looks_of(in_blocks)
    spans = [range(*preset.span(done, in_blocks)) for done in range(plan[-1].passes)]
    assert [number for span in spans for number in span] == list(range(plan[-1].processes))
    assert all(spans), "a pass without a process would be none"
    for look in plan:
        assert sum(map(len, spans[:look.passes])) == look.processes
    assert not range(*preset.span(plan[-1].passes, in_blocks)) and not range(*preset.span(99, in_blocks))


@pytest.mark.parametrize("name", ["quick", "wide", "full"])
def test_a_run_takes_everybody_in_three_passes_at_least(name):
    for plan in (PRESETS[name].looks, PRESETS[name].long_looks):
        assert plan[0].passes >= 3 and sum(1 - look.confidence for look in plan) <= 0.05 + 1e-9
        assert [look.passes for look in plan] == sorted({look.passes for look in plan})


def test_processes_that_do_not_divide_are_spread_evenly():
    uneven = replace(BRIEF, looks=(Look(10, 0.95, 3),))
    assert [len(range(*uneven.span(done, True))) for done in range(3)] == [3, 4, 3]


class Clock:
    """A second for each group."""

    def __init__(self):
        self.now = 0.0

    def monotonic(self):
        return self.now


def seconds(line):
    """What a line says is left."""
    found = re.search(r"about (?:(\d+) min )?(\d+) s left", line)
    return 60 * int(found[1] or 0) + int(found[2]) if found else 0


def test_time_left_counts_all_passes_and_falls_to_nothing(monkeypatch, capsys):
    clock = Clock()
    monkeypatch.setattr(progress, "time", clock)
    groups = [Group(tuple(replace(cell, parameters={"live": live}) for cell in group("fresh_heap", "slab_pool").cells), False)
              for live in range(4)]
    waiting, left = [(one, None) for one in groups], []
    with Progress(BRIEF) as shown:
        for number in range(5):
            some = waiting if number < 3 else waiting[:1]  # an interim analysis lets most of them go
            shown.enter(some, number)
            for one, _ in some:
                clock.now += 10.0
                shown.begin(one)
                shown.end(one, Outcome(one.name, {}))
                left.append(seconds(capsys.readouterr().err))
    assert left[3] > 2 * 40, "two passes and what is open after the analysis are still to come"
    assert left == sorted(left, reverse=True) and left[-1] == 0, left


def test_a_pass_that_asks_for_memory_too_weighs_more_in_the_first_pass():
    light, heavy = group("fresh_heap", "slab_pool"), group("fresh_heap", "slab_pool", memory=True)
    assert weight((heavy, None), BRIEF, 0) > weight((light, None), BRIEF, 0)
    assert weight((heavy, None), BRIEF, 1) == weight((light, None), BRIEF, 1)
    assert weight((light, ["one"]), BRIEF, 1) < weight((light, None), BRIEF, 1)
    assert weight((light, None), BRIEF, 5) == 0
