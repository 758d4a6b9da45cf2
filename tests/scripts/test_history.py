"""The README and the index say what the runs say; who drifts is named, and nothing but what lies between the marks is touched."""

import json
import re
from dataclasses import replace

import pytest
from small_run import GROUP, HOSTILE, around, cell, run, write
from suite import history
from suite.base.build import ROOT
from suite.base.errors import UserError
from suite.history import index, past, promises, readme, versions
from suite.history.past import Run
from suite.results import wording

SLAB = cell("slab_pool", around(0.5, 0.01))
UNCITED = cell("slab_pool", around(0.5, 0.01), "NOT CITABLE", reason="too few quiet rounds")
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
    aloud_place = f"{history.ALOUD}\n{history.END}\n"
    (tmp_path / "README.md").write_text(f"# Title\n\n{history.TABLE}\nold\n{history.END}\n\n{aloud_place}\nthe rest\n")
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/reading-a-chart.md").write_text(f"# Charts\n\n{aloud_place}")
    (tmp_path / "docs/methodology.md").write_text(f"# Method\n\n{history.TABLE}\n{history.END}\n")
    for page in ("pools-measured", "systems", "heaps"):
        (tmp_path / f"docs/{page}.md").write_text(f"# Page\n\n{history.TABLE}\n{history.END}\n")
    write(tmp_path / "reports/runs/first", dated(1, SLAB))
    return tmp_path


def test_the_readme_of_this_repository_is_what_its_runs_make():
    assert history.drift(ROOT) == [], "write it again with scripts/poolmark splice"


def test_no_page_of_this_repository_links_a_png_since_none_is_committed():
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md"), *(ROOT / "reports/runs").glob("*/*.md"), *(ROOT / "reports/runs").glob("*/*.html")]
    assert len(pages) > 10 and [page.name for page in pages if ".png" in page.read_text(encoding="utf-8")] == []
    assert "/reports/runs/**/charts/*.png" in (ROOT / ".gitignore").read_text().split()


def test_a_run_kept_as_data_alone_is_listed_by_its_folder_and_one_with_pages_by_its_page(root):
    write(root / "reports/runs/second", dated(2, SLAB))
    (root / "reports/runs/second/report.md").write_text("its page\n")
    history.command(check=False, root=root)
    listed = (root / "reports/runs/README.md").read_text()
    assert "](first/)" in listed and "](second/report.md)" in listed
    assert "](reports/runs/second/report.md)" in (root / "README.md").read_text()


