"""What changed between two runs: when it may be asked at all, and when the answer is a regression."""

import copy
import random
from math import exp, hypot, log

import pytest
from small_run import HOSTILE, around, cell, missing, run, witnessed, write
from suite import cli
from suite.analysis.components import Between, t_quantile
from suite.analysis.statistics import Interval
from suite.compare import cells, identity
from suite.validate import simulated


def compare(tmp_path, old, new, *words):
    return cli.main(["compare", str(write(tmp_path / "old", old)), str(write(tmp_path / "new", new)), *words])


def slab(ratio, spread=0.005, **more):
    return cell("slab_pool", around(ratio, spread), **more)


@pytest.mark.parametrize(("ratio", "verdict", "code"), [
    (0.5, "SAME", 0), (0.504, "SAME", 0), (0.55, "REGRESSED", 1), (0.45, "IMPROVED", 0), (0.51, "UNRESOLVED", 0)])
def test_a_change_counts_when_its_whole_interval_exceeds_the_margin(tmp_path, capsys, ratio, verdict, code):
    assert compare(tmp_path, run(slab(0.5)), run(slab(ratio))) == code
    assert f"1 {verdict}" in capsys.readouterr().out


def test_a_renamed_strategy_is_compared_with_itself(tmp_path, capsys):
    old, new = (run(cell(name, around(ratio, 0.005))) for name, ratio in (("magazine_pool", 0.5), ("stack_pool", 0.55)))
    assert compare(tmp_path, old, new) == 1
    assert "1 REGRESSED" in capsys.readouterr().out


def with_mimalloc(ratio, version, older=""):
    def of(name, ratio):
        return cell("slab_pool", around(ratio, 0.005), allocator=name, id=f"pair/bytes=64/slab_pool@{name}")
    heaps = {"mimalloc": version} | ({"mimalloc2": older} if older else {})
    measured = run(slab(0.5), of("mimalloc", ratio), *[of("mimalloc2", 0.55)] * bool(older))
    measured["allocators"] += [measured["allocators"][0] | {"name": name, "version": number, "library": f"/lib/libmimalloc.so.{number[0]}"}
                               for name, number in heaps.items()]
    return measured


def test_a_heap_of_another_major_version_is_another_heap(tmp_path, capsys):
    assert compare(tmp_path, with_mimalloc(0.5, "2.0.9"), with_mimalloc(0.9, "3.0.1")) == 0
    said = capsys.readouterr().out
    assert "mimalloc is 2.0.9 in the old run and 3.0.1 in the new one: two heaps, mimalloc2 and mimalloc3" in said
    assert "slab_pool@mimalloc2" in said and "slab_pool@mimalloc3" in said and "REGRESSED" not in said
    assert compare(tmp_path, with_mimalloc(0.5, "2.0.9"), with_mimalloc(0.9, "3.0.1", older="2.0.9")) == 1
    assert "1 REGRESSED" in capsys.readouterr().out


def test_a_heap_of_another_minor_version_is_refused(tmp_path, capsys):
    assert compare(tmp_path, with_mimalloc(0.5, "2.0.9"), with_mimalloc(0.9, "2.1.7")) == 2
    assert "heap mimalloc: 2.0.9 -> 2.1.7" in capsys.readouterr().err


def test_a_run_against_itself_says_so(tmp_path, capsys):
    assert compare(tmp_path, run(slab(0.5)), run(slab(0.5))) == 0
    assert "both are the same run" in capsys.readouterr().out
    assert compare(tmp_path, run(slab(0.5)), run(slab(0.504))) == 0
    assert "both are the same run" not in capsys.readouterr().out


@pytest.mark.parametrize(("low", "high", "verdict"), [
    (1.03, 1.1, "REGRESSED"), (1.01, 1.1, "UNRESOLVED"), (0.9, 0.97, "IMPROVED"), (0.9, 0.99, "UNRESOLVED"),
    (0.985, 0.995, "SAME"), (1.001, 1.015, "SAME"), (0.9, 1.1, "UNRESOLVED"), (None, None, "UNRESOLVED")])
def test_a_change_below_the_margin_is_no_verdict(low, high, verdict):
    assert cells.verdict(Interval(1.0, low, high), 0.02) == verdict


