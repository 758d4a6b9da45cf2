"""Our pools beside packaged pools and heaps: who is compared, what is said, and that losses stand first."""

from math import isclose

import pytest
from small_run import BASELINE, around, cell, run
from suite.analysis import samples
from suite.analysis.cell import of
from suite.history import packaged
from suite.history.past import Run


def made(strategy, ratio, **more):
    return cell(strategy, around(ratio, 0.01), ns=10 * ratio, **more)


def at(group, *cells):
    """The same cells at a point of their own."""
    return [one | {"group": group, "id": one["id"].replace("pair/bytes=64", group), "baseline": f"{group}/fresh_heap@glibc"}
            for one in cells]


def measured(*cells, **more):
    found = run(*cells, **more)
    families = {"fresh_heap": "fresh", "slow_peer": "peer", "fast_peer": "peer"}
    found["strategies"] = [{"name": name, "family": families.get(name, "pool")} for name in {one["strategy"] for one in found["cells"]}]
    return found


def only_row(*cells, **more):
    row, = packaged.rows(measured(*cells, **more))
    return row


OURS, SLOW, FAST = made("object_pool", 0.2), made("slow_peer", 0.8), made("fast_peer", 0.5)


def test_the_fastest_packaged_pool_counts_and_the_fastest_heap_stands_beside_it():
    elsewhere = made("fresh_heap", 0.4, id="pair/bytes=64/fresh_heap@mimalloc", allocator="mimalloc")
    row = only_row(OURS, SLOW, FAST, elsewhere, made("other_pool", 0.1))
    assert (row.packaged.name, row.packaged.verdict, row.heap.name) == ("fast_peer", "FASTER", "mimalloc")
    assert isclose(row.packaged.ratio.estimate, 0.4) and isclose(row.heap.ratio.estimate, 0.5)
    assert "| object_pool 2.00 | fast_peer 5.00 | 0.400× [0.400, 0.400] faster | mimalloc 4.00 | 0.500× " in packaged.line(row)


def test_the_baseline_can_be_the_fastest_heap_and_no_packaged_pool_has_to_be_there():
    row = only_row(OURS)
    assert row.packaged is None and row.heap.name == "glibc" and isclose(row.heap.ratio.estimate, 0.2, rel_tol=1e-3)
    assert "| – | – | glibc 10.0 |" in packaged.line(row)


@pytest.mark.parametrize("change", [
    {"id": "pair/bytes=64/fast_peer@glibc#twin"}, {"role": "limit"}, {"ns_per_op": None}, {"allocator": "bump"}])
def test_twins_limits_and_failed_cells_are_nobody_to_compare_with(change):
    assert only_row(OURS, SLOW, FAST | change).packaged.name == "slow_peer"


def test_with_threads_local_pool_is_ours():
    parameters = {"parameters": {"threads": 2}}
    cells = [made(name, ratio, **parameters) for name, ratio in (("object_pool", 0.1), ("local_pool", 0.3), ("fast_peer", 0.5))]
    row = only_row(*cells)
    assert row.ours == "local_pool" and isclose(row.packaged.ratio.estimate, 0.6)


@pytest.mark.parametrize("ratio, verdict", [(0.4, "FASTER"), (0.6, "SLOWER"), (0.5, "EQUIVALENT"), (0.511, "UNRESOLVED")])
def test_the_verdict_is_of_the_interval_under_the_margin(ratio, verdict):
    spread = cell("object_pool", around(ratio, 0.015))
    assert only_row(spread, cell("fast_peer", [0.5] * 17), margin=0.02).packaged.verdict == verdict


def test_a_margin_of_the_cell_is_kept():
    assert only_row(made("object_pool", 0.47), FAST).packaged.verdict == "FASTER"
    assert only_row(made("object_pool", 0.47, margin=0.1), FAST).packaged.verdict != "FASTER"


@pytest.mark.parametrize("doubtful", [0, 1])
def test_what_the_run_does_not_claim_is_not_claimed_here(doubtful):
    cells = [OURS, FAST]
    cells[doubtful] = cells[doubtful] | {"verdict": "NOT CITABLE", "reason": "a noisy hour"}
    row = only_row(*cells)
    assert row.packaged.verdict == "NOT CITABLE" and packaged.line(row).count("not citable") >= 1


