"""The ledger of claims: a verdict follows from the values and from nothing else, and turns when they turn."""

import copy

import pytest
from suite import claims
from suite.claims import evidence, findings, judge, ledger, page
from suite.claims.cpython import Document, Skipped
from suite.claims.judge import CONDITIONAL, CONFIRMED, NOT_MEASURED, REFUTED, Value

HOSTILE = "<script>alert(1)</script>|`x`\n## a head"


def document(version="3.11.2", facts=None, times=None, sizes=None, level="python", **more):
    return Document(level, version, {"compiler": "GCC"}, facts or {}, times or {}, sizes or {}, **more)


def claim(*checks, **more):
    return {"id": "X1", "says": "a thing", "kind": "statement", "checks": list(checks)} | more


def verdict(checks, *documents, runs=(), **more):
    return claims.decide(claim(*checks, **more), documents, runs).verdict


def cell(strategy, ns, group="boxes/percent=1", rss=None, **more):
    return {"id": f"{group}/{strategy}@glibc", "group": group, "baseline": f"{group}/fresh@glibc", "samples": [],
            "ns_per_op": {"median": ns, "minimum": ns, "low": ns * 0.9, "high": ns * 1.1},
            "memory": {"rss_bytes_per_object": rss} if rss else None} | more


def run(*cells):
    return {"cells": list(cells), "run": {"id": "r1", "started": "2026-01-01T00:00:00Z"},
            "environment": {"cpu": "A CPU"},
            "calibration": {"quality": "EXPLORATORY"}}


def test_a_fact_confirms_or_refutes():
    check = {"fact": "low", "is": -5}
    assert verdict([check], document(facts={"low": -5})).word == CONFIRMED
    assert verdict([check], document(facts={"low": -6})).word == REFUTED


def test_true_is_not_one():
    assert verdict([{"fact": "seen", "is": 1}], document(facts={"seen": True})).word == REFUTED
    assert verdict([{"fact": "seen", "is": True}], document(facts={"seen": 1})).word == REFUTED


@pytest.mark.parametrize("above, word", [(30.0, CONFIRMED), (15.0, REFUTED)])
def test_a_ratio_of_times_flips_with_the_times(above, word):
    times = {"fresh": (above, above * 1.01, above), "cached": (10.0, 10.1, 10.0)}
    assert verdict([{"time": ["fresh", "cached"], "from": 2}], document(times=times)).word == word


def test_a_ratio_whose_interval_reaches_both_ways_decides_nothing():
    times = {"fresh": (30.0, 15.0, 22.0), "cached": (10.0, 10.0, 10.0)}
    found = verdict([{"time": ["fresh", "cached"], "from": 2}], document(times=times))
    assert (found.word, found.why) == (NOT_MEASURED, "the interval reaches both ways")


@pytest.mark.parametrize("size, word", [(400.0, CONFIRMED), (128.0, REFUTED)])
def test_bytes_are_judged_alone_or_as_a_ratio(size, word):
    sizes = {"plain": size, "slots": 100.0}
    assert verdict([{"bytes": "plain", "from": 360, "to": 440}], document(sizes=sizes)).word == word
    assert verdict([{"bytes": ["plain", "slots"], "from": 3, "to": 5}], document(sizes=sizes)).word == word


def test_versions_that_differ_make_a_condition_that_names_them():
    found = verdict([{"fact": "forgets", "is": True}], document("3.11.2", {"forgets": True}),
                    document("3.12.1", {"forgets": False}))
    assert found.word == CONDITIONAL
    assert found.why == "holds: on 3.11.2. Not: on 3.12.1"


def test_checks_that_differ_make_a_condition_that_names_them():
    found = verdict([{"fact": "prompt", "is": False, "when": "typed"},
                     {"fact": "module", "is": False, "when": "in a script"}],
                    document(facts={"prompt": False, "module": True}))
    assert (found.word, found.why) == (CONDITIONAL, "holds: typed. Not: in a script")


def test_what_is_open_beside_what_is_decided_is_said():
    times = {"a": (30.0, 15.0), "b": (10.0, 10.0)}
    steady = {"a": (30.0, 31.0), "b": (10.0, 10.0)}
    found = verdict([{"time": ["a", "b"], "from": 2}], document("3.11.2", times=steady),
                    document("3.13.0", times=times))
    assert (found.word, found.why) == (CONFIRMED, "open on 3.13.0")