def test_the_larger_margin_of_the_two_counts(tmp_path):
    assert compare(tmp_path, run(slab(0.5)), run(slab(0.55))) == 1
    assert compare(tmp_path, run(slab(0.5), margin=0.2), run(slab(0.55))) == 0
    assert compare(tmp_path, run(slab(0.5)), run(slab(0.55), margin=0.2)) == 0


@pytest.mark.parametrize(("field", "value"), [
    ("cpu", "Another CPU"), ("cpus", 4), ("compiler", "Clang 14"), ("flags", "-O3"), ("libc", "glibc 2.40"),
    ("thp", "always"), ("variables", {"MALLOC_ARENA_MAX": "1"}), ("google_benchmark", "1.9.0"),
    ("build", {"version": "0.1.0", "ndebug": False})])
def test_another_machine_or_build_is_refused_and_named(tmp_path, capsys, field, value):
    assert compare(tmp_path, run(slab(0.5)), run(slab(0.5), **{field: value})) == 2
    said = capsys.readouterr()
    assert said.out == "" and said.err.count("\n") == 1 and " -> " in said.err and "--force" in said.err
    assert compare(tmp_path, run(slab(0.5)), run(slab(0.5), **{field: value}), "--force") == 0
    assert "compared by force" in capsys.readouterr().out


@pytest.mark.parametrize(("old", "new", "named"), [
    (witnessed(run(slab(0.5))), witnessed(run(slab(0.5)), "shared"), "the old run is of a quiet core and the new one of a core shared"),
    (run(slab(0.5)), witnessed(run(slab(0.5))), "the old run was made before witnesses"),
    (witnessed(run(slab(0.5))), run(slab(0.5)), "the new run was made before witnesses")])
@pytest.mark.parametrize("force", [[], ["--force"]])
def test_runs_of_different_regimes_are_refused_in_one_line(tmp_path, capsys, old, new, named, force):
    assert compare(tmp_path, old, new, *force) == 2
    found = capsys.readouterr()
    assert found.out == "" and found.err.count("\n") == 1 and named in found.err


def test_only_cells_of_one_regime_are_compared_and_the_others_are_named(tmp_path, capsys):
    one, other = (cell(name, around(0.5, 0.005)) for name in ("arena", "slab_pool"))
    old = witnessed(run(one, other))
    assert compare(tmp_path, old, witnessed(run(one, other | {"regime": "shared"}))) == 0
    out = capsys.readouterr().out
    assert "1 cells: 1 SAME" in out and "different regimes there: pair/bytes=64/slab_pool@glibc" in out and "quiet core" in out
    assert compare(tmp_path, old, witnessed(run(*(each | {"regime": "shared"} for each in (one, other))))) == 2
    assert "only cells of different regimes" in capsys.readouterr().err
    doubtful = other | {"regime": "unknown", "verdict": "NOT CITABLE", "reason": "too few quiet rounds"}
    assert "too few quiet rounds" in cells.compare(old, witnessed(run(one, doubtful))).rows[0].reason


def test_the_larger_of_the_own_margins_of_a_cell_counts():
    old, new = witnessed(run(slab(0.5))), witnessed(run(slab(0.53) | {"margin": 0.2}))
    assert [cells.compare(*pair).rows[0].verdict for pair in ((old, new), (new, old))] == ["SAME", "SAME"]
    assert cells.compare(old, witnessed(run(slab(0.53)))).rows[0].verdict == "REGRESSED"


def test_all_differing_fields_are_named(tmp_path, capsys):
    new = run(slab(0.5), cpu="B", flags="-O3")
    new["allocators"][0]["version"] = "2.40"
    new["workloads"][0]["hash"] = "fedcba9876543210"
    assert compare(tmp_path, run(slab(0.5)), new) == 2
    said = capsys.readouterr().err
    assert all(text in said for text in ("cpu: A CPU -> B", "flags: -O2 -> -O3", "heap glibc: 2.36 -> 2.40",
                                         "workload pair: 0123456789abcdef -> fedcba9876543210"))


def test_a_heap_or_workload_that_only_one_run_measured_refuses_nothing():
    old, new = run(slab(0.5)), run(slab(0.5))
    new["allocators"].append(new["allocators"][0] | {"name": "mine", "version": "3"})
    new["workloads"].append(new["workloads"][0] | {"name": "other", "hash": "f"})
    assert identity.differing(old, new) == []


