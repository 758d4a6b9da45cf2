"""One of each is added to a copy of the tree, as the guides say, and the copy is built: how many files that takes is held here."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from driver import ROOT

POOL = """// The pool of this test: the newest block comes back first.
#pragma once

#include "pools/fresh_heap.hpp"
#include "pools/pool.hpp"

namespace poolmark {{

inline constexpr description {name}_about = leading({{"{name}", family::{family}, "added by a test"}});

template <class T>
class {name} {{
public:
    using value_type = T;
    static constexpr const description& about = {name}_about;
    static constexpr pool_traits traits{{.reuse = reuse_order::unspecified, .memory = backing::heap}};

    {name}() = default;
    explicit {name}(std::size_t) {{}}

    [[nodiscard]] void* acquire() {{ return blocks_.acquire(); }}
    void release(void* block) noexcept {{ blocks_.release(block); }}

private:
    fresh_heap<T> blocks_;
}};

static_assert(pool<{name}<int>>);

}} // namespace poolmark
"""
WORKLOAD = """// added_workload: one object at a time, once more.
#include "benchmarks/harness/barrier.hpp"
#include "benchmarks/harness/digest.hpp"
#include "benchmarks/harness/pools.hpp"

namespace poolmark::benchmarks {
namespace {

template <class Pool>
class added_subject final : public subject {
public:
    explicit added_subject(const parameters&) {}

    std::uint64_t verify() override {
        digest seen;
        auto* object = make();
        seen.add(object->read());
        pool_.release(object);
        return seen.value();
    }

    void run(std::uint64_t iterations) override {
        for (std::uint64_t i = 0; i < iterations; ++i) {
            pool_.release(make());
            barrier();
        }
    }

    [[nodiscard]] std::uint64_t operations_per_iteration() const override { return 1; }

private:
    using value_type = typename Pool::value_type;

    value_type* make() {
        auto* object = ::new (pool_.acquire()) value_type;
        object->stamp(7);
        escape(object);
        return object;
    }

