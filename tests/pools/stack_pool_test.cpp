// What is peculiar to stack_pool: objects are never touched, and release() never needs memory.
#include "pools/stack_pool.hpp"
#include "tests/pools/cell.hpp"
#include "tests/pools/resident_pages.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <vector>

namespace poolmark::tests {
namespace {

#ifndef POOLMARK_HAS_ASAN // reading a released slot is what ASan is there to report
TEST(stack_pool, leaves_a_released_slot_as_it_was) {
    stack_pool<cell<64>> source(2);
    void* const block = source.acquire();
    std::memset(block, 0x5a, 64);
    source.release(block);
    const std::vector<unsigned char> expected(64, 0x5a);
    EXPECT_EQ(std::memcmp(block, expected.data(), 64), 0);
    EXPECT_EQ(source.acquire(), block);
    EXPECT_EQ(std::memcmp(block, expected.data(), 64), 0);
}
#endif

TEST(stack_pool, touches_no_page_of_objects_that_nobody_writes_to) {
    if (!can_see_residency()) {
        GTEST_SKIP() << "this kernel does not tell which pages are resident";
    }
    const std::size_t a_page = page_bytes / 4096;
    stack_pool<cell<4096>, page_source> source(12 * a_page);
    const auto* const first = static_cast<const std::byte*>(source.acquire());
    std::vector<void*> out(10 * a_page);
    for (void*& block : out) {
        block = source.acquire();
    }
    for (void* const block : out) {
        source.release(block);
    }
    for (void*& block : out) {
        block = source.acquire();
    }
    EXPECT_EQ(resident_pages(page_of(first) + page_bytes, 10), 0u);
}

TEST(stack_pool, takes_everything_back_without_asking_for_memory) {
    stack_pool<cell<16>, rationed_source> source;
    std::vector<void*> out(100'000);
    for (void*& block : out) {
        block = source.acquire();
    }
    rationed_source::slabs_left = 0;
    for (void* const block : out) {
        source.release(block);
    }
    for (std::size_t i = out.size(); i-- != 0;) {
        ASSERT_EQ(source.acquire(), out[i]);
    }
    rationed_source::slabs_left = rationed_source::unlimited;
    static_assert(noexcept(source.release(nullptr)));
}

TEST(stack_pool, gives_a_slab_back_when_there_is_no_memory_for_the_stack_beside_it) {
    stack_pool<cell<64>, rationed_source> source;
    rationed_source::slabs_left = 1;
    EXPECT_THROW(static_cast<void>(source.acquire()), std::bad_alloc);
    rationed_source::slabs_left = rationed_source::unlimited;
    EXPECT_EQ(rationed_source::slabs_out, 0);
    EXPECT_EQ(source.slab_bytes(), 0u);
    EXPECT_NE(source.acquire(), nullptr);
}

TEST(stack_pool, has_room_for_each_slot_of_every_slab) {
    stack_pool<cell<4096>> source;
    for (int i = 0; i != 3000; ++i) {
        static_cast<void>(source.acquire());
        ASSERT_GE(source.stack_bytes() / sizeof(void*), (source.slab_bytes() - source.slab_bytes() / 8) / 4096);
    }
}

TEST(stack_pool, keeps_its_stack_over_a_reset_and_grows_again) {
    stack_pool<cell<64>> source;
    for (int round = 0; round != 3; ++round) {
        std::vector<void*> out(40'000 * static_cast<std::size_t>(round + 1));
        for (void*& block : out) {
            block = source.acquire();
        }
        for (void* const block : out) {
            source.release(block);
        }
        EXPECT_EQ(source.acquire(), out.back());
        source.reset();
    }
}

static_assert(!std::is_copy_constructible_v<stack_pool<int>> &&
              !std::is_move_constructible_v<stack_pool<int>>);

} // namespace
} // namespace poolmark::tests
