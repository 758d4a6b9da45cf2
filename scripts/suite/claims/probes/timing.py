"""How a line is timed: compiled into a loop of its own, unrolled, in rounds that visit every row in turn.

The empty loop is a row like any other and is subtracted from none: what a loop costs stands beside what is in it. Time
is the processor's, of this thread, because a neighbour that takes the processor away is not what is asked about.
"""

import gc
import random
import statistics
import time

UNROLL = 8
ROWS = []
CPU = getattr(time, "thread_time", time.process_time)
LOOP = """def timed(count, clock{names}):
    {setup}
    turns = range(count)
    begin = clock()
    for _ in turns:
        {body}
    end = clock()
    {after}
    return end - begin"""


class Row:
    """A line, what is made ready before each round, and how many operations the line stands for."""

    def __init__(self, name, line, setup="pass", after="pass", operations=1, once=False, **names):
        self.name, self.operations, self.once, self.count = name, operations, once, 1
        self.unroll = 1 if once or operations > 1 else UNROLL
        source = LOOP.format(names="".join(", %s=%s" % (key, key) for key in names),
                             setup=setup.replace("\n", "\n    "),
                             body="\n        ".join([line] * self.unroll), after=after)
        space = dict(names)
        exec(compile(source, "<%s>" % name, "exec"), space)
        self.timed = space["timed"]

    def round(self):
        """Nanoseconds for one operation, in one round."""
        return self.timed(self.count, CPU) * 1e9 / (self.count * self.unroll * self.operations)

    def calibrate(self, seconds):
        """Chooses how often the line runs in a round; what is used up by running runs once."""
        while not self.once and self.count < 1 << 24 and self.timed(self.count, CPU) < seconds:
            self.count *= 2


def row(name, line, setup="pass", **more):
    """Adds a row to the list."""
    ROWS.append((name, line, setup, more))


def measure(rounds=11, seconds=0.0008, seed=0):
    """The median of each row over the rounds, in nanoseconds, and why a row has none."""
    gc.disable()
    getattr(gc, "freeze", gc.collect)()  # what this program itself holds is no part of what a collection costs
    rows, failed = [], {}
    for name, line, setup, more in ROWS:
        try:
            rows.append(Row(name, line, setup, **more))
            rows[-1].calibrate(seconds)
        except Exception as failure:
            failed[name] = "%s: %s" % (type(failure).__name__, failure)
            rows = [each for each in rows if each.name != name]
    samples, order = {each.name: [] for each in rows}, random.Random(seed)
    for _ in range(rounds):
        order.shuffle(rows)
        for each in rows:
            try:
                samples[each.name].append(each.round())
            except Exception as failure:
                failed[each.name] = "%s: %s" % (type(failure).__name__, failure)
        gc.collect()
    gc.enable()
    return {name: statistics.median(found) for name, found in samples.items() if found and name not in failed}, failed
