"""In which order the token goes round: a Williams design, its labels shuffled per block from the recorded seed.

In one cycle each contender stands once (twice when their number is odd) in each position and follows each other one
equally often, so neither position nor predecessor favours anyone.
"""

import random


def williams(size: int) -> list[list[int]]:
    """The rows of the design over 0..size-1: `size` rows when even, twice as many when odd."""
    if size < 2:
        return [list(range(size))]
    zigzag = [0]
    for step in range(1, size):
        zigzag.append((step + 1) // 2 if step % 2 else size - step // 2)
    rows = [[(label + shift) % size for label in zigzag] for shift in range(size)]
    if size % 2:
        rows += [row[::-1] for row in rows]
    return rows


def block_orders(labels: list[str], rounds: int, chance: random.Random) -> list[list[str]]:
    """One order per round for one block."""
    shuffled = labels[:]
    chance.shuffle(shuffled)
    rows = williams(len(shuffled))
    return [[shuffled[label] for label in rows[number % len(rows)]] for number in range(rounds)]
