// Which pools of a catalog a workload takes, from which preset on, and how many objects they are asked for. As the file of a workload is,
// this one is compiled twice: for the leading pools, and with POOLMARK_OTHER_POOLS for those that do not lead.
#include "benchmarks/harness/pools.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string_view>
#include <vector>

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

#if POOLMARK_OTHER_POOLS

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

#else

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

#endif

} // namespace
} // namespace poolmark::benchmarks
