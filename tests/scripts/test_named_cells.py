"""Cells that the reports name are cells that the program has: a pattern that meets nothing says so only in a page."""

import json
import re
import subprocess
from fnmatch import fnmatchcase

import pytest
from driver import ROOT
from suite.claims import ledger
from test_many_series import twins

BENCH = ROOT / "build/bench/poolmark-bench-all"  # the books name pools of the wide preset as well
pytestmark = pytest.mark.skipif(not BENCH.exists(), reason="the bench build is not there")


def ids_of(description):
    """Every cell of every preset, and the groups that they are in."""
    heaps = [one["name"] for one in description["allocators"]]
    found = {}
    for workload in description["workloads"]:
        for point in workload["points"]:
            group = f"{workload['name']}/" + ",".join(f"{key}={value}" for key, value in point["parameters"].items())
            aside = {one["strategy"] for one in point["except"]}
            found[group] = {f"{group}/{one['name']}@{heap}" for one in workload["strategies"] if one["name"] not in aside
                            for heap in (heaps if one["allocators"] == "every" else heaps[:1])}
    return found


@pytest.fixture(scope="module")
def description():
    return json.loads(subprocess.run([BENCH, "--describe"], capture_output=True, check=True, text=True).stdout)


@pytest.fixture(scope="module")
def cells(description):
    return ids_of(description)


def checks_of(name):
    book = json.loads((ROOT / "reports" / name).read_text())
    if name == "claims.json":
        return [check for source in book["sources"] for claim in source["claims"] for check in claim.get("checks", ())]
    return [check for one in book["headlines"] for point in one["points"].values() for check in point["checks"]]


def patterns_of(check):
    """The cells that a check names; what a cell tells is named beside it and is none."""
    source = ledger.source_of(check)
    return check[source][:1] if source == "told" else check[source]


def unmet(patterns, names):
    """Those that meet none of the names; literal ones are looked up, which is most of them."""
    names = set(names)
    return [each for each in dict.fromkeys(patterns)
            if each not in names and not (re.search(r"[*?[]", each) and any(fnmatchcase(one, each) for one in names))]


@pytest.mark.parametrize("book", ["claims.json", "findings.json"])
def test_each_counterpart_is_a_cell_of_some_preset(cells, book):
    patterns = [pattern for check in checks_of(book) if ledger.is_cpp(check) for pattern in patterns_of(check)]
    assert len(patterns) > 5
    assert unmet(patterns, (cell for some in cells.values() for cell in some)) == []


def test_both_sides_of_a_ratio_stand_in_one_group(cells):
    """Else their times were never paired, and their ratio is only that of two medians."""
    apart = []
    for check in (check for book in ("claims.json", "findings.json") for check in checks_of(book)
                  if ledger.is_cpp(check) and ledger.source_of(check) == "ns"):
        first, second = check["ns"]
        groups = [group for group, some in cells.items() if not unmet([first], some)]
        if groups and not any(not unmet([second], cells[group]) for group in groups):
            apart.append((first, second))
    assert apart == []


def test_each_cell_that_the_readme_quotes_is_there(cells):
    rows = json.loads((ROOT / "reports/headlines.json").read_text())["rows"]
    assert unmet([row["cell"] for row in rows], (cell for some in cells.values() for cell in some)) == []


def test_who_meet_in_a_workload_have_colours_of_their_own(description):
    assert twins(description) == []