    Pool pool_{1};
};

const registration registered{{
    .name = "added_workload",
    .question = "Was the workload found?",
    .operation = "acquire and release",
    .models = "nothing",
    .favours = "nobody",
    .ignores = "everything",
    .strategies = pool_strategies<added_subject, needs::single_release>(),
    .points = {{.where = {{"bytes", 64}}}},
}};

} // namespace
} // namespace poolmark::benchmarks
"""
CHART = '''"""How many cells a workload has, as a bar."""

from suite.charts.style import Chart, frame


def figures(results, workload):
    """One of each workload."""
    return [(10, Chart(name=f"added-{workload}", workload=workload, kind="added", title="Cells", alt="One bar.", how="One bar.",
                       draw=lambda: frame("Cells", workload, 2.0, left=1.0, right=1.0).figure))]
'''
COMPILED = ROOT / "build/bench/benchmarks/harness/libpoolmark_harness.a"


def insert(path, before, line):
    """`line` above the first one that holds `before`."""
    text = path.read_text()
    at = text.rindex("\n", 0, text.index(before)) + 1
    path.write_text(text[:at] + line + "\n" + text[at:])


def add_an_allocator(tree):
    insert(tree / "allocators/catalog.cpp", '{"mimalloc",',
           '        {"added", "a heap of this test", "libadded0", {"libadded.so.*"}, mimalloc_version},')
    insert(tree / "scripts/packages.txt", "libjemalloc2 ", "libadded0                heaps    optional  the heap of this test")


def add_a_pool(tree):
    (tree / "pools/added_pool.hpp").write_text(POOL.format(name="added_pool", family="pool"))
    catalog = tree / "benchmarks/contenders/storage/catalog.hpp"
    insert(catalog, '#include "pools/arena.hpp"', '#include "pools/added_pool.hpp"')
    catalog.write_text(catalog.read_text().replace("bounded_free_list<T>>;", "bounded_free_list<T>, added_pool<T>>;"))


def add_a_peer(tree):
    (tree / "benchmarks/contenders/peers/added_peer.hpp").write_text(POOL.format(name="added_peer", family="peer"))
    peers = tree / "benchmarks/contenders/peers/peers.hpp"
    insert(peers, '#include "benchmarks/contenders/peers/boost_pools.hpp"', '#include "benchmarks/contenders/peers/added_peer.hpp"')
    peers.write_text(peers.read_text().replace("detail::plf_peers<T>,", "detail::plf_peers<T>, type_list<added_peer<T>>,"))
    insert(tree / "scripts/packages.txt", "libplf-colony-dev ", "libadded-dev             peers    optional  the peer of this test")


def add_a_workload(tree):
    (tree / "benchmarks/workloads/added_workload.cpp").write_text(WORKLOAD)


def add_a_chart(tree):
    (tree / "scripts/suite/charts/added.py").write_text(CHART)


MOST_FILES = {add_an_allocator: 2, add_a_pool: 2, add_a_peer: 3, add_a_workload: 1, add_a_chart: 1}


def git(tree, *words):
    return subprocess.run(["git", "-c", "user.name=t", "-c", "user.email=t@t", "-C", tree, *words], check=True, capture_output=True, text=True).stdout


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    """A copy of what is under version control, without the runs, with one of each added; and how many files each took."""
    copy = tmp_path_factory.mktemp("tree")
    for name in git(ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard", ":!reports/runs").split("\0"):
        if name and (ROOT / name).exists():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, copy / name)
    git(copy, "init", "-q")
    git(copy, "add", "-A")
    git(copy, "commit", "-qm", "before")
    touched = {}
    for add in MOST_FILES:
        add(copy)
        git(copy, "add", "-A")
        touched[add] = git(copy, "diff", "--cached", "--name-only").split()
        git(copy, "commit", "-qm", add.__name__)
    return copy, touched


def test_one_of_each_takes_few_files(tree):
    touched = tree[1]
    assert {add.__name__: len(files) for add, files in touched.items()} == {add.__name__: most for add, most in MOST_FILES.items()}


def test_a_build_of_them_lists_them_all(tree):
    copy, built = tree[0], tree[0] / "build"
    configure = ["cmake", "-S", copy, "-B", built, "-G", "Ninja", "-DPOOLMARK_TESTS=OFF", "-DPOOLMARK_WORKLOADS=added_workload",
                 "-DCMAKE_CXX_FLAGS=-O0 -DPOOLMARK_ONE_OBJECT_SIZE=64", "-DCMAKE_BUILD_TYPE="]
    if COMPILED.exists():  # the harness sees no pool, heap or workload, so it is linked as a build of the reader's own types links it
        configure.append(f"-DPOOLMARK_COMPILED={COMPILED.parents[2]}")
    subprocess.run(configure, check=True, capture_output=True)
    subprocess.run(["cmake", "--build", built, "--target", "poolmark-bench"], check=True, capture_output=True)
    bench = next(Path(built).rglob("poolmark-bench"))
    described = json.loads(subprocess.run([bench, "--describe"], check=True, capture_output=True, text=True).stdout)
    assert [workload["name"] for workload in described["workloads"]] == ["added_workload"]
    assert {"added_pool", "added_peer", "fresh_heap"} <= {strategy["name"] for strategy in described["strategies"]}
    assert "added" in {allocator["name"] for allocator in described["allocators"]}
    verified = subprocess.run([bench, "--smoke", "--allocators=glibc"], capture_output=True, text=True)
    assert verified.returncode == 0 and "added_peer" in verified.stdout, verified.stderr


def test_the_pages_of_a_run_have_the_new_chart(tree):
    copy = tree[0]
    environment = os.environ | {"PYTHONPATH": "", "POOLMARK_NO_INSTALL": "1"}
    made = subprocess.run([copy / "scripts/poolmark", "report", copy / "tests/scripts/old_run"], env=environment, capture_output=True, text=True)
    assert made.returncode == 0, made.stderr
    charts = {path.name for path in (copy / "tests/scripts/old_run/charts").iterdir()}
    assert any(name.startswith("added-") and name.endswith(".svg") for name in charts), charts
