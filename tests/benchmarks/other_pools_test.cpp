// Which pools a workload takes where its file is compiled once more, for the pools that do not lead.
#define POOLMARK_OTHER_POOLS 1
#include "tests/benchmarks/two_pools.hpp"

#include <gtest/gtest.h>

namespace poolmark::benchmarks {
namespace {

TEST(other_pools, are_those_that_do_not_lead_and_wait_for_the_wide_preset) {
    const auto others = pool_strategies<no_subject, needs::any_pool, two_pools, takes::every_pool>();
    EXPECT_EQ(find(others, "fresh_heap"), nullptr);
    const strategy* const minor = find(others, "minor_pool");
    ASSERT_NE(minor, nullptr);
    EXPECT_EQ(minor->from, preset::wide);
    EXPECT_EQ(minor->make(parameters{{"bytes", 64}})->verify(), 64u);
}

TEST(other_pools, do_not_take_part_where_they_have_no_room) {
    const auto others = pool_strategies<no_subject, needs::any_pool, two_pools, takes::every_pool>();
    const strategy* const small = find(others, "minor_pool");
    ASSERT_NE(small, nullptr);
    EXPECT_EQ(excluded(*small, {.where = {{"live", 100}}}), "");
    EXPECT_EQ(excluded(*small, {.where = {{"live", 101}}}), "its slots are part of its type, and no more: not run above 100");
    EXPECT_EQ(excluded(*small, {.where = {{"bytes", 256}}}), "") << "a point without a number of live objects";
}

// As a file does that takes every pool: it is compiled twice, and the links may come in either order.
TEST(other_pools, join_the_workload_of_the_same_name_behind_its_baseline) {
    const auto with = [](const char* name, const char* by, preset from) {
        return workload{.name = name, .question = "?", .operation = "o", .models = "m", .favours = "f", .ignores = "i",
                        .strategies = {{.about = {by, family::pool, "s"}, .make = nullptr, .from = from}}, .points = {}};
    };
    for (const bool baseline_first : {true, false}) {
        const char* const name = baseline_first ? "zz_joined" : "zz_joined_backwards";
        workload base = with(name, "baseline", preset::quick);
        workload more = with(name, "another", preset::wide);
        more.strategies.push_back({.about = {"baseline", family::fresh, "s"}}); // in both lists: stays one
        const registration first{baseline_first ? std::move(base) : std::move(more)};
        const registration second{baseline_first ? std::move(more) : std::move(base)};
        const auto found = std::ranges::find(workloads(), name, &workload::name);
        ASSERT_NE(found, workloads().end());
        ASSERT_EQ(found->strategies.size(), 2u);
        EXPECT_EQ(found->strategies[0].name(), "baseline");
        EXPECT_EQ(found->strategies[1].name(), "another");
    }
}

} // namespace
} // namespace poolmark::benchmarks
