"""Charts: the same bytes each time, readable colours, escaped names, and nothing claimed that is not settled."""

from __future__ import annotations

import dataclasses
import hashlib
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import matplotlib
import pytest

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"
sys.path.insert(0, str(SCRIPTS))

import sample_results  # noqa: E402
from suite import charts  # noqa: E402
from suite.charts import forest, palette, style  # noqa: E402
from suite.results import model, selection, wording  # noqa: E402

KINDS = {"heatmap", "forest", "scaling", "memory", "noise", "variance", "latency", "instructions", "limit", "pareto",
         "timeline", "threads", "growth", "share"}
SPACE = {"svg": "http://www.w3.org/2000/svg"}
DRAW_ALL = """
import hashlib, sys, tempfile
from pathlib import Path
sys.path[:0] = [{scripts!r}, {tests!r}]
import sample_results
from suite import charts
from suite.charts import style
from suite.results import model
kinds = {{chart.kind: chart for chart in charts.plan(model.load(sample_results.build()))}}
for chart in kinds.values():
    svg = style.save(chart, Path(tempfile.mkdtemp()), png=False)
    print(chart.name, hashlib.sha256(svg.encode()).hexdigest())
"""


@pytest.fixture(scope="module")
def results() -> model.Results:
    return model.load(sample_results.build())


@pytest.fixture(scope="module")
def drawn(results: model.Results) -> dict[str, tuple[style.Chart, str]]:
    folder = sample_results.pages() / "charts"
    return {chart.name: (chart, (folder / f"{chart.name}.svg").read_text(encoding="utf-8")) for chart in charts.plan(results)}


def _cell(**changes) -> model.Cell:
    cell = model.Cell("w/p/s@a", "w", {"live": 10}, "w/p", "s", "glibc", "pool", False, False, model.FASTER, "",
                     model.Interval(5.0, 4.9, 5.1), 4.8, model.Interval(0.5, 0.49, 0.51))
    return dataclasses.replace(cell, **changes)


def _baseline() -> model.Cell:
    return _cell(id="w/p/fresh_heap@glibc", strategy="fresh_heap", verdict=model.BASELINE, ratio=model.Interval(1, 1, 1))


def test_two_processes_draw_the_same_bytes(drawn) -> None:
    program = DRAW_ALL.format(scripts=str(SCRIPTS), tests=str(Path(__file__).parent))
    other = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    mine = {f"{name} {hashlib.sha256(svg.encode()).hexdigest()}" for name, (_, svg) in drawn.items()}
    assert len(other.split("\n")[:-1]) == len(KINDS) and set(other.split("\n")[:-1]) <= mine


def test_every_kind_of_chart_is_there_and_not_too_many(drawn) -> None:
    assert {chart.kind for chart, _ in drawn.values()} == KINDS
    assert all(len(chart.table) > 1 or chart.kind == "forest" for chart, _ in drawn.values())
    assert len(drawn) <= charts.MOST


def test_a_heat_map_has_only_columns_in_which_somebody_was_compared(results: model.Results) -> None:
    from suite.charts import heatmap
    names = [one["name"] for one in results.workloads]
    def row(cell: model.Cell) -> str | None:
        return cell.allocator if cell.id.rsplit("@", 1)[0] == cell.baseline.rsplit("@", 1)[0] else None
    alone = dataclasses.replace(results, cells=tuple(
        cell for cell in results.cells if cell.workload != "churn" or cell.verdict == model.BASELINE and not cell.twin))
    found = heatmap.matrix_of(alone, names, row)
    columns = {workload for workload, _ in found.columns}
    assert "pair" in columns and "churn" not in columns
    assert {workload for workload, _ in heatmap.matrix_of(results, names, row).columns} >= {"pair", "churn"}
    for i in range(len(found.columns)):
        assert any(cell.verdict != model.BASELINE for (_, column), cell in found.cells.items() if column == i)


def test_floors_and_margins_stand_at_the_foot_and_the_baseline_again_in_the_last_rows(drawn, results: model.Results) -> None:
    for chart, svg in drawn.values():
        if chart.kind in ("forest", "heatmap"):
            texts = re.findall(r'<text[^>]*y="([\d.]+)"[^>]*>([^<]+)<', svg)
            places = {text: float(y) for y, text in texts}
            foot = next(y for text, y in places.items() if text.startswith("No difference below"))
            assert foot == max(places.values())
    group = next(cell.group for cell in results.cells if cell.twin)
    rows = forest.ordered(tuple(cell for cell in results.cells if cell.group == group))
    twins = [cell.twin for cell in rows]
    assert any(twins) and twins == sorted(twins)