def test_a_hash_that_one_run_lacks_is_a_difference_and_none_at_all_is_said():
    old, new = run(slab(0.5)), run(slab(0.5))
    del old["workloads"][0]["hash"]
    assert identity.differing(old, new) == ["workload pair: not recorded -> 0123456789abcdef"]
    del new["workloads"][0]["hash"]
    assert identity.differing(old, new) == [] and "on trust" in identity.notes(old, new)[-1]


def test_an_invalid_run_is_refused(tmp_path, capsys):
    assert compare(tmp_path, run(slab(0.5)), run(slab(0.5), quality="INVALID")) == 2
    assert "the new run is INVALID" in capsys.readouterr().err


def test_cells_of_one_run_are_listed_and_baselines_and_twins_are_not_compared():
    twin = cell("fresh_heap", [1.0] * 17, id="pair/bytes=64/fresh_heap@glibc#twin")
    found = cells.compare(run(slab(0.5), cell("gone", [0.5] * 17)), run(slab(0.5), twin, cell("fresh", [0.5] * 17)))
    assert [row.cell for row in found.rows] == ["pair/bytes=64/slab_pool@glibc"]
    assert (found.only_old, found.only_new) == (["pair/bytes=64/gone@glibc"], ["pair/bytes=64/fresh@glibc"])


def test_what_worked_and_now_crashes_is_a_regression_and_what_is_not_installed_is_none():
    row, = cells.compare(run(slab(0.5)), run(missing("slab_pool", "FAILED", "crashed: SIGSEGV"))).rows
    assert row.verdict == "REGRESSED" and "SIGSEGV" in row.reason
    row, = cells.compare(run(slab(0.5)), run(missing("slab_pool", "SKIPPED", "not installed"))).rows
    assert row.verdict == "UNRESOLVED"


def test_too_few_processes_and_what_is_not_citable_settle_nothing():
    for count, found in ((1, "UNRESOLVED"), (4, "UNRESOLVED"), (5, "REGRESSED")):
        few = cell("slab_pool", [0.9] * count, "NOT CITABLE", reason=f"{count} processes: no interval")
        assert cells.compare(run(slab(0.5)), run(few)).rows[0].verdict == found
    doubtful = slab(0.9) | {"verdict": "NOT CITABLE", "reason": "disturbed"}
    assert cells.compare(run(slab(0.5)), run(doubtful)).rows[0].verdict == "UNRESOLVED"


def test_nothing_in_common_is_said(tmp_path, capsys):
    assert compare(tmp_path, run(slab(0.5)), run(cell("other", [0.5] * 17))) == 2
    assert "no measured cell in common" in capsys.readouterr().err


LONG = {"looks": [{"processes": 10, "confidence": 0.978}, {"processes": 27, "confidence": 0.9805}],
        "long_looks": [{"processes": 6, "confidence": 0.968}]}


@pytest.mark.parametrize("processes", [5, 6, 10])
def test_a_tenth_is_found_with_few_processes_a_side_and_ends_in_1(tmp_path, capsys, processes):
    chance = random.Random(processes)

    def measured(ratio):
        found = run(cell("slab_pool", [ratio * exp(chance.gauss(0, 0.01)) for _ in range(processes)]))
        found["protocol"] |= LONG
        return found
    assert compare(tmp_path, measured(0.5), measured(0.55)) == 1
    assert "1 REGRESSED" in capsys.readouterr().out
    assert compare(tmp_path, measured(0.5), measured(0.5)) == 0


def test_the_pairs_of_looks_share_one_error():
    assert sum(cells.share(a, LONG) * cells.share(b, LONG) for a in (10, 27) for b in (10, 27)) == pytest.approx(1)
    assert cells.share(17, {}) == cells.share(6, {"long_looks": LONG["long_looks"]}) == 1
    assert cells.share(6, LONG) == cells.share(10, LONG) < 1  # which plan a group followed is not recorded
    old, new = [log(ratio) for ratio in around(0.5, 0.02, 10)], [log(ratio) for ratio in around(0.55, 0.03, 27)]
    found = cells.between(old, new, 0.05 * cells.share(10, LONG) * cells.share(27, LONG))
    both, late = (cells.change_of(cells.Side(old), cells.Side(new), (first, LONG)) for first in (LONG, {}))
    assert both.low == pytest.approx(exp(found.low)) and late.low > both.low


