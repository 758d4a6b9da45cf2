"""docs/using-the-library.md: its code stands in files that a test builds, and its tables leave nothing out."""

import re
from functools import cache

import pytest
from driver import ROOT

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
