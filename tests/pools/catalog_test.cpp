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
    std::set<std::string_view> expected{
        "fresh_heap",  "slab_pool",     "magazine_pool",  "arena",           "scan_pool",     "boost_pool",
        "fresh_box",   "free_list_box", "tagged_pointer", "slotted",         "unordered_map", "flat_hash_map",
        "shape_slots", "std_pmr_pool",  "plain_value",    "boxed_int_table", "empty_loop"};
    for (const char* const added :
         {"boost_object_pool", "boost_fast_pool_allocator", "boost_pmr_pool", "std_pmr_synchronized_pool",
          "std_pmr_monotonic", "gnu_pool_alloc", "gnu_bitmap_allocator", "gnu_mt_alloc", "foonathan_node_pool",
          "foonathan_array_pool", "foonathan_small_node_pool", "plf_colony", "tbb_fixed_pool",
          "tbb_scalable_malloc", "mimalloc_heap", "object_pool", "object_pool_fast_checks",
          "object_pool_full_checks"}) {
        expected.insert(added);
    }
    EXPECT_EQ(names, expected);
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

TEST(catalog, describes_everything_in_its_lists) {
    std::vector<std::string_view> listed;
    const auto note = [&]<class S>(std::type_identity<S>) { listed.push_back(S::about.name); };
    for_each_type(storage_pools<int>{}, note);
    for_each_type(boxings{}, note);
    for_each_type(layouts<vector2d>{}, note);
    std::size_t available = 0;
    for (const description& strategy : strategies) {
        available += strategy.available;
        if (strategy.available && strategy.kind != family::limit) {
            EXPECT_EQ(std::count(listed.begin(), listed.end(), strategy.name), 1) << strategy.name;
        }
    }
    EXPECT_EQ(listed.size() + 1, available) << "all but empty_loop are in a list";
    EXPECT_EQ(listed.front(), "fresh_heap") << "the baseline stands first";
}

} // namespace
} // namespace poolmark