def test_losses_stand_first_and_what_is_not_citable_last():
    points = {"lost/a=1": 0.7, "lost/a=2": 0.9, "won/a=1": 0.2, "won/a=2": 0.4, "level/a=1": 0.5}
    cells = [one for group, ratio in points.items() for one in at(group, made("fresh_heap", 1.0), made("object_pool", ratio), FAST)]
    doubtful = at("doubt/a=1", made("fresh_heap", 1.0), made("object_pool", 0.45, verdict="NOT CITABLE"), FAST)
    found = measured(*cells, *doubtful)
    assert [row.point for row in packaged.rows(found)] == ["lost/a=2", "lost/a=1", "level/a=1", "won/a=2", "won/a=1", "doubt/a=1"]
    text = packaged.section([Run("one", found)], "../runs")
    assert "](../runs/one/report.md)" in text and "6 points, 2 of them lost to a packaged pool or a heap." in text


def test_only_processes_that_measured_both_count():
    fewer = FAST | {"samples": FAST["samples"][:3]}
    found = samples.paired_ratio(of(OURS), of(fewer))
    assert isclose(found.estimate, 0.4) and found.low is None  # three processes give no interval
    assert only_row(OURS, fewer).packaged.verdict == "NOT CITABLE"
    assert samples.paired_ratio(of(OURS), of(FAST | {"samples": []})) is None


def test_a_baseline_is_one_by_definition():
    baseline = cell("fresh_heap", [1.0] * 17, id=BASELINE)
    assert isclose(samples.paired_ratio(of(OURS), of(baseline)).estimate, 0.2, rel_tol=1e-3)


def test_everybody_who_keeps_the_same_promises_and_is_faster_is_a_loss_the_largest_first():
    found = measured(made("object_pool", 0.5), made("fast_peer", 0.4), made("sister_pool", 0.25), made("as_fast", 0.498),
                     made("slower_pool", 0.6), made("arena", 0.1), made("fixed_slots", 0.1), made("limit_pool", 0.1, role="limit"))
    for entry in found["strategies"]:
        entry["family"] = {"fast_peer": "peer", "fresh_heap": "fresh", "arena": "pool"}.get(entry["name"], "free_list")
        entry["summary"] = "fixed slots; a list of free ones" if entry["name"] == "fixed_slots" else "a list"
    assert [(loss.rival.name, loss.rival.verdict) for loss in packaged.losses(found)] == [("sister_pool", "SLOWER"), ("fast_peer", "SLOWER")]
    assert packaged.loss_line(packaged.losses(found)[0]) == (
        "| pair/bytes=64 | object_pool 5.00 | sister_pool 2.50 | 2.00× [2.00, 2.00] slower |")


def test_a_loss_that_is_not_settled_stands_last_and_a_point_without_ours_has_none():
    spread = cell("object_pool", around(0.511, 0.015))
    found = measured(spread, cell("fast_peer", [0.5] * 17), cell("sister_pool", [0.25] * 17), margin=0.02)
    for entry in found["strategies"]:
        entry["family"] = "free_list"
    assert [loss.rival.verdict for loss in packaged.losses(found)] == ["SLOWER", "UNRESOLVED"]
    assert packaged.losses(measured(made("sister_pool", 0.2), made("fast_peer", 0.4))) == []


def test_what_an_option_costs_is_a_column_and_the_option_is_no_rival_of_its_own_pool():
    found = measured(OURS, made("object_pool_fast_checks", 0.3), made("object_pool_trims_itself", 0.1), FAST)
    for entry in found["strategies"]:
        entry["family"] = "fresh" if entry["name"] == "fresh_heap" else "free_list"
    header, _, line, _ = packaged.prices(found)[2:]
    assert header == "| point | object_pool, ns | object_pool_fast_checks | object_pool_trims_itself |"
    assert line.startswith("| pair/bytes=64 | 2.00 | 1.50×") and "| 0.500×" in line
    assert "object_pool_trims_itself" not in {loss.rival.name for loss in packaged.losses(found)}
    assert line in packaged.section([Run("one", found)], "../runs")
    assert packaged.prices(measured(OURS, FAST)) == []


def test_the_run_with_the_most_points_counts_and_of_several_the_newest():
    small = Run("small", measured(OURS, FAST))
    large = Run("large", measured(OURS, FAST, *at("churn/live=10", OURS, FAST)))
    assert packaged.widest_run([small, large]) is large
    assert packaged.widest_run([large, Run("older", large.measured)]) is large
