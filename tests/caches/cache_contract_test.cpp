// What benchmarks/contenders/caches/cache.hpp says of all caches, held against each of the catalog.
#include "tests/caches/any_cache.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace poolmark::tests {
namespace {

TEST(caches, give_what_was_put_last) {
    with_every_cache(10, [](const cache_kind& kind, any_cache& cache) {
        SCOPED_TRACE(kind.name);
        EXPECT_EQ(cache.get(1), std::nullopt);
        EXPECT_TRUE(cache.put(1, 10));
        EXPECT_EQ(cache.get(1), 10);
        EXPECT_TRUE(cache.put(1, 11));
        EXPECT_EQ(cache.get(1), 11);
        EXPECT_EQ(cache.get(2), std::nullopt);
        EXPECT_EQ(cache.size(), 1U);
        EXPECT_EQ(cache.capacity(), kind.traits.bounded ? 10 : not_bounded);
    });
}

TEST(caches, forget_what_is_erased_and_all_that_is_cleared) {
    with_every_cache(100, [](const cache_kind& kind, any_cache& cache) {
        SCOPED_TRACE(kind.name);
        for (int round = 0; round != 3; ++round) {
            for (int key = 0; key != 20; ++key) {
                cache.put(key, key);
            }
            EXPECT_TRUE(cache.erase(19));
            EXPECT_FALSE(cache.erase(19));
            EXPECT_FALSE(cache.erase(77));
            EXPECT_EQ(cache.get(19), std::nullopt);
            cache.clear();
            EXPECT_EQ(cache.size(), 0U);
            EXPECT_EQ(cache.get(5), std::nullopt);
            EXPECT_EQ(probe::alive, 0);
        }
    });
}

TEST(caches, keep_nothing_with_capacity_0_and_leave_the_value_to_the_caller) {
    with_every_cache(0, [](const cache_kind& kind, any_cache& cache) {
        if (kind.traits.bounded) {
            SCOPED_TRACE(kind.name);
            probe value(7);
            EXPECT_FALSE(cache.put(1, std::move(value)));
            EXPECT_EQ(value.number, 7);
            EXPECT_EQ(cache.get(1), std::nullopt);
            EXPECT_FALSE(cache.erase(1));
            cache.clear();
            EXPECT_EQ(cache.size(), 0U);
            EXPECT_EQ(cache.memoized(3, [](int key) { return key * 2; }), 6) << "the result is there all the same";
        }
    });
}

TEST(caches, keep_the_newest_with_capacity_1) {
    with_every_cache(1, [](const cache_kind& kind, any_cache& cache) {
        if (kind.traits.bounded) {
            SCOPED_TRACE(kind.name);
            for (int key = 0; key != 50; ++key) {
                EXPECT_TRUE(cache.put(key, key));
                EXPECT_EQ(cache.get(key), key);
                EXPECT_EQ(cache.get(key - 1), std::nullopt);
                EXPECT_EQ(cache.size(), 1U);
            }
        }
    });
}

// A shadow knows what was put last under each key: a cache may miss, but never gives anything else.
void agrees_with_a_shadow(const cache_kind& kind, any_cache& cache, std::size_t capacity, unsigned seed) {
    SCOPED_TRACE(kind.name + ", capacity " + std::to_string(capacity));
    constexpr int keys = 40;
    std::mt19937 random(seed);
    std::map<int, std::int64_t> shadow;
    for (std::int64_t step = 1; step != 400; ++step) {
        const int key = static_cast<int>(random() % keys * (random() % keys) / keys); // small ones more often
        const auto what = random() % 100;
        if (what < 45) {
            const auto got = cache.get(key);
            ASSERT_TRUE(!got || (shadow.count(key) == 1 && *got == shadow[key])) << step;
        } else if (what < 90) {
            ASSERT_TRUE(cache.put(key, step));
            shadow[key] = step;
            ASSERT_EQ(cache.peek(key), step);
        } else if (what < 99) {
            const bool there = cache.peek(key).has_value();
            ASSERT_EQ(cache.erase(key), there);
            shadow.erase(key);
        } else {
            cache.clear();
            shadow.clear();
        }
        std::size_t there = 0;
        for (int each = 0; each != keys; ++each) {
            there += cache.peek(each).has_value() ? 1U : 0U;
        }
        ASSERT_EQ(cache.size(), there);
        ASSERT_LE(cache.size(), cache.capacity());
        ASSERT_EQ(static_cast<std::size_t>(probe::alive), there) << "no value too many and none too few";
        ASSERT_TRUE(kind.traits.bounded || there == shadow.size()) << "no end, so nothing is forgotten";
    }
}

TEST(caches, never_give_anything_but_what_was_put_last) {
    for (const std::size_t capacity : {1U, 2U, 3U, 7U, 100U}) {
        with_every_cache(capacity, [&](const cache_kind& kind, any_cache& cache) {
            agrees_with_a_shadow(kind, cache, capacity, static_cast<unsigned>(capacity));
        });
        EXPECT_EQ(probe::alive, 0);
    }
}

TEST(caches, fill_up_before_they_forget) {
    with_every_cache(50, [](const cache_kind& kind, any_cache& cache) {
        if (!kind.traits.collides) {
            SCOPED_TRACE(kind.name);
            for (int key = 0; key != 50; ++key) {
                cache.put(key, key);
            }
            for (int key = 0; key != 50; ++key) {
                EXPECT_EQ(cache.peek(key), key);
            }
            cache.put(50, 50);
            EXPECT_EQ(cache.size(), kind.traits.bounded ? 50U : 51U);
        }
    });
}

struct state {
    std::size_t size;
    std::map<int, std::optional<std::int64_t>> values;
    bool operator==(const state&) const = default;
};

state state_of(const any_cache& cache) {
    state seen{cache.size(), {}};
    for (int key = 0; key != 40; ++key) {
        seen.values[key] = cache.peek(key);
    }
    return seen;
}

// Once while it fills, at sizes where tables grow, and once when it is full.
TEST(caches, are_as_they_were_when_a_copy_or_an_allocation_fails) {
    with_every_cache(20, [](const cache_kind& kind, any_cache& cache) {
        SCOPED_TRACE(kind.name);
        for (int key = 0; key != 40; ++key) {
            const state before = state_of(cache);
            probe value(key);
            probe::refuses_copies = true;
            EXPECT_THROW(cache.put_copy(key, value), copy_refused);
            if (key != 0 && before.values.at(key - 1)) {
                EXPECT_THROW(cache.put_copy(key - 1, value), copy_refused);
            }
            probe::refuses_copies = false;
            EXPECT_EQ(state_of(cache), before);
            for (int nth = 1;; ++nth) {
                fail_allocation(nth);
                try {
                    cache.put(key, std::move(value));
                    fail_allocation(0);
                    break;
                } catch (const std::bad_alloc&) {
                    fail_allocation(0);
                    ASSERT_EQ(value.number, key) << "the caller still has it";
                    ASSERT_EQ(state_of(cache), before);
                }
            }
            EXPECT_EQ(cache.peek(key), key);
        }
    });
    EXPECT_EQ(probe::alive, 0);
}

TEST(caches, compute_once_for_each_miss) {
    with_every_cache(8, [](const cache_kind& kind, any_cache& cache) {
        SCOPED_TRACE(kind.name);
        int calls = 0;
        int misses = 0;
        std::mt19937 random(3);
        for (int i = 0; i != 500; ++i) {
            const int key = static_cast<int>(random() % 12);
            misses += cache.peek(key) ? 0 : 1;
            EXPECT_EQ(cache.memoized(key, [&](int asked) { return ++calls, asked * 3; }), key * 3);
            EXPECT_EQ(calls, misses);
        }
        EXPECT_LT(calls, 500);
    });
}

TEST(caches, do_not_keep_an_exception) {
    with_every_cache(8, [](const cache_kind& kind, any_cache& cache) {
        SCOPED_TRACE(kind.name);
        int calls = 0;
        const auto fails_twice = [&](int key) -> std::int64_t {
            return ++calls < 3 ? throw std::runtime_error("not yet") : key;
        };
        EXPECT_THROW(cache.memoized(4, fails_twice), std::runtime_error);
        EXPECT_THROW(cache.memoized(4, fails_twice), std::runtime_error);
        EXPECT_EQ(cache.size(), 0U);
        EXPECT_EQ(cache.memoized(4, fails_twice), 4);
        EXPECT_EQ(cache.memoized(4, fails_twice), 4);
        EXPECT_EQ(calls, 3);
    });
}

TEST(caches, may_be_used_by_what_they_compute) {
    with_every_cache(64, [](const cache_kind& kind, any_cache& cache) {
        SCOPED_TRACE(kind.name);
        std::function<std::int64_t(int)> fibonacci = [&](int n) -> std::int64_t {
            return n < 2 ? n : cache.memoized(n - 1, fibonacci) + cache.memoized(n - 2, fibonacci);
        };
        EXPECT_EQ(cache.memoized(40, fibonacci), 102334155);
    });
}

} // namespace
} // namespace poolmark::tests
