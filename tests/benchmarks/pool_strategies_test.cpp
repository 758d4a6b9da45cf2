// Which pools of a catalog a workload takes where it is compiled for the leading ones.
#include "tests/benchmarks/two_pools.hpp"

#include <gtest/gtest.h>

namespace poolmark::benchmarks {
namespace {

TEST(pool_strategies, are_the_leading_pools) {
    for (const auto& list : {pool_strategies<no_subject, needs::any_pool, two_pools>(),
                             pool_strategies<no_subject, needs::any_pool, two_pools, takes::every_pool>()}) {
        ASSERT_NE(find(list, "fresh_heap"), nullptr);
        EXPECT_EQ(list.front().name(), "fresh_heap");
        EXPECT_EQ(list.front().from, preset::quick);
        EXPECT_EQ(find(list, "fresh_heap")->make(parameters{{"bytes", 64}})->verify(), 64u);
        EXPECT_EQ(find(list, "minor_pool"), nullptr);
    }
}

TEST(pool_strategies, leave_out_what_never_reuses_where_objects_come_back_one_by_one) {
    EXPECT_NE(find(pool_strategies<no_subject, needs::any_pool>(), "arena"), nullptr);
    EXPECT_EQ(find(pool_strategies<no_subject, needs::single_release>(), "arena"), nullptr);
}

TEST(pool_strategies, that_quick_does_not_name_wait_for_the_next_preset_at_least) {
    const std::vector<strategy> list = only_in_quick({{.about = {.name = "named"}},
                                                      {.about = {.name = "named_rare"}, .from = preset::wide},
                                                      {.about = {.name = "usual"}},
                                                      {.about = {.name = "rare"}, .from = preset::wide}},
                                                     {"named", "named_rare", "not_built_here"});
    ASSERT_EQ(list.size(), 4u);
    EXPECT_EQ(list[0].from, preset::quick);
    EXPECT_EQ(list[1].from, preset::quick);
    EXPECT_EQ(list[2].from, preset::full);
    EXPECT_EQ(list[3].from, preset::wide);
}

TEST(workloads, have_a_baseline_in_every_preset) {
    for (const workload& asked : workloads()) {
        EXPECT_EQ(asked.strategies.front().from, preset::quick) << asked.name;
    }
}

} // namespace
} // namespace poolmark::benchmarks
