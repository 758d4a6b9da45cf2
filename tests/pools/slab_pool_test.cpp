// What is peculiar to slab_pool: the link inside the slot, and pages left alone until they are needed.
#include "pools/slab_pool.hpp"
#include "tests/pools/cell.hpp"
#include "tests/pools/resident_pages.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace poolmark::tests {
namespace {

TEST(slab_pool, touches_only_the_pages_it_has_handed_out) {
    if (!can_see_residency()) {
        GTEST_SKIP() << "this kernel does not tell which pages are resident";
    }
    slab_pool<cell<64>, page_source> source(16 * page_bytes / 64);
    const std::byte* const slab = page_of(source.acquire());
    const std::size_t pages = source.slab_bytes() / page_bytes;
    ASSERT_GT(pages, 8u);
    EXPECT_EQ(resident_pages(slab, pages), 1u);
    for (std::size_t i = 0; i != 4 * page_bytes / 64; ++i) {
        *static_cast<char*>(source.acquire()) = 1;
    }
    EXPECT_EQ(resident_pages(slab, pages), 5u);
}

TEST(slab_pool, has_no_memory_before_the_first_acquire) {
    const slab_pool<cell<64>> source(1'000'000);
    EXPECT_EQ(source.slab_bytes(), 0u);
}

TEST(slab_pool, takes_one_slab_for_the_objects_it_was_told_to_expect) {
    slab_pool<cell<64>> source(100'000);
    static_cast<void>(source.acquire());
    const std::size_t first_slab = source.slab_bytes();
    EXPECT_GE(first_slab, 100'000u * 64);
    for (int i = 1; i != 100'000; ++i) {
        static_cast<void>(source.acquire());
    }
    EXPECT_EQ(source.slab_bytes(), first_slab);
}

TEST(slab_pool, takes_a_hint_of_any_size) {
    slab_pool<cell<64>> source(~std::size_t{0});
    EXPECT_NE(source.acquire(), nullptr);
}

TEST(slab_pool, doubles_its_slabs_so_that_growing_to_n_takes_few_of_them) {
    slab_pool<cell<64>, rationed_source> source;
    for (int i = 0; i != 100'000; ++i) {
        static_cast<void>(source.acquire());
    }
    EXPECT_LE(rationed_source::slabs_out, 8);
    EXPECT_LE(source.slab_bytes(), 3u * 100'000 * 64);
}

TEST(slab_pool, uses_released_slots_before_it_carves_new_ones) {
    slab_pool<cell<64>> source(4);
    void* const first = source.acquire();
    for (int i = 0; i != 1000; ++i) {
        source.release(first);
        ASSERT_EQ(source.acquire(), first);
    }
}

TEST(slab_pool, gives_all_but_one_slab_back_on_reset) {
    {
        slab_pool<cell<64>, rationed_source> source;
        for (int i = 0; i != 50'000; ++i) {
            static_cast<void>(source.acquire());
        }
        ASSERT_GT(rationed_source::slabs_out, 2);
        source.reset();
        EXPECT_EQ(rationed_source::slabs_out, 1);
    }
    EXPECT_EQ(rationed_source::slabs_out, 0);
}

TEST(slab_pool, starts_slots_of_a_cache_line_at_a_cache_line) {
    slab_pool<cell<64>> source;
    EXPECT_TRUE(is_aligned(source.acquire(), 64));
    EXPECT_TRUE(is_aligned(source.acquire(), 64));
}

static_assert(!std::is_copy_constructible_v<slab_pool<int>> && !std::is_move_constructible_v<slab_pool<int>>);

} // namespace
} // namespace poolmark::tests
