"""The HTML page in a real browser: quiet, offline, complete without its script, on a phone, in the dark and on paper."""

from __future__ import annotations

import base64
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))

import browser  # noqa: E402
import sample_results  # noqa: E402

ROWS = "document.querySelectorAll('tr[id^=cell-]').length"
SHOWN = "[...document.querySelectorAll('tr[id^=cell-]')].filter(row => !row.hidden).length"
FIRST = "document.querySelector('#verdicts tbody tr').cells[0].textContent"
PAINT = ("new Promise(done => new PerformanceObserver(list => list.getEntriesByName('first-contentful-paint')"
         ".forEach(entry => done(entry.startTime))).observe({type: 'paint', buffered: true}))")
TWO_FRAMES = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))"


@pytest.fixture(scope="module")
def raw() -> dict:
    browser.needed()
    return sample_results.build()


@pytest.fixture(scope="module")
def page(raw: dict) -> Path:
    return sample_results.pages() / "report.html"


@pytest.fixture(scope="module")
def shared(page: Path) -> Iterator[browser.Tab]:
    with browser.tab() as tab:
        yield tab


@pytest.fixture
def tab(shared: browser.Tab) -> Iterator[browser.Tab]:
    shared.size(1280, 900)
    yield shared
    shared("Emulation.setScriptExecutionDisabled", value=False)
    shared("Emulation.setEmulatedMedia", media="", features=[])


def _style(tab: browser.Tab, selector: str, name: str) -> str:
    return tab.value(f"getComputedStyle(document.querySelector('{selector}')).{name}")


def test_the_page_loads_without_a_complaint_or_a_request(tab: browser.Tab, page: Path) -> None:
    tab.open(page)
    assert tab.complaints() == []
    assert [address for address in tab.requests() if address != page.as_uri()] == []


def test_the_first_paint_comes_within_a_second(tab: browser.Tab, page: Path) -> None:
    paints = []
    for _ in range(5):  # the least of five: other programs may be busy
        tab.open(page)
        paints.append(tab.value(PAINT))
    assert 0 < min(paints) < 1000, paints


def test_nothing_is_missing_without_the_script(tab: browser.Tab, page: Path, raw: dict) -> None:
    tab.open(page)
    assert tab.value(ROWS) == len(raw["cells"])
    with_script = tab.value("document.querySelectorAll('main tr').length")
    tab("Emulation.setScriptExecutionDisabled", value=True)
    tab.open(page)
    assert tab.value(ROWS) == len(raw["cells"]) and tab.value(SHOWN) == len(raw["cells"])
    assert tab.value("document.querySelectorAll('main tr').length") == with_script
    assert tab.value("document.querySelectorAll('th button').length") == 0  # what does nothing is not offered
    assert _style(tab, "#filter", "display") == "none"


def test_a_column_sorts_up_down_and_back(tab: browser.Tab, page: Path) -> None:
    tab.open(page)
    column = "[...document.querySelectorAll('#verdicts tbody tr')].map(row => parseFloat(row.cells[4].textContent))"
    came, click = tab.value(column), "document.querySelectorAll('#verdicts th button')[4].click()"
    tab.value(click)
    assert tab.value(column) == sorted(came)
    assert tab.value("document.querySelectorAll('#verdicts th')[4].getAttribute('aria-sort')") == "ascending"
    tab.value(click)
    assert tab.value(column) == sorted(came, reverse=True)
    tab.value(click)
    assert tab.value(column) == came


def test_words_are_sorted_as_words(tab: browser.Tab, page: Path) -> None:
    tab.open(page)
    tab.value("document.querySelectorAll('#verdicts th button')[0].click()")
    assert tab.value(FIRST) == "batch_order"


