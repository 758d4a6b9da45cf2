"""The Williams design: positions and predecessors are balanced, and the order follows from the seed."""

import random
from collections import Counter

import pytest
from driver import ROOT  # noqa: F401
from suite.measure.rounds import block_orders, williams


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
