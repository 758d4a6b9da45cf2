// What is peculiar to scan_pool: its two lists, their numbers, and the order in which slots come.
#include "benchmarks/contenders/storage/fixed_pool.hpp"
#include "tests/pools/cell.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string_view>
#include <vector>

namespace poolmark::tests {
namespace {

TEST(scan_pool, hands_the_slot_just_released_out_again) {
    scan_pool<cell<16>> source(16);
    void* const first = source.acquire();
    source.release(first);
    EXPECT_EQ(source.acquire(), first);
}

TEST(scan_pool, starts_with_the_slot_that_was_built_last) {
    scan_pool<cell<16>> source(4);
    std::array<const std::byte*, 4> out{};
    for (const std::byte*& block : out) {
        block = static_cast<const std::byte*>(source.acquire());
    }
    for (std::size_t i = 1; i != out.size(); ++i) {
        EXPECT_EQ(out[i - 1] - out[i], 16);
    }
}

TEST(scan_pool, counts_what_is_free_and_what_is_in_use) {
    scan_pool<cell<16>> source(5);
    std::vector<void*> out;
    for (std::size_t i = 0; i != 5; ++i) {
        EXPECT_EQ(source.available(), 5 - i);
        EXPECT_EQ(source.in_use(), i);
        out.push_back(source.acquire());
    }
    for (std::size_t i : {2u, 0u, 4u, 1u, 3u}) {
        source.release(out[i]);
    }
    EXPECT_EQ(source.available(), 5u);
    EXPECT_EQ(source.in_use(), 0u);
}

TEST(scan_pool, tells_its_two_errors_apart) {
    static_assert(!std::is_base_of_v<pool_exhausted, not_in_use> &&
                  !std::is_base_of_v<not_in_use, pool_exhausted>);
    scan_pool<cell<16>> source(1);
    void* const block = source.acquire();
    try {
        static_cast<void>(source.acquire());
        FAIL() << "there was a second slot";
    } catch (const pool_exhausted& error) {
        EXPECT_NE(std::string_view(error.what()).find("exhausted"), std::string_view::npos);
    }
    source.release(block);
    try {
        source.release(block);
        FAIL() << "the slot was taken twice";
    } catch (const not_in_use& error) {
        EXPECT_NE(std::string_view(error.what()).find("not in use"), std::string_view::npos);
    }
    EXPECT_EQ(source.available(), 1u);
}

TEST(scan_pool, refuses_a_capacity_that_no_memory_can_hold) {
    EXPECT_THROW((scan_pool<cell<64>>(~std::size_t{0} / 8)), std::bad_alloc);
}

} // namespace
} // namespace poolmark::tests
