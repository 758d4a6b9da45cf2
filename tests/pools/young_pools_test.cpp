// What a pool costs that is young, or has become small again: blocks, bytes, pages.
#include "pools/adaptors/object_pool_resource.hpp"
#include "pools/memory/sanitizers.hpp"
#include "pools/object_pool.hpp"
#include "pools/local_pool.hpp"
#include "pools/locked_pool.hpp"
#include "pools/stack_pool.hpp"
#include "pools/slab_pool.hpp"
#include "tests/pools/cell.hpp"
#include "tests/pools/resident_pages.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <memory>
#include <random>
#include <span>
#include <vector>

namespace poolmark::tests {
namespace {

// The source that pools use, and what is out of it. It keeps nothing for other pools.
struct counting_source : warm_source {
    static inline std::map<std::byte*, std::size_t> out;
    static inline std::size_t calls = 0;

    [[nodiscard]] static void* allocate(std::size_t bytes, std::size_t alignment) {
        void* const memory = warm_source::allocate(bytes, alignment);
        out.emplace(static_cast<std::byte*>(memory), bytes);
        ++calls;
        return memory;
    }
    static void deallocate(void* memory, std::size_t bytes, std::size_t alignment) noexcept {
        out.erase(static_cast<std::byte*>(memory));
        warm_source::deallocate_for_good(memory, bytes, alignment);
    }
    static void deallocate_for_good(void* memory, std::size_t bytes, std::size_t alignment) noexcept {
        deallocate(memory, bytes, alignment);
    }
    [[nodiscard]] static std::size_t bytes() {
        std::size_t sum = 0;
        for (const auto& [memory, each] : out) {
            sum += each;
        }
        return sum;
    }
    [[nodiscard]] static std::size_t mapped_blocks() {
        return static_cast<std::size_t>(
            std::count_if(out.begin(), out.end(), [](const auto& each) { return each.second >= mapped_from; }));
    }
    [[nodiscard]] static std::size_t resident_pages_of_mappings() {
        std::size_t sum = 0;
        for (const auto& [memory, each] : out) {
            sum += each >= mapped_from ? resident_pages(memory, (each + page_bytes - 1) / page_bytes) : 0;
        }
        return sum;
    }
};
static_assert(discarding_source<counting_source>);

template <class P>
class young_pool : public testing::Test {};
using cell64 = cell<64>;
using young_pools = testing::Types<object_pool<cell64, pool_options{}, counting_source>,
                                   object_pool<cell64, pool_options{.checks = check::fast}, counting_source>,
                                   slab_pool<cell64, counting_source>, stack_pool<cell64, counting_source>>;
TYPED_TEST_SUITE(young_pool, young_pools);

TYPED_TEST(young_pool, allocates_nothing_before_its_first_object) {
    counting_source::calls = 0;
    {
        TypeParam pool;
        TypeParam told(1000);
        EXPECT_EQ(pool.slab_bytes(), 0u);
    }
    EXPECT_EQ(counting_source::calls, 0u);
}

TYPED_TEST(young_pool, of_a_few_objects_is_a_small_block_of_the_heap) {
    {
        std::vector<std::unique_ptr<TypeParam>> pools(1000);
        for (auto& each : pools) {
            each = std::make_unique<TypeParam>();
            for (int i = 0; i != 10; ++i) {
                std::memset(each->acquire(), 1, 64);
            }
        }
        EXPECT_EQ(counting_source::mapped_blocks(), 0u);
        EXPECT_LE(counting_source::bytes() + pools.size() * sizeof(TypeParam), pools.size() * 2048); // boost::pool's
        for (auto& each : pools) {
            if constexpr (requires { each->destroy_all(); }) {
                each->reset();
            }
        }
    }
    EXPECT_TRUE(counting_source::out.empty());
}

TEST(young_object_pool, takes_one_block_for_what_it_was_told) {
    for (const std::size_t objects : {1u, 5u, 13u, 100u, 1000u, 3000u, 50'000u, 300'000u}) {
        SCOPED_TRACE(objects);
        counting_source::calls = 0;
        object_pool<cell64, pool_options{}, counting_source> pool(objects);
        std::vector<cell64*> all(objects);
        for (cell64*& each : all) {
            each = pool.create();
        }
        for (cell64* const each : all) {
            pool.destroy(each);
        }
        EXPECT_EQ(counting_source::calls, 1u);
        EXPECT_LE(counting_source::bytes(), std::max<std::size_t>(1024, objects * 72 + page_bytes + (objects > 20'000 ? 1 << 21 : 0)));
        static_cast<void>(pool.create());
    }
}

TEST(young_object_pool, grows_to_many_in_few_steps) {
    counting_source::calls = 0;
    object_pool<cell64, pool_options{}, counting_source> pool;
    for (int i = 0; i != 100'000; ++i) {
        static_cast<void>(pool.create());
    }
    EXPECT_LE(counting_source::calls, 25u);
    EXPECT_LE(counting_source::bytes(), 3u * 100'000 * 72);
}

TEST(young_object_pool, has_slots_of_a_cache_line_at_cache_lines) {
    object_pool<cell64> lines;
    object_pool<cell<32>> halves;
    object_pool<cell<64, 64>> strict;
    object_pool<cell<256, 256>> stricter;
    for (int i = 0; i != 5000; ++i) {
        ASSERT_TRUE(is_aligned(lines.acquire(), 64));
        ASSERT_TRUE(is_aligned(halves.acquire(), 32));
        ASSERT_TRUE(is_aligned(strict.acquire(), 64));
        ASSERT_TRUE(is_aligned(stricter.acquire(), 256));
    }
}

// Through all the ways that the stack of free slots moves between slabs and blocks of its own.
TEST(young_object_pool, is_trimmed_and_grows_again_at_every_size) {
    std::mt19937 random(1);
    for (std::size_t objects = 1; objects < 40'000; objects += objects / 2 + 1) {
        SCOPED_TRACE(objects);
        object_pool<cell64, pool_options{.checks = check::fast}, counting_source> pool(objects % 3 == 0 ? objects : 0);
        std::vector<cell64*> out(objects);
        pool.acquire_n(out);
        for (int round = 0; round != 4; ++round) {
            std::shuffle(out.begin(), out.end(), random);
            const std::size_t going = round == 3 ? out.size() : out.size() - out.size() / 16;
            for (std::size_t i = 0; i != going; ++i) {
                pool.destroy(out[i]);
            }
            out.erase(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(going));
            static_cast<void>(pool.trim());
            ASSERT_EQ(pool.stats().live, out.size());
            const std::size_t left = out.size();
            out.resize(objects);
            pool.acquire_n(std::span(out).subspan(left));
            ASSERT_EQ(pool.stats().live, objects);
        }
        std::sort(out.begin(), out.end());
        ASSERT_EQ(std::adjacent_find(out.begin(), out.end()), out.end());
        pool.release_n(out);
        EXPECT_EQ(pool.trim() > 0, true);
        EXPECT_TRUE(counting_source::out.empty());
    }
}

#if !defined(POOLMARK_HAS_ASAN) && !defined(POOLMARK_HAS_TSAN)
TEST(young_object_pool, holds_little_more_than_what_is_live_after_a_burst) {
    if (!can_see_residency()) {
        GTEST_SKIP() << "this kernel does not tell which pages are resident";
    }
    constexpr std::size_t live = 50'000;
    for (const bool told : {false, true}) {
        object_pool<cell64, pool_options{}, counting_source> pool(told ? 11 * live : 0);
        std::vector<cell64*> kept(live);
        std::vector<cell64*> burst(10 * live);
        pool.acquire_n(kept);
        pool.acquire_n(burst);
        for (cell64* const each : kept) {
            std::memset(each, 1, 64);
        }
        for (cell64* const each : burst) {
            std::memset(each, 1, 64);
        }
        pool.release_n(burst);
        EXPECT_GT(pool.trim(), 8 * live * 64);
        EXPECT_LE(counting_source::resident_pages_of_mappings() * page_bytes, live * 64 * 12 / 10);
        pool.release_n(kept);
    }
}
#endif

using null_pool = object_pool<cell64, pool_options{.capacity = 2, .when_exhausted = exhausted::null}>;
static_assert(pool<null_pool> && null_pool::traits.gives_null && !throwing_pool<null_pool>);
static_assert(throwing_pool<object_pool<cell64>> && throwing_pool<slab_pool<cell64>>);

TEST(pool_that_gives_null, is_created_in_by_code_for_any_pool) {
    null_pool source;
    EXPECT_NE(create(source), nullptr);
    EXPECT_NE(create(source), nullptr);
    EXPECT_EQ(create(source), nullptr);
    locked_pool<null_pool> locked;
    static_assert(!throwing_pool<locked_pool<null_pool>>);
    EXPECT_NE(create(locked), nullptr);
    EXPECT_NE(create(locked), nullptr);
    EXPECT_EQ(create(locked), nullptr);
}

} // namespace
} // namespace poolmark::tests