def test_runs_between_which_nothing_changed_are_seldom_told_apart(monkeypatch):
    monkeypatch.setattr(simulated, "LAYOUTS", ("normal",))
    rows = simulated.errors(1, 32)
    assert [(row["preset"], row["epochs"], row["between"]) for row in rows] == [
        (name, kind, between) for name in ("quick", "wide", "full") for kind in ("short", "long") for between in (0, 0.01)]
    assert sum(row["missed"] for row in rows) / len(rows) <= 0.05 and not any(row["changed"] for row in rows)


def in_passes(*steps):
    """A run whose cells differ between three passes, each by its own step."""
    found = run(*(cell(name, [0.5 * exp(step * (number % 3 - 1) + 0.001 * number) for number in range(12)])
                  for name, step in zip(("slab_pool", "arena", "local_pool"), steps)))
    for one in found["cells"]:
        one["samples"] = [row | {"pass": number % 3} for number, row in enumerate(one["samples"])]
    return found


def test_passes_that_differ_widen_a_change_to_both_sides():
    def change(old, new):
        return next(row.change for row in cells.compare(old, new).rows if "/slab_pool@" in row.cell)
    def half_widths(found):
        return log(found.estimate / found.low), log(found.high / found.estimate)
    quiet, own, group = ((step, *others) for step, *others in ((0, 0, 0), (0.05, 0, 0), (0, 0.05, 0.05)))
    plain = half_widths(change(in_passes(*quiet), in_passes(*quiet)))
    for differing in (own, group):
        for pair in ((differing, quiet), (quiet, differing)):
            assert all(wide > 2 * narrow for wide, narrow in zip(half_widths(change(*(in_passes(*one) for one in pair))), plain))


def test_a_change_is_as_wide_as_the_passes_of_both_sides_together():
    logs, passes = [0.001 * number for number in range(12)], [0, 1, 2] * 4
    sides = [cells.Side(logs, passes, Between(deviation, 6)) for deviation in (0.03, 0.04)]
    plain, wide = cells.change_of(cells.Side(logs), cells.Side(logs), ({}, {})), cells.change_of(*sides, ({}, {}))
    error = t_quantile(6, cells.ERROR) * 0.05 / 3**0.5
    assert log(wide.high) == pytest.approx(hypot(log(plain.high), error)) == pytest.approx(-log(wide.low))


def test_a_look_that_never_errs_is_refused(tmp_path, capsys):
    odd = run(slab(0.5))
    odd["protocol"]["looks"] = [{"processes": 17, "confidence": 1}]
    assert compare(tmp_path, odd, run(slab(0.5)), "--force") == 2
    said = capsys.readouterr()
    assert said.out == "" and "protocol/looks" in said.err and said.err.count("\n") == 1


def test_more_processes_than_any_run_has_are_refused(tmp_path, capsys):
    assert compare(tmp_path, run(slab(0.5)), run(cell("slab_pool", [0.5] * 501))) == 2
    assert "501 processes" in capsys.readouterr().err


def test_markdown_has_at_most_six_columns_and_names_stay_text(tmp_path, capsys):
    for name in HOSTILE:
        named = cell(name, around(0.5, 0.005))
        slower = copy.deepcopy(named) | {"samples": slab(0.7)["samples"]}
        assert compare(tmp_path, run(named), run(slower), "--markdown") == 1
        said = capsys.readouterr().out
        assert "<script>" not in said and "\x1b" not in said and len(said) < 4000
        rows = [line for line in said.splitlines() if line.startswith("|")]
        assert all(line.replace("\\|", "").count("|") - 1 <= 6 for line in rows) and len(rows) == 3
        assert compare(tmp_path, run(named), run(slower)) == 1
        assert "\x1b" not in capsys.readouterr().out


def test_numbers_that_no_run_has_are_one_line(tmp_path, capsys):
    odd = slab(0.5)
    for row in odd["samples"]:
        row["ratio"] = 1e-300
    huge = copy.deepcopy(odd)
    for row in huge["samples"]:
        row["ratio"] = 1e300
    assert compare(tmp_path, run(odd), run(huge)) in (1, 2)
    assert compare(tmp_path, run(huge), run(odd)) in (0, 2)
    assert capsys.readouterr().err.count("\n") <= 2
