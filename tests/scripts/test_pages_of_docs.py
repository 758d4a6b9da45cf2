"""Pages: a measured number stands on one only where a command put it, and what else looks like one is a definition, and listed; the code
in docs/using-the-library.md stands in files that a test builds, and its tables leave nothing out.

numbers_in_prose.txt has a line for each definition: the page (or * for any), the number as it is written, and the file that defines it.
"""

import re
from functools import cache
from pathlib import Path

import pytest
from driver import ROOT
from suite import history

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
LIST = Path(__file__).with_name("numbers_in_prose.txt")
GENERATED = re.compile(r"<!-- generated: scripts/poolmark [^>]*-->(?:(?!<!-- generated).)*?<!-- end[^>]*-->", re.DOTALL)
UNIT = r"(?:×|x\b|%|times\b|ns\b|µs\b|us\b|ms\b|s\b|seconds\b|min\b|minutes?\b|hours?\b|bytes\b|[KMG]i?B\b)"
NUMBER = re.compile(rf"(?<![\w.,/=:-])\d[\d,]*(?:\.\d+)?[ \n]?{UNIT}|\[\d[\d.,]*, \d[\d.,]*\]")


def numbers(page):
    """Each number with a unit, and each interval, that nobody generated: its line and its text."""
    if page.startswith("<!-- generated"):
        return []
    typed = GENERATED.sub(lambda block: "\n" * block[0].count("\n"), page)
    return [(typed[:found.start()].count("\n") + 1, found[0].replace("\n", " ")) for found in NUMBER.finditer(typed)]


def allowed():
    """(page, number, file) of each line of the list."""
    lines = [line for line in LIST.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    return [tuple(part.strip() for part in line.split("|")) for line in lines]


def name(path):
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_every_number_in_prose_is_a_definition_or_comes_from_a_command(path):
    known = {number for page, number, _ in allowed() if page in ("*", name(path))}
    unknown = [f"{name(path)}:{line}: {number}" for line, number in numbers(path.read_text(encoding="utf-8")) if number not in known]
    assert unknown == [], (f"no command makes these; let scripts/poolmark splice or validate put them there, or leave them out; "
                           f"a definition goes into {name(LIST)}")


def test_the_list_of_definitions_has_none_that_no_page_uses_and_names_files_that_exist():
    used = {(name(path), number) for path in PAGES for _, number in numbers(path.read_text(encoding="utf-8"))}
    for page, number, source in allowed():
        assert any(number == other and page in ("*", where) for where, other in used), f"nobody writes '{number}' in {page}"
        assert (ROOT / source).exists(), f"{source} does not exist and cannot define '{number}'"


@pytest.mark.parametrize(("prose", "found"), [
    ("it needs 14.9 ns", ["14.9 ns"]), ("0.0715× [0.0700, 0.0750], FASTER", ["0.0715×", "[0.0700, 0.0750]"]), ("0.07x of it", ["0.07x"]),
    ("4.1 times as fast", ["4.1 times"]), ("up to 18.1 %", ["18.1 %"]), ("1,240 ns", ["1,240 ns"]), ("takes 6\nminutes", ["6 minutes"]),
    ("38 bytes an entry", ["38 bytes"]), ("`0.5×` in code", ["0.5×"]), ("    run # about 7 minutes", ["7 minutes"]),
    ("pair/bytes=64/slab_pool", []), ("C++20 on x86-64, version 1.7.1", []), ("10 processes, 45 workloads", []), ("0x5f, at 2026-11-22", [])])
def test_what_looks_measured_is_found(prose, found):
    assert [number for _, number in numbers(prose)] == found


def test_only_what_lies_outside_of_generated_places_counts():
    place = f"{history.ALOUD}\n14.9 ns\n{history.END}\n"
    assert numbers(f"one\n{place}two 3 ns\n{place}") == [(5, "3 ns")]
    assert numbers("<!-- generated: scripts/poolmark claims -->\n5 ns\n") == []
    assert numbers(f"one\n{history.ALOUD}\n14.9 ns\n{place}") == [(3, "14.9 ns")]  # a place that nobody ends hides nothing


PAGE = (ROOT / "docs/using-the-library.md").read_text()
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
BUILT = {"cpp": [*ROOT.glob("examples/consumer/*.cpp")],
         "cmake": [ROOT / "examples/consumer/CMakeLists.txt", ROOT / "tests/install/subproject/CMakeLists.txt"]}


@cache
def built_text(language):
    return "\n".join(path.read_text() for path in BUILT[language])


def section(title):
    return re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", PAGE, re.DOTALL | re.MULTILINE).group(1)


def members(header, enumeration):
    body = re.search(rf"enum class {enumeration} .*?{{(.*?)}};", (ROOT / header).read_text(), re.DOTALL).group(1)
    return re.findall(r"^    (\w+)", body, re.MULTILINE)


@pytest.mark.parametrize(("language", "code"), BLOCKS)
def test_code_is_quoted_from_what_a_test_builds(language, code):
    assert "\n" + code in "\n" + built_text(language)


def test_there_is_code_in_it():
    assert len(BLOCKS) > 10


def test_each_type_of_error_is_in_the_table():
    types = re.findall(r"^class (?:POOLMARK_EXPORT )?(\w+)", (ROOT / "pools/errors.hpp").read_text(), re.MULTILINE)
    rows = section("Errors")
    assert len(types) > 8
    assert [name for name in types if not re.search(rf"^\| `{name}`", rows, re.MULTILINE)] == []


def test_each_option_and_each_of_its_values_is_there():
    options, levels = section("Options"), section("Check levels")
    header = (ROOT / "pools/pool_options.hpp").read_text()
    names = re.findall(r"^    [\w:]+ (\w+) = ", header, re.MULTILINE)
    assert len(names) > 4
    assert [name for name in names if f"| `{name}` |" not in options] == []
    for enumeration in ("exhausted", "huge_pages", "trims", "slab_source", "check"):
        assert [value for value in members("pools/pool_options.hpp", enumeration) if f"`{value}`" not in options] == []
    assert [value for value in members("pools/pool_options.hpp", "check") if f"| `{value}` |" not in levels] == []


def test_each_header_is_mentioned():
    """By its path below pools/ or, where the file is an internal part, by its name in the row of its folder."""
    rows = section("All headers")
    headers = [path.relative_to(ROOT / "pools") for path in sorted(ROOT.glob("pools/**/*.hpp"))]
    assert len(headers) > 50

    def is_there(header):
        folder = re.search(rf"^\| \[`{header.parent}/`\].*", rows, re.MULTILINE)
        return f"| [`{header}`](" in rows or (folder is not None and f"`{header.name}`" in folder.group())
    assert [str(header) for header in headers if not is_there(header)] == []


def test_links_lead_somewhere():
    links = re.findall(r"\]\(([^)#]+)", PAGE)
    assert links and [link for link in links if not (ROOT / "docs" / link).exists()] == []