def test_without_an_interpreter_nothing_is_measured_and_the_reason_stands_there():
    assert verdict([{"fact": "low", "is": -5}]) == judge.Verdict(NOT_MEASURED, "no CPython to ask")
    assert verdict([{"time": ["a", "b"], "from": 1, "level": "c api"}], document()).why == "no libpython to ask"
    assert verdict([], why_not="advice") == judge.Verdict(NOT_MEASURED, "advice")


def test_a_probe_that_failed_gives_its_own_reason():
    found = verdict([{"fact": "low", "is": -5}], document(failed={"low": "AttributeError: gone"}))
    assert found.why == "AttributeError: gone"


def test_a_check_can_be_meant_for_some_versions_only():
    check = {"fact": "low", "is": 1, "since": "3.10"}
    assert verdict([check], document("3.9.2", {"low": 0}), document("3.10.1", {"low": 1})).word == CONFIRMED
    assert verdict([{"fact": "low", "is": 1, "before": "3.10"}], document("3.9.2", {"low": 0}),
                   document("3.10.1", {"low": 1})).word == REFUTED


@pytest.mark.parametrize("table, word", [(2.0, CONFIRMED), (20.0, REFUTED)])
def test_a_counterpart_decides_where_no_interpreter_is_asked(table, word):
    check = {"ns": ["boxes/*/table@glibc", "boxes/*/fresh@glibc"], "to": 0.9}
    assert verdict([check], runs=[("r", run(cell("table", table), cell("fresh", 10.0)))]).word == word


def test_a_counterpart_stands_beside_and_does_not_decide():
    cpp = {"ns": ["boxes/*/table@glibc", "boxes/*/fresh@glibc"], "to": 0.9}
    judged = claims.decide(claim({"fact": "low", "is": -5}, cpp), [document(facts={"low": -5})],
                           [("r", run(cell("table", 20.0), cell("fresh", 10.0)))])
    assert judged.verdict.word == CONFIRMED
    assert "not so" in page.of_cpp(judged.cpp)
    assert verdict([{"fact": "low", "is": -5}, cpp | {"decides": True}], document(facts={"low": -5}),
                   runs=[("r", run(cell("table", 20.0), cell("fresh", 10.0)))]).word == CONDITIONAL


def test_cells_are_paired_within_their_group_and_absence_names_the_command():
    check = {"rss": ["boxes/*/map@glibc", "boxes/*/slots@glibc"], "from": 1}
    one, other = "boxes/percent=1", "boxes/percent=2"
    both = run(cell("map", 1.0, one, 400.0), cell("slots", 1.0, one, 100.0),
               cell("map", 1.0, other, 1600.0), cell("slots", 1.0, other, 25.0))
    value, = evidence.values(check, [], [("r", both)])
    assert (round(value.value, 9), value.low, value.high) == (16.0, 4.0, 64.0)
    value, = evidence.values(check, [], [("r", run())])
    assert not value.there and "scripts/poolmark run --preset full --workload 'boxes/*'" in value.reason


def test_what_stays_after_the_release_is_told_from_what_was_there():
    def held(strategy, kept):
        return cell(strategy, 1.0, memory={"rss_bytes_per_object": 100.0, "objects": 10, "kept_bytes": {"0": 999, "5": kept}})
    check = {"kept": ["boxes/*/weak@glibc", "boxes/*/immortal@glibc"], "to": 0.5}
    value, = evidence.values(check, [], [("r", run(held("weak", 10), held("immortal", 100)))])
    assert value.value == 0.1
    value, = evidence.values(check, [], [("r", run(held("weak", -4096), held("immortal", 100)))])
    assert value.value == 0
    assert not evidence.values(check, [], [("r", run(held("weak", 10), held("immortal", 0)))])[0].there


def test_twins_and_failed_cells_are_not_taken():
    fresh = cell("fresh", 10.0)
    twin = cell("table", 1.0) | {"id": "boxes/percent=1/table@glibc#twin"}
    failed = cell("table", 1.0, ns_per_op=None)
    check = {"ns": ["boxes/*/table@glibc*", "boxes/*/fresh@glibc"], "to": 1}
    assert not evidence.values(check, [], [("r", run(fresh, twin, failed))])[0].there