def test_a_png_is_twice_the_size_of_its_svg(results: model.Results, tmp_path: Path) -> None:
    chart = charts.plan(results)[0]
    svg = style.save(chart, tmp_path)
    points_wide = float(re.search(r'width="([\d.]+)pt"', svg)[1])
    header = (tmp_path / f"{chart.name}.png").read_bytes()[:24]
    assert int.from_bytes(header[16:20], "big") == 2 * points_wide


def test_every_svg_is_well_formed_named_and_asks_the_network_for_nothing(drawn) -> None:
    for chart, svg in drawn.values():
        root = ElementTree.fromstring(svg)
        assert root.get("role") == "img" and root.get("aria-label") == chart.alt
        assert root.find("svg:title", SPACE).text == chart.title
        assert root.findall(".//svg:script", SPACE) == [] and root.findall(".//svg:image", SPACE) == []
        assert set(re.findall(r"https?://[^\"' ]+", svg)) <= {"http://www.w3.org/2000/svg"}


def test_every_text_has_a_size_of_its_own(drawn) -> None:
    for _, svg in drawn.values():
        for element in ElementTree.fromstring(svg).findall(".//svg:text", SPACE):
            assert re.search(r"font-size: [\d.]+px(;|$)", element.get("style", "")), element.attrib


def test_ids_are_used_once_over_all_charts(drawn) -> None:
    ids = [found for _, svg in drawn.values() for found in re.findall(r' id="([^"]+)"', svg)]
    assert len(ids) == len(set(ids))


def test_numbers_in_labels_keep_their_digits(drawn) -> None:
    _, svg = drawn["forest-pair-3"]
    assert re.search(r">0\.0\d{3}× \[0\.0\d{3}, 0\.0\d{3}\]", svg)


def test_a_dollar_is_a_dollar(tmp_path: Path) -> None:
    cells = (_baseline(), _cell(strategy="$x_1$", id="w/p/$x_1$@glibc"))
    rows = forest.ordered(cells)
    chart = style.Chart("c", "w", "forest", "t", "a", "h", lambda: forest.draw(rows, "$t_2$", "w", 0.02, 0.01))
    svg = style.save(chart, tmp_path, png=False)
    assert "$x_1$@glibc" in svg and "$t_2$" in svg


def test_colours_of_marks_stand_out_from_white() -> None:
    for shades in (*palette.FAMILIES.values(), palette.UNKNOWN):
        for colour in shades:
            assert palette.contrast_on_white(colour) >= 3, colour


def test_the_same_marks_stand_out_from_a_dark_page_and_keep_their_order() -> None:
    page = palette.contrast_on_white(palette.DARK_PAGE)
    for shades in (*palette.FAMILIES.values(), palette.UNKNOWN):
        for colour in shades:
            assert page / palette.contrast_on_white(palette.on_dark(colour)) >= 3, colour
    assert palette.on_dark("#ffffff") == palette.DARK_PAGE
    paler = [palette.on_dark(palette.mixed_with_white("#0072b2", share)) for share in (0.0, 0.4, 0.75, 1.0)]
    assert [palette.contrast_on_white(one) for one in paler] == sorted(palette.contrast_on_white(one) for one in paler)


def test_known_strategies_look_different_and_keep_their_look() -> None:
    looks = [palette.mark(name, family).colour for family, names in palette.KNOWN.items() for name in names]
    assert len(looks) == len(set(looks)) == len(palette.SHADES) - len(palette.ELSEWHERE)
    assert all(len(names) <= len(palette.FAMILIES[family]) for family, names in palette.KNOWN.items())
    assert palette.mark("never_seen", "no_family") == palette.mark("never_seen", "no_family")
    assert palette.mark("never_seen", "no_family").colour in palette.UNKNOWN


@pytest.mark.parametrize(("value", "text"), [
    (0.0651234, "0.0651"), (0.99999, "1.00"), (9.999, "10.0"), (12.345, "12.3"), (999.9, "1,000"), (123456, "123,000"),
    (1, "1.00"), (0, "0"), (0.000123456, "0.000123"),
])
def test_three_significant_digits(value: float, text: str) -> None:
    assert wording.significant(value) == text


def test_a_ratio_is_as_fine_above_one_as_below() -> None:
    assert wording.ratio(model.Interval(1.0008, 0.9972, 1.0041)) == "1.001× [0.997, 1.004]"
    assert wording.ratio(model.Interval(0.99996, 0.0651, 12.34)) == "1.000× [0.0651, 12.3]"


def test_ticks_of_a_narrow_axis_are_more_than_one() -> None:
    assert style.log_ticks(0.97, 1.06) == pytest.approx([0.98, 1.0, 1.02, 1.04, 1.06])
    assert style.log_ticks(0.006, 2.2) == [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0]


