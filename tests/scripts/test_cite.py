"""A citation carries its evidence, and what must not be quoted is not printed so that it can be."""

import pytest
from small_run import HOSTILE, around, cell, missing, run, witnessed, write
from suite import cli
from suite.analysis.cell import of
from suite.base.errors import UserError
from suite.cli import cite
from suite.results import runs

SLAB = cell("slab_pool", around(0.5, 0.01))
NAME = "pair/bytes=64/slab_pool@glibc"


def said(tmp_path, capsys, measured, name=NAME):
    code = cli.main(["cite", str(write(tmp_path / "run", measured)), name])
    found = capsys.readouterr()
    return code, found.out, found.err


def test_a_line_holds_everything_that_the_ratio_rests_on(tmp_path, capsys):
    measured = run(SLAB)
    code, out, _ = said(tmp_path, capsys, measured)
    line = out.splitlines()[0]
    assert code == 0
    assert all(text in line for text in (
        "slab_pool on glibc 2.36", "pair/bytes=64", "0.500×", "[0.4", "fresh_heap on glibc 2.36", "faster", "17 processes",
        "floor 1 %", "margin 2 %", "A CPU", "GNU 12", "-O2", "0.1.0 (0123456)", "run-1", "2026-01-31", runs.run_hash(measured)))


@pytest.mark.parametrize(("measured", "named"), [
    (run(SLAB), "regime unknown: made before witnesses"), (witnessed(run(SLAB)), "quiet core"),
    (witnessed(run(SLAB), "shared"), "core shared with another tenant")])
def test_the_regime_is_named_in_the_line_and_in_the_entry(tmp_path, capsys, measured, named):
    assert said(tmp_path, capsys, measured)[1].count(named) == 2


def test_the_figure_beside_a_busy_sibling_stands_beside_the_other(tmp_path, capsys):
    shared = {"ratio": {"estimate": 0.0711, "low": 0.07, "high": 0.0722}, "processes": 8, "rounds": 80}
    out = said(tmp_path, capsys, witnessed(run(SLAB | {"shared": shared})))[1]
    assert out.count("; beside a busy sibling: 0.0711") == 2 and "0.0711× [0.0700, 0.0722]" in out
    for none in (None, shared | {"ratio": None}):
        assert "sibling" not in said(tmp_path, capsys, witnessed(run(SLAB | {"shared": none})))[1]


def test_a_cell_has_the_margin_and_the_time_that_the_run_gives_it(tmp_path, capsys):
    own = SLAB | {"margin": 0.035, "ns_per_op": SLAB["ns_per_op"] | {"shown": 4.97}}
    out = said(tmp_path, capsys, witnessed(run(own)))[1]
    assert "at margin 3.5 %" in out and "4.97 ns per operation" in out


def test_a_verdict_that_does_not_hold_after_the_correction_says_so(tmp_path, capsys):
    code, out, _ = said(tmp_path, capsys, run(SLAB | {"adjusted": False}))
    assert code == 0 and out.count("faster (alone, not after the correction for several comparisons)") == 2
    assert "alone" not in said(tmp_path, capsys, run(SLAB | {"adjusted": True}))[1]


def test_bibtex_has_a_key_of_its_own_for_each_cell(tmp_path, capsys):
    other = cell("stack_pool", around(0.5, 0.01))
    keys = {said(tmp_path, capsys, run(SLAB, other), one["id"])[1].split("@misc{")[1].split(",")[0] for one in (SLAB, other)}
    assert len(keys) == 2 and all(key.isascii() and " " not in key for key in keys)


def test_bibtex_is_balanced_and_escaped_whatever_the_name():
    for name in (*HOSTILE, "50% & $x_1$ #{~^}\\"):
        odd = cell(name, around(0.5, 0.01))
        entry = cite.bibtex(run(odd), of(odd))
        bare = entry.replace("\\{", "").replace("\\}", "")
        assert bare.count("{") == bare.count("}") and "\x1b" not in entry and len(entry) < 3000
        assert "%" not in entry.replace("\\%", "") and "&" not in entry.replace("\\&", "")


