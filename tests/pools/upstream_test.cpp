// Slabs: sizes, alignment, huge pages, and requests that cannot be met.
#include "pools/memory/upstream.hpp"
#include "tests/pools/cell.hpp"

#include <gtest/gtest.h>

#include <cstring>

namespace poolmark::tests {
namespace {

TEST(page_source, aligns_slabs_of_2_mib_and_more_to_2_mib) {
    for (const std::size_t bytes : {std::size_t{2} << 20, (std::size_t{2} << 20) + 1, std::size_t{10} << 20}) {
        void* const slab = page_source::allocate(bytes, 4096);
        EXPECT_TRUE(is_aligned(slab, page_source::huge_page_bytes)) << bytes;
        std::memset(slab, 1, page_source::usable(bytes)); // all of it is ours
        page_source::deallocate(slab, bytes, 4096);
    }
}

TEST(page_source, hands_out_zeroes) {
    auto* const slab = static_cast<unsigned char*>(page_source::allocate(10'000, 64));
    for (std::size_t i = 0; i != page_source::usable(10'000); ++i) {
        ASSERT_EQ(slab[i], 0);
    }
    page_source::deallocate(slab, 10'000, 64);
}

TEST(page_source, throws_bad_alloc_where_there_is_no_such_memory) {
    EXPECT_THROW(static_cast<void>(page_source::allocate(std::size_t{1} << 46, 4096)), std::bad_alloc);
    EXPECT_THROW(static_cast<void>(page_source::allocate(~std::size_t{0} - 4096, 4096)), std::bad_alloc);
}

TEST(heap_source, aligns_as_it_is_asked) {
    for (std::size_t alignment = 1; alignment <= 4096; alignment *= 2) {
        void* const slab = heap_source::allocate(8192, alignment);
        EXPECT_TRUE(is_aligned(slab, alignment));
        heap_source::deallocate(slab, 8192, alignment);
    }
}

} // namespace
} // namespace poolmark::tests
