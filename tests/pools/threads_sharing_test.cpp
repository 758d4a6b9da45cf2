// Several threads in one pool at once. Every byte of every live object is written, and looked at again before the
// object goes back: a block that two threads have at once shows.
#include "benchmarks/contenders/layouts/records.hpp"
#include "benchmarks/contenders/storage/fixed_pools.hpp"
#include "pools/locked_pool.hpp"
#include "tests/pools/shared_pools.hpp"

#include <array>
#include <mutex>
#include <random>

namespace poolmark::tests {
namespace {

POOLMARK_EVERY_SHARED_POOL(a_shared_pool);

TEST_P(a_shared_pool, hands_each_block_to_one_thread_at_a_time) {
    const auto storage = GetParam().make();
    std::atomic<int> wrong = 0;
    in_threads(4, [&](std::size_t me) {
        std::mt19937 random(static_cast<unsigned>(me));
        std::vector<std::pair<stamped*, std::uint64_t>> live;
        std::uint64_t next = me << 40U;
        for (int i = 0; i != 100'000; ++i) {
            // Its share of acquires drifts, so that magazines fill up and run empty.
            if (live.empty() || random() % 8000 < (i % 6000 < 3000 ? 5000u : 3000u)) {
                live.emplace_back(storage->make(next), next);
                next += 100;
            } else {
                std::swap(live[random() % live.size()], live.back());
                const auto [object, value] = live.back();
                live.pop_back();
                wrong += !object->has(value);
                storage->release(object);
            }
        }
        for (const auto& [object, value] : live) {
            wrong += !object->has(value);
            storage->release(object);
        }
    });
    EXPECT_EQ(wrong, 0);
}

// Every thread drops what others made: the objects travel through a few places that all of them exchange with.
TEST_P(a_shared_pool, takes_blocks_back_from_any_thread) {
    const auto storage = GetParam().make();
    std::array<std::atomic<stamped*>, 600> places{};
    std::atomic<int> wrong = 0;
    in_threads(4, [&](std::size_t me) {
        std::mt19937 random(static_cast<unsigned>(me));
        for (std::uint64_t i = 0; i != 60'000; ++i) {
            const std::uint64_t value = me << 40U | i << 8U;
            stamped* const made = storage->make(value);
            if (stamped* const old = places[random() % places.size()].exchange(made); old != nullptr) {
                wrong += !old->has(old->words[0]);
                storage->release(old);
            }
        }
    });
    for (std::atomic<stamped*>& place : places) {
        if (stamped* const left = place.load(); left != nullptr) {
            wrong += !left->has(left->words[0]);
            storage->release(left);
        }
    }
    EXPECT_EQ(wrong, 0);
}

// One makes everything, another one drops everything: the memory must come back, not pile up.
TEST_P(a_shared_pool, needs_no_more_memory_the_longer_one_thread_makes_what_another_drops) {
    const auto storage = GetParam().make();
    constexpr std::size_t batch = 500;
    std::atomic<std::uint64_t> made = 0;
    std::atomic<std::uint64_t> dropped = 0;
    std::array<stamped*, 2 * batch> ring{};
    std::atomic<int> wrong = 0;
    std::size_t bytes_early = 0;
    const std::jthread consumer([&] {
        for (std::uint64_t i = 0; i != 200 * batch; ++i) {
            while (made.load() <= i) {
                std::this_thread::yield();
            }
            stamped* const object = ring[i % ring.size()];
            wrong += !object->has(i * 10);
            storage->release(object);
            dropped.store(i + 1);
        }
    });
    for (std::uint64_t i = 0; i != 200 * batch; ++i) {
        while (i - dropped.load() == ring.size()) {
            std::this_thread::yield();
        }
        ring[i % ring.size()] = storage->make(i * 10);
        made.store(i + 1);
        if (i == 20 * batch) {
            bytes_early = counted_source::bytes_out;
        }
    }
    EXPECT_LE(counted_source::bytes_out, 2 * bytes_early) << "one slab more, at the most";
    EXPECT_EQ(wrong, 0);
}

TEST_P(a_shared_pool, says_when_there_is_no_memory_and_goes_on_when_there_is) {
    for (int slabs = 0; slabs != 6; ++slabs) {
        const auto storage = GetParam().make();
        std::mutex mutex;
        std::vector<std::pair<stamped*, std::uint64_t>> all;
        const auto take = [&](std::size_t me, std::uint64_t count) {
            for (std::uint64_t i = 0; i != count; ++i) {
                stamped* const object = storage->make(me << 40U | i << 8U);
                const std::lock_guard alone(mutex);
                all.emplace_back(object, me << 40U | i << 8U);
            }
        };
        counted_source::slabs_left = slabs;
        in_threads(3, [&](std::size_t me) { EXPECT_THROW(take(me, 1'000'000), std::bad_alloc); });
        if (!all.empty()) { // what was released is there for whoever asks
            storage->release(all.back().first);
            all.pop_back();
            EXPECT_NO_THROW(take(4, 1));
        }
        counted_source::slabs_left = counted_source::unlimited;
        in_threads(3, [&](std::size_t me) { take(me + 8, 2000); });
        for (const auto& [object, value] : all) {
            EXPECT_TRUE(object->has(value));
            storage->release(object);
        }
    }
}

// Between the look whether a slot is free and its taking, another thread may take it: behind a lock it may not.
TEST(shared_small_pool, of_4_serves_8_threads_and_never_hands_a_slot_to_two_of_them) {
    locked_pool<index_list_pool<vector2d>> pool(4);
    std::atomic<int> wrong{0};
    std::atomic<int> out{0};
    std::atomic<int> most_out{0};
    in_threads(8, [&](std::size_t thread) {
        for (int i = 0; i != 500; ++i) {
            try {
                const vector2d stamp{static_cast<double>(thread), static_cast<double>(i)};
                auto* const mine = ::new (pool.acquire()) vector2d(stamp);
                const int now = ++out;
                for (int seen = most_out; seen < now && !most_out.compare_exchange_weak(seen, now);) {
                }
                std::this_thread::yield();
                wrong += *mine != stamp;
                --out;
                pool.release(mine);
            } catch (const pool_exhausted&) {
                std::this_thread::yield();
            }
        }
    });
    EXPECT_EQ(wrong, 0);
    EXPECT_LE(most_out, 4);
    for (int i = 0; i != 4; ++i) {
        EXPECT_NO_THROW(static_cast<void>(pool.acquire())) << "all four are back";
    }
    EXPECT_THROW(static_cast<void>(pool.acquire()), pool_exhausted);
}

} // namespace
} // namespace poolmark::tests
