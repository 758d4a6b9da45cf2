"""Runs with witnesses: badge, regime, strip, reasons; what older runs say instead; and what whole processes took."""

from __future__ import annotations

import copy
import json
import re
import sys
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

import sample_results  # noqa: E402
import sample_witnessed  # noqa: E402
from suite import report  # noqa: E402
from suite.charts import witness  # noqa: E402
from suite.report import answers, regime, tables  # noqa: E402
from suite.results import model, selection  # noqa: E402


@pytest.fixture(scope="module")
def raw() -> dict:
    return sample_witnessed.of(sample_results.build())


@pytest.fixture(scope="module")
def out(raw: dict, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("witnessed")
    asked = [cell for cell in raw["cells"] if cell["workload"] in ("pair", "batch_order", "churn")]
    report.build(raw | {"cells": asked}, folder, png=False)
    return folder


@pytest.mark.parametrize("kind", ["quiet", "shared"])
def test_the_sample_follows_the_schema(kind: str) -> None:
    schema = json.loads((ROOT / "reports/schema/results.schema.json").read_text(encoding="utf-8"))
    jsonschema.validate(sample_witnessed.of(sample_results.build(), kind), schema)


def test_the_badge_counts_cells_on_every_page(raw: dict, out: Path) -> None:
    count = f"{raw['calibration']['citable']} of {raw['calibration']['compared']} cells citable"
    for page in report.PAGES:
        assert count in (out / page).read_text(encoding="utf-8")
    assert any(line.startswith(count) for line in report.summary(raw))


def test_an_older_run_says_that_nobody_knows_and_keeps_its_badge() -> None:
    older = sample_results.build()
    assert report.summary(older)[0] == regime.UNKNOWN
    assert regime.badge(model.load(older)).startswith("CITABLE, ")
    for page in report.PAGES:
        assert regime.UNKNOWN in (sample_results.pages() / page).read_text(encoding="utf-8")


def test_an_invalid_run_counts_nothing(raw: dict) -> None:
    bad = raw | {"calibration": raw["calibration"] | {"quality": "INVALID"}}
    assert regime.badge(model.load(bad)) == "INVALID"


def test_a_run_on_a_shared_core_says_so_on_every_page(tmp_path: Path) -> None:
    shared = sample_witnessed.of(sample_results.partial(), "shared")
    report.write(shared, tmp_path)
    for page in report.PAGES:
        text = (tmp_path / page).read_text(encoding="utf-8")
        assert regime.SHARED in text and "cells citable, shared core" in text
    assert regime.SHARED in report.summary(shared)


def test_a_quiet_run_says_which_rounds_its_verdicts_are_of(raw: dict) -> None:
    raw = raw | {"witness": raw["witness"] | {"notes": ["The clock stepped."]}}
    assert regime.sentences(model.load(raw)) == [
        "Verdicts are of quiet rounds; 93 % of all rounds had the core to themselves; the run changed its CPU 2 times.",
        "The clock stepped.", "The run waited 3.40 s for a quiet CPU and spent 1.2 % of its time on witnesses."]
    assert regime.warning(model.load(raw)) == ""


def test_witnesses_that_could_not_tell_say_so(raw: dict) -> None:
    blind = model.load(raw | {"witness": raw["witness"] | {"regime": "unknown"}})
    assert regime.warning(blind) == regime.BLIND and regime.sentences(blind)[0].startswith(regime.BLIND[:-1])


def test_a_cell_whose_memory_was_busy_throughout_says_so(raw: dict) -> None:
    from suite.report import answers, tables
    busy = copy.deepcopy(raw)
    for cell in busy["cells"]:
        cell["regime"] = "busy"
    results = model.load(busy)
    assert all("memory busy during the whole run" in one.where for one in answers.of(results) if one.answered)
    assert tables.more(results.cells[1])["memory"] == "busy throughout"


def test_the_strip_finds_the_stretches_and_the_cpus(raw: dict, out: Path) -> None:
    (chart,) = witness.plan(model.load(raw))
    assert chart.title == "Somebody shared the core in 14 of 180 blocks"
    assert [line[:3] for line in chart.table[1:]] == [("0", "38", "0"), ("1", "142", "14")]
    rows = [(0.0, 1, 0.4), (1.0, 1, 0.7), (2.0, 1, 0.7), (3.0, 0, 0.4)]
    assert witness.stretches(rows, 0.43) == [(0.5, 2.5)]
    assert (out / "charts/overview-witness.svg").is_file()
    assert 'id="overview-witness"' in (out / "report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("strip", [[], [[1, 2]], [["x", None, {}, 0]] * 3, [[0, 0, -1, 1], [1, 0, 1e300, 1]], None, "text"])
def test_a_strip_that_is_none_is_not_drawn(raw: dict, strip: object) -> None:
    assert witness.plan(model.load(raw | {"witness": raw["witness"] | {"strip": strip}})) == []


def test_one_quiet_cpu_throughout_is_drawn_too(raw: dict, tmp_path: Path) -> None:
    from suite.charts import style
    calm = raw["witness"] | {"strip": [[0, 0, 0.4, 0.57], [0, 0, 0.4, 0.57]]}
    (chart,) = witness.plan(model.load(raw | {"witness": calm}))
    assert chart.title.startswith("Nobody shared the core") and "<svg" in style.save(chart, tmp_path, png=False)


def test_cells_show_the_ratio_beside_a_busy_sibling(raw: dict, out: Path) -> None:
    shared = next(cell for cell in model.load(raw).cells if cell.shared and cell.verdict == "FASTER")
    text = (out / "report.html").read_text(encoding="utf-8")
    assert ">beside a busy sibling<" in text
    from suite.results import wording
    assert wording.ratio(shared.shared) in text


def test_a_reason_stands_with_the_two_cells_that_show_it(raw: dict, out: Path) -> None:
    results = model.load(raw)
    shown, turned, bare = (answers.why_of(results, name) for name in ("batch_order", "churn", "pair"))
    assert re.search(r"ns against .* ns\.$", shown.line) and shown.confirmed
    assert not turned.confirmed and turned.line.endswith(f"({answers.UNCONFIRMED}).")
    assert bare.line == sample_witnessed.WHY and answers.why_of(results, "object_layout") is None
    for page in ("report.html", "report.md"):
        text = (out / page).read_text(encoding="utf-8")
        assert text.count(sample_witnessed.WHY) >= 3 and answers.UNCONFIRMED in text


def test_a_reason_whose_cells_overlap_is_not_confirmed(raw: dict) -> None:
    close = copy.deepcopy(raw)
    entry = next(one for one in close["workloads"] if one["name"] == "batch_order")["why"]
    cell = next(one for one in close["cells"] if one["id"] == entry["faster"])
    cell["ratio"] = {"estimate": 0.99, "low": 0.95, "high": 1.02}
    assert not answers.why_of(model.load(close), "batch_order").confirmed


def test_margins_of_cells_are_those_of_their_workload_at_most() -> None:
    raw = sample_witnessed.of(sample_results.build())
    raw["calibration"].pop("margins", None)
    first = next(cell for cell in raw["cells"] if cell["workload"] == "pair")
    first["margin"] = 0.07
    results = model.load(raw)
    assert (results.margin_of("pair"), results.margin_of("churn")) == (0.07, 0.02)


@pytest.mark.parametrize("spoiled", [[], {"regime": 5}, {"levels": None, "strip": [[1, 1, 1, 1]] * 2}, {"notes": None}])
def test_an_odd_witness_stops_no_page(raw: dict, spoiled: object) -> None:
    assert report.summary(raw | {"witness": spoiled})
    witness.plan(model.load(raw | {"witness": spoiled}))


def test_rows_say_what_processes_took_and_kept_where_it_differs() -> None:
    point = next(point for point in selection.points_of(model.load(sample_results.build()).cells) if len(point.cells) > 1)

    def shown(peaks: tuple, faults: tuple = (0.0, 0.0), kept: dict | None = None) -> dict:
        cells = [replace(cell, memory={"peak_rss_bytes": peak * 2**20, "faults_per_operation": fault, "objects": 10,
                                       "kept_bytes": kept})
                 for cell, peak, fault in zip(point.cells, peaks, faults)]
        lines = tables.rows(replace(point, cells=tuple(cells)))
        return {title: sorted(line["more"].get(title, "") for line in lines) for title in tables.columns(lines)}
    assert shown((8, 24))["peak of the process, MiB"] == ["24.0", "8.00"]
    assert "peak of the process, MiB" not in shown((8, 9)), "what all take alike decides nothing"
    assert shown((8, 8), (0.0, 0.25))["page faults an operation"] == ["", "0.250"]
    assert "page faults an operation" not in shown((8, 8), (0.0, 0.0001))
    assert shown((8, 8), kept={"0": 90, "0.1": 80, "5": 30})["bytes per object kept after 5 s"] == ["3.00", "3.00"]
    assert not any(title.startswith("bytes per object kept") for title in shown((8, 8), kept={"0": 90})), "nobody watched it"
