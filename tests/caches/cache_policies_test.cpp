// Each policy does what a naive simulator of it does, call for call; and what follows from it for scans and skewed keys.
#include "benchmarks/contenders/caches/catalog.hpp"
#include "tests/caches/naive_caches.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace poolmark::tests {
namespace {

using number = std::int64_t;

template <class Cache, class Naive>
void agrees(std::size_t capacity, unsigned seed) {
    SCOPED_TRACE(std::string(Cache::about.name) + ", capacity " + std::to_string(capacity));
    Cache cache(capacity);
    Naive naive(capacity);
    std::mt19937 random(seed);
    const auto most = static_cast<number>(3 * capacity + 2);
    for (int step = 0; step != 1500; ++step) {
        // Half of them among few keys; and phases, since a policy shows when what is popular changes.
        const auto drawn = static_cast<number>(random());
        const number key = (drawn % 2 == 0 ? drawn / 2 % (most / 3 + 1) : drawn / 2 % most) + step / 500 * most / 2;
        const auto what = random() % 20;
        if (what == 0) {
            ASSERT_EQ(cache.erase(key), naive.erase(key)) << step;
        } else if (what < 4) {
            ASSERT_NE(cache.put(key, key), nullptr);
            naive.put(key);
        } else {
            const bool hit = cache.get(key) != nullptr;
            ASSERT_EQ(hit, naive.get(key)) << step;
            if (!hit) {
                cache.put(key, key);
                naive.put(key);
            }
        }
        for (number each = 0; each != 2 * most; ++each) {
            ASSERT_EQ(cache.peek(each) != nullptr, naive.there(each)) << "step " << step << ", key " << each;
        }
    }
}

template <class Cache, class Naive>
void agrees_at_each_capacity() {
    for (const unsigned capacity : {1U, 2U, 3U, 5U, 8U, 21U}) {
        agrees<Cache, Naive>(capacity, capacity);
    }
}

TEST(lru_list_map, forgets_what_a_simulator_forgets) {
    agrees_at_each_capacity<lru_list_map<number, number>, naive_lru>();
}
TEST(lru_intrusive, forgets_what_a_simulator_forgets) {
    agrees_at_each_capacity<lru_intrusive<number, number>, naive_lru>();
}
TEST(lru_nodes, forgets_what_a_simulator_forgets) {
    agrees_at_each_capacity<lru_nodes<number, number, fresh_nodes>, naive_lru>();
}
TEST(clock_cache, forgets_what_a_simulator_forgets) {
    agrees_at_each_capacity<clock_cache<number, number>, naive_clock>();
}
TEST(sieve_cache, forgets_what_a_simulator_forgets) {
    agrees_at_each_capacity<sieve_cache<number, number>, naive_sieve>();
}
TEST(two_q_cache, forgets_what_a_simulator_forgets) {
    agrees_at_each_capacity<two_q_cache<number, number>, naive_two_q>();
}
TEST(tiny_lfu_cache, forgets_what_a_simulator_forgets) {
    agrees_at_each_capacity<tiny_lfu_cache<number, number>, naive_tiny_lfu>();
}

template <class Cache>
double hit_ratio(Cache& cache, const std::vector<number>& trace) {
    std::size_t hits = 0;
    for (const number key : trace) {
        const number* const hit = cache.get(key);
        hits += hit != nullptr ? 1U : 0U;
        if (hit == nullptr) {
            cache.put(key, key);
        }
    }
    return static_cast<double>(hits) / static_cast<double>(trace.size());
}

// Key k with a probability proportional to (k + 1) to the power of -skew.
std::vector<number> zipf(std::size_t keys, double skew, std::size_t length) {
    std::vector<double> upto(keys);
    double sum = 0;
    for (std::size_t k = 0; k != keys; ++k) {
        upto[k] = sum += std::pow(static_cast<double>(k + 1), -skew);
    }
    std::mt19937_64 random(42);
    std::vector<number> trace(length);
    for (number& key : trace) {
        const double at = sum * static_cast<double>(random() >> 11U) / 9007199254740992.0;
        key = std::upper_bound(upto.begin(), upto.end(), at) - upto.begin();
    }
    return trace;
}

TEST(caches, hit_more_often_than_an_lru_when_few_keys_are_used_often) {
    const std::vector<number> trace = zipf(20'000, 0.9, 200'000);
    lru_intrusive<number, number> lru(200);
    sieve_cache<number, number> sieve(200);
    tiny_lfu_cache<number, number> tiny(200);
    tiny_lfu_cache<number, number> guarded(200, tiny_lfu_options{.doorkeeper = true});
    const double base = hit_ratio(lru, trace);
    EXPECT_GT(base, 0.2) << "else there is nothing to compare";
    EXPECT_LT(base, 0.6);
    EXPECT_GE(hit_ratio(sieve, trace), base + 0.02);
    EXPECT_GE(hit_ratio(tiny, trace), base + 0.02);
    EXPECT_GE(hit_ratio(guarded, trace), base + 0.02);
}

// One key more than there is room for, round and round.
template <class Cache>
double hit_ratio_of_a_loop() {
    Cache cache(100);
    std::vector<number> trace(20'000);
    for (std::size_t i = 0; i != trace.size(); ++i) {
        trace[i] = static_cast<number>(i % 101);
    }
    return hit_ratio(cache, trace);
}

TEST(caches, never_hit_in_a_loop_of_one_key_more_than_they_hold_when_they_forget_the_oldest) {
    EXPECT_EQ((hit_ratio_of_a_loop<lru_list_map<number, number>>()), 0.0);
    EXPECT_EQ((hit_ratio_of_a_loop<lru_intrusive<number, number>>()), 0.0);
    EXPECT_EQ((hit_ratio_of_a_loop<lru_nodes<number, number>>()), 0.0);
    // With no hit there is no mark, and without marks a hand goes round a queue: no better from a cold start.
    EXPECT_EQ((hit_ratio_of_a_loop<clock_cache<number, number>>()), 0.0);
    EXPECT_EQ((hit_ratio_of_a_loop<sieve_cache<number, number>>()), 0.0);
    EXPECT_GT((hit_ratio_of_a_loop<two_q_cache<number, number>>()), 0.2);
    EXPECT_GT((hit_ratio_of_a_loop<tiny_lfu_cache<number, number>>()), 0.2);
    EXPECT_GT((hit_ratio_of_a_loop<direct_mapped<number, number>>()), 0.2);
}

// What was used often stays while a scan of keys goes by that come once.
TEST(caches, let_a_scan_go_by_when_they_look_at_more_than_recency) {
    const auto still_there = []<class Cache>(Cache&& cache) {
        for (int round = 0; round != 10; ++round) {
            for (number key = 0; key != 150; ++key) { // more than fits, so that 2Q sees them come again
                if (cache.get(key) == nullptr) {
                    cache.put(key, key);
                }
            }
        }
        number before = 0;
        number after = 0;
        for (number key = 0; key != 150; ++key) {
            before += cache.peek(key) != nullptr ? 1 : 0;
        }
        for (number key = 1000; key != 2000; ++key) {
            static_cast<void>(cache.get(key));
            cache.put(key, key);
        }
        for (number key = 0; key != 150; ++key) {
            after += cache.peek(key) != nullptr ? 1 : 0;
        }
        EXPECT_EQ(before, 100) << cache.about.name;
        return after;
    };
    EXPECT_EQ(still_there(lru_intrusive<number, number>(100)), 0);
    EXPECT_GE(still_there(two_q_cache<number, number>(100)), 50);
    EXPECT_GE(still_there(tiny_lfu_cache<number, number>(100)), 90);
}

} // namespace
} // namespace poolmark::tests
