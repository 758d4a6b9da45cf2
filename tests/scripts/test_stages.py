"""The package by stages: each imports only what stands to its right in the row, late imports included."""

import ast

import pytest
from driver import ROOT

SUITE = ROOT / "scripts/suite"
ROW = ("cli", "claims", "program", "history", "validate", "verify", "compare", "report", "charts", "run", "results", "machine", "analysis",
       "measure", "plan", "base")
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