def test_the_first_run_that_has_the_cells_speaks():
    check = {"ns": ["boxes/*/table@glibc", "boxes/*/fresh@glibc"], "to": 1}
    value, = evidence.values(check, [], [("new", run()), ("old", run(cell("table", 5.0), cell("fresh", 10.0)))])
    assert (value.where, value.value) == ("old", 0.5)


def test_runs_that_only_try_or_are_worthless_do_not_speak():
    def made(name, started, preset="quick", quality="EXPLORATORY"):
        return name, {"run": {"started": started, "preset": preset}, "calibration": {"quality": quality}}
    runs = [made("old", "2026-01-01"), made("new", "2026-01-03"), made("tried", "2026-01-04", preset="smoke"),
            made("worthless", "2026-01-05", quality="INVALID")]
    assert [name for name, _ in claims.newest_first(runs)] == ["new", "old"]


def test_the_committed_page_has_every_claim():
    text = (claims.PAGES / "claims.md").read_text()
    for source in ledger.load()["sources"]:
        assert all(f"| {each['id']} |" in text for each in source["claims"]), "make it again with scripts/poolmark claims"


def test_the_ledger_is_whole():
    book = ledger.load()
    every = [each for source in book["sources"] for each in source["claims"]]
    assert len(every) > 150 and len({source["title"] for source in book["sources"]}) == 5
    for each in every:
        cpp = any(ledger.is_cpp(check) for check in each.get("checks", ()))
        alone = any(isinstance(check.get("bytes"), str) for check in each.get("checks", ()))
        assert not (cpp and alone and each["id"] != "S3.36"), f"{each['id']}: bytes of one side, a ratio of the other"


def test_every_probe_that_the_ledger_names_is_one_that_the_script_has(measured):
    have = {"fact": measured.facts, "time": measured.times, "bytes": measured.bytes}
    for source in ledger.load()["sources"]:
        for each in source["claims"]:
            for check in each.get("checks", ()):
                kind = ledger.source_of(check)
                names = [check[kind]] if isinstance(check[kind], str) else check[kind]
                if kind in have and check.get("level") != "c api":
                    assert all(name in have[kind] for name in names), (each["id"], names)


@pytest.mark.parametrize("break_it, said", [
    (lambda book: book.pop("sources"), "no list of sources"),
    (lambda book: book["sources"][0]["claims"][0].pop("says"), "needs id, says and kind"),
    (lambda book: book["sources"][0]["claims"].append(book["sources"][0]["claims"][0]), "stands twice"),
    (lambda book: book["sources"][0]["claims"][0].update(checks=[{"fact": "x"}]), "'is' or 'from'"),
    (lambda book: book["sources"][0]["claims"][0].update(checks=[{"time": "x", "from": 1}]), "two names"),
    (lambda book: book["sources"][0]["claims"][0].update(checks=[{"fact": "x", "is": 1, "tpo": 2}]), "unknown keys"),
    (lambda book: book["sources"][0]["claims"][0].update(checks=[{"fact": "x", "bytes": "y", "is": 1}]),
     "reads 2 sources"),
    (lambda book: book["sources"][0]["claims"][0].update(checks=[], why_not=""), "neither checks nor a reason")])
def test_a_ledger_that_is_wrong_is_refused_by_the_claim(break_it, said):
    book = copy.deepcopy(ledger.load())
    break_it(book)
    assert said in ledger.wrong(book)


def test_the_page_keeps_hostile_text_harmless():
    book = {"sources": [{"id": "S", "title": HOSTILE,
                         "claims": [claim({"fact": "x", "is": "y", "when": HOSTILE}, says=HOSTILE)]}]}
    documents = [document(facts={"x": HOSTILE}, failed={HOSTILE: HOSTILE},
                          expected=({"fact": HOSTILE, "probed": HOSTILE, "expected": "1", "agrees": "False"},))]
    text = page.render(book, claims.decide_all(book, documents, []), documents, [Skipped(HOSTILE, HOSTILE)], [])
    assert "<script>" not in text
    assert "\n## a head" not in text
    row, = [line for line in text.splitlines() if line.startswith("| X1")]
    assert row.replace("\\|", "").count("|") == 7


