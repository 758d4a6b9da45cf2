// The list of strategies: names are unique and stable, and a missing peer says what brings it.
#include "pools/catalog.hpp"

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
    const std::set<std::string_view> expected{
        "fresh_heap",  "slab_pool",     "magazine_pool",  "arena",           "scan_pool",     "boost_pool",
        "fresh_box",   "free_list_box", "tagged_pointer", "slotted",         "unordered_map", "flat_hash_map",
        "shape_slots", "std_pmr_pool",  "plain_value",    "boxed_int_table", "empty_loop",    "bitmap_pool",
        "slot_pool",   "slot_map32",    "slot_map64",     "vector_index",    "raw_pointers",  "plf_colony",
        "object_pool", "object_pool_fast_checks", "object_pool_full_checks"};
    EXPECT_EQ(names, expected);
}

TEST(catalog, says_which_package_brings_a_missing_peer) {
    for (const description& strategy : strategies) {
        if (!strategy.available) {
            EXPECT_FALSE(strategy.package.empty()) << strategy.name;
        }
    }
}

TEST(catalog, describes_everything_in_its_lists) {
    std::vector<std::string_view> listed;
    const auto note = [&]<class S>(std::type_identity<S>) { listed.push_back(S::about.name); };
    for_each_type(storage_pools<int>{}, note);
    for_each_type(boxings{}, note);
    for_each_type(layouts<vector2d>{}, note);
    for_each_type(handle_maps<int>{}, note);
    listed.push_back(plf_colony_pool_about.name); // of live_sweep alone
    std::size_t available = 0;
    for (const description& strategy : strategies) {
        if (strategy.available && strategy.kind != family::limit) {
            ++available;
            EXPECT_EQ(std::count(listed.begin(), listed.end(), strategy.name), 1) << strategy.name;
        }
    }
    EXPECT_EQ(listed.size(), available + !plf_colony_pool_about.available) << "all but limits are in a list";
    EXPECT_EQ(listed.front(), "fresh_heap") << "the baseline stands first";
}

} // namespace
} // namespace poolmark
