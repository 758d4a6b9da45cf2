"""The README and the index say what the runs say; who drifts is named, and nothing but what lies between the marks is touched."""

import json

import pytest
from small_run import HOSTILE, around, cell, run, write
from suite import history
from suite.build import ROOT
from suite.errors import UserError
from suite.history import headlines, index, past, promises
from suite.history.past import Run

SLAB = cell("slab_pool", around(0.5, 0.01))
ASKED = {"chart": {"file": "charts/overview-1.svg", "alt": "An overview"},
         "rows": [{"question": "One at a time", "cell": "pair/bytes=64/slab_pool@glibc"}]}


def dated(day, *cells, **more):
    measured = run(*cells, **more)
    measured["run"]["started"] = f"2026-01-{day:02}T00:00:00Z"
    return measured


@pytest.fixture
def root(tmp_path):
    (tmp_path / "reports/runs").mkdir(parents=True)
    (tmp_path / "reports/headlines.json").write_text(json.dumps(ASKED))
    (tmp_path / "README.md").write_text(f"# Title\n\n{history.BEGIN}\nold\n{history.END}\n\nthe rest\n")
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/methodology.md").write_text(f"# Method\n\n{history.BEGIN}\n{history.END}\n")
    (tmp_path / "docs/pools-measured.md").write_text(f"# Pools\n\n{history.BEGIN}\n{history.END}\n")
    write(tmp_path / "reports/runs/first", dated(1, SLAB))
    return tmp_path


def test_the_readme_of_this_repository_is_what_its_runs_make():
    assert history.drift(ROOT) == [], "mend it with scripts/poolmark splice"


def test_no_page_of_this_repository_links_a_png_since_none_is_committed():
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md"), *(ROOT / "reports/runs").glob("*/*.md"), *(ROOT / "reports/runs").glob("*/*.html")]
    assert len(pages) > 10 and [page.name for page in pages if ".png" in page.read_text(encoding="utf-8")] == []
    assert "/reports/runs/**/charts/*.png" in (ROOT / ".gitignore").read_text().split()


def test_only_what_lies_between_the_marks_is_replaced(root):
    assert history.command(check=True, root=root) == 1
    assert "old" in (root / "README.md").read_text() and not (root / "reports/runs/README.md").exists()
    assert history.command(check=False, root=root) == 0
    text = (root / "README.md").read_text()
    assert text.startswith("# Title\n\n") and text.endswith("\n\nthe rest\n") and "\nold\n" not in text
    assert "| One at a time | slab_pool on glibc | fresh_heap on glibc | 5.00 / 10.0 | 0.500× [" in text
    assert "](reports/runs/first/charts/overview-1.svg)" in text
    assert history.command(check=True, root=root) == 0


@pytest.mark.parametrize("drift", ["README.md", "reports/runs/README.md", "reports/runs/first/results.json"])
def test_drift_of_either_side_is_found(root, drift, capsys):
    history.command(check=False, root=root)
    path = root / drift
    path.write_text(path.read_text().replace("0.500", "0.400").replace("2026-01-01", "2026-01-02"))
    assert history.command(check=True, root=root) == 1
    assert "poolmark splice" in capsys.readouterr().err


def test_a_newer_run_takes_over_when_it_answers_as_much(root):
    write(root / "reports/runs/second", dated(2, SLAB))
    write(root / "reports/runs/third", dated(3, cell("other_pool", around(0.5, 0.01))))
    history.command(check=False, root=root)
    assert "runs/second/" in (root / "README.md").read_text()
    listed = (root / "reports/runs/README.md").read_text()
    assert listed.index("third/") < listed.index("second/") < listed.index("first/")


@pytest.mark.parametrize(("qualities", "speaks"), [
    (["CITABLE", "EXPLORATORY"], 0), (["EXPLORATORY", "EXPLORATORY"], 1), (["CITABLE", "CITABLE"], 1), (["EXPLORATORY", "INVALID"], 0)])
def test_the_newest_citable_run_speaks_else_the_newest(qualities, speaks):
    runs = [Run(str(number), dated(number + 1, SLAB, quality=quality)) for number, quality in enumerate(qualities)]
    assert past.spokesman(ASKED, runs[::-1]).name == str(speaks)


def test_a_question_that_a_run_does_not_answer_says_so():
    assert headlines.row({"question": "Q", "cell": "none/*"}, Run("r", run(SLAB))) == \
        "| Q | | | | not measured in this run |"


def test_a_verdict_that_its_interval_does_not_carry_is_not_printed():
    bold = SLAB | {"verdict": "SLOWER"}
    assert headlines.row(ASKED["rows"][0], Run("r", run(bold))).endswith("unresolved |")


def test_hostile_names_stay_text():
    for name in HOSTILE:
        odd = cell(name, around(0.5, 0.01))
        asked = {**ASKED, "rows": [{"question": "Q", "cell": odd["id"]}]}
        text = headlines.section(asked, [Run("r", run(odd, cpu=name))], "runs") + index.page(asked, [Run("r", run(odd, cpu=name))], "m")
        assert "<script>" not in text and "\x1b" not in text and "[x](y)" not in text and len(text) < 5000


@pytest.mark.parametrize("spoil", [
    lambda root: (root / "README.md").write_text("no marks"), lambda root: (root / "README.md").unlink(),
    lambda root: (root / "README.md").write_text(f"{history.END}{history.BEGIN}"),
    lambda root: (root / "reports/headlines.json").write_text("[]"), lambda root: (root / "reports/headlines.json").unlink(),
    lambda root: (root / "reports/headlines.json").write_text('{"chart": {"file": "x", "alt": "y"}, "rows": [{"question": 1}]}'),
    lambda root: (root / "reports/runs/first/results.json").write_text("{"),
    lambda root: (root / "reports/runs/first/results.json").unlink()])
def test_what_cannot_be_read_changes_nothing(root, spoil):
    spoil(root)
    before = {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}
    with pytest.raises(UserError):
        history.command(check=False, root=root)
    assert {path: path.read_bytes() for path in root.rglob("*") if path.is_file()} == before


def test_methodology_says_which_promises_a_run_kept_and_what_kept_the_machine_busy(root):
    measured = dated(2, SLAB)
    measured["run"]["seconds"] = 425.0
    measured["calibration"]["median_half_width"] = 0.007
    measured["environment"]["during"] = {"steal_seconds": 81.2, "contenders_idle_share": 0.151}
    write(root / "reports/runs/second", measured)
    history.command(check=False, root=root)
    text = (root / "docs/methodology.md").read_text()
    assert text.startswith("# Method\n\n") and "](../reports/runs/second/report.md) of `quick`, 2 cells" in text
    assert "| time | 6 min | 7 min 05 s: **not reached**; the hypervisor took 81 s of CPU time away |" in text
    assert "| 0.7 % | 0.7 % |" in text and "| 15 % | 15.1 %: **not reached** |" in text


def test_a_run_without_promises_has_none_to_keep():
    measured = dated(2, SLAB)
    measured["run"]["preset"] = "wide"
    assert promises.section(ASKED, [Run("wide", measured)], "runs") == ""
