"""What a page says in sentences. Findings: an interval with every claim, and no claim without a verdict that carries it. The answer on one
screen: five lines from citable cells, each with its figures and with when it does not pay."""

from __future__ import annotations

import copy
import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import sample_results
from suite import report
from suite.base.errors import UserError
from suite.report import answers, comparisons, findings
from suite.results import model, wording

FAMILIES = {"fresh_heap": "fresh", "object_pool": "pool", "slab_pool": "free_list", "fresh_box": "fresh", "my_pool": "pool",
            "boxed_int_table": "singleton", "unordered_map": "layout", "slotted": "layout", "arena": "pool"}
FAST, SLOW, SAME = (0.25, 0.24, 0.26, "FASTER"), (1.5, 1.4, 1.6, "SLOWER"), (1.0, 0.99, 1.01, "EQUIVALENT")


def cell(group: str, name: str, ratio: tuple = (1.0, 1.0, 1.0, "BASELINE"), **more: object) -> dict:
    """A cell of 100 ns at its baseline; `name` is strategy@allocator."""
    value, low, high, verdict = ratio
    strategy, allocator = name.split("@")
    workload, text = group.split("/")
    base = {"pair": "fresh_heap", "churn": "fresh_heap", "boxed_integers": "fresh_box", "object_layout": "unordered_map",
            "pooled_reuse": "fresh_heap", "own": "fresh_heap", "build": "fresh_heap"}[workload]
    return {"id": f"{group}/{name}", "group": group, "workload": workload, "strategy": strategy, "allocator": allocator,
            "parameters": dict(part.split("=") for part in text.split(",")), "baseline": f"{group}/{base}@glibc",
            "role": "contender", "verdict": verdict, "reason": "", "memory": None, "notes": [],
            "ns_per_op": {"median": 100 * value, "low": 99 * value, "high": 101 * value, "minimum": 90 * value},
            "ratio": {"estimate": value, "low": low, "high": high},
            "samples": [{"process": i, "ratio": value * (1 + 0.001 * (i % 3 - 1))} for i in range(12)]} | more


def run(*cells: dict, **calibration: object) -> model.Results:
    return model.load({
        "cells": list(cells), "allocators": [{"name": "glibc"}, {"name": "mimalloc"}],
        "strategies": [{"name": name, "family": family} for name, family in FAMILIES.items()],
        "workloads": [{"name": one} for one in dict.fromkeys(one["workload"] for one in cells)],
        "calibration": {"quality": "SOUND", "effective_margin": 0.02} | calibration})


def answer(name: str, *cells: dict, **calibration: object) -> answers.Answer:
    place = [one.name for one in comparisons.every()].index(name)
    return answers.of(run(*cells, **calibration))[place]


def test_people_s_words_come_first_and_the_ratio_with_its_interval_behind() -> None:
    found = answer("pool", cell("pair/bytes=64", "fresh_heap@glibc"), cell("pair/bytes=64", "object_pool@glibc", FAST))
    assert found.short == "Yes, object_pool: 4.0 times as fast (3.85 to 4.17)"
    assert found.figures == "25.0 ns instead of 100 ns, 0.250× [0.240, 0.260]"


@pytest.mark.parametrize(("ratio", "said"), [
    (SLOW, "No, object_pool: 1.5 times the time (1.40 to 1.60)"), (SAME, "It does not matter, object_pool: no difference within 2 %"),
    ((1.1, 1.01, 1.2, "UNRESOLVED"), "Not decided, object_pool: 1.10 times the time (1.010 to 1.20), not shown to exceed the margin"),
    ((1.0, 0.8, 1.25, "UNRESOLVED"), "Not decided, object_pool: between 1.2 times as fast and 1.2 times the time")])
def test_what_is_not_faster_is_said_as_plainly(ratio: tuple, said: str) -> None:
    found = answer("pool", cell("pair/bytes=64", "fresh_heap@glibc"), cell("pair/bytes=64", "object_pool@glibc", ratio))
    assert found.short == said