def test_a_verdict_without_its_interval_is_not_citable() -> None:
    assert model.supported(model.FASTER, model.Interval(0.5)) == model.NOT_CITABLE
    assert model.supported(model.EQUIVALENT, None) == model.NOT_CITABLE


def test_a_faster_whose_interval_crosses_one_is_unresolved() -> None:
    assert model.supported(model.FASTER, model.Interval(0.9, 0.8, 1.01)) == model.UNRESOLVED
    assert model.supported(model.SLOWER, model.Interval(1.1, 0.99, 1.2)) == model.UNRESOLVED
    assert model.supported(model.FASTER, model.Interval(0.9, 0.88, 0.92)) == model.FASTER


def test_a_limit_row_is_never_the_title() -> None:
    rows = (_baseline(), _cell(), _cell(strategy="empty_loop", limit=True, ratio=model.Interval(0.01, 0.01, 0.01)))
    assert forest.finding(selection.Point("w", "w/p", {}, rows)).startswith("s on glibc is 2.0 times as fast as fresh_heap on glibc (1.96 to 2.04)")


def test_a_title_names_no_contender_that_is_not_settled() -> None:
    rows = (_baseline(), _cell(verdict=model.UNRESOLVED, ratio=model.Interval(0.9, 0.8, 1.1)))
    assert forest.finding(selection.Point("w", "w/p", {}, rows)) == "Nothing settled against fresh_heap on glibc"


def test_a_wide_interval_does_not_win_by_luck() -> None:
    lucky = _cell(strategy="lucky", allocator="mimalloc", ratio=model.Interval(0.4, 0.3, 0.9))
    assert forest.quoted([lucky, _cell(allocator="mimalloc")], _baseline()).strategy == "s"


def test_a_heap_that_is_not_seen_to_matter_is_not_advised() -> None:
    elsewhere = _cell(allocator="mimalloc", ratio=model.Interval(0.495, 0.485, 0.505))
    assert forest.quoted([elsewhere, _cell()], _baseline()).allocator == "glibc"
    assert forest.quoted([dataclasses.replace(elsewhere, ratio=model.Interval(0.4, 0.39, 0.41)), _cell()],
                         _baseline()).allocator == "mimalloc"


@pytest.mark.parametrize("strategy, verdict, twin", [
    ("keyed_unordered_map", model.BASELINE, ""), ("unbounded_map", model.FASTER, "#duplicate"),
    ("mmmmmmmmmmmmmmmmmmmmmmmmm", model.FASTER, "#twin"), ("illililililililililililililil", model.FASTER, "")])
def test_labels_of_a_forest_lie_within_the_picture(strategy: str, verdict: str, twin: str) -> None:
    cell = _cell(strategy=strategy, verdict=verdict, id=f"p/{strategy}@glibc{twin}", twin=bool(twin))
    with matplotlib.rc_context(style.SETTINGS):
        figure = forest.draw([cell, _baseline()], "Title", "where", 0.02, 0.02)
        figure.canvas.draw()
        labels = [text for text in figure.axes[0].texts if strategy[:4] in text.get_text()]
        assert labels and all(text.get_window_extent().x0 >= 0 for text in labels)
    assert any(text.get_text().startswith(strategy) for text in labels) or twin or "m" in strategy


def test_labels_are_spread_without_overlap() -> None:
    placed = style.spread([0.5, 0.5, 0.5, 0.9], 0.1, 0.0, 1.0)
    ordered = sorted(placed)
    assert all(b - a >= 0.0999 for a, b in zip(ordered, ordered[1:])) and placed[3] == max(placed)


def test_sweeps_are_found_from_the_types_of_parameters(results: model.Results) -> None:
    sweeps = selection.sweeps(selection.points_of(results.of_workload("boxed_integers")), 2)
    assert [sweep.axis for sweep in sweeps] == ["hit_rate"]
    assert selection.sweeps(selection.points_of(results.of_workload("object_layout")), 2) == []


def test_parameters_read_as_words() -> None:
    sized = {"live": 1000000, "bytes": 64, "order": "lifo"}
    assert wording.point(sized) == "1,000,000 live objects, 64 bytes each, lifo order"
    assert wording.point({"small_percent": 90, "depth": 3}) == "90 % small, depth 3"
    assert wording.span("small_percent", 0, 100) == "From 0 to 100 % small" and wording.axis("small_percent") == "small, %"
    assert wording.span("depth", 1, 8) == "From depth 1 to 8"


def test_headline_points_hold_the_largest(results: model.Results) -> None:
    chosen = selection.headline_points(selection.points_of(results.of_workload("batch_order")), 3)
    assert len(chosen) == 3 and chosen[-1].parameters["live"] == 1_000_000
