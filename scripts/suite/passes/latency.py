"""Single operations of each contender of a group, timed one by one in processes of their own, one process at a time."""

from suite import launch
from suite.passes import Asked


def measure(asked: Asked) -> None:
    """Every process of the group, in an order that is drawn anew each time round."""
    for _ in range(asked.launcher.preset.latency_processes):
        names = asked.names()
        asked.chance.shuffle(names)
        for name in names:
            layout = launch.draw(asked.chance)
            if asked.start(name, lambda n=name, at=layout: asked.launcher.latency(asked.cells[n], at)):
                event = asked.wait(name, lambda contender: contender.latency())
                if event is not None:
                    asked.records[name].latency.append(event)
                asked.end(name)
