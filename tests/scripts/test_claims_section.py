"""The ledger in a run's report: there when somebody was asked, the same each time, small, and harmless."""

import json
import shutil

import pytest
import sample_results
from suite import claims, cli, report
from suite.claims import cpython, ledger, section
from suite.claims.judge import NOT_MEASURED
from suite.cli import run
from suite.report import content, html, markdown
from suite.report.content import ClaimRow, ClaimsSection
from suite.results import model
from suite.run.campaign import Ending

HOSTILE = "<script>alert(1)</script>|`x`\n## a head"


@pytest.fixture
def folder(measured_file, tmp_path):
    """A run's folder in which the interpreter of the tests was asked."""
    (tmp_path / "claims").mkdir()
    shutil.copy(measured_file, tmp_path / section.ANSWERS)
    return tmp_path


def pages(whole):
    return html.render(whole, {}), markdown.render(whole)


def test_every_claim_has_a_row_on_both_pages_and_the_page_stays_small(folder):
    results = sample_results.build()
    found = section.beside(folder, results)
    every = [one for source in ledger.load()["sources"] for one in source["claims"]]
    assert [row.id for row in found.rows] == [one["id"] for one in every]
    page, plain = pages(content.of(model.load(results), drawn=False, claims=found))
    assert all(f"<tr><td>{row.id}</td>" in page and f"| {row.id} |" in plain for row in found.rows)
    assert found.count in page and found.count in plain and 'href="#claims"' in page
    assert sum(len(str(row)) for row in found.rows) < 300_000
    assert section.beside(folder, results) == found  # or no page could be verified


def test_a_run_for_which_nobody_was_asked_has_no_such_part(tmp_path):
    assert section.beside(tmp_path, sample_results.build()) is None
    page, plain = pages(content.of(model.load(sample_results.build()), drawn=False))
    assert 'id="claims"' not in page and "What the articles say" not in plain


def test_where_nobody_answers_the_reason_stands_there(folder):
    (folder / section.ANSWERS).write_text(json.dumps({"schema": 1, "answers": [], "skipped": [["python3", "is gone"]]}))
    found = section.beside(folder, sample_results.build())
    assert found.asked == "no interpreter; python3: skipped, is gone"
    assert any("CONFIRMED" in row.verdict or row.verdict == "NOT MEASURED" for row in found.rows)


@pytest.mark.parametrize("spoilt", ["", "[]", "{", '{"answers": 3}'])
def test_answers_that_cannot_be_read_cost_the_rows_and_nothing_else(folder, spoilt):
    (folder / section.ANSWERS).write_text(spoilt)
    found = section.beside(folder, sample_results.build())
    assert found.rows == () and "cannot be read" in found.asked
    assert "cannot be read" in pages(content.of(model.load(sample_results.build()), drawn=False, claims=found))[0]


def test_a_worthless_run_says_nothing_of_a_counterpart(folder):
    results = sample_results.build()
    point, names = {"small_percent": 100}, ("boxed_int_table", "fresh_box")
    for name in names:
        results["cells"].append({"id": f"boxed_integers/small_percent=100/{name}@glibc", "group": "g", "samples": [],
                                 "parameters": point, "baseline": "", "ns_per_op": {"median": 1.0, "low": 1.0, "high": 1.0}})
    said = {row.id: row.cpp for row in section.beside(folder, results).rows}
    assert said["S0.4b"].startswith("the same, boxed in C++: 1")
    results["calibration"]["quality"] = "INVALID"
    said = {row.id: row.cpp for row in section.beside(folder, results).rows}
    assert said["S0.4b"] == "the same, boxed in C++: –"


def test_hostile_text_stays_text():
    row = ClaimRow("X1", HOSTILE, HOSTILE, HOSTILE, "CONFIRMED", HOSTILE)
    page, plain = pages(content.of(model.load(sample_results.empty()), drawn=False, claims=ClaimsSection(HOSTILE, HOSTILE, (row,))))
    assert "<script>alert" not in page + plain and "\n## a head" not in plain


@pytest.mark.parametrize(("preset", "complete", "asked"), [("full", True, 1), ("full", False, 0), ("quick", True, 0)])
def test_a_full_run_asks_at_its_end_and_its_pages_are_made_again(monkeypatch, tmp_path, capsys, preset, complete, asked):
    results = sample_results.empty()
    results["run"] |= {"preset": preset}
    written = []
    monkeypatch.setattr(report, "write", lambda measured, out, claims: written.append((out / section.ANSWERS).exists()))
    monkeypatch.setattr(run, "_summary", lambda *_: None)
    monkeypatch.setattr(cpython, "find", lambda more: ([], [cpython.Skipped("python3", "is gone")]))
    monkeypatch.setattr(cpython, "PEER", tmp_path / "no-peer")
    monkeypatch.setattr(cpython, "build_peer", lambda: None)
    monkeypatch.setattr(claims, "runs_of", lambda paths: [])
    monkeypatch.setattr("suite.claims.findings.write", lambda *_: "")
    run._finish(Ending(results, complete), tmp_path)
    assert written == ([False, True] if asked else [False])
    said = capsys.readouterr().err
    assert ("note: not asked: python3: is gone" in said and "python3-dev" in said) is bool(asked)


def test_the_report_command_takes_the_answers_from_beside_the_results(folder, tmp_path, monkeypatch):
    (folder / "results.json").write_text(json.dumps(sample_results.empty()))
    assert cli.main(["report", str(folder / "results.json"), "--out", str(tmp_path / "elsewhere")]) == 0
    assert "What the articles say" in (tmp_path / "elsewhere/report.md").read_text()
    assert cli.main(["report", str(folder / "results.json")]) == 0
    from suite.verify import differences as verified
    assert verified.page_differences(sample_results.empty(), folder, section.beside(folder, sample_results.empty())) == []


@pytest.fixture
def small_run(tmp_path):
    """A run of the C++ side; all that are published take their time to read."""
    path = tmp_path / "small.json"
    path.write_text(json.dumps(sample_results.build()))
    return str(path)


def test_the_command_makes_the_pages_from_a_file(measured_file, small_run, tmp_path, capsys):
    assert cli.main(["claims", small_run, "--measured", str(measured_file), "--out", str(tmp_path)]) == 0
    assert "## Six findings that surprise" in (tmp_path / "claims.md").read_text()
    assert "CONFIRMED" in capsys.readouterr().out
    assert not (tmp_path / "cpython.json").exists()


@pytest.mark.parametrize("content", ["", "[]", "{\"answers\": 1}", "[" * 100000, "null"])
def test_a_file_that_holds_no_answers_is_one_line_and_exit_code_2(content, tmp_path, capsys):
    (tmp_path / "m.json").write_text(content)
    assert cli.main(["claims", "--measured", str(tmp_path / "m.json"), "--out", str(tmp_path / "pages")]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert not (tmp_path / "pages/claims.md").exists()


def test_answers_that_are_none_become_skipped_rows(small_run, tmp_path):
    (tmp_path / "m.json").write_text(json.dumps({"schema": 1, "answers": [1, {"schema": 2}],
                                                 "skipped": [["python3", "gone"], 3]}))
    assert cli.main(["claims", small_run, "--measured", str(tmp_path / "m.json"), "--out", str(tmp_path)]) == 0
    text = (tmp_path / "claims.md").read_text()
    assert text.count("skipped, ") == 3 and "python3: skipped, gone" in text
    assert "0 CONFIRMED" not in text and f"{NOT_MEASURED}**: no CPython to ask" in text
