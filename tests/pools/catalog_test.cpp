// The list of strategies: names are unique and stable, and a missing peer says what brings it.
#include "benchmarks/contenders/storage/catalog.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string_view>
#include <vector>

namespace poolmark {
namespace {

TEST(catalog, names_every_strategy_once_in_snake_case) {
    std::set<std::string_view> names;
    for (const description& strategy : strategies) {
        EXPECT_TRUE(names.insert(strategy.name).second) << strategy.name;
        EXPECT_FALSE(strategy.summary.empty()) << strategy.name;
        EXPECT_TRUE(std::all_of(strategy.name.begin(), strategy.name.end(), [](char c) {
            return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
        })) << strategy.name;
    }
    // A name is part of every cell's identity, so these stay.
    for (const char* const known :
         {"fresh_heap", "object_pool", "slab_pool", "stack_pool", "arena", "scan_pool", "boost_pool", "std_pmr_pool",
          "fresh_box", "boxed_int_table", "free_list_box", "tagged_pointer", "plain_value", "slotted", "unordered_map",
          "flat_hash_map", "shape_slots", "recycler", "static_pool", "bounded_free_list", "empty_loop"}) {
        EXPECT_EQ(names.count(known), 1u) << known;
    }
}

bool is_here() { return true; }
bool is_gone() { return false; }

TEST(catalog, asks_the_machine_whether_a_library_that_is_opened_at_run_time_is_there) {
    EXPECT_TRUE((description{.name = "linked"}.installed()));
    EXPECT_TRUE((description{.name = "opened", .present = is_here}.installed()));
    EXPECT_FALSE((description{.name = "opened", .present = is_gone}.installed()));
    EXPECT_FALSE((description{.name = "not_built", .available = false, .present = is_here}.installed()));
}

TEST(catalog, says_which_package_brings_a_missing_peer) {
    for (const description& strategy : strategies) {
        if (!strategy.available) {
            EXPECT_FALSE(strategy.package.empty()) << strategy.name;
        }
    }
}

TEST(catalog, has_the_leading_pools_in_a_list_of_their_own) {
    std::vector<std::string_view> expected;
    for_each_type(storage_pools<int>{}, [&]<class P>(std::type_identity<P>) {
        if (P::about.leading) {
            expected.push_back(P::about.name);
        }
    });
    std::vector<std::string_view> leading;
    for_each_type(leading_of<storage_pools<int>>{},
                  [&]<class P>(std::type_identity<P>) { leading.push_back(P::about.name); });
    EXPECT_EQ(leading, expected);
    EXPECT_EQ(leading.front(), "fresh_heap");
    EXPECT_EQ(std::count(leading.begin(), leading.end(), "slab_pool"), 1);
}

TEST(catalog, describes_everything_in_its_lists) {
    std::vector<std::string_view> listed;
    const auto note = [&]<class S>(std::type_identity<S>) { listed.push_back(S::about.name); };
    for_each_type(storage_pools<int>{}, note);
    for_each_type(own_resource_ways{}, note);
    for_each_type(boxings{}, note);
    for_each_type(layouts<vector2d>{}, note);
    for_each_type(handle_maps<int>{}, note);
    for (const description& each : lifetime_strategies) {
        if (each.available && each.kind != family::limit) {
            listed.push_back(each.name);
        }
    }
    for_each_type(internings{}, note);
    for_each_type(singleton_ways{}, note);
    for_each_type(keyed_stores{}, note);
    listed.push_back(text_keys_about.name); // of one workload, as its baseline
    for_each_type(fixed_pools<int>{}, note);
    for_each_type(event_stores{}, note);
    for_each_type(sequence_ways{}, note);
    for_each_type(text_ways<std::string>{}, note);
    for (const description& buffers : {buffer_pool::about, buffer_pool::wiped_about, fresh_calloc_about}) {
        listed.push_back(buffers.name);
    }
    for_each_type(caches<int, int>{}, note);
    for (const description& layer :
         {recompute_about, lazy_expiring_about, coarse_expiring_about, heap_expiring_about, wheel_expiring_about,
          locked_cache_about, sharded_cache_about, single_flight_about, cache_per_thread_about, two_tiers_about,
          functools_lru_cache_about}) {
        listed.push_back(layer.name);
    }
    for (const description& store : store_strategies) {
        if (store.available) {
            listed.push_back(store.name);
        }
    }
    std::size_t available = 0;
    for (const description& strategy : strategies) {
        if (strategy.available && strategy.kind != family::limit && strategy.kind != family::control) {
            ++available;
            EXPECT_EQ(std::count(listed.begin(), listed.end(), strategy.name), 1) << strategy.name;
        }
    }
    EXPECT_EQ(listed.size(), available) << "all but limits are in a list";
    EXPECT_EQ(listed.front(), "fresh_heap") << "the baseline stands first";
}

} // namespace
} // namespace poolmark
