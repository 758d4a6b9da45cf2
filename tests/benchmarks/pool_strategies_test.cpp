// Which pools of a catalog a workload takes, from which preset on, and how many objects they are asked for.
#include "benchmarks/harness/pools.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace poolmark::benchmarks {
namespace {

// A pool that nobody considers first, with room for few.
template <class T>
struct minor_pool : fresh_heap<T> {
    using fresh_heap<T>::fresh_heap;
    static constexpr description about{"minor_pool", family::pool, "for this test"};
    static constexpr pool_traits traits{.fixed_capacity = true, .max_objects = 100};
};
static_assert(pool<minor_pool<int>>);

template <class T>
using two_pools = type_list<fresh_heap<T>, minor_pool<T>>;

template <class Pool>
class no_subject final : public subject {
public:
    explicit no_subject(const parameters&) {}
    std::uint64_t verify() override { return sizeof(typename Pool::value_type); }
    void run(std::uint64_t) override {}
    [[nodiscard]] std::uint64_t operations_per_iteration() const override { return 1; }
};

[[nodiscard]] const strategy* find(const std::vector<strategy>& list, std::string_view name) {
    const auto found = std::ranges::find(list, name, &strategy::name);
    return found == list.end() ? nullptr : &*found;
}

TEST(pool_strategies, are_the_leading_pools_unless_a_workload_takes_every_one) {
    const auto leading = pool_strategies<no_subject, needs::any_pool, two_pools>();
    EXPECT_NE(find(leading, "fresh_heap"), nullptr);
    EXPECT_EQ(find(leading, "minor_pool"), nullptr);
    const auto every = pool_strategies<no_subject, needs::any_pool, two_pools, takes::every_pool>();
    EXPECT_EQ(every.front().name, "fresh_heap");
    ASSERT_NE(find(every, "minor_pool"), nullptr);
    EXPECT_EQ(find(every, "minor_pool")->make(parameters{{"bytes", 64}})->verify(), 64u);
}

TEST(pool_strategies, of_pools_that_do_not_lead_wait_for_the_wide_preset) {
    const auto every = pool_strategies<no_subject, needs::any_pool, two_pools, takes::every_pool>();
    EXPECT_EQ(every.front().from, preset::quick);
    ASSERT_NE(find(every, "minor_pool"), nullptr);
    EXPECT_EQ(find(every, "minor_pool")->from, preset::wide);
}

TEST(pool_strategies, that_quick_does_not_name_wait_for_the_next_preset_at_least) {
    const std::vector<strategy> list = only_in_quick({{.name = "named"},
                                                      {.name = "named_rare", .from = preset::wide},
                                                      {.name = "usual"},
                                                      {.name = "rare", .from = preset::wide}},
                                                     {"named", "named_rare", "not_built_here"});
    ASSERT_EQ(list.size(), 4u);
    EXPECT_EQ(list[0].from, preset::quick);
    EXPECT_EQ(list[1].from, preset::quick);
    EXPECT_EQ(list[2].from, preset::full);
    EXPECT_EQ(list[3].from, preset::wide);
}

TEST(pool_strategies, do_not_take_part_where_they_have_no_room) {
    const auto every = pool_strategies<no_subject, needs::any_pool, two_pools, takes::every_pool>();
    const strategy* const small = find(every, "minor_pool");
    ASSERT_NE(small, nullptr);
    EXPECT_EQ(excluded(*small, {.where = {{"live", 100}}}), "");
    EXPECT_EQ(excluded(*small, {.where = {{"live", 101}}}), "its slots are part of its type, and no more: not run above 100");
    EXPECT_EQ(excluded(*small, {.where = {{"bytes", 256}}}), "") << "a point without a number of live objects";
    EXPECT_EQ(excluded(every.front(), {.where = {{"live", 1'000'000}}}), "");
}

TEST(workloads, have_a_baseline_in_every_preset) {
    for (const workload& asked : workloads()) {
        EXPECT_EQ(asked.strategies.front().from, preset::quick) << asked.name;
    }
}

} // namespace
} // namespace poolmark::benchmarks
