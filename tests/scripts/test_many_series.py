"""Charts of many strategies stay readable: every line has a label of its own, and who meet have looks of their own."""

import pytest
from suite.charts import palette, scaling
from suite.results.model import Cell, Interval


def line(strategy, nanoseconds):
    return [(size, Cell(id=f"w/live={size}/{strategy}@glibc", workload="w", parameters={"live": size}, group=f"w/live={size}",
                        strategy=strategy, allocator="glibc", family="layout", limit=False, twin=False, verdict="SLOWER",
                        reason="", median=Interval(nanoseconds), minimum=None, ratio=None)) for size in (10, 1000)]


@pytest.mark.parametrize("count", [3, 40])
def test_every_line_has_its_label_and_no_two_lie_on_one_another(count):
    names = [f"strategy_{number}" for number in range(count)]
    figure = scaling.draw({name: line(name, 10 + 0.001 * place) for place, name in enumerate(names)}, "live", "t", "w", [])
    labels = [text for axes in figure.axes for text in axes.texts if text.get_text().startswith("strategy_")]
    assert {text.get_text() for text in labels} == {f"{name}@glibc" for name in names}
    assert all(-0.1 < text.get_position()[1] < 1.1 for text in labels), "beside the chart, not above it"
    inches = sorted(text.get_position()[1] * figure.axes[0].get_position().height * figure.get_figheight() for text in labels)
    assert min(after - before for before, after in zip(inches, inches[1:])) > 0.13


def test_places_lie_within_the_shades_of_a_family():
    assert all(place < 10 for place in palette.ELSEWHERE.values())
    assert not palette.ELSEWHERE.keys() & {name for names in palette.KNOWN.values() for name in names}
    assert palette.mark("text_moved", "fresh") != palette.mark("text_reserved", "fresh")


def twins(description):
    """Strategies of one workload that have their places in the palette and yet one colour."""
    families = {one["name"]: one["family"] for one in description["strategies"]}
    found = []
    for workload in description["workloads"]:
        seen = {}
        for name in (one["name"] for one in workload["strategies"]):
            if name not in palette.SHADES:  # a place that the name decides, until somebody gives it one
                continue
            look = palette.mark(name, families[name]).colour
            if look in seen:
                found.append((workload["name"], name, seen[look]))
            seen[look] = name
    return found


def test_who_meet_in_a_workload_look_different():
    def described(*names):
        return {"strategies": [{"name": name, "family": "pool"} for name in names],
                "workloads": [{"name": "w", "strategies": [{"name": name} for name in names]}]}
    assert twins(described("weak_interner", "arena_interner", "sharded_interner")) == []
    assert twins(described("weak_interner", "plain_count")) == [("w", "plain_count", "weak_interner")]