def test_the_page_says_how_many_and_shows_both_columns():
    book = {"sources": [{"id": "S", "title": "An article", "claims": [
        claim({"time": ["fresh", "cached"], "from": 2}, {"ns": ["boxes/*/fresh@glibc", "boxes/*/table@glibc"],
                                                         "from": 2})]}]}
    documents = [document(times={"fresh": (30.0,), "cached": (10.0,)})]
    runs = [("runs/a.json", run(cell("table", 2.0), cell("fresh", 10.0)))]
    text = page.render(book, claims.decide_all(book, documents, runs), documents, [], runs)
    assert "1 claims: 1 CONFIRMED" in text and "## An article" in text and "run `r1`" in text
    assert "| 3 \\[3, 3\\] | 5 \\[4.09, 6.11\\], the same holds | **CONFIRMED** |" in text


def test_headlines_say_only_what_was_measured(tmp_path):
    text = findings.write([], [], tmp_path)
    assert text.count("\n### ") == 6 and text.count("Not measured here") == 18
    assert "no CPython to ask" in text and "{" not in text
    assert not list((tmp_path / "findings").iterdir())


def test_headlines_follow_the_values(measured, tmp_path):
    text = findings.write([measured], [], tmp_path)
    assert len(list((tmp_path / "findings").glob("*.svg"))) == 6
    assert "scripts/poolmark run --preset full --workload 'small_object_pool/" in text
    drawn = {path.name: path.read_bytes() for path in (tmp_path / "findings").iterdir()}
    assert findings.write([measured], [], tmp_path) == text
    assert drawn == {path.name: path.read_bytes() for path in (tmp_path / "findings").iterdir()}


def test_a_sentence_is_filled_or_left_out():
    points = {"a": [Value("3.11", 1.5), Value("3.13", 2.0)], "b": [Value(findings.CPP, None, reason="no run")]}
    assert findings.fill("took {a} times", points) == "took 1.5 to 2 times"
    assert findings.fill("by version: {each.a}", points) == "by version: 1.5 on 3.11, 2 on 3.13"
    assert findings.fill("in C++ {cpp.b}", points) is None
    assert findings.missing("in C++ {cpp.b}", points) == "no run"


@pytest.mark.parametrize(("changed", "told"), [({}, True), ({"verdict": "NOT CITABLE"}, False), ({"citable": False}, False)])
def test_a_headline_takes_times_of_cells_that_may_be_cited_and_leaves_out_the_rest(changed, told):
    group = "small_object_pool/live=4"
    slow = cell("scan_pool", 30.0, group, verdict="SLOWER", ratio={"estimate": 3, "low": 2.9, "high": 3.1}) | changed
    headline = {"title": "T", "name": "n", "points": {"busy": {"label": "b", "checks": [
        {"ns": [f"{group}/scan_pool@glibc", f"{group}/fresh@glibc"]}]}}, "sentences": ["In C++ it took {cpp.busy} times."]}
    points = findings.values_of(headline, [], [("r", run(slow, cell("fresh", 10.0, group, verdict="BASELINE")))])
    text = "\n".join(findings.section(headline, points, None, "findings"))
    assert ("In C++ it took 3 times." in text) is told and "Not measured here" not in text
    elsewhere = findings.values_of(headline, [], [("r", run())])
    assert "Not measured here" in "\n".join(findings.section(headline, elsewhere, None, "findings"))


def test_what_a_cell_tells_beside_its_time_stands_alone():
    check = {"told": ["boxes/*/lru@glibc", "hit_ratio"], "to": 0.0}
    assert ledger.wrong_check(check) == "" and ledger.is_cpp(check)
    assert verdict([check], runs=[("r", run(cell("lru", 5.0, facts={"hit_ratio": 0.0})))]).word == CONFIRMED
    assert verdict([check], runs=[("r", run(cell("lru", 5.0, facts={"hit_ratio": 0.7})))]).word == REFUTED
    missing = verdict([check], runs=[("r", run(cell("lru", 5.0)))])
    assert missing.word == NOT_MEASURED and "scripts/poolmark run --preset full" in missing.why
