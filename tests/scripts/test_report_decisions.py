"""What the decision page advises: from verdicts only, the simplest of those that cannot be told apart, or the default."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))

import sample_results  # noqa: E402
from suite.report import decisions, decisions_page, sentences  # noqa: E402
from suite.results import model, selection  # noqa: E402

BASE = {"strategy": "fresh_heap", "verdict": "BASELINE", "ratio": (1.0, 1.0, 1.0)}
FAMILIES = {"fresh_heap": "fresh", "slab_pool": "free_list", "stack_pool": "free_list", "boost_pool": "peer",
            "std_pmr_pool": "peer", "arena": "pool"}


def _cell(live: int, strategy: str, ratio: tuple[float, float, float], verdict: str, allocator: str = "glibc",
          **changes) -> dict:
    value, low, high = ratio
    return {"id": f"w/live={live}/{strategy}@{allocator}", "workload": "w", "parameters": {"live": live},
            "group": f"w/live={live}", "baseline": f"w/live={live}/fresh_heap@glibc", "strategy": strategy,
            "allocator": allocator, "role": "contender", "verdict": verdict, "reason": "",
            "ns_per_op": {"median": 20 * value, "minimum": 19 * value, "low": 19 * value, "high": 21 * value},
            "ratio": {"estimate": value, "low": low, "high": high}, "memory": None, "samples": []} | changes


def _results(*cells: dict, quality: str = "CITABLE") -> model.Results:
    lives = dict.fromkeys(cell["parameters"]["live"] for cell in cells)
    return model.load({
        "allocators": [{"name": "glibc"}], "workloads": [{"name": "w"}],
        "strategies": [{"name": name, "family": family} for name, family in FAMILIES.items()],
        "calibration": {"floor": 0.01, "effective_margin": 0.02, "quality": quality, "reasons": []},
        "cells": [*(_cell(live, **BASE) for live in lives), *cells]})


def _decide(*cells: dict, **changes) -> decisions.Decision:
    (found,) = decisions.of_workload(_results(*cells, **changes), "w")
    return found


def test_a_settled_contender_is_taken() -> None:
    found = _decide(_cell(10, "slab_pool", (0.5, 0.49, 0.51), "FASTER"))
    assert (found.state, found.pick.contender) == (decisions.TAKE, "slab_pool@glibc")


def test_an_unresolved_contender_never_wins() -> None:
    found = _decide(_cell(10, "slab_pool", (0.5, 0.2, 1.1), "UNRESOLVED"))
    assert found.state == decisions.OPEN and found.pick is None and "not settled" in found.why


def test_what_does_not_hold_over_all_comparisons_is_not_taken() -> None:
    found = _decide(_cell(10, "slab_pool", (0.9, 0.85, 0.95), "FASTER", adjusted=False))
    assert found.state == decisions.OPEN and found.pick is None
    assert _decide(_cell(10, "slab_pool", (0.9, 0.85, 0.95), "FASTER", adjusted=True)).state == decisions.TAKE


def test_an_equivalent_contender_leaves_the_default() -> None:
    found = _decide(_cell(10, "slab_pool", (1.0, 0.99, 1.01), "EQUIVALENT"),
                    _cell(10, "boost_pool", (2, 1.9, 2.1), "SLOWER"))
    assert found.state == decisions.KEEP and "1 equivalent, 1 slower" in found.why


def test_a_verdict_that_its_interval_does_not_carry_is_no_advice() -> None:
    assert _decide(_cell(10, "slab_pool", (0.5, 0.2, 1.1), "FASTER")).state == decisions.OPEN


def test_an_open_row_that_cannot_be_faster_does_not_keep_the_question_open() -> None:
    found = _decide(_cell(10, "slab_pool", (1.1, 1.0, 1.3), "UNRESOLVED"),
                    _cell(10, "boost_pool", (2, 1.9, 2.1), "SLOWER"))
    assert found.state == decisions.KEEP


def test_limit_rows_planted_rows_and_never_freeing_heaps_are_no_advice() -> None:
    quick = (0.1, 0.09, 0.11)
    results = _results(_cell(10, "slab_pool", quick, "FASTER", role="limit"),
                       _cell(10, "boost_pool", quick, "FASTER", "bump"))
    (found,) = decisions.of_workload(results, "w")
    assert found.state == decisions.NONE and found.pick is None


def test_an_arena_stands_aside_with_its_condition() -> None:
    found = _decide(_cell(10, "arena", (0.1, 0.09, 0.11), "FASTER"),
                    _cell(10, "slab_pool", (0.5, 0.49, 0.51), "FASTER"))
    assert found.pick.strategy == "slab_pool" and found.together.strategy == "arena"
    (sentence,) = sentences.of(decisions.arrange("w", [found]))
    assert "Only where all objects end together: arena on glibc" in sentence


@pytest.mark.parametrize(("near", "taken"), [
    (("boost_pool", "glibc"), "slab_pool@glibc"),       # another library, and not told apart
    (("slab_pool", "mimalloc"), "slab_pool@glibc"),     # another heap, and not told apart
    (("stack_pool", "glibc"), "stack_pool@glibc"),  # asks as little, and ends lower
])
def test_the_simplest_of_those_that_overlap_is_named(near: tuple[str, str], taken: str) -> None:
    found = _decide(_cell(10, near[0], (0.48, 0.47, 0.495), "FASTER", near[1]),
                    _cell(10, "slab_pool", (0.5, 0.49, 0.51), "FASTER"))
    assert found.pick.contender == taken and len(found.near) == 1


def test_a_real_gap_beats_simplicity() -> None:
    found = _decide(_cell(10, "boost_pool", (0.3, 0.29, 0.31), "FASTER"),
                    _cell(10, "slab_pool", (0.5, 0.49, 0.51), "FASTER"))
    assert found.pick.strategy == "boost_pool" and found.near == ()


def test_what_ships_with_the_compiler_is_no_dependency() -> None:
    results = _results(_cell(10, "std_pmr_pool", (0.5, 0.49, 0.51), "FASTER"))
    baseline, pmr = results.cells
    assert selection.asks(pmr, baseline) == (0, 1)


def test_an_invalid_run_advises_nothing() -> None:
    found = _decide(_cell(10, "slab_pool", (0.5, 0.49, 0.51), "FASTER"), quality="INVALID")
    assert found.state == decisions.NONE and found.pick is None


def test_the_size_below_which_it_does_not_matter_is_said() -> None:
    results = _results(_cell(10, "slab_pool", (1.0, 0.99, 1.01), "EQUIVALENT"),
                       _cell(100, "slab_pool", (0.5, 0.49, 0.51), "FASTER"),
                       _cell(1000, "slab_pool", (0.3, 0.29, 0.31), "FASTER"))
    said = sentences.of(decisions.arrange("w", decisions.of_workload(results, "w")))
    assert said[0].startswith("For 10 live objects, one thread: up to there it does not matter, keep fresh_heap on glibc")
    assert said[1] == ("For 100 and 1,000 live objects, one thread: take slab_pool on glibc; it is 2.0 times as fast "
                       "(at 100 live objects: 10.0 ns instead of 20.0; 0.500× [0.490, 0.510]) to 3.3 times as fast (at 1,000 live "
                       "objects: 6.00 ns instead of 20.0; 0.300× [0.290, 0.310]) as fresh_heap on glibc.")


def test_advice_does_not_flip_where_one_contender_serves_a_whole_stretch() -> None:
    results = _results(_cell(10, "slab_pool", (0.5, 0.49, 0.51), "FASTER"),
                       _cell(10, "stack_pool", (0.5, 0.48, 0.52), "FASTER"),
                       _cell(100, "slab_pool", (0.5, 0.48, 0.52), "FASTER"),
                       _cell(100, "stack_pool", (0.3, 0.29, 0.31), "FASTER"))
    found = decisions.arrange("w", decisions.of_workload(results, "w")).decisions
    assert [one.pick.strategy for one in found] == ["stack_pool", "stack_pool"]
    assert found[0].near[0].strategy == "slab_pool"


FAST, EQUAL = ((0.5, 0.49, 0.51), "FASTER"), ((1.0, 0.99, 1.01), "EQUIVALENT")


def _said(*cells: dict) -> str:
    (sentence,) = sentences.of(decisions.arrange("w", decisions.of_workload(_results(*cells), "w")))
    return sentence


def test_a_sentence_names_each_point_that_was_measured_and_no_range() -> None:
    said = _said(*(_cell(live, "slab_pool", *FAST) for live in (10, 100, 1000)))
    assert said.startswith("For 10, 100 and 1,000 live objects") and "From" not in said


def test_a_caveat_of_one_point_is_told_with_its_point_and_one_of_all_once() -> None:
    said = _said(_cell(10, "slab_pool", *FAST, notes=["two modes", "seen everywhere"]),
                 _cell(100, "slab_pool", *FAST, notes=["seen everywhere"]))
    assert said.endswith(" Note: two modes (at 10 live objects); seen everywhere.")
    kept = [_cell(live, "slab_pool", *EQUAL) for live in (10, 100)]
    results = _results(*kept)
    assert "Note: " not in _said(*kept)
    default = model.load({**results.raw, "cells": [{**cell, "notes": ["drifts"]} if cell["id"] == "w/live=10/fresh_heap@glibc"
                                                  else cell for cell in results.raw["cells"]]})
    (sentence,) = sentences.of(decisions.arrange("w", decisions.of_workload(default, "w")))
    assert "Note: of fresh_heap on glibc: drifts (at 10 live objects)." in sentence


def test_what_is_as_good_or_open_or_faster_at_one_point_is_told_with_it() -> None:
    said = _said(_cell(10, "slab_pool", *FAST), _cell(10, "boost_pool", (0.9, 0.8, 1.1), "UNRESOLVED"),
                 _cell(100, "slab_pool", *FAST), _cell(100, "stack_pool", (0.5, 0.48, 0.52), "FASTER"),
                 _cell(100, "arena", (0.1, 0.09, 0.11), "FASTER"))
    assert "Not distinguishable by these intervals: stack_pool on glibc (at 100 live objects)." in said
    assert "Beside it: 1 contender not settled (at 10 live objects)." in said
    assert "end together: arena on glibc, 0.100× [0.0900, 0.110] (at 100 live objects)." in said


def test_reasons_that_differ_between_points_are_all_told() -> None:
    said = _said(_cell(10, "slab_pool", *EQUAL), _cell(100, "slab_pool", *EQUAL), _cell(100, "boost_pool", (2, 1.9, 2.1), "SLOWER"))
    assert said.endswith("nothing is faster by more than 2 %: 1 equivalent (at 10 live objects); 1 equivalent, 1 slower (at 100 "
                         "live objects).")


def test_a_line_of_the_table_has_the_caveats_too() -> None:
    found = _decide(_cell(10, "slab_pool", *FAST, notes=["two modes"]))
    assert decisions_page.why(found) == "▲ faster; two modes"
    kept = _decide(_cell(10, "slab_pool", *EQUAL), _cell(10, "arena", *FAST))
    assert "if all end together: arena on glibc" in decisions_page.why(kept)


def test_every_taken_line_of_a_run_stands_on_its_verdict() -> None:
    results = model.load(sample_results.build())
    every = [one for workload in results.workloads for one in
             decisions.arrange(workload["name"], decisions.of_workload(results, workload["name"])).decisions]
    taken = [one for one in every if one.state == decisions.TAKE]
    assert taken and all(one.pick.verdict == model.FASTER and one.pick.holds and not one.pick.limit
                         and one.pick.ratio.high < 1 and not selection.at_once(one.pick) for one in taken)


def test_each_line_of_the_page_fits_its_table() -> None:
    from suite.report import content
    plain = decisions_page.render(content.of(model.load(sample_results.build()), drawn=False))
    assert plain.startswith("<!-- generated: scripts/poolmark report") and "<script" not in plain
    assert {line.replace("\\|", "").count("|") for line in plain.splitlines() if line.startswith("|")} == {7}
