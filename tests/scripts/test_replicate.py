"""Whether runs repeat one another: what is counted, what is left out, what is refused, and where the bar lies."""

from dataclasses import replace

import pytest
from small_run import HOSTILE, around, cell, missing, run, witnessed, write
from suite import cli
from suite.analysis.cell import of
from suite.analysis.statistics import Interval
from suite.compare import identity, replicate as page, replicate as pairs
from suite.results import citable, run_regime

PAIR = "pair/bytes=64/slab_pool@glibc"


def slab(ratio, verdict="FASTER", spread=0.01, name="slab_pool", **more):
    return cell(name, around(ratio, spread), verdict, **more)


def repeat(number, *cells, regime=None, **more):
    """A run with a content of its own, and cells of one regime."""
    measured = run(*cells, **more)
    measured["run"]["id"] = f"run-{number}"
    return witnessed(measured, regime) if regime else measured


def replicate(tmp_path, *measured, words=()):
    folders = [str(write(tmp_path / f"run-{number}", one)) for number, one in enumerate(measured)]
    return cli.main(["replicate", *folders, *words])


def only(*measured):
    pair, = pairs.compare(measured).pairs
    return pair


@pytest.mark.parametrize(("other", "overlaps"), [(0.5, True), (0.505, True), (0.509, True), (0.511, False), (0.489, False)])
def test_intervals_overlap_when_neither_ends_before_the_other_begins(other, overlaps):
    pair = only(repeat(1, slab(0.5, spread=0.02)), repeat(2, slab(other, spread=0.02)))
    assert pair.overlaps is overlaps and pair.cell == PAIR and pair.workload == "pair" and not pair.turned


def test_intervals_that_touch_overlap():
    ends = [{"estimate": 0.5, "low": 0.49, "high": 0.51}, {"estimate": 0.52, "low": 0.51, "high": 0.53}]
    pair = only(*(repeat(number, slab(0.5) | {"ratio": end}) for number, end in enumerate(ends)))
    assert pair.overlaps and pair.apart == 1


@pytest.mark.parametrize(("verdicts", "turned"), [
    (("FASTER", "SLOWER"), True), (("SLOWER", "FASTER"), True), (("FASTER", "FASTER"), False), (("FASTER", "EQUIVALENT"), False),
    (("SLOWER", "UNRESOLVED"), False), (("SLOWER", "SLOWER"), False)])
def test_only_faster_against_slower_is_a_verdict_turned_round(verdicts, turned):
    assert only(*(repeat(number, slab(0.5, verdict)) for number, verdict in enumerate(verdicts))).turned is turned


@pytest.mark.parametrize("left_out", [
    slab(0.5, "NOT CITABLE", reason="noise"), slab(0.5) | {"citable": False}, missing("slab_pool", "FAILED", "SIGSEGV"),
    missing("slab_pool", "SKIPPED", "not installed"), cell("slab_pool", [0.5] * 3),
    slab(0.5, allocator="bump"), slab(0.5, role="limit"), slab(0.5, name="planted_2", id=PAIR),
    slab(1.0, "EQUIVALENT", id="pair/bytes=64/fresh_heap@glibc#twin"), slab(1.0, "EQUIVALENT", id="pair/bytes=64/fresh_heap@glibc#duplicate")])
def test_what_may_not_be_cited_or_answers_no_question_is_no_pair(left_out):
    found = pairs.compare([repeat(1, left_out, slab(0.5, name="arena")), repeat(2, left_out, slab(0.5, name="arena"))])
    assert [pair.cell for pair in found.pairs] == ["pair/bytes=64/arena@glibc"]
    assert pairs.compare([repeat(1, slab(0.5)), repeat(2, left_out)]).pairs == []


def test_every_pair_of_runs_counts_and_a_cell_that_one_run_lacks_counts_in_the_others():
    runs = [repeat(1, slab(0.5), slab(0.3, name="arena")), repeat(2, slab(0.5)), repeat(3, slab(0.5), slab(0.3, name="arena"))]
    found = pairs.compare(runs)
    assert sorted((pair.cell.split("/")[-1], *(side.run for side in pair.sides)) for pair in found.pairs) == [
        ("arena@glibc", 0, 2), ("slab_pool@glibc", 0, 1), ("slab_pool@glibc", 0, 2), ("slab_pool@glibc", 1, 2)]


