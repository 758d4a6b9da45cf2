// Every cell of some workloads, tiny, on every heap that is installed: it starts, proves its heap, does the same work as
// its baseline, and ends. Nothing is said about time.
#include "allocators/catalog.hpp"
#include "tests/support/subprocess.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

namespace poolmark::tests {
namespace {

class smoke : public testing::TestWithParam<std::string> {};

// The rest would take minutes here, and cells.every_contender_proves_equal_work has it on one heap.
const std::set<std::string> on_every_heap{"pair", "churn", "batch_order", "controls", "footprint", "handoff", "object_layout",
                                          "remote_release", "shared_pool", "thread_churn"};

TEST_P(smoke, runs_every_cell) {
    std::string choice = "--allocator=" + GetParam() + " ";
    if (std::strlen(POOLMARK_SANITIZERS) != 0) {
        if (GetParam() != "glibc") {
            GTEST_SKIP() << "a sanitizer serves malloc in this build";
        }
        choice = ""; // the sanitizer's own heap
    }
    const auto known = std::ranges::find(allocators::catalog(), GetParam(), &allocators::entry::name);
    if (const std::string reason = allocators::reason_unavailable(*known); !reason.empty()) {
        GTEST_SKIP() << reason;
    }
    // A heap with settings is the heap with other numbers: that it starts and is proved is enough.
    const std::set<std::string> workloads = known->settings.empty() ? on_every_heap : std::set<std::string>{"pair"};
    // A process for each workload: a heap that never frees has no room for all of them.
    for (const std::string& workload : workloads) {
        if (GetParam() == "bump" && workload == "thread_churn") {
            continue; // takes its objects anew in every epoch, which in one process is more than this heap has
        }
        const finished answer = run(std::string(POOLMARK_BENCH) + " " + choice +
                                    "--smoke --benchmark_min_time=0.00001 --benchmark_filter=^" + workload + "/");
        EXPECT_EQ(answer.code, 0) << workload << answer.out.substr(0, 4000) << answer.err;
        EXPECT_EQ(answer.out.find("ERROR"), std::string::npos) << answer.out.substr(0, 4000);
        EXPECT_NE(answer.out.find(workload + "/"), std::string::npos);
    }
}

std::vector<std::string> names() {
    std::vector<std::string> all;
    for (const allocators::entry& known : allocators::catalog()) {
        all.emplace_back(known.name);
    }
    return all;
}

INSTANTIATE_TEST_SUITE_P(every_heap, smoke, testing::ValuesIn(names()), [](const auto& one) { return one.param; });

} // namespace
} // namespace poolmark::tests
