// Exactly what is forgotten, by count and by weight, and what an entry weighs itself.
#include "benchmarks/contenders/caches/lru_intrusive.hpp"
#include "benchmarks/contenders/caches/lru_list_map.hpp"
#include "tests/caches/any_cache.hpp"

#include <gtest/gtest.h>

namespace poolmark::tests {
namespace {

TEST(caches, forget_exactly_the_key_used_longest_ago_when_they_say_so) {
    int checked = 0;
    with_every_cache(3, [&](const cache_kind& kind, any_cache& cache) {
        if (!kind.traits.recency) {
            return;
        }
        SCOPED_TRACE(kind.name);
        ++checked;
        for (const int key : {1, 2, 3}) {
            cache.put(key, key);
        }
        EXPECT_EQ(cache.get(1), 1);  // 2 is the oldest now
        EXPECT_EQ(cache.peek(2), 2); // which this does not change
        cache.put(4, 4);
        EXPECT_EQ(cache.peek(2), std::nullopt);
        cache.put(3, 33); // putting is using as well: 1 is the oldest
        cache.put(5, 5);
        EXPECT_EQ(cache.peek(1), std::nullopt);
        EXPECT_EQ(cache.peek(3), 33);
        EXPECT_EQ(cache.peek(4), 4);
        EXPECT_TRUE(cache.erase(4)); // a free place: nobody goes
        cache.put(6, 6);
        EXPECT_EQ(cache.peek(3), 33);
        EXPECT_EQ(cache.peek(5), 5);
        cache.put(7, 7);
        EXPECT_EQ(cache.peek(3), std::nullopt);
    });
    EXPECT_EQ(checked, 6) << "three, with keys of two types";
}

struct characters {
    std::size_t operator()(int /*key*/, const std::string& value) const noexcept { return value.size(); }
};
template <template <class...> class Cache>
using by_characters = Cache<int, std::string, std::hash<int>, std::equal_to<int>, characters>;

template <class Cache>
void is_bounded_by_weight() {
    Cache cache(10);
    EXPECT_TRUE(cache.put(1, std::string("1111")));
    EXPECT_TRUE(cache.put(2, std::string("222")));
    EXPECT_TRUE(cache.put(3, std::string("333")));
    EXPECT_EQ(cache.weight(), 10U);
    EXPECT_EQ(cache.capacity(), 10U);
    EXPECT_TRUE(cache.put(4, std::string("4"))) << "1 goes, for all of its weight";
    EXPECT_EQ(cache.peek(1), nullptr);
    EXPECT_EQ(cache.weight(), 7U);
    EXPECT_TRUE(cache.put(2, std::string("22222222"))) << "3 goes, then there is room for the longer 2 beside 4";
    EXPECT_EQ(cache.size(), 2U);
    EXPECT_EQ(cache.weight(), 9U);
    EXPECT_TRUE(cache.put(5, std::string("5555555555"))) << "all go";
    EXPECT_EQ(cache.size(), 1U);
    EXPECT_TRUE(cache.put(6, std::string())) << "what weighs nothing pushes out nothing";
    EXPECT_EQ(cache.size(), 2U);
    EXPECT_FALSE(Cache(0).put(6, std::string())) << "but with capacity 0 nothing is kept";

    std::string heavy(11, 'x');
    EXPECT_FALSE(cache.put(7, std::move(heavy)));
    EXPECT_EQ(heavy.size(), 11U) << "the caller still has it";
    EXPECT_EQ(cache.size(), 2U) << "and nobody went for it";
    EXPECT_FALSE(cache.put(5, heavy));
    EXPECT_EQ(cache.peek(5), nullptr) << "no older value stays";
    EXPECT_EQ(cache.weight(), 0U);
    EXPECT_TRUE(cache.put(8, "88")) << "from what a value is made of";
    EXPECT_TRUE(cache.erase(8));
    EXPECT_EQ(cache.weight(), 0U);

    for (int key = 0; key != 2000; ++key) { // with tables that grow while entries go
        cache.put(key, std::string(static_cast<std::size_t>(key % 5), 'y'));
        ASSERT_LE(cache.weight(), 10U);
    }
    std::size_t sum = 0;
    std::size_t there = 0;
    for (int key = 0; key != 2000; ++key) {
        if (const std::string* const value = cache.peek(key)) {
            sum += value->size();
            ++there;
        }
    }
    EXPECT_EQ(sum, cache.weight());
    EXPECT_EQ(there, cache.size());
    cache.clear();
    EXPECT_EQ(cache.weight(), 0U);
}

TEST(lru_intrusive, is_bounded_by_weight) { is_bounded_by_weight<by_characters<lru_intrusive>>(); }
TEST(lru_list_map, is_bounded_by_weight) { is_bounded_by_weight<by_characters<lru_list_map>>(); }

TEST(lru_intrusive, has_at_most_40_bytes_for_an_entry_of_16) {
    for (const std::size_t capacity : {1'000U, 1'025U, 65'536U, 100'000U}) {
        lru_intrusive<std::uint64_t, std::uint64_t> cache(capacity);
        for (std::uint64_t key = 0; key != 2 * capacity; ++key) {
            cache.put(key, key);
        }
        EXPECT_EQ(cache.size(), capacity);
        EXPECT_LE(cache.bytes() + sizeof cache, 40 * capacity) << capacity;
    }
}

TEST(lru_intrusive, takes_no_memory_for_entries_that_are_not_there) {
    lru_intrusive<int, int> cache(std::size_t{1} << 40U);
    EXPECT_LT(cache.bytes(), 1000U);
    cache.put(1, 1);
    EXPECT_LT(cache.bytes(), 1000U);
    for (int key = 2; key != 5000; ++key) {
        cache.put(key, key);
    }
    EXPECT_LT(cache.bytes(), 2 * 40U * 5000U);
}

// A heap keeps what growing leaves behind, so that little of it must have been left when the last array is taken.
TEST(lru_intrusive, takes_room_for_all_once_a_64th_is_there) {
    lru_intrusive<std::uint64_t, std::uint64_t> cache(100'000);
    std::uint64_t key = 0;
    for (; key != 1000; ++key) {
        cache.put(key, key);
    }
    EXPECT_LE(cache.bytes(), 2 * 40U * 1000U);
    for (; key != 100'000 / 64 * 2; ++key) {
        cache.put(key, key);
    }
    const std::size_t then = cache.bytes();
    EXPECT_GE(then, 32U * 100'000U);
    for (; key != 200'000; ++key) {
        cache.put(key, key);
    }
    EXPECT_EQ(cache.bytes(), then);
}

TEST(lru_intrusive, does_not_believe_a_capacity_in_bytes_to_be_one_in_entries) {
    by_characters<lru_intrusive> cache(5000);
    for (int key = 0; key != 200; ++key) {
        cache.put(key, std::string(50, 'x'));
    }
    EXPECT_EQ(cache.size(), 100U); // more than a 64th of 5,000
    EXPECT_LT(cache.bytes(), 200 * 100U);
}

TEST(lru_intrusive, does_not_allocate_once_it_is_full) {
    lru_intrusive<int, int> cache(100);
    for (int key = 0; key != 100; ++key) {
        cache.put(key, key);
    }
    fail_allocation(1);
    for (int key = 0; key != 1000; ++key) {
        cache.put(key, key);
        static_cast<void>(cache.get(key / 2));
    }
    fail_allocation(0);
}

TEST(lru_intrusive, may_be_given_one_of_its_own_values) {
    lru_intrusive<int, std::string> cache(5);
    cache.put(0, std::string(50, 'z'));
    for (int key = 1; key != 20; ++key) { // while it grows, and when the value's own entry is what goes
        cache.put(key, *cache.peek(key - 1));
        EXPECT_EQ(*cache.get(key), std::string(50, 'z'));
    }
    cache.put(19, *cache.peek(19));
    EXPECT_EQ(*cache.get(19), std::string(50, 'z'));
}

} // namespace
} // namespace poolmark::tests
