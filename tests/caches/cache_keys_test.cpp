// Keys: which are equal, which may be looked up by something else, and that values cannot be changed.
#include "benchmarks/contenders/caches/direct_mapped.hpp"
#include "benchmarks/contenders/caches/lru_intrusive.hpp"
#include "benchmarks/contenders/caches/lru_list_map.hpp"
#include "benchmarks/contenders/caches/lru_nodes.hpp"
#include "benchmarks/contenders/caches/single_flight.hpp"
#include "benchmarks/contenders/caches/unbounded_map.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <new>
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

// A computation of NaN is asked for as any other; what is kept for it could be neither found nor evicted by its key.
template <class Cache>
void keeps_no_key_that_equals_nothing() {
    Cache cache = [] {
        if constexpr (Cache::traits.bounded) {
            return Cache(4);
        } else {
            return Cache();
        }
    }();
    cache.put(1.5, std::string("kept"));
    std::string value = "the caller's";
    for (int i = 0; i != 20; ++i) {
        EXPECT_EQ(cache.put(std::nan(""), std::move(value)), nullptr);
    }
    EXPECT_EQ(value, "the caller's");
    EXPECT_EQ(cache.get(std::nan("")), nullptr);
    EXPECT_EQ(cache.size(), 1U);
    ASSERT_NE(cache.get(1.5), nullptr);
    EXPECT_EQ(*get_or_compute(cache, std::nan(""), [](double) { return std::string("computed"); }), "computed");
}

TEST(cache_keys, that_do_not_equal_themselves_are_not_kept) {
    keeps_no_key_that_equals_nothing<lru_intrusive<double, std::string>>();
    keeps_no_key_that_equals_nothing<lru_list_map<double, std::string>>();
    keeps_no_key_that_equals_nothing<lru_nodes<double, std::string>>();
    keeps_no_key_that_equals_nothing<direct_mapped<double, std::string>>();
    keeps_no_key_that_equals_nothing<unbounded_map<double, std::string>>();
}

struct equals_nothing {
    bool operator()(const std::shared_ptr<int>& /*one*/, const std::shared_ptr<int>& /*other*/) const { return false; }
};

TEST(cache_keys, that_do_not_equal_themselves_leave_nothing_under_way) {
    using key = std::shared_ptr<int>;
    single_flight<unbounded_map<key, int, std::hash<key>, equals_nothing>, std::hash<key>, equals_nothing> cache;
    const key asked = std::make_shared<int>(3);
    EXPECT_EQ(cache.get_or_compute(asked, [](const key& of) { return *of; }), 3);
    EXPECT_EQ(asked.use_count(), 1);
}

struct hash_that_may_fail {
    static inline int calls_until_failure = 0;
    std::size_t operator()(int key) const {
        return --calls_until_failure == 0 ? throw std::bad_alloc() : static_cast<std::size_t>(key);
    }
};

TEST(cache_keys, whose_hash_may_fail_are_not_hashed_again_by_a_table_that_grows) {
    lru_nodes<int, int, pooled_nodes, hash_that_may_fail> cache(100);
    for (int key = 0; key != 40; ++key) {
        hash_that_may_fail::calls_until_failure = 2; // the first is the new key's
        EXPECT_NO_THROW(cache.put(key, key));
    }
    hash_that_may_fail::calls_until_failure = 0;
    EXPECT_EQ(*cache.get(7), 7);
}

TEST(cache_keys, whose_hash_fails_after_the_computation_keep_nobody_waiting) {
    single_flight<unbounded_map<int, int, hash_that_may_fail>, hash_that_may_fail> cache;
    int calls = 0;
    const auto fails_then = [&](int key) {
        hash_that_may_fail::calls_until_failure = ++calls == 1 ? 1 : 0;
        return key;
    };
    EXPECT_EQ(cache.get_or_compute(5, fails_then), 5) << "not kept, but computed";
    EXPECT_EQ(cache.get_or_compute(5, fails_then), 5) << "what is over is not waited for";
    EXPECT_EQ(cache.get_or_compute(5, fails_then), 5);
    EXPECT_EQ(calls, 2);
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
