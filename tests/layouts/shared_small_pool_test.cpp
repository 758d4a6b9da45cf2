// Between the look whether a slot is free and its taking, another thread may take it: behind a lock it may not.
#include "benchmarks/contenders/layouts/records.hpp"
#include "benchmarks/contenders/storage/fixed_pools.hpp"
#include "pools/locked_pool.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <thread>
#include <vector>

namespace poolmark::tests {
namespace {

TEST(shared_small_pool, of_4_serves_8_threads_and_never_hands_a_slot_to_two_of_them) {
    locked_pool<index_list_pool<vector2d>> pool(4);
    std::atomic<int> wrong{0};
    std::atomic<int> out{0};
    std::atomic<int> most_out{0};
    const auto work = [&](int thread) {
        for (int i = 0; i != 500; ++i) {
            try {
                auto* const mine = ::new (pool.acquire()) vector2d{static_cast<double>(thread), static_cast<double>(i)};
                const int now = ++out;
                for (int seen = most_out; seen < now && !most_out.compare_exchange_weak(seen, now);) {
                }
                std::this_thread::yield();
                wrong += *mine != vector2d{static_cast<double>(thread), static_cast<double>(i)};
                --out;
                pool.release(mine);
            } catch (const pool_exhausted&) {
                std::this_thread::yield();
            }
        }
    };
    std::vector<std::thread> threads;
    for (int thread = 0; thread != 8; ++thread) {
        threads.emplace_back(work, thread);
    }
    for (std::thread& one : threads) {
        one.join();
    }
    EXPECT_EQ(wrong, 0);
    EXPECT_LE(most_out, 4);
    for (int i = 0; i != 4; ++i) {
        EXPECT_NO_THROW(static_cast<void>(pool.acquire())) << "all four are back";
    }
    EXPECT_THROW(static_cast<void>(pool.acquire()), pool_exhausted);
}

} // namespace
} // namespace poolmark::tests