def test_cells_of_different_regimes_are_named_and_not_compared():
    quiet, shared = (repeat(number, slab(0.5), regime=regime) for number, regime in enumerate(("quiet", "shared")))
    found = pairs.compare([quiet, shared, repeat(3, slab(0.9), regime="shared")])
    assert [(pair.regime, [side.run for side in pair.sides]) for pair in found.pairs] == [("shared", [1, 2])]
    assert found.mixed == [PAIR, PAIR] and "2 pairs of different regimes not compared" in page.mixed(found) and PAIR in page.mixed(found)
    assert pairs.compare([repeat(1, slab(0.5)), repeat(2, slab(0.5))]).pairs[0].regime == run_regime.UNKNOWN


@pytest.mark.parametrize(("pair_count", "apart", "turned", "reached"), [
    (100, 0, 0, True), (100, 1, 0, True), (100, 2, 0, False), (99, 1, 0, False), (100, 0, 1, False)])
def test_the_bar_is_99_of_100_and_no_verdict_turned_round(pair_count, apart, turned, reached):
    assert pairs.Tally(pair_count, pair_count - apart, turned).reached is reached


def test_tallies_go_by_workload_and_by_regime_and_the_worst_come_first():
    def pair(name, workload, low, verdicts=("FASTER", "FASTER"), regime="quiet"):
        ratios = Interval(0.5, 0.49, 0.51), Interval(low + 0.01, low, low + 0.02)
        return pairs.Pair(name, workload, regime, tuple(
            pairs.Side(number, replace(of(slab(0.5)), ratio=ratio, verdict=verdict))
            for number, (ratio, verdict) in enumerate(zip(ratios, verdicts))))
    every = [pair("agrees", "one", 0.5), pair("near", "one", 0.52), pair("far", "two", 0.6),
             pair("turned", "two", 0.505, ("FASTER", "SLOWER"), "shared")]
    assert [one.cell for one in pairs.worst(every, 9)] == ["turned", "far", "near"] and len(pairs.worst(every, 2)) == 2
    assert pairs.by(every, lambda one: one.workload) == {"one": pairs.Tally(2, 1, 0), "two": pairs.Tally(2, 1, 1)}
    assert pairs.by(every, lambda one: one.regime)["shared"] == pairs.Tally(1, 1, 1)


def test_runs_that_agree_end_with_0_and_say_what_was_citable(tmp_path, capsys):
    doubtful = slab(0.5, "NOT CITABLE", name="arena", reason="noise")
    runs = [repeat(number, slab(0.5), doubtful) for number in (1, 2, 3)]
    for measured in runs:
        measured["calibration"]["median_half_width"] = 0.0123
    assert replicate(tmp_path, *runs) == 0
    out = capsys.readouterr().out
    assert "100.0 % of 3 pairs of 95 % intervals overlap" in out and out.endswith("reached\n") and "NOT REACHED" not in out
    assert out.count("1 of 2 (50.0 %)") == 3 and out.count("1.23 %") == 3 and "Farthest apart" not in out


def test_runs_that_contradict_end_with_1_and_show_both_intervals(tmp_path, capsys):
    assert replicate(tmp_path, repeat(1, slab(0.849)), repeat(2, slab(1.19, "SLOWER"))) == 1
    out = capsys.readouterr().out
    assert "NOT REACHED" in out and "1 verdict turned round" in out and "0.849× [0.8" in out and "1.19× [1.1" in out
    assert "the verdict turned round" in out and PAIR in out
    assert replicate(tmp_path, repeat(1, slab(0.5)), repeat(2, slab(0.6))) == 1


def test_a_share_just_below_the_bar_does_not_read_as_the_bar():
    assert page.share(pairs.Tally(100_000, 98_999, 0)) == "98.9 %" and page.share(pairs.Tally(100_000, 99_999, 0)) == "99.9 %"
    assert page.share(pairs.Tally(1000, 1000, 0)) == "100.0 %" and page.share(pairs.Tally(1000, 999, 0)) == "99.9 %"