def test_what_a_correction_takes_back_is_only_likely() -> None:
    found = answer("pool", cell("pair/bytes=64", "fresh_heap@glibc"), cell("pair/bytes=64", "object_pool@glibc", FAST, adjusted=False))
    assert found.short == "Likely, object_pool: 4.0 times as fast (3.85 to 4.17); not after correcting for several comparisons"


def test_a_point_that_does_not_ask_the_question_does_not_answer_it() -> None:
    found = answer("singleton", cell("boxed_integers/small_percent=0", "fresh_box@glibc"),
                   cell("boxed_integers/small_percent=0", "boxed_int_table@glibc", SLOW))
    assert not found.answered


def test_the_recommended_pool_answers_and_the_fastest_other_stands_beside_it() -> None:
    found = answer("pool", cell("pair/bytes=64", "fresh_heap@glibc"), cell("pair/bytes=64", "object_pool@glibc", FAST),
                   cell("pair/bytes=64", "slab_pool@glibc", (0.1, 0.09, 0.11, "FASTER")),
                   cell("pair/bytes=64", "arena@glibc", (0.01, 0.009, 0.011, "FASTER")))
    assert found.cell.strategy == "object_pool" and found.beside == "slab_pool 10.0 ns"


def test_a_cell_that_is_not_citable_answers_nothing_and_the_next_point_does() -> None:
    first = cell("churn/live=100000,bytes=64", "object_pool@glibc", FAST, citable=False, reason="drifted")
    base = cell("churn/live=100000,bytes=64", "fresh_heap@glibc")
    alone = answer("pool", base, first)
    assert not alone.answered and alone.short == "This run cannot answer it: none of its 1 cell of the kind is citable: drifted."
    both = answer("pool", base, first, cell("pair/bytes=64", "fresh_heap@glibc"), cell("pair/bytes=64", "object_pool@glibc", FAST))
    assert both.cell.workload == "pair"


def test_the_point_is_chosen_before_its_result_is_known() -> None:
    found = answer("pool", cell("pair/bytes=64", "fresh_heap@glibc"), cell("pair/bytes=64", "object_pool@glibc", FAST),
                   cell("churn/live=100000,bytes=64", "fresh_heap@glibc"),
                   cell("churn/live=100000,bytes=64", "object_pool@glibc", SLOW))
    assert found.short.startswith("No, object_pool")


def test_what_was_not_asked_names_the_workload_that_asks_it() -> None:
    found = answer("layout", cell("pair/bytes=64", "fresh_heap@glibc"), cell("pair/bytes=64", "object_pool@glibc", FAST))
    assert "measured nothing of the kind" in found.short and "--workload object_layout" in found.short


def test_a_workload_that_nobody_listed_answers_where_no_listed_one_was_run() -> None:
    found = answer("pool", cell("own/live=10", "fresh_heap@glibc"), cell("own/live=10", "my_pool@glibc", FAST))
    assert found.short.startswith("Yes, my_pool") and found.where == "own, 10 live objects"


def test_when_it_does_not_pay_names_the_worst_point() -> None:
    cells = [one for bytes_, ratio in ((64, FAST), (16, SLOW), (256, (1.2, 1.1, 1.3, "SLOWER")), (4096, SAME))
             for one in (cell(f"pair/bytes={bytes_}", "fresh_heap@glibc"), cell(f"pair/bytes={bytes_}", "object_pool@glibc", ratio))]
    assert answer("pool", *cells).loses == (
        "slower in 2 of 4 comparisons, at most 1.5 times the time (1.40 to 1.60) in pair (16 bytes each); "
        "no difference in 1 of 4 comparisons")


def test_that_it_never_lost_is_said_only_where_every_point_is_decided() -> None:
    won = [cell("pair/bytes=64", "fresh_heap@glibc"), cell("pair/bytes=64", "object_pool@glibc", FAST)]
    open_ones = [cell("pair/bytes=16", "fresh_heap@glibc"),
                 cell("pair/bytes=16", "object_pool@glibc", (1.0, 0.8, 1.2, "UNRESOLVED"))]
    assert answer("pool", *won).loses == "in this run it never lost (1 comparison)"
    assert answer("pool", *won, *open_ones).loses == "it never lost where this run can tell (1 of 2 comparisons)"


