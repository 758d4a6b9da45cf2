// What is peculiar to arena: neighbours in memory, nothing reused, the largest slab kept.
#include "pools/storage/arena.hpp"
#include "tests/pools/cell.hpp"

#include <gtest/gtest.h>

namespace poolmark::tests {
namespace {

TEST(arena, hands_out_neighbours) {
    arena<cell<48>> source;
    const auto* const first = static_cast<const std::byte*>(source.acquire());
    const auto* const second = static_cast<const std::byte*>(source.acquire());
    EXPECT_EQ(second - first, 48);
}

TEST(arena, keeps_the_largest_slab_over_a_reset_and_fills_it_again_from_its_beginning) {
    {
        arena<cell<64>, rationed_source> source;
        for (int i = 0; i != 10'000; ++i) {
            static_cast<void>(source.acquire());
        }
        ASSERT_GT(rationed_source::slabs_out, 1);
        source.reset();
        EXPECT_EQ(rationed_source::slabs_out, 1);
        void* const first = source.acquire();
        source.reset();
        EXPECT_EQ(source.acquire(), first);
    }
    EXPECT_EQ(rationed_source::slabs_out, 0);
}

TEST(arena, settles_on_one_slab_for_work_that_repeats) {
    arena<cell<64>> source;
    std::size_t settled = 0;
    for (int round = 0; round != 8; ++round) {
        for (int i = 0; i != 20'000; ++i) {
            static_cast<void>(source.acquire());
        }
        settled = source.slab_bytes();
        source.reset();
        if (round > 3) {
            EXPECT_EQ(source.slab_bytes(), settled) << "one slab was enough, so none went back";
        }
    }
}

} // namespace
} // namespace poolmark::tests
