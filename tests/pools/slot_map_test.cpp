// Handles: they find their object while it lives, and nothing once it is gone.
#include "pools/slot_map.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <random>
#include <stdexcept>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace poolmark::tests {
namespace {

template <class Map>
void follows_a_shadow() {
    Map map;
    using handle = typename Map::handle;
    std::mt19937 random(31);
    std::vector<std::pair<handle, std::uint64_t>> live;
    std::vector<handle> dead;
    std::uint64_t next = 0;
    std::size_t wrong = 0;
    for (int i = 0; i != 1'000'000; ++i) {
        const std::uint32_t choice = random() % 16;
        if (live.empty() || choice < (i / 100'000 % 2 == 0 ? 6u : 4u)) {
            live.emplace_back(map.create(next), next);
            ++next;
        } else if (choice < 9) {
            const std::size_t chosen = random() % live.size();
            map.destroy(live[chosen].first);
            dead.push_back(live[chosen].first);
            live[chosen] = live.back();
            live.pop_back();
        } else if (choice < 14 || dead.empty()) {
            const auto& [which, value] = live[random() % live.size()];
            const std::uint64_t* const found = map.try_get(which);
            wrong += found == nullptr || *found != value;
        } else {
            wrong += map.try_get(dead[random() % dead.size()]) != nullptr;
        }
    }
    EXPECT_EQ(wrong, 0u) << "handles that found the wrong thing";
    EXPECT_EQ(map.size(), live.size());
    std::unordered_map<handle, std::uint64_t> expected(live.begin(), live.end());
    map.for_each([&](handle which, std::uint64_t& value) {
        const auto found = expected.find(which);
        wrong += found == expected.end() || found->second != value || map.handle_of(&value) != which;
        expected.erase(which);
    });
    EXPECT_EQ(wrong + expected.size(), 0u) << "objects that the visit got wrong";
}

TEST(slot_map, agrees_with_a_shadow_over_a_million_operations_on_handles_of_32_bits) {
    follows_a_shadow<slot_map<std::uint64_t, handle32>>();
}
TEST(slot_map, agrees_with_a_shadow_over_a_million_operations_on_handles_of_64_bits) {
    follows_a_shadow<slot_map<std::uint64_t, handle64, heap_source>>();
}

TEST(slot_map, refuses_handles_whose_object_is_gone) {
    slot_map<int> map;
    const auto which = map.create(5);
    EXPECT_EQ(map.get(which), 5);
    map.destroy(which);
    EXPECT_FALSE(map.contains(which));
    EXPECT_EQ(map.try_get(which), nullptr);
    EXPECT_THROW(static_cast<void>(map.get(which)), stale_handle);
    EXPECT_THROW(map.destroy(which), stale_handle);
    const auto next = map.create(6); // in the same slot
    EXPECT_EQ(next.index(), which.index());
    EXPECT_THROW(static_cast<void>(map.get(which)), stale_handle);
    EXPECT_EQ(map.get(next), 6);
    EXPECT_EQ(map.size(), 1u);
}

template <class Map>
void knows_none() {
    Map map;
    EXPECT_FALSE(Map::none);
    EXPECT_EQ(Map::none.bits(), 0u);
    for (int i = 0; i != 3; ++i) { // before, while, and after the first slot is used
        EXPECT_FALSE(map.contains(Map::none));
        EXPECT_EQ(map.try_get(Map::none), nullptr);
        EXPECT_THROW(map.destroy(Map::none), stale_handle);
        if (i == 0) {
            EXPECT_TRUE(static_cast<bool>(map.create(1)));
        } else {
            map.clear();
        }
    }
}

TEST(slot_map, finds_nothing_behind_none) {
    knows_none<slot_map<int, handle32>>();
    knows_none<slot_map<int, handle64>>();
}

TEST(slot_map, makes_handles_of_numbers_and_refuses_those_that_are_none) {
    using handle = slot_map<int, handle32>::handle;
    slot_map<int, handle32> map;
    const handle which = map.create(9);
    EXPECT_EQ(handle::from_bits(which.bits()), which);
    EXPECT_EQ(which.generation() % 2, 1u);
    for (std::uint32_t i = 0; i != 1024; ++i) { // every generation, of a slot that exists
        const handle made = handle::from_bits(i << 22U | which.index());
        EXPECT_EQ(map.contains(made), made == which);
        EXPECT_EQ(static_cast<bool>(made), i % 2 == 1);
    }
    EXPECT_FALSE(map.contains(handle::from_bits(~std::uint32_t{0}))) << "no such slot";
}

TEST(slot_map, leaves_all_handles_stale_when_it_is_cleared) {
    slot_map<int, handle32> map;
    std::vector<slot_map<int, handle32>::handle> first;
    for (int i = 0; i != 3000; ++i) {
        first.push_back(map.create(i));
    }
    map.clear();
    EXPECT_EQ(map.size(), 0u);
    for (int i = 0; i != 3000; ++i) { // the same slots again
        static_cast<void>(map.create(i));
    }
    EXPECT_EQ(map.size(), 3000u);
    std::size_t found = 0;
    for (const auto which : first) {
        found += map.contains(which);
    }
    EXPECT_EQ(found, 0u) << "handles that survived";
}

TEST(slot_map, keeps_objects_where_they_are) {
    slot_map<std::uint64_t> map;
    const auto which = map.create(3u);
    const std::uint64_t* const before = &map.get(which);
    for (std::uint64_t i = 0; i != 200'000; ++i) {
        static_cast<void>(map.create(i));
    }
    EXPECT_EQ(&map.get(which), before);
    slot_map<std::uint64_t> moved(std::move(map));
    EXPECT_EQ(&moved.get(which), before);
    EXPECT_EQ(moved.handle_of(before), which);
    EXPECT_EQ(moved.handle_of(reinterpret_cast<const std::uint64_t*>(&moved)), (slot_map<std::uint64_t>::none));
}

TEST(slot_map, refuses_handles_of_64_bits_that_belong_to_another_map) {
    slot_map<int> map;
    slot_map<int> other;
    static_cast<void>(map.create(1));
    EXPECT_FALSE(map.contains(other.create(2)));
}

struct texture_handle : handle32 {};
static_assert(!std::is_convertible_v<slot_map<int, texture_handle>::handle, slot_map<int, handle32>::handle>);
static_assert(sizeof(slot_map<int, handle32>::handle) == 4 && sizeof(slot_map<int>::handle) == 8);

} // namespace
} // namespace poolmark::tests