def test_more_memory_is_a_price_and_less_is_none() -> None:
    def of(resident: float) -> str:
        memory = {"rss_bytes_per_object": resident, "rss_low": resident, "rss_high": resident}
        base = {"rss_bytes_per_object": 80.0, "rss_low": 79.0, "rss_high": 81.0}
        return answer("pool", cell("pair/bytes=64", "fresh_heap@glibc", memory=base),
                      cell("pair/bytes=64", "object_pool@glibc", FAST, memory=memory)).loses
    assert of(128.0) == "more memory here, at most 128 bytes an object instead of 80.0 in pair (64 bytes each)"
    assert "memory" not in of(64.0)


def test_a_pool_on_another_heap_is_held_against_that_heap_and_against_the_pool_below() -> None:
    group = "pooled_reuse/pool=kept"
    found = answer("both", cell(group, "fresh_heap@glibc"), cell(group, "fresh_heap@mimalloc", (0.5, 0.49, 0.51, "FASTER")),
                   cell(group, "object_pool@glibc", FAST), cell(group, "object_pool@mimalloc", FAST))
    assert found.short.startswith("object_pool on mimalloc: 2.0 times as fast as mimalloc alone (")
    assert found.short.endswith("no different from the pool on glibc")
    assert found.beside == "object_pool on glibc 25.0 ns, fresh_heap on mimalloc 50.0 ns" or \
        found.beside == "fresh_heap on mimalloc 50.0 ns, object_pool on glibc 25.0 ns"


def test_the_ratio_beside_a_busy_sibling_is_a_second_figure() -> None:
    shared = {"ratio": {"estimate": 0.2, "low": 0.19, "high": 0.21}, "processes": 6, "rounds": 40}
    found = answer("pool", cell("pair/bytes=64", "fresh_heap@glibc"), cell("pair/bytes=64", "object_pool@glibc", FAST, shared=shared))
    assert found.shared == "Beside a busy sibling: 5.0 times as fast (4.76 to 5.26), 0.200× [0.190, 0.210]"


def test_an_invalid_run_answers_none_of_them() -> None:
    cells = [cell("pair/bytes=64", "fresh_heap@glibc"), cell("pair/bytes=64", "object_pool@glibc", FAST)]
    assert {one.short for one in answers.of(run(*cells, quality="INVALID"))} == {"This run cannot answer it: the run is INVALID."}


@pytest.mark.parametrize("spoil", [lambda path: path.write_text("[]"), lambda path: path.write_text('{"comparisons": [{}]}'),
                                   lambda path: None])
