// What is peculiar to size_class_pool: the classes, memory that runs out, starting over, blocks beyond the classes.
#include "pools/size_class_pool.hpp"
#include "tests/pools/cell.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

namespace poolmark::tests {
namespace {

TEST(size_classes, waste_less_than_a_granule_or_a_fifth) {
    for (std::size_t bytes = 1; bytes <= size_classes::largest_bytes; ++bytes) {
        const std::size_t slot = size_classes::bytes_of(size_classes::index_of(bytes));
        ASSERT_GE(slot, bytes);
        ASSERT_TRUE(slot - bytes < 16 || (slot - bytes) * 5 < slot) << bytes << " in " << slot;
    }
}

TEST(size_classes, are_aligned_as_strictly_as_asked) {
    for (std::size_t alignment = 1; alignment <= size_classes::largest_alignment; alignment *= 2) {
        for (std::size_t bytes = 0; bytes <= size_classes::largest_bytes; bytes += 13) {
            if (size_classes::serves(bytes, alignment)) {
                const std::size_t slot = size_classes::bytes_of(size_classes::index_of(bytes, alignment));
                ASSERT_GE(slot, bytes);
                ASSERT_EQ(slot % alignment, 0u);
            }
        }
    }
}

TEST(size_class_pool, hands_out_what_was_released_last_and_before_that_neighbours) {
    size_class_pool<> source;
    auto* const first = static_cast<std::byte*>(source.acquire(64));
    auto* const second = static_cast<std::byte*>(source.acquire(50)); // the same class
    EXPECT_EQ(second - first, 64);
    source.release(first, 64);
    source.release(second, 50);
    EXPECT_EQ(source.acquire(64), second);
    EXPECT_EQ(source.acquire(64), first);
    EXPECT_EQ(source.acquire(64), second + 64);
}

TEST(size_class_pool, has_the_block_in_hand_for_those_who_pass_it_by) {
    size_class_pool<rationed_source> source;
    std::vector<void*> out;
    rationed_source::slabs_left = 1;
    EXPECT_THROW(
        for (;;) { out.push_back(source.acquire_from_stack(1000, 8)); }, std::bad_alloc);
    source.release(out.back(), 1000, 8); // into the hand; the stack is empty
    EXPECT_EQ(source.acquire_from_stack(1000, 8), out.back());
    EXPECT_THROW(static_cast<void>(source.acquire_from_stack(1000, 8)), std::bad_alloc);
    rationed_source::slabs_left = rationed_source::unlimited;
}

TEST(size_class_pool, throws_bad_alloc_without_memory_and_goes_on_when_there_is_some) {
    for (int ration = 0; ration != 5; ++ration) {
        {
            size_class_pool<rationed_source> source;
            rationed_source::slabs_left = ration;
            std::vector<std::byte*> out;
            const auto fill_up = [&](std::size_t bytes) {
                for (;;) {
                    out.push_back(static_cast<std::byte*>(source.acquire(bytes)));
                }
            };
            EXPECT_THROW(fill_up(96), std::bad_alloc);
            EXPECT_THROW(static_cast<void>(source.acquire(100'000)), std::bad_alloc);
            EXPECT_THROW(static_cast<void>(source.acquire(1, 8192)), std::bad_alloc);
            EXPECT_THROW(static_cast<void>(source.acquire<96>()), std::bad_alloc) << "still nothing to be had";
            if (!out.empty()) {
                std::byte* const last = out.back();
                source.release(last, 96);
                EXPECT_EQ(source.acquire(96), last);
            }
            rationed_source::slabs_left = rationed_source::unlimited;
            for (int i = 0; i != 5000; ++i) {
                out.push_back(static_cast<std::byte*>(source.acquire(96)));
                std::memset(out.back(), i, 96);
            }
            std::sort(out.begin(), out.end());
            EXPECT_EQ(
                std::adjacent_find(out.begin(), out.end(), [](auto* one, auto* next) { return next - one < 96; }),
                out.end());
        }
        EXPECT_EQ(rationed_source::slabs_out, 0) << "every slab went back";
    }
}

TEST(size_class_pool, starts_over_with_one_chunk_after_a_reset) {
    size_class_pool<rationed_source> source;
    source.reset(); // nothing yet
    std::size_t bytes_before = 0;
    for (int round = 0; round != 5; ++round) {
        std::vector<std::byte*> out;
        for (std::size_t i = 0; i != 20'000; ++i) {
            const std::size_t bytes = 16 + i % 7 * 48;
            out.push_back(static_cast<std::byte*>(i % 2 == 0 ? source.acquire(bytes)
                                                             : source.acquire_from_stack(bytes, 8)));
            std::memset(out.back(), round, bytes);
        }
        source.release(out[0], 16); // in hand over the reset: must not come twice afterwards
        static_cast<void>(source.acquire(1 << 20));
        std::sort(out.begin(), out.end());
        EXPECT_EQ(std::adjacent_find(out.begin(), out.end()), out.end());
        if (round > 1) {
            EXPECT_LE(source.bytes(), bytes_before * 2);
        }
        bytes_before = source.bytes();
        source.reset();
        EXPECT_EQ(rationed_source::slabs_out, 1);
        EXPECT_NE(source.acquire(16), source.acquire(16));
    }
}

// The stack of so many slots is larger than any chunk that is taken without being asked for.
TEST(size_class_pool, keeps_5_million_blocks_apart) {
    size_class_pool<> source;
    std::vector<std::uint32_t*> out(5'000'000);
    for (std::uint32_t*& block : out) {
        block = static_cast<std::uint32_t*>(source.acquire(16));
    }
    constexpr std::size_t looked_at = 16; // not at all of them, for the sake of time
    for (std::uint32_t i = 0; i < out.size(); i += looked_at) {
        *out[i] = i;
    }
    for (std::uint32_t* const block : out) { // the stack holds them all
        source.release(block, 16);
    }
    for (std::uint32_t*& block : out) {
        block = static_cast<std::uint32_t*>(source.acquire(16));
    }
    std::size_t wrong = 0;
    for (std::size_t i = 0; i < out.size(); i += looked_at) { // the latest first
        wrong += *out[out.size() - 1 - i] != i;
    }
    EXPECT_EQ(wrong, 0u) << "released blocks are not written to, and come back in reverse";
}

TEST(size_class_pool, takes_little_of_its_upstream_for_little) {
    size_class_pool<> source;
    EXPECT_EQ(source.bytes(), 0u);
    for (std::size_t bytes = 16; bytes <= 128; bytes += 16) {
        static_cast<void>(source.acquire(bytes));
    }
    EXPECT_LE(source.bytes(), 256u << 10);
}

#ifdef POOLMARK_HAS_ASAN
TEST(size_class_pool_death_test, dies_of_a_use_after_release_and_of_a_read_past_the_end) {
    size_class_pool<> source;
    auto* const block = static_cast<volatile char*>(source.acquire(40));
    EXPECT_DEATH(static_cast<void>(block[40]), "use-after-poison");
    source.release(const_cast<char*>(block), 40);
    EXPECT_DEATH(static_cast<void>(block[0]), "use-after-poison");
}
#endif

// Blocks beyond the classes of a size_class_pool: sizes that no memory has, strict alignment, nothing lost.

TEST(size_class_pool, refuses_sizes_and_alignments_that_no_memory_has_and_is_unharmed) {
    size_class_pool<> source;
    const std::size_t before = source.bytes();
    constexpr std::size_t top_bit = ~(~std::size_t{0} >> 1);
    EXPECT_THROW(static_cast<void>(source.acquire(~std::size_t{0})), std::bad_alloc);
    EXPECT_THROW(static_cast<void>(source.acquire(~std::size_t{0} - 100, 4096)), std::bad_alloc);
    EXPECT_THROW(static_cast<void>(source.acquire(~std::size_t{0} / 2, 32)), std::bad_alloc);
    EXPECT_THROW(static_cast<void>(source.acquire(1, top_bit)), std::bad_alloc);
    EXPECT_THROW(static_cast<void>(source.acquire(top_bit, top_bit)), std::bad_alloc);
    EXPECT_EQ(source.bytes(), before);
}

TEST(size_class_pool, aligns_blocks_beyond_the_classes_as_strictly_as_asked) {
    size_class_pool<> source;
    for (std::size_t alignment = 1; alignment <= (std::size_t{4} << 20); alignment *= 2) {
        for (const std::size_t bytes : {std::size_t{1}, std::size_t{32'769}, std::size_t{3} << 20}) {
            void* const block = source.acquire(bytes, alignment);
            EXPECT_TRUE(is_aligned(block, alignment)) << bytes << " at " << alignment;
            std::memset(block, 1, bytes);
            source.release(block, bytes, alignment);
        }
    }
}

TEST(size_class_pool, gives_blocks_beyond_the_classes_back_at_once_in_any_order_or_at_its_end) {
    {
        size_class_pool<rationed_source> source;
        void* out[5];
        for (void*& block : out) {
            block = source.acquire(50'000);
        }
        EXPECT_EQ(rationed_source::slabs_out, 5);
        for (const std::size_t i : {2u, 0u, 4u}) { // from the middle, and both ends
            source.release(out[i], 50'000);
        }
        EXPECT_EQ(rationed_source::slabs_out, 2);
        source.release<50'000>(out[1]);
        EXPECT_EQ(rationed_source::slabs_out, 1);
        static_cast<void>(source.acquire<60'000>());
        EXPECT_GT(source.bytes(), 110'000u);
    }
    EXPECT_EQ(rationed_source::slabs_out, 0);
}

} // namespace
} // namespace poolmark::tests