def test_a_glob_must_match_one_cell_and_near_names_are_offered(tmp_path, capsys):
    measured = run(SLAB, cell("scan_pool", around(0.5, 0.01)))
    assert said(tmp_path, capsys, measured, "*slab*")[0] == 0
    assert "matches 2 cells" in said(tmp_path, capsys, measured, "*_pool@*")[2]
    code, out, err = said(tmp_path, capsys, measured, "pair/bytes=64/slapool@glibc")
    assert (code, out) == (2, "") and NAME in err
    assert said(tmp_path, capsys, measured, "\x1b[31m" + "y" * 10_000)[2].count("\n") == 1


@pytest.mark.parametrize(("changed", "reason"), [
    (missing("slab_pool", "FAILED", "crashed: SIGSEGV"), "SIGSEGV"), (missing("slab_pool", "SKIPPED", "not installed"), "installed"),
    (SLAB | {"verdict": "NOT CITABLE", "reason": "38 % of rounds rejected"}, "38 %"),
    (SLAB | {"citable": False, "reason": "too few quiet rounds"}, "too few quiet rounds"),
    (SLAB | {"margin": 1.5}, "its own interval"), (cell("slab_pool", [0.5] * 3), "no interval"), (SLAB | {"verdict": "SLOWER"}, "its own interval"),
    (SLAB | {"ratio": {"estimate": 0.5, "low": 0.6, "high": 0.7}}, "its own interval"),
    (cell("slab_pool", around(0.99, 0.005)), "its own interval")])
def test_what_is_not_evidence_is_refused_with_the_reason(tmp_path, capsys, changed, reason):
    code, out, err = said(tmp_path, capsys, run(changed))
    assert (code, out) == (2, "") and reason in err and err.count("\n") == 1


def test_nothing_of_an_invalid_run_is_cited_and_an_exploratory_one_says_so(tmp_path, capsys):
    assert "INVALID" in said(tmp_path, capsys, run(SLAB, quality="INVALID"))[2]
    code, out, _ = said(tmp_path, capsys, run(SLAB, quality="EXPLORATORY"))
    assert code == 0 and out.count("EXPLORATORY") == 2
    for quality in ("CITABLE", "SOUND"):
        assert f"{quality} run" not in said(tmp_path, capsys, run(SLAB, quality=quality))[1]


def test_a_baseline_and_its_twin_are_no_claims(tmp_path, capsys):
    assert "baseline" in said(tmp_path, capsys, run(SLAB), "pair/bytes=64/fresh_heap@glibc")[2]
    twin = cell("fresh_heap", [1.0] * 17, "EQUIVALENT", id="pair/bytes=64/fresh_heap@glibc#twin")
    assert "there is no cell" in said(tmp_path, capsys, run(twin), twin["id"])[2]


def test_a_heap_that_never_frees_is_no_advice():
    with pytest.raises(UserError, match="never frees"):
        cite.refuse(run(), of(SLAB | {"allocator": "bump"}))


def test_the_run_hash_is_of_the_content(tmp_path):
    measured = run(SLAB)
    turned = dict(reversed(measured.items()))
    assert runs.run_hash(turned) == runs.run_hash(measured)
    turned["cells"][1]["ratio"]["estimate"] *= 1.000001
    assert runs.run_hash(turned) != runs.run_hash(run(SLAB))


def test_an_id_that_two_cells_have_and_a_heap_that_nobody_knows_are_refused(tmp_path, capsys):
    stranger = cell("slab_pool", around(0.5, 0.01), id="pair/bytes=64/slab_pool@mine", allocator="mine\x1b[31m")
    for measured, reason in ((run(SLAB, SLAB | {"verdict": "SLOWER"}), "2 cells have the id"), (run(stranger), "heap 'mine")):
        code, out, err = said(tmp_path, capsys, measured)
        assert (code, out) == (2, "") and reason in err and err.count("\n") == 1 and "\x1b" not in err
