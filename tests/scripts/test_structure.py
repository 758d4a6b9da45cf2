"""Which way the tree's parts see one another: includes go by the layers that pools/README.md names, imports by the stages of the
package, late ones included."""

import ast
import re

import pytest
from driver import ROOT

INCLUDE = re.compile(r'^\s*#\s*include "((?:pools|benchmarks|allocators)/[^"]+)"', re.MULTILINE)
REST = "every other header"


def layers() -> list[list[str]]:
    rows = re.findall(r"^\| (?!layer|---)[^|]+\| ([^|]+)\|", (ROOT / "pools/README.md").read_text(), re.MULTILINE)
    return [re.findall(r"`([^`]+)`", row) + ([REST] if REST in row else []) for row in rows]


def layer_of(header: str, known: list[list[str]]) -> int:
    name = header.removeprefix("pools/")
    for number, places in enumerate(known):
        if any(name == place or place.endswith("/") and name.startswith(place) for place in places):
            return number
    assert "/" not in name, f"pools/README.md names no layer for {header}"
    return next(number for number, places in enumerate(known) if REST in places)


def test_the_library_includes_only_layers_below():
    known = layers()
    assert len(known) == 6
    headers = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "pools").rglob("*.hpp"))
    assert len(headers) <= 90
    upward = [f"{header} -> {included}" for header in headers for included in INCLUDE.findall((ROOT / header).read_text())
              if not included.startswith("pools/") or layer_of(included, known) > layer_of(header, known)]
    assert upward == []


def test_nothing_includes_two_catalogs_of_contenders():
    files = [path for folder in ("benchmarks", "tests") for path in (ROOT / folder).rglob("*.?pp")]
    both = [path for path in files if len({name for name in INCLUDE.findall(path.read_text()) if name.endswith("/catalog.hpp")
                                           and name.startswith("benchmarks/contenders/")}) > 1]
    assert both == []


SUITE = ROOT / "scripts/suite"
ROW = tuple(re.findall(r"^  \| `([a-z]+)` \|", (ROOT / "CONTRIBUTING.md").read_text(), re.MULTILINE))  # the stages, top down
FILES = [path for path in sorted(SUITE.rglob("*.py")) if path.parent != SUITE and "probes" not in path.parts]
NAMES = {".".join(("suite", *path.relative_to(SUITE).with_suffix("").parts)).removesuffix(".__init__"): path for path in FILES}


def imported(path):
    """The modules of the package that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "suite":
            whole = [f"{node.module}.{name.name}" for name in node.names]
            yield from (name if name in NAMES else node.module for name in whole)
        elif isinstance(node, ast.Import):
            yield from (name.name for name in node.names if name.name.startswith("suite."))


@pytest.mark.parametrize("name", NAMES)
def test_no_stage_imports_what_stands_to_its_left(name):
    own = ROW.index(name.split(".")[1])
    assert [other for other in imported(NAMES[name]) if ROW.index(other.split(".")[1]) < own] == []


def test_modules_import_in_no_circle():
    left = {name: set(imported(path)) - {name} for name, path in NAMES.items()}
    while free := [name for name, others in left.items() if not others & left.keys()]:
        left = {name: others for name, others in left.items() if name not in free}
    assert left == {}


def test_all_of_the_package_stands_in_a_stage():
    assert {path.name for path in SUITE.iterdir() if path.name != "__pycache__"} == {"__init__.py", "__main__.py", *ROW}
