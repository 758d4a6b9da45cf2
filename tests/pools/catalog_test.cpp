// The list of pools: which of them lead, and what brings a missing peer.
#include "benchmarks/contenders/storage/catalog.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string_view>
#include <vector>

namespace poolmark {
namespace {

bool is_here() { return true; }
bool is_gone() { return false; }

TEST(catalog, asks_the_machine_whether_a_library_that_is_opened_at_run_time_is_there) {
    EXPECT_TRUE((description{.name = "linked"}.installed()));
    EXPECT_TRUE((description{.name = "opened", .present = is_here}.installed()));
    EXPECT_FALSE((description{.name = "opened", .present = is_gone}.installed()));
    EXPECT_FALSE((description{.name = "not_built", .available = false, .present = is_here}.installed()));
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

TEST(catalog, parts_its_pools_into_those_that_lead_and_the_others) {
    constexpr std::size_t all = type_count<storage_pools<int>>;
    EXPECT_EQ(type_count<leading_of<storage_pools<int>>> + type_count<others_of<storage_pools<int>>>, all);
    EXPECT_GT(type_count<others_of<storage_pools<int>>>, 0u);
}

TEST(catalog, says_which_package_brings_a_missing_peer) {
    for (const description& peer : peers_with_a_package) {
        EXPECT_FALSE(peer.package.empty()) << peer.name;
    }
}

} // namespace
} // namespace poolmark