def test_the_filter_shows_what_fits_and_all_again(tab: browser.Tab, page: Path, raw: dict) -> None:
    tab.open(page)

    def type_in(text: str) -> None:
        tab.value(f"(() => {{ const box = document.getElementById('filter-words'); box.value = {text!r};"
                  "box.dispatchEvent(new Event('input')); })()")
    type_in("slab_pool mimalloc")
    wanted = sum(cell["strategy"] == "slab_pool" and cell["allocator"] == "mimalloc" for cell in raw["cells"])
    assert tab.value(SHOWN) == wanted > 0
    assert tab.value("document.getElementById('filter-count').textContent") == f"{wanted} of {len(raw['cells'])} cells"
    type_in("")
    assert tab.value(SHOWN) == len(raw["cells"])
    tab.value("(() => { const one = document.getElementById('filter-verdict'); one.value = 'failed';"
              "one.dispatchEvent(new Event('change')); })()")
    assert tab.value(SHOWN) == sum(cell["verdict"] == "FAILED" for cell in raw["cells"])


def test_a_permalink_opens_the_table_that_holds_its_cell(tab: browser.Tab, page: Path) -> None:
    tab.open(page)
    folded = tab.value("[...document.querySelectorAll('details:not([open]) tr[id^=cell-]')].map(row => row.id)[0]")
    tab.open(page, f"#{folded}")
    tab.value(TWO_FRAMES)
    assert tab.value(f"document.getElementById('{folded}').closest('details').open")
    assert tab.value(f"(() => {{ const box = document.getElementById('{folded}').getBoundingClientRect();"
                     "return box.top >= 0 && box.bottom <= innerHeight; })()")


def test_a_phone_scrolls_down_only(tab: browser.Tab, page: Path) -> None:
    tab.size(360, 780, phone=True)
    tab.open(page)
    tab.value("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    assert tab.value("document.documentElement.scrollWidth") <= 360
    assert tab.value("[...document.querySelectorAll('.scroll, .sheet')].some(box => box.scrollWidth > box.clientWidth)")


def test_the_five_answers_stack_on_a_phone_and_fit_a_screen_beside_their_charts(tab: browser.Tab, page: Path) -> None:
    box = "document.querySelector('.answers li {}').getBoundingClientRect()"
    tab.open(page)
    assert tab.value(f"{box.format('.words')}.right <= {box.format('figure')}.left")
    assert tab.value("document.querySelectorAll('.answers li').length") == 5
    assert tab.value("document.querySelector('.answers').getBoundingClientRect().bottom") < 1000
    tab.size(390, 844, phone=True)
    tab.open(page)
    assert tab.value(f"{box.format('.words')}.bottom <= {box.format('figure')}.top")
    assert tab.value("document.documentElement.scrollWidth") <= 390


def test_a_dark_page_is_dark_in_its_drawings_too(tab: browser.Tab, page: Path) -> None:
    tab("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark"}])
    tab.open(page)
    first = "document.querySelector('.sheet svg path')"
    assert _style(tab, "body", "backgroundColor") == "rgb(20, 23, 26)"
    assert tab.value(f"getComputedStyle({first}).fill") == "rgb(27, 31, 36)"
    tab("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "light"}])
    assert tab.value(f"getComputedStyle({first}).fill") == "rgb(255, 255, 255)"


def test_paper_is_white_even_for_a_reader_in_the_dark(tab: browser.Tab, page: Path) -> None:
    tab("Emulation.setEmulatedMedia", media="print", features=[{"name": "prefers-color-scheme", "value": "dark"}])
    tab.open(page)
    assert _style(tab, "body", "backgroundColor") == "rgb(255, 255, 255)"
    assert tab.value("getComputedStyle(document.querySelector('.sheet svg path')).fill") == "rgb(255, 255, 255)"
    assert _style(tab, "nav", "display") == "none" and _style(tab, "#filter", "display") == "none"
    assert base64.b64decode(tab("Page.printToPDF")["data"]).startswith(b"%PDF")


def test_every_link_of_the_decisions_lands_on_its_cell(tab: browser.Tab, page: Path) -> None:
    tab.open(page)
    assert tab.value("[...document.querySelectorAll('#decisions td a')].length") > 10
    assert tab.value("[...document.querySelectorAll('#decisions td a')].every("
                     "link => document.getElementById(link.getAttribute('href').slice(1))?.matches('tr'))")
