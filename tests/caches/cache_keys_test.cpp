// Keys: which are equal, which may be looked up by something else, and that values cannot be changed.
#include "pools/caches/direct_mapped.hpp"
#include "pools/caches/lru_intrusive.hpp"
#include "pools/caches/lru_nodes.hpp"
#include "pools/caches/unbounded_map.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <variant>

namespace poolmark::tests {
namespace {

using typed = std::variant<int, double, bool>;

TEST(cache_keys, of_a_variant_are_distinct_where_the_numbers_are_equal) {
    lru_intrusive<typed, std::string> cache(10);
    cache.put(typed(1), std::string("int"));
    cache.put(typed(1.0), std::string("double"));
    cache.put(typed(true), std::string("bool"));
    EXPECT_EQ(cache.size(), 3U);
    EXPECT_EQ(*cache.get(typed(1)), "int");
    EXPECT_EQ(*cache.get(typed(1.0)), "double");
    EXPECT_EQ(*cache.get(typed(true)), "bool");
}

TEST(cache_keys, of_a_plain_type_are_what_arguments_become) {
    lru_intrusive<double, std::string> cache(10);
    cache.put(1, std::string("int"));
    cache.put(true, std::string("bool"));
    EXPECT_EQ(cache.size(), 1U);
    EXPECT_EQ(*cache.get(1.0), "bool");
    EXPECT_EQ(cache.get(-0.0), nullptr);
    cache.put(0.0, std::string("zero"));
    EXPECT_EQ(*cache.get(-0.0), "zero") << "equal, so one key";
}

struct text_hasher {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
};

template <class Cache>
void takes_other_types() {
    Cache cache = [] {
        if constexpr (Cache::traits.bounded) {
            return Cache(10);
        } else {
            return Cache();
        }
    }();
    cache.put(std::string("key"), 1);
    EXPECT_EQ(*cache.get(std::string_view("key")), 1);
    EXPECT_EQ(*cache.get("key"), 1);
    EXPECT_EQ(cache.get("other"), nullptr);
}

TEST(cache_keys, are_looked_up_by_other_types_when_hash_and_equal_say_so) {
    takes_other_types<lru_intrusive<std::string, int, text_hasher, std::equal_to<>>>();
    takes_other_types<lru_nodes<std::string, int, pooled_nodes, text_hasher, std::equal_to<>>>();
    takes_other_types<direct_mapped<std::string, int, text_hasher, std::equal_to<>>>();
    takes_other_types<unbounded_map<std::string, int, text_hasher, std::equal_to<>>>();
}

struct bad_hash {
    std::size_t operator()(int key) const noexcept { return static_cast<std::size_t>(key % 2); }
};

TEST(cache_keys, with_hashes_that_agree_are_told_apart) {
    lru_intrusive<int, int, bad_hash> cache(20);
    for (int key = 0; key != 60; ++key) {
        cache.put(key, key);
        cache.erase(key - 7);
    }
    for (int key = 0; key != 60; ++key) {
        const int* const found = cache.get(key);
        EXPECT_EQ(found != nullptr, key > 52);
        EXPECT_TRUE(found == nullptr || *found == key);
    }
}

TEST(cache_values, are_constant_to_whoever_gets_them) {
    using lru = lru_intrusive<int, std::string>;
    static_assert(std::is_same_v<decltype(std::declval<lru&>().get(1)), const std::string*>);
    static_assert(std::is_same_v<decltype(std::declval<lru&>().put(1, "")), const std::string*>);
    lru cache(2);
    const auto length = memoize(cache, [](int n) { return std::string(static_cast<std::size_t>(n), 'x'); });
    static_assert(std::is_same_v<decltype(*std::declval<remembered<std::string>>()), const std::string&>);
    auto remembering = length;
    const auto got = remembering(5);
    EXPECT_TRUE(got.in_cache());
    EXPECT_EQ(&*got, cache.peek(5)) << "no copy";
    EXPECT_EQ(got->size(), 5U);
}

} // namespace
} // namespace poolmark::tests
