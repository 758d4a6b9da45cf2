"""Types and traces of the reader's own: what is refused in one line, what processes get to know, and a real build of the example."""

import os
import shutil
import subprocess

import pytest
from driver import ROOT, description
from suite.base.errors import UserError
from suite.measure.journal import RESULTS
from suite.plan import own
from suite.results import results_file

BENCH = ROOT / "build/bench/poolmark-bench"
HEADER = """#pragma once
#include "benchmarks/own_objects.hpp"
"""


def poolmark(*words):
    return subprocess.run([ROOT / "scripts/poolmark", *map(str, words)], capture_output=True, text=True, check=False)


@pytest.mark.parametrize(("name", "part"), [("none.hpp", "there is no file"), (".", "there is no file"),
                                            ("a;b.hpp", "CMake cannot build"), ('a"b.hpp', "CMake cannot build")])
def test_a_header_that_cannot_be_used_is_refused_before_anything_is_built(tmp_path, name, part):
    if part.startswith("CMake"):
        (tmp_path / name).write_text(HEADER)
    done = poolmark("run", "--preset", "smoke", "--own", tmp_path / name, "--out", tmp_path / "out")
    assert done.returncode == 2 and done.stdout == "" and done.stderr.count("\n") == 1
    assert part in done.stderr and not (tmp_path / "out").exists()


def test_the_same_headers_share_a_build_and_others_do_not(tmp_path):
    paths = [tmp_path / "one" / "type.hpp", tmp_path / "two" / "type.hpp"]
    for path in paths:
        path.parent.mkdir()
        path.write_text(HEADER)
    first, second = (own.folder(own.headers([path])) for path in paths)
    assert first != second and first == own.folder(own.headers([paths[0], paths[0]]))
    assert first.parent == ROOT / "build" and first.name.startswith("own-type-")


@pytest.mark.parametrize(("output", "expected"), [
    ("[1/2] c++\nIn file included from own.cpp:1:\n/x/my.hpp:7:5: error: 'strin' is not a type\n/x/my.hpp:9: error: b",
     "/x/my.hpp:7:5: 'strin' is not a type"),
    ("/x/a.hpp:70:1: error: static assertion failed: own_workload: say what an object holds", "/x/a.hpp:70:1: "
     "own_workload: say what an object holds"),
    ("/x/a.hpp:3:10: fatal error: nope.hpp: No such file", "/x/a.hpp:3:10: nope.hpp: No such file"),
    ("ninja: error: loading 'build.ninja'\n", "ninja: error: loading 'build.ninja'"), ("", "without a word"),
])
def test_the_first_complaint_of_the_compiler_is_the_line(output, expected):
    assert own.first_error(output) == expected


def test_a_header_that_registers_nothing_is_refused(monkeypatch, tmp_path):
    (tmp_path / "benchmarks/workloads").mkdir(parents=True)
    for workload in description().workloads:
        (tmp_path / f"benchmarks/workloads/{workload.name}.cpp").write_text("")
    monkeypatch.setattr(own, "ROOT", tmp_path)
    with pytest.raises(UserError, match="registers nothing"):
        own.refuse_empty(description(), ["/x/my.hpp"])
    (tmp_path / "benchmarks/workloads/good.cpp").unlink()
    own.refuse_empty(description(), ["/x/my.hpp"])


@pytest.fixture
def builds():
    """Takes away the builds that a test made."""
    before = set((ROOT / "build").glob("own-*"))
    yield
    for path in set((ROOT / "build").glob("own-*")) - before:
        shutil.rmtree(path) if path.is_dir() else path.unlink()


@pytest.mark.skipif(not BENCH.exists(), reason="the bench build is not there")
def test_the_example_is_measured_on_every_heap_and_the_normal_binary_stays(tmp_path, builds):
    normal = BENCH.read_bytes()
    ran = poolmark("run", "--preset", "smoke", "--own", ROOT / "examples/my_type.hpp", "--workload", "orders",
                   "--out", tmp_path / "out")
    assert ran.returncode == 0, ran.stderr
    cells = [cell for cell in results_file.load(tmp_path / "out" / RESULTS)["cells"] if cell["workload"] == "orders"]
    assert {cell["parameters"]["live"] for cell in cells} == {1000, 100000}
    # What ran and proved equal work; a time needs a quiet moment as well, which a test may not ask for.
    measured = {(cell["strategy"], cell["allocator"]) for cell in cells if cell["digest"] and cell["samples"]
                and cell["verdict"] not in ("FAILED", "SKIPPED")}
    assert {("fresh_heap", "glibc"), ("slab_pool", "glibc"), ("object_pool", "bump")} <= measured
    assert BENCH.read_bytes() == normal
    assert "orders" in (tmp_path / "out/report.md").read_text(encoding="utf-8")

    broken = tmp_path / "broken.hpp"
    broken.write_text(HEADER + "struct order { nothing_known id; };\n")
    done = poolmark("run", "--preset", "smoke", "--own", broken, "--out", tmp_path / "none")
    assert done.returncode == 2 and "broken.hpp:3:16: " in done.stderr and "nothing_known" in done.stderr
    assert not (tmp_path / "none").exists()


@pytest.fixture(params=own.BROUGHT)
def brought(request, monkeypatch):
    """What a reader brings, and the variable that still names another file."""
    monkeypatch.setenv(variable := f"POOLMARK_{request.param.upper()}", "left over")
    return request.param, variable


def test_the_file_is_named_to_all_processes_by_its_whole_path(brought, tmp_path, monkeypatch):
    what, variable = brought
    (tmp_path / "mine").write_text("a\nb\n")
    monkeypatch.chdir(tmp_path)
    assert own.bring(what, "mine") == os.environ[variable] == str(tmp_path / "mine")
    assert own.bring(what, "") == "" and variable not in os.environ


def test_one_that_is_not_there_is_refused(brought):
    with pytest.raises(UserError, match=f"--{brought[0]}: there is no file '/no/such'"):
        own.bring(brought[0], "/no/such")


@pytest.mark.parametrize("what", own.BROUGHT)
def test_the_command_refuses_it_in_one_line(what, tmp_path):
    done = subprocess.run([ROOT / "scripts/poolmark", "run", f"--{what}", tmp_path / "none", "--out", tmp_path / "out"],
                          capture_output=True, text=True, check=False)
    assert done.returncode == 2 and done.stderr.count("\n") == 1 and f"--{what}: there is no file" in done.stderr
    assert not (tmp_path / "out").exists()
