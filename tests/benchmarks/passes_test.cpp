// poolmark-bench from outside, asked for something else than an epoch: bytes, single operations, ceilings.
#include "tests/support/subprocess.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <sstream>
#include <vector>

namespace poolmark::tests {
namespace {

using nlohmann::json;

std::vector<json> events(const finished& answer) {
    EXPECT_EQ(answer.code, 0) << answer.err;
    std::vector<json> all;
    std::istringstream lines(answer.out);
    for (std::string line; std::getline(lines, line);) {
        all.push_back(json::parse(line));
    }
    return all;
}

json last_event(const std::string& arguments) {
    const std::vector<json> all = events(run(std::string(POOLMARK_BENCH) + " " + arguments));
    return all.empty() ? json::object() : all.back();
}

TEST(memory, tells_what_an_object_weighs) {
    const json told = last_event("--objects=20000 --wait=0 --memory=object_layout/record=LogRecord,operation=create/slotted");
    EXPECT_EQ(told.at("sizeof_bytes"), 40);
    EXPECT_EQ(told.at("payload_bytes"), 36);
    EXPECT_EQ(told.at("requested_bytes_per_object"), 40.0);
    EXPECT_EQ(told.at("objects"), 20'000);
    EXPECT_TRUE(told.at("fragmentation").is_null());
}

TEST(memory, says_when_it_only_waits_and_what_is_kept_after_that) {
    const std::vector<json> all = events(run(std::string(POOLMARK_BENCH) + " --objects=1000 --wait=0.1 --memory=footprint/live=100000,bytes=64/slab_pool"));
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all[0].at("event"), "released");
    EXPECT_EQ(all[1].at("event"), "memory");
    EXPECT_TRUE(all[1].at("kept_bytes").contains("0"));
    EXPECT_TRUE(all[1].at("kept_bytes").contains("0.1"));
    EXPECT_FALSE(all[1].at("kept_bytes").contains("1"));
    // start, built, churned, released, 0.1 s later, and the pool's end
    EXPECT_EQ(all[1].at("timeline").size(), 6U);
    EXPECT_EQ(all[1].at("timeline")[0][1], 0);
}

TEST(memory, of_a_pool_covers_its_objects_and_comes_back_with_its_end) {
    // One that keeps nothing for the next.
    const json told = last_event("--wait=0 --memory=footprint/live=100000,bytes=64/arena");
    EXPECT_EQ(told.at("objects"), 100'000);
    EXPECT_EQ(told.at("requested_bytes_per_object"), 64.0);
    EXPECT_GE(told.at("usable_bytes_per_object"), 64.0);
    EXPECT_GE(told.at("rss_bytes_per_object"), 64.0);
    EXPECT_LT(told.at("ended_bytes"), 3 << 20) << "a sanitizer keeps some of its own";
}

TEST(memory, of_a_heap_has_no_end_of_its_own) {
    const json told = last_event("--objects=1000 --wait=0 --memory=churn/live=1000000,bytes=64/fresh_heap");
    EXPECT_TRUE(told.at("ended_bytes").is_null());
}

TEST(memory, tells_fragmentation_only_of_many_bytes) {
    const std::string cell = " --wait=0 --memory=churn/live=1000000,bytes=64/slab_pool";
    EXPECT_TRUE(last_event("--objects=131071" + cell).at("fragmentation").is_null());
    EXPECT_GE(last_event("--objects=131072" + cell).at("fragmentation"), 1.0);
}

TEST(memory, refuses_a_cell_without_a_figure) {
    for (const char* const cell : {"pair/bytes=64/slab_pool", "churn/live=1000,bytes=64/slab_pool"}) {
        const finished answer = run(std::string(POOLMARK_BENCH) + " --memory=" + cell);
        EXPECT_EQ(answer.code, 2);
        EXPECT_TRUE(is_one_line(answer.err)) << answer.err;
    }
}

TEST(latency, times_single_operations_and_every_step_of_the_growing) {
    const json told = last_event("--smoke --operations=100000 --period=10 --latency=churn/live=100000,bytes=64/slab_pool");
    EXPECT_EQ(told.at("operations"), 100'000);
    EXPECT_EQ(told.at("period"), 10);
    EXPECT_EQ(told.at("grow").at("samples"), 1000) << "as many as --smoke lets live";
    const double samples = told.at("replace").at("samples");
    EXPECT_NEAR(samples, 10'000, 500);
    for (const char* const part : {"replace", "acquire", "release", "grow"}) {
        std::uint64_t sum = 0;
        for (const json& bucket : told.at(part).at("histogram")) {
            sum += bucket[1].get<std::uint64_t>();
        }
        EXPECT_EQ(sum, told.at(part).at("samples").get<std::uint64_t>()) << part;
        EXPECT_LE(told.at(part).at("percentiles").at("50"), told.at(part).at("maximum_ns")) << part;
    }
    EXPECT_TRUE(told.at("replace").at("percentiles").contains("99"));
    EXPECT_FALSE(told.at("replace").at("percentiles").contains("99.99")) << "a hundred thousand samples it would take";
    EXPECT_GT(told.at("timer_ns"), 0.0);
}

TEST(latency, shows_the_slowest_steps_of_the_growing_in_order) {
    const json told = last_event("--smoke --operations=100 --latency=churn/live=100000,bytes=64/fresh_heap");
    const json& growth = told.at("growth");
    ASSERT_EQ(growth.size(), 32U);
    double slowest = 0;
    for (std::size_t i = 0; i < growth.size(); ++i) {
        EXPECT_LT(growth[i][0], 1000);
        EXPECT_TRUE(i == 0 || growth[i - 1][0] < growth[i][0]);
        slowest = std::max(slowest, growth[i][1].get<double>());
    }
    EXPECT_NEAR(slowest, told.at("grow").at("maximum_ns"), 0.2);
}

TEST(latency, refuses_a_cell_whose_operations_are_not_single) {
    const finished answer = run(std::string(POOLMARK_BENCH) + " --latency=pair/bytes=64/slab_pool");
    EXPECT_EQ(answer.code, 2);
    EXPECT_TRUE(is_one_line(answer.err)) << answer.err;
}

TEST(ceilings, are_one_event) {
    const json told = last_event("--ceilings");
    EXPECT_EQ(told.at("event"), "ceilings");
    ASSERT_GE(told.at("ceilings").size(), 4U);
    for (const json& one : told.at("ceilings")) {
        EXPECT_GT(one.at("ns"), 0.0) << one;
        EXPECT_LE(one.at("low"), one.at("ns")) << one;
    }
}

} // namespace
} // namespace poolmark::tests
