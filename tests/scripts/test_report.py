"""Pages: complete, escaped, offline, and careful in what they say."""

from __future__ import annotations

import base64
import copy
import hashlib
import html
import json
import re
import sys
from html.parser import HTMLParser
from pathlib import Path

import jsonschema
import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

import sample_results  # noqa: E402
from suite import report  # noqa: E402
from suite.report import answers, content, markdown, tables  # noqa: E402
from suite.results import model, selection, wording  # noqa: E402

VOID = {"meta", "br", "hr", "img", "link", "input", "path", "use", "stop"}


class Page(HTMLParser):
    """Collects what the tests ask about."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict]] = []
        self.stack: list[str] = []
        self.faults: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.stack.append(tag)

    def handle_startendtag(self, tag: str, attrs: list) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        if not self.stack or self.stack.pop() != tag:
            self.faults.append(f"{tag} at {self.getpos()}")


@pytest.fixture(scope="module")
def raw() -> dict:
    return sample_results.build()


@pytest.fixture(scope="module")
def out() -> Path:
    return sample_results.pages()


@pytest.fixture(scope="module")
def text(out: Path) -> str:
    return (out / "report.html").read_text(encoding="utf-8")


def test_the_page_is_well_formed_and_small(text: str) -> None:
    page = Page(text)
    assert page.faults == [] and page.stack == []
    assert len(text.encode()) < 3_000_000


def test_the_page_asks_the_network_for_nothing(text: str) -> None:
    assert not re.search(r"https?://", text)
    for tag, attributes in Page(text).tags:
        assert tag not in ("link", "iframe", "img", "object", "base")
        for name in ("src", "href", "xlink:href"):
            assert (attributes.get(name) or "#").startswith("#")
    assert "@import" not in text and not re.search(r"url\((?!#)", text)


def test_the_policy_lets_only_the_page_s_own_script_run(text: str) -> None:
    (script,) = re.findall(r"<script>(.*?)</script>", text, flags=re.S)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = html.unescape(re.search(r'Content-Security-Policy" content="([^"]+)"', text)[1])
    assert f"script-src 'sha256-{digest}'" in policy and policy.startswith("default-src 'none'")


def test_every_colour_of_a_drawing_has_its_dark_counterpart(text: str) -> None:
    used = set(re.findall(r"var\((--c\d+)\)", text))
    light, dark = re.findall(r":root\{(--c0[^}]+)\}", text)
    for theme in (light, dark):
        assert used <= set(re.findall(r"(--c\d+):#[0-9a-f]{6}", theme))
    for svg in re.findall(r"<svg.*?</svg>", text, flags=re.S):
        assert not re.search(r'(?:style|fill|stroke)="[^"]*#[0-9a-f]{6}', svg)


def test_the_order_of_information_is_the_same_everywhere(raw: dict, text: str, out: Path) -> None:
    plain, spoken = (out / "report.md").read_text(encoding="utf-8"), "\n".join(report.summary(raw))
    first, last = (answers.of(model.load(raw))[i].short for i in (0, -1))
    for page, steps in (
            (text, (html.escape(first), "<svg", html.escape(last), 'id="verdicts"', 'id="trust"', 'id="overview-noise"',
                    "All 4 planted differences came out right", 'id="decisions"', 'id="overview-1"', 'id="workload-',
                    'id="next"', 'id="environment"', 'id="again"')),
            (plain, (markdown.text(first), "](charts/answer-", markdown.text(last), "## Verdicts", "## Can it be trusted?",
                     "All 4 planted", "## What to take", "](charts/overview-1", "## pair", "## What to do next",
                     "## Environment", "## Run it again")),
            (spoken, (first, last, "▲ pair:", "cells citable, A/A floor", "All 4 planted", "Decisions: Of", "next: ",
                      "glibc 2.36"))):
        places = [page.find(step) for step in steps]
        assert -1 not in places and places == sorted(places), list(zip(steps, places))


def test_planted_cells_are_rows_but_no_question(raw: dict, text: str) -> None:
    loaded = model.load(raw)
    assert "control" not in {one["name"] for one in loaded.workloads}
    assert sum(cell.control for cell in loaded.cells) == 4
    assert f'id="{tables.anchor(raw["controls"][1]["cell"])}"' in text
    wrong = copy.deepcopy(raw)
    wrong["controls"][2] |= {"right": False, "reason": "5 % was not seen"}
    assert any("Only 3 of 4 planted differences came out right" in line for line in report.summary(wrong))


def test_a_name_of_ten_thousand_letters_stays_a_label(tmp_path: Path) -> None:
    raw = sample_results.partial()
    long = "n" * 10_240
    for cell in raw["cells"]:
        if cell["strategy"] == "arena":
            cell |= {"strategy": long, "id": cell["id"].replace("arena", long)}
    raw["strategies"] = [one | {"name": long} if one["name"] == "arena" else one for one in raw["strategies"]]
    report.write(raw, tmp_path)
    for page in report.PAGES:
        assert "n" * 401 not in (tmp_path / page).read_text(encoding="utf-8")
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert len(set(re.findall(r'<tr id="(cell-[^"]+)"', text))) == len(raw["cells"])


def test_hostile_names_are_text(text: str, out: Path) -> None:
    assert text.count("<script") == 1 and html.escape(sample_results.HOSTILE) in text
    assert "<b>9R14" not in text
    plain = (out / "report.md").read_text(encoding="utf-8")
    assert "<script" not in plain and "<b>9R14" not in plain
    for svg in (out / "charts").glob("*.svg"):
        assert "<script" not in svg.read_text(encoding="utf-8")


def test_every_drawing_says_what_it_shows(text: str) -> None:
    drawings = [attributes for tag, attributes in Page(text).tags if tag == "svg"]
    assert drawings and all(len(one.get("aria-label", "")) > 20 for one in drawings)


def test_every_id_is_used_once_and_every_link_lands(text: str) -> None:
    ids = [attributes["id"] for _, attributes in Page(text).tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    links = {attributes["href"][1:] for tag, attributes in Page(text).tags if tag == "a"}
    assert links <= set(ids)


def test_every_cell_has_its_row_with_nanoseconds_before_the_ratio(raw: dict, text: str) -> None:
    rows = dict(re.findall(r'<tr id="(cell-[^"]+)"[^>]*>(.*?)</tr>', text, flags=re.S))
    assert len(rows) == len(raw["cells"])
    for cell in model.load(raw).cells:
        row = rows[tables.anchor(cell.id)]
        assert html.escape(cell.contender) in row
        if cell.measured:
            nanoseconds, ratio = wording.significant(cell.nanoseconds.estimate), f"{wording.times(cell.ratio.estimate)}×"
            assert row.index(f">{nanoseconds}<") < row.index(f">{ratio}<")


def test_every_page_prints_the_floor_the_seed_and_the_command(out: Path) -> None:
    assert "A/A floor **0.91 %**" in (out / "decisions.md").read_text(encoding="utf-8")
    for page in ("report.md", "report.html"):
        content = (out / page).read_text(encoding="utf-8")
        assert "A/A floor" in content and "0.91 %" in content
        assert "scripts/poolmark run --seed 20260131" in content and "results.json" in content


def test_markdown_embeds_charts_that_exist_and_keeps_tables_narrow(out: Path) -> None:
    plain = (out / "report.md").read_text(encoding="utf-8")
    embedded = re.findall(r"\]\((charts/[^)]+)\)", plain)
    assert embedded and all((out / path).is_file() for path in embedded)
    for line in plain.splitlines():
        if line.startswith("|"):
            assert len(re.findall(r"(?<!\\)\|", line)) <= 7, line


def test_the_command_does_not_lead_into_a_used_folder() -> None:
    raw = sample_results.empty()
    for option in ("--out 'a b'", "--out=x"):
        raw["run"]["command"] = f"scripts/poolmark run {option} --preset full"
        assert tables.command(model.load(raw)) == "scripts/poolmark run --preset full --seed 20260131"
    raw["run"]["command"] = "scripts/poolmark 'open"
    assert tables.command(model.load(raw)).startswith("scripts/poolmark 'open")


def test_markdown_has_the_last_words_of_a_failed_cell(out: Path) -> None:
    assert "`double free & 'quoted' $x_1$ </details>`" in (out / "report.md").read_text(encoding="utf-8")


def test_no_control_character_reaches_a_page(tmp_path: Path) -> None:
    odd = "\0\7\x1b[31m\u202e\ud800"

    def spoil(value: object) -> object:
        if isinstance(value, dict):
            return {key: spoil(entry) for key, entry in value.items()}
        return [spoil(entry) for entry in value] if isinstance(value, list) else \
            value + odd if isinstance(value, str) else value
    raw = sample_results.partial()
    raw |= {key: spoil(raw[key]) for key in ("run", "environment", "allocators", "workloads")}
    report.write(raw, tmp_path)
    for page in report.PAGES:
        text = (tmp_path / page).read_text(encoding="utf-8")
        assert not [letter for letter in text if not letter.isprintable() and letter != "\n"]


@pytest.mark.parametrize("value", [1e308, 5e-324, 10**400])
def test_absurd_numbers_are_not_drawn(value: float, tmp_path: Path) -> None:
    raw = sample_results.partial()
    for cell in raw["cells"]:
        for part in ("ns_per_op", "ratio", "memory"):
            cell[part] = cell[part] and dict.fromkeys(cell[part], value)
    report.write(raw, tmp_path)
    assert "nothing was measured" in (tmp_path / "report.md").read_text(encoding="utf-8")


def test_markdown_text_cannot_leave_its_cell() -> None:
    assert markdown.text("a|b\n`c` <i> $x$ [l](u)") == r"a\|b \`c\` &lt;i&gt; \$x\$ \[l\](u)"


@pytest.mark.parametrize("kind", ["smoke", "partial", "empty"])
def test_runs_with_holes_give_pages_that_say_so(kind: str, tmp_path: Path) -> None:
    raw = getattr(sample_results, kind)()
    raw["cells"] = [cell for cell in raw["cells"] if cell["workload"] in ("pair", "boxed_integers", "object_layout")]
    (tmp_path / "report").mkdir()
    report.build(raw, tmp_path / "report", png=False)
    text = (tmp_path / "report" / "report.html").read_text(encoding="utf-8")
    said = {"smoke": "too few processes for an interval", "partial": "This run was interrupted",
            "empty": "this run measured nothing"}[kind]
    for page in (text, (tmp_path / "report" / "report.md").read_text(encoding="utf-8")):
        assert said.lower() in page.lower()
    assert Page(text).faults == []
    assert len(re.findall(r'<tr id="cell-', text)) == len(raw["cells"])


@pytest.mark.parametrize("kind", ["build", "smoke", "partial", "empty"])
def test_the_sample_follows_the_schema(kind: str) -> None:
    schema = json.loads((ROOT / "reports" / "schema" / "results.schema.json").read_text(encoding="utf-8"))
    jsonschema.validate(getattr(sample_results, kind)(), schema)


def test_the_terminal_says_what_the_page_says(raw: dict, text: str) -> None:
    lines = report.summary(raw)
    assert html.escape(lines[0]) in text
    assert any("A/A floor 0.91 %" in line for line in lines)


def test_a_report_that_fails_leaves_the_old_one(raw: dict, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    report.write(sample_results.empty(), tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()}
    monkeypatch.setattr(report.html, "render", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        report.write(sample_results.partial(), tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()} == before
    assert list((tmp_path / "charts").iterdir()) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["charts", "decisions.md", "report.html", "report.md"]


def test_writing_again_replaces_the_charts(tmp_path: Path) -> None:
    report.write(sample_results.partial(), tmp_path)
    (tmp_path / "results.json").write_text("{}")
    report.write(sample_results.empty(), tmp_path)
    assert list((tmp_path / "charts").iterdir()) == [] and (tmp_path / "results.json").read_text() == "{}"


def test_what_a_subject_tells_stands_beside_its_time(raw: dict) -> None:
    told = copy.deepcopy(raw)
    cell = next(one for one in told["cells"] if one["verdict"] == "FASTER" and (one["memory"] or {}).get("rss_bytes_per_object"))
    cell["facts"] = {"hit_ratio": 0.612, "allocations_per_operation": 2}
    results = model.load(told)
    (point,) = [one for one in selection.points_of(results.cells) if one.group == cell["group"]]
    row = next(row for row in tables.rows(point) if row["cell"].id == cell["id"])
    assert (row["more"]["hit ratio"], row["more"]["allocations per operation"]) == ("61.2 %", "2.00")
    assert {"hit ratio", "bytes per object"} <= set(tables.columns(tables.rows(point)))
    line = next(line for line in markdown.render(content.of(results, drawn=False)).splitlines() if "hit ratio 61.2" in line)
    assert line.count("|") == 7