def test_a_spoiled_list_of_comparisons_is_one_line(spoil: Callable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spoil(tmp_path / "headlines.json")
    monkeypatch.setattr(comparisons, "HEADLINES", tmp_path / "headlines.json")
    with pytest.raises(UserError, match="restore it from the repository"):
        comparisons.every()


def test_the_first_screen_has_a_chart_for_each_answer_and_no_other() -> None:
    pages = sample_results.pages()
    text = (pages / "report.html").read_text(encoding="utf-8")
    head = text[:text.index("<main>")]
    answered = [one for one in answers.of(model.load(sample_results.build())) if one.answered]
    assert len(answered) >= 4 and head.count("<svg") == len(answered)
    plain = (pages / "report.md").read_text(encoding="utf-8")
    for one in answered:
        assert one.chart.name in head and f"charts/{one.chart.name}.svg" in plain


@pytest.mark.parametrize(("value", "said"), [
    (0.243, "4.1 times as fast"), (1.3, "1.3 times the time"), (0.98, "1.020 times as fast"), (0.09, "11 times as fast"),
    (0.1001, "10 times as fast"), (0.87, "1.15 times as fast"), (131.0, "131 times the time")])
def test_a_ratio_in_people_s_words(value: float, said: str) -> None:
    assert wording.brief(model.Interval(value)) == said


def test_only_a_part_of_a_run_still_gives_pages(tmp_path: Path) -> None:
    raw = copy.deepcopy(sample_results.build())
    raw["cells"] = [one for one in raw["cells"] if one["workload"] == "pair"]
    raw["controls"] = []
    report.write(raw, tmp_path)
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert text.count("This run cannot answer it: it measured nothing of the kind") >= 2


@pytest.fixture(scope="module")
def raw() -> dict:
    return sample_results.build()


def _states(raw: dict) -> list[findings.Finding]:
    results = model.load(raw)
    return [findings.of_workload(results, workload) for workload in results.workloads]


def _one_group(raw: dict, **changes) -> dict:
    """The first group with nothing but its baseline and one contender, changed."""
    small = copy.deepcopy(raw)
    group = small["cells"][0]["group"]
    cells = [cell for cell in small["cells"] if cell["group"] == group]
    small["cells"] = [cells[0], cells[7] | {"reason": "", "notes": []} | changes]
    return small


def test_a_smoke_run_claims_nothing() -> None:
    for line in report.summary(sample_results.smoke()):
        assert "faster" not in line and "takes" not in line and "▲" not in line


def test_a_finding_carries_its_interval(raw: dict) -> None:
    for finding in _states(raw):
        if finding.best:
            assert wording.ratio_interval(finding.best.ratio) in finding.answer


def test_an_unresolved_finding_is_neither_equal_nor_a_winner(raw: dict) -> None:
    small = _one_group(raw, verdict="UNRESOLVED", ratio={"estimate": 0.97, "low": 0.9, "high": 1.05})
    (finding,) = _states(small)
    assert finding.state == model.UNRESOLVED and "does not settle" in finding.answer
    assert not re.search(r"equal|same|no difference|faster|winner", finding.answer)
    assert not any("Yes" in line for line in report.summary(small))


def test_an_interval_that_crosses_one_is_no_finding_whatever_its_verdict(raw: dict) -> None:
    small = _one_group(raw, verdict="FASTER", ratio={"estimate": 0.8, "low": 0.6, "high": 1.02})
    assert _states(small)[0].state == model.UNRESOLVED


def test_an_equivalent_finding_names_the_margin(raw: dict) -> None:
    small = _one_group(raw, verdict="EQUIVALENT", ratio={"estimate": 1.001, "low": 0.995, "high": 1.006})
    (finding,) = _states(small)
    assert "no difference within 2 %" in finding.answer and "[0.995, 1.006]" in finding.answer


def test_slower_contenders_leave_the_baseline_standing(raw: dict) -> None:
    small = _one_group(raw, verdict="SLOWER", ratio={"estimate": 1.4, "low": 1.3, "high": 1.5})
    (finding,) = _states(small)
    assert finding.state == model.SLOWER and "slower than fresh_heap on glibc" in finding.answer
    assert "takes 1.4 times the time (1.30 to 1.50), 1.40× [1.30, 1.50]" in finding.answer


def test_a_limit_row_is_never_advised(raw: dict) -> None:
    for finding in _states(raw):
        assert finding.best is None or not finding.best.limit
        assert "bump" not in finding.answer and "empty_loop" not in finding.answer
    assert not any("bump" in line for line in report.summary(raw))


def test_an_invalid_run_answers_nothing(raw: dict) -> None:
    bad = copy.deepcopy(raw)
    bad["calibration"] |= {"quality": "INVALID", "reasons": ["A/A called itself different"]}
    assert report.summary(bad)[0].startswith("Not answered: this run is INVALID")
    assert all(finding.best is None for finding in _states(bad))
    assert not {cell.verdict for cell in model.load(bad).cells} & set(model.SETTLED)


def test_an_older_exploratory_run_keeps_its_badge(raw: dict) -> None:
    rough = copy.deepcopy(raw)
    rough["calibration"]["quality"] = "EXPLORATORY"
    assert any(line.startswith("EXPLORATORY, ") and "cells citable" in line for line in report.summary(rough))


def test_a_run_of_nothing_but_controls_says_that_it_asked_nothing(raw: dict) -> None:
    only = raw | {"cells": [cell for cell in raw["cells"] if cell["workload"] == "control"]}
    assert "asked no question" in report.summary(only)[0]
    assert "measured nothing" in report.summary(only | {"cells": [], "controls": []})[0]
