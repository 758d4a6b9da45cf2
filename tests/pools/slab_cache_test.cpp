// Slabs and first blocks that stay warm between pools: bounds, threads, fork, the process's end, and giving them back.
#include "pools/bitmap_pool.hpp"
#include "pools/buffer_pool.hpp"
#include "pools/memory/sanitizers.hpp"
#include "pools/object_pool.hpp"
#include "pools/slab_pool.hpp"
#include "tests/pools/cell.hpp"

#include <gtest/gtest.h>

#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <vector>

namespace poolmark::tests {
namespace {

constexpr std::size_t kib = 1024;
using detail::slab_cache;
using large_pool = object_pool<cell<64>>;

// Lives for so many objects, all of them written to.
template <class P>
void live_for(std::size_t objects) {
    P pool(objects);
    for (std::size_t i = 0; i != objects; ++i) {
        std::memset(pool.acquire(), 1, 64);
    }
}

class kept_slabs : public testing::Test {
protected:
    void SetUp() override { static_cast<void>(trim_slab_cache()); }
};

TEST_F(kept_slabs, serve_the_next_pool_of_their_size) {
    void* const first = warm_source::allocate(64 * kib, 64);
    warm_source::deallocate(first, 64 * kib, 64);
    EXPECT_EQ(detail::kept_slabs().bytes(), 64 * kib);
    EXPECT_EQ(warm_source::allocate(64 * kib, 64), first);
    EXPECT_EQ(detail::kept_slabs().bytes(), 0u);
    void* const second = warm_source::allocate(64 * kib, 64);
    EXPECT_NE(second, first);
    warm_source::deallocate(first, 64 * kib, 64);
    warm_source::deallocate(second, 64 * kib, 64);
    EXPECT_EQ(detail::kept_slabs().bytes(), 128 * kib);
}

TEST_F(kept_slabs, are_aligned_as_asked) {
    live_for<large_pool>(10'000);
    for (const std::size_t alignment : {std::size_t{64}, 4 * kib, 64 * kib, 1024 * kib}) {
        for (const std::size_t bytes : {32 * kib, 64 * kib, 1024 * kib, 2048 * kib}) {
            void* const slab = warm_source::allocate(bytes, alignment);
            EXPECT_TRUE(is_aligned(slab, alignment));
            EXPECT_TRUE(bytes < 2048 * kib || is_aligned(slab, 2048 * kib));
            warm_source::deallocate(slab, bytes, alignment);
        }
    }
}

TEST_F(kept_slabs, never_exceed_their_bounds) {
    std::vector<void*> slabs;
    for (const std::size_t bytes : {32 * kib, 256 * kib, 2048 * kib, 4096 * kib}) {
        for (int i = 0; i != 50; ++i) {
            slabs.push_back(warm_source::allocate(bytes, 64));
        }
        for (; !slabs.empty(); slabs.pop_back()) {
            warm_source::deallocate(slabs.back(), bytes, 64);
            ASSERT_LE(detail::kept_slabs().bytes(), slab_cache::most_bytes);
        }
    }
    EXPECT_GT(detail::kept_slabs().bytes(), 0u);
    EXPECT_GT(trim_slab_cache(), 0u);
    EXPECT_EQ(detail::kept_slabs().bytes(), 0u);
    EXPECT_EQ(trim_slab_cache(), 0u);
}

TEST_F(kept_slabs, serve_pools_that_were_told_of_many_objects) {
    constexpr std::size_t objects = 10'000;
    using told_pool = object_pool<cell<256>>;
    void* first = nullptr;
    for (int life = 0; life != 2; ++life) {
        told_pool pool(objects);
        void* const object = pool.acquire();
        EXPECT_TRUE(first == nullptr || object == first);
        first = object;
        pool.release(object);
    }
    EXPECT_GE(detail::kept_slabs().bytes(), objects * 256);
    void* const too_large = warm_source::allocate(slab_cache::largest_bytes + 2048 * kib, 64);
    static_cast<void>(trim_slab_cache());
    warm_source::deallocate(too_large, slab_cache::largest_bytes + 2048 * kib, 64);
    EXPECT_EQ(detail::kept_slabs().bytes(), 0u);
}

TEST_F(kept_slabs, are_none_of_what_trim_gave_back) {
    large_pool pool;
    std::vector<cell<64>*> burst(20'000);
    pool.acquire_n(burst);
    pool.release_n(burst);
    static_cast<void>(trim_slab_cache());
    EXPECT_GT(pool.trim(), 20'000u * 64);
    EXPECT_EQ(detail::kept_slabs().bytes(), 0u) << "it went to the system";
    bitmap_pool<cell<64>, warm_source> bits;
    bits.release(bits.acquire());
    EXPECT_GT(bits.trim(), 0u);
    EXPECT_EQ(detail::kept_slabs().bytes(), 0u) << "and so it did from the other pools that give back";
    basic_buffer_pool<warm_source> buffers(100'000);
    buffers.give(buffers.take());
    buffers.trim();
    EXPECT_EQ(detail::kept_slabs().bytes(), 0u);
}

TEST_F(kept_slabs, are_shared_by_threads) {
    std::atomic<bool> stop = false;
    std::thread trimming([&] {
        while (!stop) {
            static_cast<void>(trim_slab_cache());
        }
    });
    std::vector<std::thread> threads;
    for (std::size_t t = 0; t != 4; ++t) {
        threads.emplace_back([t] {
            for (std::size_t round = 0; round != 100; ++round) {
                live_for<large_pool>(500 + 100 * ((round + t) % 8));
                live_for<slab_pool<cell<64>>>(1500);
            }
        });
    }
    for (std::thread& each : threads) {
        each.join();
    }
    stop = true;
    trimming.join();
    EXPECT_LE(detail::kept_slabs().bytes(), slab_cache::most_bytes);
}

#ifndef POOLMARK_HAS_ASAN // there, a pool's first block goes back to the heap, so that its use is found

constexpr std::size_t pools_first_block = kib; // of objects of 64 bytes

class kept_blocks : public kept_slabs {};

TEST_F(kept_blocks, are_the_first_blocks_of_pools_that_ended) {
    live_for<large_pool>(1);
    EXPECT_EQ(trim_slab_cache(), pools_first_block);
    live_for<slab_pool<cell<64>>>(1);
    EXPECT_EQ(trim_slab_cache(), pools_first_block);
    EXPECT_EQ(trim_slab_cache(), 0u);
}

TEST_F(kept_blocks, serve_the_next_pool_whatever_its_type) {
    live_for<large_pool>(1);
    object_pool<cell<16>> next;
    static_cast<void>(next.acquire());
    EXPECT_EQ(trim_slab_cache(), 0u);
}

TEST_F(kept_blocks, are_at_most_one_of_each_size) {
    std::vector<void*> blocks;
    for (const std::size_t bytes : {kib, 2 * kib, 3 * kib, 4 * kib, 8 * kib}) {
        for (int i = 0; i != 3; ++i) {
            blocks.push_back(warm_source::allocate(bytes, 16));
        }
        for (; !blocks.empty(); blocks.pop_back()) {
            warm_source::deallocate(blocks.back(), bytes, 16);
        }
    }
    EXPECT_EQ(trim_slab_cache(), 7 * kib);
}

TEST_F(kept_blocks, are_each_threads_own) {
    live_for<large_pool>(1);
    std::size_t others = 1;
    std::thread([&] { others = trim_slab_cache(); }).join();
    EXPECT_EQ(others, 0u);
    std::thread([] { live_for<large_pool>(1); }).join();
    EXPECT_EQ(trim_slab_cache(), pools_first_block);
}

// A variable of a thread that ends after the thread's blocks have gone back, with a pool of its own.
struct late_in_thread {
    large_pool pool;
    std::size_t* kept;
    ~late_in_thread() {
        live_for<large_pool>(1);
        *kept = trim_slab_cache();
    }
};

TEST_F(kept_blocks, are_none_in_a_thread_that_is_ending) {
    std::size_t kept = 1;
    std::thread([&] {
        static thread_local late_in_thread late{.pool = large_pool(), .kept = &kept};
        static_cast<void>(late.pool.acquire());
        live_for<large_pool>(1);
    }).join();
    EXPECT_EQ(kept, 0u);
}

#endif

// ThreadSanitizer has its own ways with fork; and AddressSanitizer notes each mapping under a lock of its own, which a
// child inherits locked.
#if !defined(POOLMARK_HAS_TSAN) && !defined(POOLMARK_HAS_ASAN)

// A child that is born while other threads are at the cache goes on, with pools of its own and inherited ones.
TEST_F(kept_slabs, let_a_forked_child_go_on) {
    large_pool inherited;
    void* const block = inherited.acquire();
    std::atomic<bool> stop = false;
    std::thread busy([&] {
        while (!stop) {
            void* const slab = warm_source::allocate(64 * kib, 64);
            warm_source::deallocate(slab, 64 * kib, 64);
        }
    });
    for (int i = 0; i != 100; ++i) {
        const pid_t child = ::fork();
        ASSERT_GE(child, 0);
        if (child == 0) {
            ::alarm(60); // rather than waiting for ever
            for (int round = 0; round != 20; ++round) {
                void* const slab = warm_source::allocate(64 * kib, 64);
                std::memset(slab, 1, 64 * kib);
                warm_source::deallocate(slab, 64 * kib, 64);
            }
            static_cast<void>(trim_slab_cache());
            inherited.release(block);
            std::_Exit(inherited.acquire() == block ? 0 : 1);
        }
        int status = 0;
        ASSERT_EQ(::waitpid(child, &status, 0), child);
        ASSERT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
    }
    stop = true;
    busy.join();
}

#endif

// Ends after everything else, with a slab that goes where nothing has been destroyed.
struct at_exit {
    large_pool pool{20'000};
    ~at_exit() {
        const std::size_t live = pool.stats().live;
        live_for<large_pool>(5000);
        live_for<large_pool>(1);
        if (live != 1) {
            std::_Exit(3);
        }
    }
};

[[noreturn]] void exit_with_static_pools() {
    static at_exit last;
    static_cast<void>(last.pool.acquire());
    std::exit(0);
}

TEST(kept_slabs_death_test, outlive_static_pools) {
    EXPECT_EXIT(exit_with_static_pools(), testing::ExitedWithCode(0), "");
}

} // namespace
} // namespace poolmark::tests
