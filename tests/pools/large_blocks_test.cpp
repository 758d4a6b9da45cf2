// Blocks beyond the classes of a size_class_pool: sizes that no memory has, strict alignment, nothing lost.
#include "pools/size_class_pool.hpp"
#include "tests/pools/cell.hpp"

#include <gtest/gtest.h>

#include <cstring>

namespace poolmark::tests {
namespace {

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