def test_every_link_to_a_run_leads_somewhere():
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md"), *(ROOT / "reports").glob("**/*.md")]
    links = [(page, page.parent / found) for page in pages for found in re.findall(r"\]\(([^()\s#]+)", page.read_text(encoding="utf-8"))
             if "reports/" in str((page.parent / found).resolve()) and "://" not in found]
    assert len(links) > 20 and [(page.name, str(link)) for page, link in links if not link.exists()] == []


def test_only_what_lies_between_the_marks_is_replaced(root):
    assert history.command(check=True, root=root) == 1
    assert "old" in (root / "README.md").read_text() and not (root / "reports/runs/README.md").exists()
    assert history.command(check=False, root=root) == 0
    text = (root / "README.md").read_text()
    assert text.startswith("# Title\n\n") and text.endswith("\n\nthe rest\n") and "\nold\n" not in text
    assert "| One at a time | slab_pool on glibc | fresh_heap on glibc | 5.00 / 10.0 | 0.500× [" in text
    assert "](reports/runs/first/charts/overview-1.svg)" in text
    assert history.command(check=True, root=root) == 0


@pytest.mark.parametrize("drift", ["README.md", "docs/reading-a-chart.md", "reports/runs/README.md", "reports/runs/first/results.json"])
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


@pytest.mark.parametrize(("first", "second", "chosen"), [
    (dated(1, SLAB), dated(2, SLAB), 1), (dated(1, SLAB), dated(2, SLAB, quality="INVALID"), 0),
    (dated(1, SLAB), dated(2, UNCITED), 0), (dated(1, SLAB), dated(2, SLAB | {"citable": False}), 0),
    (dated(1, SLAB, quality="EXPLORATORY"), dated(2, SLAB, quality="SOUND"), 1)])
def test_the_newest_run_that_answers_most_questions_with_citable_cells_is_quoted(first, second, chosen):
    assert past.reference_run(ASKED, [Run("1", second), Run("0", first)]).name == str(chosen)
    assert past.reference_run(ASKED, [Run("1", second, page=""), Run("0", first)]).name == "0", "the one whose pages are kept"


def test_a_question_whose_cell_cannot_be_cited_is_left_out():
    measured = run(SLAB, UNCITED | {"id": "pair/bytes=64/arena@glibc"})
    asked = {**ASKED, "rows": [{"question": "Left out", "cell": "pair/bytes=64/arena@glibc"}, *ASKED["rows"],
                               {"question": "Never asked", "cell": "none/*"}]}
    text = readme.table(asked, [Run("r", measured)], "runs")
    assert "One at a time" in text and "Left out" not in text and "Never asked" not in text and "not citable" not in text
    nothing = readme.table(asked, [Run("r", run(UNCITED))], "runs")
    assert "|---" not in nothing and "0 of 1 cells citable" in nothing


def test_the_caption_says_how_much_is_citable_where_when_how_and_in_which_regime():
    measured = run(SLAB, UNCITED | {"id": "pair/bytes=64/arena@glibc"}, quality="SOUND")
    measured["witness"] = {"regime": "quiet"}
    caption = readme.table(ASKED, [Run("r", measured)], "runs").splitlines()[-1]
    assert caption == ("*1 of 2 cells citable. A CPU, 2 CPUs (kvm), 2026-01-31, `scripts/poolmark run`; quiet core. "
                       "[The whole run](runs/r/report.md).*")


def test_a_time_that_the_run_shows_beside_the_ratio_is_the_one_in_the_table():
    shown = SLAB | {"ns_per_op": SLAB["ns_per_op"] | {"shown": 4.97}}
    assert "| 4.97 / 10.0 |" in readme.row(ASKED["rows"][0], Run("r", run(shown)))


@pytest.mark.parametrize(("ratios", "verdict"), [(around(0.5, 0.01), "faster"), (around(1.5, 0.01), "slower"),
                                                 (around(1.0, 0.005), "equivalent"), (around(1.0, 0.2), "unresolved")])
def test_a_row_in_words_says_what_the_row_says(ratios, verdict):
    measured = run(cell("slab_pool", ratios, verdict.upper()))
    text = readme.section(ASKED, [Run("r", measured)], "runs")
    ratio = measured["cells"][1]["ratio"]
    assert f": *{verdict}*." in text and f"reaches from {wording.times(ratio['low'])} to {wording.times(ratio['high'])}." in text
    assert "5.00 ns with slab_pool on glibc, 10.0 ns with fresh_heap on glibc" in text and "regime unknown" in text
    assert readme.section(ASKED, [Run("r", run(UNCITED))], "runs") == readme.NOTHING


def test_a_row_in_words_has_the_second_figure_where_there_is_one():
    shared = {"ratio": {"estimate": 0.4, "low": 0.39, "high": 0.41}, "processes": 8, "rounds": 80}
    text = readme.section(ASKED, [Run("r", run(SLAB | {"regime": "quiet", "shared": shared}))], "runs")
    assert "quiet core; beside a busy sibling it is 0.400 times" in text


def test_runs_of_quick_on_one_machine_are_repeats_of_one_another():
    runs = [Run(str(day), dated(day, SLAB)) for day in (5, 4, 3)]
    other = [Run("other cpu", dated(2, SLAB, cpu="B")), Run("invalid", dated(1, SLAB, quality="INVALID"))]
    full = replace(runs[0], name="full", measured=dated(6, SLAB) | {"run": dated(6)["run"] | {"preset": "full"}})
    assert [[run.name for run in group] for group in index.groups([full, *runs, *other])] == [["3", "4", "5"]]
    assert index.groups([runs[0], *other]) == [] and index.section([runs[0], *other]) == index.NOTHING
    twice = index.groups([*runs[:2], other[0], Run("again", dated(1, SLAB, cpu="B"))])
    assert [[run.name for run in group] for group in twice] == [["4", "5"], ["again", "other cpu"]]
    assert "3 runs of `quick` on A CPU" in index.section(runs) and "100.0 % of 3 pairs" in index.section(runs)


def test_the_repeats_go_into_methodology_where_it_has_a_place_for_them(root):
    write(root / "reports/runs/second", dated(2, SLAB))
    page = root / "docs/methodology.md"
    page.write_text(f"{page.read_text()}\n{history.REPLICATE}\n{history.END}\nend\n")
    assert history.command(check=True, root=root) == 1 and history.command(check=False, root=root) == 0
    text = page.read_text()
    assert "100.0 % of 1 pairs of 95 % intervals overlap" in text and text.endswith(f"{history.END}\nend\n")
    assert "| 1 | first | 2026-01-01" in text and "| 2 | second | 2026-01-02" in text
    page.write_text(text.replace("100.0 %", "99.0 %"))
    assert history.command(check=True, root=root) == 1


def test_a_verdict_that_its_interval_does_not_carry_is_not_printed():
    bold = SLAB | {"verdict": "SLOWER"}
    assert readme.row(ASKED["rows"][0], Run("r", run(bold))).endswith("unresolved |")


def test_hostile_names_stay_text():
    for name in HOSTILE:
        odd = cell(name, around(0.5, 0.01))
        asked = {**ASKED, "rows": [{"question": "Q", "cell": odd["id"]}]}
        text = readme.table(asked, [Run("r", run(odd, cpu=name))], "runs") + index.page(asked, [Run("r", run(odd, cpu=name))], "m")
        assert "<script>" not in text and "\x1b" not in text and "[x](y)" not in text and len(text) < 5000


@pytest.mark.parametrize("spoil", [
    lambda root: (root / "README.md").write_text("no marks"), lambda root: (root / "README.md").unlink(),
    lambda root: (root / "README.md").write_text(f"{history.END}{history.TABLE}"),
    lambda root: (root / "README.md").write_text(f"{history.TABLE}{history.ALOUD}{history.END}"),
    lambda root: (root / "README.md").write_text(f"{history.TABLE}{history.END}"),
    lambda root: (root / "README.md").write_text(2 * f"{history.TABLE}{history.END}{history.ALOUD}{history.END}"),
    lambda root: (root / "docs/reading-a-chart.md").unlink(),
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
    assert text.startswith("# Method\n\n") and "](../reports/runs/second/) of `quick`, 2 cells" in text
    assert "| time | at most 6 min | 7 min 05 s: **not reached**; the hypervisor took 81 s of CPU time away |" in text
    assert "| at most 1 % | 0.7 % |" in text and "| at most 15 % | 15.1 %: **not reached** |" in text
    assert "| cells citable | at least 85 % | 100 % (1 of 1 cells citable) |" in text


def test_what_witnesses_cost_and_how_much_is_citable_are_promises_too():
    measured = dated(2, SLAB, *(UNCITED | {"id": f"pair/bytes=64/pool_{number}@glibc"} for number in range(1)))
    measured["witness"] = {"regime": "quiet", "overhead": 0.041}
    text = promises.section(ASKED, [Run("r", measured)], "runs")
    assert "| time for the witnesses | at most 4 % | 4.1 %: **not reached** |" in text
    assert "| 50 % (1 of 2 cells citable): **not reached** |" in text and "quiet core" in text


def test_a_run_without_promises_has_none_to_keep():
    measured = dated(2, SLAB)
    measured["run"]["preset"] = "wide"
    assert promises.section(ASKED, [Run("wide", measured)], "runs") == ""


def test_two_versions_of_a_heap_in_one_run_are_put_beside_each_other():
    measured = run(*(cell("fresh_heap", around(middle, 0.01), id=f"{GROUP}/fresh_heap@{heap}", allocator=heap)
                     for heap, middle in (("tc", 0.4), ("tc_2.1", 0.8))))
    measured["allocators"] += [measured["allocators"][0] | {"name": name, "version": version} for name, version in (("tc", "2.16"), ("tc_2.1", ""))]
    text = versions.section([Run("r", measured)], "runs")
    assert "tc 2.16 and tc_2.1" in text and "the newer is faster" in text and "0.500×" in text
    measured["allocators"].pop()
    assert versions.section([Run("r", measured)], "runs") == versions.NOTHING
