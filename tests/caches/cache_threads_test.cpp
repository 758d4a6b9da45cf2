// Caches that threads share: one call for a cold key, and no value that is torn, stale or of another key.
#include "benchmarks/contenders/caches/shared_caches.hpp"
#include "benchmarks/contenders/caches/lru_intrusive.hpp"
#include "benchmarks/contenders/caches/single_flight.hpp"
#include "tests/support/threads.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace poolmark::tests {
namespace {

constexpr std::size_t thread_count = 8;

using shared_text = std::shared_ptr<const std::string>;
using flights = single_flight<lru_intrusive<int, shared_text>>;

TEST(single_flight, computes_a_cold_key_once_for_8_threads_and_gives_all_the_same_object) {
    for (int key = 0; key != 50; ++key) {
        flights cache(std::size_t{10});
        std::atomic<int> calls{0};
        std::atomic<std::size_t> asked{0};
        std::vector<shared_text> got(thread_count);
        in_threads(thread_count, [&](std::size_t i) {
            asked.fetch_add(1);
            got[i] = cache.get_or_compute(key, [&](int of) {
                calls.fetch_add(1);
                while (asked.load() != thread_count) {
                    std::this_thread::yield();
                }
                return std::make_shared<const std::string>("value " + std::to_string(of));
            });
        });
        EXPECT_EQ(calls.load(), 1);
        EXPECT_EQ(std::set<shared_text>(got.begin(), got.end()).size(), 1U);
        EXPECT_EQ(*got[0], "value " + std::to_string(key));
        EXPECT_EQ(cache.size(), 1U);
    }
}

// What the same callers do to a cache that only has a lock: each of them computes.
TEST(locked_cache, is_coherent_and_computes_as_often_as_it_is_asked_at_once) {
    locked_cache<lru_intrusive<int, shared_text>> cache(std::size_t{10});
    std::atomic<std::size_t> calls{0};
    in_threads(thread_count, [&](std::size_t) {
        const shared_text got = get_or_compute(cache, 1, [&](int) {
            calls.fetch_add(1);
            while (calls.load() != thread_count) { // all of them get here
                std::this_thread::yield();
            }
            return std::make_shared<const std::string>("value");
        });
        EXPECT_EQ(*got, "value");
    });
    EXPECT_EQ(calls.load(), thread_count);
    EXPECT_EQ(cache.size(), 1U);
}

TEST(single_flight, gives_an_exception_to_all_who_wait_and_keeps_none) {
    flights cache(std::size_t{10});
    std::atomic<int> calls{0};
    std::atomic<std::size_t> asked{0};
    std::atomic<std::size_t> caught{0};
    in_threads(thread_count, [&](std::size_t) {
        asked.fetch_add(1);
        try {
            static_cast<void>(cache.get_or_compute(1, [&](int) -> shared_text {
                calls.fetch_add(1);
                while (asked.load() != thread_count) {
                    std::this_thread::yield();
                }
                throw std::runtime_error("no");
            }));
        } catch (const std::runtime_error&) {
            caught.fetch_add(1);
        }
    });
    EXPECT_EQ(caught.load(), thread_count);
    EXPECT_LE(calls.load(), static_cast<int>(thread_count)) << "who asks after it failed tries again";
    EXPECT_EQ(cache.size(), 0U);
    EXPECT_EQ(*cache.get_or_compute(1, [](int) { return std::make_shared<const std::string>("yes"); }), "yes");
}

TEST(single_flight, says_so_when_a_computation_asks_for_its_own_key) {
    single_flight<lru_intrusive<int, int>> cache(std::size_t{10});
    const auto asks_itself = [&](int key) { return cache.get_or_compute(key, [](int) { return 1; }); };
    EXPECT_THROW(static_cast<void>(cache.get_or_compute(1, asks_itself)), recursive_computation);
    EXPECT_EQ(cache.size(), 0U);
    const auto asks_another = [&](int key) { return cache.get_or_compute(key - 1, [](int) { return 5; }); };
    EXPECT_EQ(cache.get_or_compute(2, asks_another), 5);
    EXPECT_EQ(cache.size(), 2U);
}

TEST(single_flight, does_not_keep_what_was_computed_before_the_key_was_put_or_erased) {
    single_flight<lru_intrusive<int, int>> cache(std::size_t{10});
    EXPECT_EQ(cache.get_or_compute(1, [&](int) { return cache.erase(1), 10; }), 10);
    EXPECT_FALSE(cache.get(1));
    EXPECT_EQ(cache.get_or_compute(2, [&](int) { return cache.put(2, 99), 10; }), 10);
    EXPECT_EQ(cache.get(2), 99);
    EXPECT_EQ(cache.get_or_compute(3, [&](int) { return cache.clear(), 10; }), 10);
    EXPECT_EQ(cache.size(), 0U);
}

TEST(single_flight, gives_the_result_where_the_cache_keeps_nothing) {
    single_flight<lru_intrusive<int, std::string>> cache(std::size_t{0});
    auto twice = memoize(cache, [](int n) { return std::to_string(2 * n); });
    EXPECT_EQ(twice(21), "42");
    EXPECT_EQ(twice(21), "42");
    EXPECT_EQ(cache.size(), 0U);
}

std::string value_of(int key) { return std::string(20, 'v') + std::to_string(key); }

// All calls at once, with more keys than fit: a key's value always says which key it belongs to.
template <class Cache>
void is_coherent(Cache& cache) {
    std::atomic<int> wrong{0};
    in_threads(thread_count, [&](std::size_t i) {
        for (int step = 0; step != 600; ++step) {
            const int key = static_cast<int>(i * 7 + static_cast<std::size_t>(step)) % 60;
            const std::string value = get_or_compute(cache, key, value_of);
            wrong += value == value_of(key) ? 0 : 1;
            if (step % 5 == 0) {
                static_cast<void>(cache.erase((key + 3) % 60));
            }
            if (step % 7 == 0) {
                static_cast<void>(cache.put(key, value_of(key)));
            }
            if (step % 200 == 0) {
                cache.clear();
            }
            wrong += cache.size() <= cache.capacity() ? 0 : 1;
        }
    });
    EXPECT_EQ(wrong.load(), 0);
}

TEST(locked_cache, is_coherent_when_threads_evict_what_others_read) {
    locked_cache<lru_intrusive<int, std::string>> cache(std::size_t{20});
    is_coherent(cache);
}
TEST(sharded_cache, is_coherent_when_threads_evict_what_others_read) {
    sharded_cache<lru_intrusive<int, std::string>, 4> cache(20);
    is_coherent(cache);
}
TEST(single_flight, is_coherent_when_threads_evict_what_others_read) {
    single_flight<lru_intrusive<int, std::string>> cache(std::size_t{20});
    is_coherent(cache);
}

TEST(sharded_cache, divides_its_capacity_to_the_last_entry) {
    for (const std::size_t capacity : {0U, 1U, 3U, 5U, 100U}) {
        sharded_cache<lru_intrusive<int, int>, 4> cache(capacity);
        for (int key = 0; key != 2000; ++key) {
            static_cast<void>(cache.put(key, key));
        }
        EXPECT_EQ(cache.size(), capacity);
        EXPECT_EQ(cache.capacity(), capacity);
    }
}

} // namespace
} // namespace poolmark::tests