def test_markdown_is_a_block_of_tables_and_names_stay_text(tmp_path, capsys):
    for name in HOSTILE:
        assert replicate(tmp_path, repeat(1, slab(0.5, name=name)), repeat(2, slab(0.7, name=name)), words=["--markdown"]) == 1
        out = capsys.readouterr().out
        assert out.startswith("**0.0 % of 1 pairs") and "<script>" not in out and "\x1b" not in out and len(out) < 5000
        assert {"Runs:", "By regime:", "By workload:", "Farthest apart:"} <= set(out.splitlines())


@pytest.mark.parametrize(("change", "named"), [
    (lambda m: m["environment"].update(cpu="Another CPU"), "cpu: A CPU -> Another CPU"),
    (lambda m: m["environment"].update(binary={"sha256": "b" * 64}), "program: aaaaaaaaaaaa -> bbbbbbbbbbbb"),
    (lambda m: m["run"].update(preset="full"), "preset: quick -> full"),
    (lambda m: m["workloads"][0].update(hash="f" * 16), "workload pair: 0123456789abcdef -> ffff"),
    (lambda m: m["environment"].update(compiler="Clang 14"), "compiler: GNU 12 -> Clang 14")])
def test_what_is_no_repeat_is_refused_in_one_line_that_names_what_differs(tmp_path, capsys, change, named):
    runs = [repeat(number, slab(0.5), binary={"sha256": "a" * 64}) for number in (1, 2, 3)]
    assert replicate(tmp_path, *runs) == 0 and identity.not_repeated(*runs[:2]) == []
    capsys.readouterr()
    change(runs[2])
    assert replicate(tmp_path, *runs) == 2
    found = capsys.readouterr()
    assert found.out == "" and found.err.count("\n") == 1 and named in found.err and "run-2 is no repeat of run-0" in found.err


def test_by_force_a_change_is_seen_to_leave_the_numbers_alone_or_not_under_the_names_of_today(tmp_path, capsys):
    old = repeat(1, slab(0.5, name="magazine_pool"))
    same, other = (repeat(number, slab(ratio, verdict, name="stack_pool"))
                   for number, ratio, verdict in ((2, 0.5, "FASTER"), (3, 1.5, "SLOWER")))
    for new in (same, other):
        new["environment"]["binary"] = {"sha256": "b" * 64}
        old["environment"]["binary"] = {"sha256": "a" * 64}
    assert replicate(tmp_path, old, same) == 2 and "--force" in capsys.readouterr().err
    assert replicate(tmp_path, old, same, words=("--force",)) == 0
    assert "note: run-1 is no repeat of run-0: program: aaaaaaaaaaaa -> bbbbbbbbbbbb" in capsys.readouterr().err
    assert replicate(tmp_path, old, other, words=("--force",)) == 1


@pytest.mark.parametrize(("runs", "named"), [
    ([repeat(1, slab(0.5))], "name two or more"),
    ([repeat(1, slab(0.5)), repeat(1, slab(0.5))], "are the same run"),
    ([repeat(1, slab(0.5)), repeat(2, slab(0.5), quality="INVALID")], "run-1 is INVALID"),
    ([repeat(1, slab(0.5)), repeat(2, slab(0.5, name="arena"))], "no cell may be cited in two of these runs"),
    ([repeat(1, slab(0.5), regime="quiet"), repeat(2, slab(0.5), regime="shared")], "1 pair of different regimes not compared")])
def test_bad_input_is_one_line(tmp_path, capsys, runs, named):
    assert replicate(tmp_path, *runs) == 2
    found = capsys.readouterr()
    assert found.out == "" and found.err.count("\n") == 1 and named in found.err


def test_a_file_that_is_none_is_one_line(tmp_path, capsys):
    good = write(tmp_path / "good", repeat(1, slab(0.5)))
    for bad in (tmp_path / "nothing", tmp_path):
        assert cli.main(["replicate", str(good), str(bad)]) == 2
        assert capsys.readouterr().err.count("\n") == 1


def test_a_run_counts_its_citable_cells_itself_where_it_does_not_say():
    measured = repeat(1, slab(0.5), slab(0.5, "NOT CITABLE", name="arena"), missing("gone", "SKIPPED", "not installed"))
    assert citable.count(measured) == (1, 2)
    measured["calibration"] |= {"citable": 7, "compared": 9}
    assert citable.badge(measured) == "7 of 9 cells citable"
    assert citable.cells(repeat(1, slab(0.5), quality="INVALID")) == {}
