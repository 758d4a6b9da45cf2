// What the next owner of a buffer finds in it, and what a misused pool says.
#include "pools/buffer_pool.hpp"
#include "tests/pools/cell.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <new>
#include <stdexcept>

namespace poolmark::tests {
namespace {

constexpr std::size_t asked_sizes[] = {1, 64, 100, 4096, 65'536, 1 << 20};

[[nodiscard]] std::size_t bytes_that_are_not_zero(const std::byte* buffer, std::size_t bytes) {
    return bytes - static_cast<std::size_t>(std::count(buffer, buffer + bytes, std::byte{0}));
}

// Leaves a secret in the first `used` bytes and gives the buffer back; the same buffer, as the next owner gets it.
template <class Pool>
[[nodiscard]] const std::byte* after_another_owner(Pool& pool, std::size_t used) {
    std::byte* const first = pool.take();
    std::memset(first, 0x5e, used);
    pool.give(first, used);
    const std::byte* const second = pool.take();
    EXPECT_EQ(second, first) << "the same buffer, or the test shows nothing";
    return second;
}

TEST(buffer_pool, shows_nothing_of_the_previous_owner_unless_one_opts_in) {
    for (const std::size_t bytes : asked_sizes) {
        SCOPED_TRACE(bytes);
        buffer_pool plain(bytes);
        EXPECT_EQ(bytes_that_are_not_zero(after_another_owner(plain, bytes), bytes), 0u);
        buffer_pool wiped(bytes, contents::wiped);
        EXPECT_EQ(bytes_that_are_not_zero(after_another_owner(wiped, bytes), bytes), 0u);
        EXPECT_EQ(bytes_that_are_not_zero(after_another_owner(wiped, bytes / 2), bytes), 0u);
        buffer_pool opted_in(bytes, contents::previous);
        EXPECT_EQ(bytes_that_are_not_zero(after_another_owner(opted_in, bytes), bytes), bytes);
    }
}

TEST(buffer_pool, hands_new_buffers_out_zeroed_whatever_the_heap_had_there) {
    for (const contents found : {contents::zeroed, contents::wiped}) {
        for (int round = 0; round != 4; ++round) { // the heap hands the dirty block out again
            buffer_pool dirty(200, contents::previous);
            std::memset(dirty.take(), 0x5e, 200);
            buffer_pool pool(200, found);
            std::byte* const buffer = pool.take();
            EXPECT_EQ(bytes_that_are_not_zero(buffer, 200), 0u);
            pool.give(buffer);
            auto* const block = static_cast<std::byte*>(heap_source::allocate(264, 64));
            std::memset(block, 0x5e, 264);
            heap_source::deallocate(block, 264, 64);
        }
    }
}

// Idle memory holds no secret: seen through the pool's back, which AddressSanitizer would report.
#ifndef POOLMARK_HAS_ASAN
TEST(buffer_pool, of_wiped_contents_has_nothing_in_idle_memory_and_of_zeroed_contents_has) {
    const auto left_behind = [](contents found) {
        buffer_pool pool(256, found);
        std::byte* const buffer = pool.take();
        std::memset(buffer, 0x5e, 256);
        pool.give(buffer);
        return bytes_that_are_not_zero(buffer, 256);
    };
    EXPECT_EQ(left_behind(contents::wiped), 0u);
    EXPECT_EQ(left_behind(contents::zeroed), 256u);
}
#endif

TEST(buffer_pool, tells_mistakes_apart_and_is_unharmed) {
    buffer_pool pool(64, contents::previous);
    buffer_pool other(64);
    std::byte* const ours = pool.take();
    std::byte* const theirs = other.take();
    ours[63] = std::byte{7};
    EXPECT_THROW(pool.give(theirs), other_pools_pointer);
    EXPECT_THROW(pool.give(ours, 65), std::out_of_range);
    EXPECT_EQ(pool.idle(), 0u);
    pool.give(ours, 64);
    EXPECT_THROW(pool.give(ours), double_release);
    EXPECT_EQ(pool.idle(), 1u);
    EXPECT_EQ(pool.take()[63], std::byte{7});
    EXPECT_EQ(pool.made(), 1u);
    EXPECT_THROW(buffer_pool(~std::size_t{0}), std::bad_array_new_length);
    other.give(theirs);
    pool.give(ours);
}

TEST(buffer_pool, is_as_it_was_when_there_is_no_memory) {
    rationed_source::slabs_left = 1;
    {
        basic_buffer_pool<rationed_source> pool(1000);
        std::byte* const only = pool.take();
        EXPECT_THROW(static_cast<void>(pool.take()), std::bad_alloc);
        EXPECT_EQ(pool.made(), 1u);
        pool.give(only);
        EXPECT_EQ(pool.take(), only);
        pool.give(only);
        pool.trim();
        EXPECT_EQ(rationed_source::slabs_out, 0);
        EXPECT_EQ(pool.made(), 0u);
        rationed_source::slabs_left = 3;
        std::byte* const middle = pool.take();
        static_cast<void>(pool.take());
        static_cast<void>(pool.take());
        pool.give(middle);
        pool.trim();
        EXPECT_EQ(rationed_source::slabs_out, 2) << "those that are out stay";
    }
    EXPECT_EQ(rationed_source::slabs_out, 0) << "at the end all of them go";
    rationed_source::slabs_left = rationed_source::unlimited;
}

} // namespace
} // namespace poolmark::tests
