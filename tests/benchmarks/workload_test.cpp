#include "benchmarks/harness/cell.hpp"
#include "benchmarks/workloads/controls/l3_walk.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace poolmark::benchmarks {
namespace {

TEST(workloads, every_file_registers_one) { EXPECT_EQ(workloads().size(), POOLMARK_WORKLOAD_COUNT); }

TEST(workloads, say_what_they_ask_and_what_they_ignore) {
    for (const workload& asked : workloads()) {
        EXPECT_TRUE(asked.question.ends_with('?')) << asked.name;
        for (const std::string_view text : {asked.operation, asked.models, asked.favours, asked.ignores}) {
            EXPECT_FALSE(text.empty()) << asked.name;
        }
        EXPECT_EQ(asked.points.empty(), !asked.brought.empty()) << asked.name;
    }
}

TEST(workloads, start_with_a_strategy_that_can_run) {
    const std::set<std::string_view> without_heap{"controls", "singletons", "cache_stores", "memo_crossover", "memo_expiry",
                                                  "memo_threads", "server_round_trips"};
    for (const workload& asked : workloads()) {
        ASSERT_FALSE(asked.strategies.empty()) << asked.name;
        EXPECT_NE(asked.strategies.front().make, nullptr) << asked.name;
        if (!without_heap.contains(asked.name)) {
            EXPECT_EQ(asked.strategies.front().heap, heap_use::every_allocator) << asked.name;
        }
    }
}

TEST(workloads, describe_their_strategies_in_snake_case_and_say_what_brings_a_missing_one) {
    std::map<std::string_view, const description*> known;
    for (const workload& asked : workloads()) {
        std::set<std::string_view> names;
        for (const strategy& by : asked.strategies) {
            EXPECT_TRUE(names.insert(by.name()).second) << asked.name << " has two of " << by.name();
            EXPECT_FALSE(by.about.summary.empty()) << by.name();
            EXPECT_TRUE(std::ranges::all_of(by.name(), [](char c) {
                return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
            })) << by.name();
            EXPECT_TRUE(by.about.available || !by.about.package.empty()) << by.name();
            const auto [same, added] = known.emplace(by.name(), &by.about);
            EXPECT_EQ(same->second->kind, by.about.kind) << by.name() << " is one strategy";
        }
    }
    // A name is part of every cell's identity, so these stay.
    for (const char* const name : {"fresh_heap", "object_pool", "slab_pool", "stack_pool", "boost_pool", "std_pmr_pool"}) {
        EXPECT_TRUE(known.contains(name)) << name;
    }
}

// Whether a workload is asked by the quick preset, and the point of the cell with it.
bool in_quick(std::string_view text) {
    const cell found = find_cell(std::string(text.substr(0, text.rfind('@'))));
    return found.asked->from == preset::quick && found.at->from == preset::quick && found.by->from == preset::quick;
}

TEST(workloads, of_quick_say_why_and_name_cells_of_quick_or_none) {
    for (const workload& asked : workloads()) {
        if (asked.from != preset::quick || asked.name == "controls") {
            continue;
        }
        EXPECT_FALSE(asked.why.text.empty()) << asked.name;
        EXPECT_EQ(asked.why.slower.empty(), asked.why.faster.empty()) << asked.name;
        for (const std::string_view named : {asked.why.slower, asked.why.faster}) {
            EXPECT_TRUE(named.empty() || in_quick(named)) << named;
        }
    }
}

// The known kinds do the known work: a hundred steps, however many more follow in an epoch.
TEST(controls, of_one_kind_read_back_the_same_before_and_after_they_are_timed) {
    const auto known = std::ranges::find(workloads(), "controls", &workload::name);
    ASSERT_NE(known, workloads().end());
    std::set<std::uint64_t> digests;
    for (const point& at : known->points) {
        for (const strategy& by : known->strategies) {
            const std::unique_ptr<subject> work = by.make(at.where);
            const std::uint64_t first = work->verify();
            work->warm();
            work->run(7);
            EXPECT_EQ(work->verify(), first) << at.where.text() << "/" << by.name();
            digests.insert(first);
        }
    }
    EXPECT_EQ(digests.size(), known->points.size()) << "one for each kind";
    EXPECT_THROW(static_cast<void>(known->strategies.front().make(parameters{{"kind", "unknown"}})), std::out_of_range);
}

TEST(controls, walk_in_a_set_that_the_second_level_cannot_hold_and_half_of_the_third_can) {
    constexpr std::size_t mib = std::size_t{1} << 20U;
    for (const cache_sizes& caches :
         {cache_sizes{.second = 2 * mib, .third = 33 * mib}, cache_sizes{.second = mib / 2, .third = 16 * mib},
          cache_sizes{.second = mib, .third = 3 * mib}, cache_sizes{.third = 32 * mib}}) {
        EXPECT_GT(controls::l3_walk_bytes(caches), caches.second);
        EXPECT_LT(controls::l3_walk_bytes(caches), caches.third / 2);
    }
    EXPECT_EQ(controls::l3_walk_bytes({}), 4 * mib);
}

// A point may say less than another: how pools are called where that is as usual, or a number that only a sweep changes.
TEST(workloads, points_of_one_workload_are_distinct_and_their_parameters_of_one_kind_and_in_one_order) {
    for (const workload& asked : workloads()) {
        std::set<std::string> seen;
        std::map<std::string, std::size_t> kinds;
        std::set<std::pair<std::string, std::string>> follow;
        for (const point& at : asked.points) {
            EXPECT_TRUE(seen.insert(at.where.text()).second) << asked.name << "/" << at.where.text();
            const auto& entries = at.where.entries();
            for (std::size_t i = 0; i != entries.size(); ++i) {
                const auto& [name, value] = entries[i];
                EXPECT_EQ(kinds.try_emplace(name, value.index()).first->second, value.index()) << asked.name << " " << name;
                for (std::size_t j = i + 1; j != entries.size(); ++j) {
                    EXPECT_FALSE(follow.contains({entries[j].first, name})) << asked.name << "/" << at.where.text();
                    follow.emplace(name, entries[j].first);
                }
            }
        }
    }
}

TEST(cells, are_found_again_by_their_text) {
    for (const cell& each : all_cells()) {
        const cell found = find_cell(each.text());
        EXPECT_EQ(found.text(), each.text());
        EXPECT_EQ(found.by, each.by);
    }
}

TEST(cells, an_unknown_one_is_refused_in_one_line) {
    for (const char* const text : {"", "pair", "nonsense/bytes=64/slab_pool", "pair/bytes=65/slab_pool",
                                   "pair/bytes=64/nonsense", "pair/bytes=64/arena", "//", "pair//"}) {
        EXPECT_THROW(static_cast<void>(find_cell(text)), unknown_cell) << text;
    }
}

TEST(cells, a_linear_release_does_not_take_part_where_it_would_take_for_ever) {
    EXPECT_NO_THROW(static_cast<void>(find_cell("batch_order/order=lifo,live=1000,bytes=64/scan_pool")));
    EXPECT_THROW(static_cast<void>(find_cell("batch_order/order=lifo,live=1000000,bytes=64/scan_pool")), unknown_cell);
}

// The same questions with every acquire and release behind a call, for everybody who answers them inlined.
TEST(cells, are_asked_with_opaque_calls_too) {
    for (const char* const text :
         {"pair/bytes=64", "churn/live=1000,bytes=64", "batch_order/order=lifo,live=1000,bytes=64",
          "batch_order/order=shuffled,live=1000,bytes=64"}) {
        for (const char* const name : {"fresh_heap", "slab_pool", "std_pmr_pool"}) {
            const std::string opaque = std::string(text) + ",call=opaque/" + name;
            EXPECT_NO_THROW(static_cast<void>(find_cell(opaque))) << opaque;
            EXPECT_NO_THROW(static_cast<void>(find_cell(std::string(text) + "/" + name)));
        }
    }
}

// Equal work: what every contender reads back, it reads back alike. The sizes are those of --smoke.
TEST(cells, every_contender_proves_equal_work) {
    set_smoke(true);
    std::string group;
    std::uint64_t expected = 0;
    for (const cell& each : all_cells()) {
        if (const std::string here = std::string(each.asked->name) + "/" + each.at->where.text(); here != group) {
            group = here;
            expected = each.baseline().make()->verify();
        }
        if (each.by->as == role::contender) {
            const std::unique_ptr<subject> ours = each.make();
            EXPECT_EQ(ours->verify(), expected) << each.text();
            ours->run(3); // and again after it has been timed
            EXPECT_GT(ours->operations_per_iteration(), 0U) << each.text();
        }
    }
    set_smoke(false);
}

TEST(parameters, keep_their_order_and_kind) {
    const parameters where{{"order", "lifo"}, {"live", 1000}};
    EXPECT_EQ(where.text(), "order=lifo,live=1000");
    EXPECT_EQ(where.number("live"), 1000);
    EXPECT_EQ(where.word("order"), "lifo");
    EXPECT_THROW(static_cast<void>(where.number("order")), std::bad_variant_access);
    EXPECT_THROW(static_cast<void>(where.number("bytes")), std::out_of_range);
}

} // namespace
} // namespace poolmark::benchmarks
