"""What a way brings to a whole program: from verdicts only, and where the run did not ask, the command that would."""

import argparse
import json

import pytest
import sample_results
from suite import cli
from suite.cli import command_options
from suite.results import program_share
from test_report_answers import FAST, SAME, SLOW, cell, run

CHURN = "churn/live=100000,bytes=64"


def found(*cells, size=64, live=100_000, threads=1, state="clean"):
    raw = run(*cells)
    for one in raw.cells:
        one.parameters.update({key: int(value) for key, value in one.parameters.items() if str(value).isdigit()})
    return program_share.find(raw, size, live, threads, state)


def ways(case):
    return {way.name: way for way in case.ways}


def test_each_way_saves_the_share_times_what_it_leaves_out():
    case = found(cell(CHURN, "fresh_heap@glibc"), cell(CHURN, "object_pool@glibc", FAST), cell(CHURN, "fresh_heap@mimalloc", (0.5, 0.45, 0.55, "FASTER")))
    saved = ways(case)[program_share.POOL].saved(0.2)
    assert (round(saved.estimate, 4), round(saved.low, 4), round(saved.high, 4)) == (0.15, 0.148, 0.152)
    assert ways(case)[program_share.HEAP].pays_from == pytest.approx(0.02 / 0.45)
    assert ways(case)[program_share.ARENA].cell is None


@pytest.mark.parametrize(("share", "taken"), [(0.02, None), (0.06, program_share.HEAP), (0.5, program_share.POOL)])
def test_what_asks_less_is_taken_where_the_other_brings_hardly_more(share, taken):
    case = found(cell(CHURN, "fresh_heap@glibc"), cell(CHURN, "object_pool@glibc", FAST), cell(CHURN, "fresh_heap@mimalloc", (0.5, 0.45, 0.55, "FASTER")))
    way = case.advice(share)
    assert (way.name if way else None) == taken
    assert program_share.sentence(case, share).startswith("take neither" if taken is None else f"take {taken}")


def test_what_does_not_surely_bring_what_counts_is_not_taken():
    case = found(cell(CHURN, "fresh_heap@glibc"), cell(CHURN, "object_pool@glibc", (0.5, 0.3, 0.9, "FASTER")))
    assert case.advice(0.1) is None and "brings 5 % of the run time, less than 2 % for sure" in program_share.sentence(case, 0.1)
    assert case.advice(0.3).name == program_share.POOL


@pytest.mark.parametrize(("ratio", "more", "why"), [
    ((0.5, 0.4, 1.2, "UNRESOLVED"), {}, "not settled"), (SAME, {}, "no gain: as fast at best"), (SLOW, {}, "no gain: as fast at best"),
    (FAST, {"adjusted": False}, "no gain: as fast at best"), (FAST, {"citable": False}, "nothing of it may be cited")])
def test_only_a_verdict_counts(ratio, more, why):
    case = found(cell(CHURN, "fresh_heap@glibc"), cell(CHURN, "object_pool@glibc", ratio, **more))
    assert ways(case)[program_share.POOL].cell is None and ways(case)[program_share.POOL].why == why
    assert ways(case)[program_share.HEAP].why == "this run did not ask" and case.advice(0.5) is None


@pytest.mark.parametrize(("asked", "near"), [
    ({}, True), ({"size": 100, "live": 300_000}, True), ({"size": 129}, False), ({"size": 31}, False), ({"live": 500_000}, False),
    ({"threads": 2}, False), ({"state": "littered40"}, False)])
def test_a_point_stands_for_objects_that_are_near_and_for_no_others(asked, near):
    cells = (cell(CHURN, "fresh_heap@glibc"), cell(CHURN, "object_pool@glibc", FAST))
    assert (found(*cells, **asked) is not None) is near


def test_an_arena_is_named_beside_the_advice_and_never_is_the_advice():
    build = "build/live=100000,bytes=64"
    case = found(cell(CHURN, "fresh_heap@glibc"), cell(CHURN, "object_pool@glibc", SLOW), cell(build, "fresh_heap@glibc"),
                 cell(build, "arena@glibc", (0.1, 0.09, 0.11, "FASTER")))
    assert program_share.sentence(case, 0.1) == ("take neither: none of them is settled as faster here; where all these objects end together, "
                                                 "an arena saves 9.00 % (8.90 to 9.10)")
    assert "arena" not in program_share.sentence(case, 0.02)


@pytest.mark.parametrize(("text", "value"), [("12%", 0.12), ("12 %", 0.12), ("0.5", 0.5), ("1", 1.0), ("100%", 1.0)])
def test_a_share_is_a_percentage_or_a_number(text, value):
    assert command_options.share(text) == pytest.approx(value)


@pytest.mark.parametrize("text", ["", "0", "0%", "120%", "1.2", "-5%", "x", "12%%"])
def test_what_is_no_share_is_refused(text):
    with pytest.raises(argparse.ArgumentTypeError, match="give 12%"):
        command_options.share(text)


@pytest.fixture
def reference(tmp_path):
    """A run in which a pool pays."""
    (tmp_path / "run").mkdir()
    (tmp_path / "run/results.json").write_text(json.dumps(sample_results.build()))
    return tmp_path / "run"


def advise(capsys, *words):
    code = cli.main(["advise", *map(str, words)])
    return code, *capsys.readouterr()


def refused(capsys, *words):
    code, _, said = advise(capsys, *words)
    assert code == 2 and said.count("\n") == 1
    return said


def test_the_command_names_what_would_ask(capsys, reference):
    said = advise(capsys, reference, "--bytes", 64, "--live", 100_000, "--share", "12%")[1]
    assert "take a pool: stack_pool on glibc saves" in said and "churn (30,000 live objects, 64 bytes each)" in said
    assert "--own" in refused(capsys, reference, "--bytes", 5000, "--live", 10, "--share", "12%")
    assert "churn/live=1000000,bytes=256,heap=aged" in refused(
        capsys, reference, "--bytes", 300, "--live", 3_000_000, "--share", "12%", "--heap", "aged")
    assert "bytes=16" in refused(capsys, reference, "--bytes", 20, "--live", 10_000, "--share", "12%", "--heap", "aged")
    assert "bytes=64" in refused(capsys, reference, "--bytes", 36, "--live", 10_000, "--share", "12%", "--heap", "aged")
    assert "so many objects or so few" in refused(capsys, reference, "--bytes", 64, "--live", 100_000_000, "--share", "12%")
    assert "one --heap" in refused(capsys, reference, "--bytes", 64, "--live", 1000, "--share", "12%", "--heap", "clean,aged")
    assert "shared_pool" in refused(capsys, reference, "--bytes", 64, "--live", 100_000, "--threads", 64, "--share", "12%")
    assert "--share 12%, or --program" in refused(capsys, reference, "--bytes", 64, "--live", 100_000)


def test_the_share_comes_from_what_program_measured(capsys, tmp_path, reference):
    path = tmp_path / "program.json"
    for ratio, code, said in ((0.8, 0, "20 % of the time in allocation"), (1.3, 2, "slower there; give --share")):
        path.write_text(json.dumps({"heaps": {"rows": [{"limit": False, "ratio": [1, 1, 1]}, {"limit": True, "ratio": [ratio, 0, 2]}]}}))
        got = advise(capsys, reference, "--bytes", 64, "--live", 100_000, "--program", tmp_path)
        assert got[0] == code and said in "".join(got[1:])
    path.write_text("{}")
    assert "does not say what allocation takes" in refused(capsys, reference, "--bytes", 64, "--live", 1, "--program", tmp_path)
