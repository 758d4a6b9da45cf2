// What is peculiar to static_pool: where it lies, when it is built, and that it costs nothing before it is used.
#include "pools/static_pool.hpp"

#include "tests/pools/resident_pages.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <vector>

namespace poolmark::tests {
namespace {

struct alignas(32) wide_block {
    unsigned char bytes[96];
};

constinit static_pool<wide_block, 100> before_main;
void* const acquired_before_main = before_main.acquire();

TEST(static_pool, can_be_used_before_main) { EXPECT_NE(acquired_before_main, nullptr); }

#ifndef POOLMARK_HAS_ASAN
static_assert(std::is_trivially_destructible_v<static_pool<wide_block, 100>>);
static_assert(sizeof(static_pool<wide_block, 100>) <= 100 * (sizeof(wide_block) + 2) + 64 + alignof(wide_block));
#endif

TEST(static_pool, keeps_its_slots_inside_itself) {
    static_pool<wide_block, 5> source;
    const auto begin = reinterpret_cast<std::uintptr_t>(&source);
    std::set<std::uintptr_t> out;
    for (int i = 0; i != 5; ++i) {
        out.insert(reinterpret_cast<std::uintptr_t>(source.acquire()));
    }
    EXPECT_EQ(out.size(), 5u);
    EXPECT_GE(*out.begin(), begin);
    EXPECT_LE(*out.rbegin() + sizeof(wide_block), begin + sizeof source);
    for (const std::uintptr_t address : out) {
        EXPECT_EQ(address % alignof(wide_block), 0u);
    }
}

TEST(static_pool, has_null_for_those_who_try_and_an_error_for_the_others) {
    static_pool<wide_block, 2> source;
    EXPECT_EQ(source.available(), 2u);
    void* const first = source.try_acquire();
    void* const second = source.try_acquire();
    ASSERT_TRUE(first != nullptr && second != nullptr && first != second);
    EXPECT_EQ(source.try_acquire(), nullptr);
    EXPECT_EQ(source.try_acquire(), nullptr) << "and again";
    EXPECT_THROW(static_cast<void>(source.acquire()), pool_exhausted);
    EXPECT_EQ(source.available(), 0u);
    source.release(first);
    EXPECT_EQ(source.available(), 1u);
    EXPECT_EQ(source.try_acquire(), first);
}

TEST(static_pool, stops_at_the_capacity_it_is_told_and_at_its_own) {
    for (const std::size_t told :
         {std::size_t{0}, std::size_t{1}, std::size_t{7}, std::size_t{8}, ~std::size_t{0}}) {
        static_pool<wide_block, 8> source(told);
        std::size_t acquired = 0;
        while (source.try_acquire() != nullptr) {
            ++acquired;
        }
        EXPECT_EQ(acquired, std::min<std::size_t>(told, 8));
    }
    static_assert(static_pool<wide_block, 8>::traits.max_objects == 8);
}

// The largest index of 2 bytes, and the first that needs 4.
template <std::size_t N>
void hands_out_every_slot_twice() {
    const auto source = std::make_unique<static_pool<unsigned, N>>();
    std::vector<unsigned*> out(N);
    for (int round = 0; round != 2; ++round) {
        for (unsigned i = 0; i != N; ++i) {
            out[i] = static_cast<unsigned*>(source->acquire());
            *out[i] = i;
        }
        ASSERT_EQ(source->try_acquire(), nullptr);
        for (unsigned i = 0; i != N; ++i) {
            ASSERT_EQ(*out[i], i);
        }
        for (unsigned* const slot : out) {
            source->release(slot);
        }
    }
}

TEST(static_pool, reaches_every_slot_with_the_smallest_index_that_can) {
    hands_out_every_slot_twice<1>();
    hands_out_every_slot_twice<65'535>();
    hands_out_every_slot_twice<65'536>();
    hands_out_every_slot_twice<65'537>();
}

TEST(static_pool, touches_only_the_pages_it_has_handed_out) {
#ifdef POOLMARK_HAS_ASAN
    GTEST_SKIP() << "poisoning knows all of it";
#endif
    if (!can_see_residency()) {
        GTEST_SKIP() << "this kernel does not tell which pages are resident";
    }
    constexpr std::size_t slots = 4u << 20;
    using large = static_pool<std::uint64_t, slots>; // from the kernel, not from memory that was used before
    const std::unique_ptr<large> source(new large);
    static_cast<void>(source->acquire());
    const auto* const first = static_cast<const std::byte*>(source->acquire());
    EXPECT_EQ(resident_pages(page_of(first) + page_bytes, slots / page_bytes), 0u);
}

#ifdef POOLMARK_HAS_ASAN
void reads_after_release() {
    static_pool<wide_block, 4> source;
    auto* const slot = static_cast<volatile unsigned char*>(source.acquire());
    source.release(const_cast<unsigned char*>(slot));
    static_cast<void>(slot[0]);
}

void reads_what_was_never_out() {
    static_pool<wide_block, 4> source;
    static_cast<void>(static_cast<volatile unsigned char*>(source.acquire())[sizeof(wide_block)]);
}

TEST(static_pool_death_test, reports_the_use_of_a_slot_that_is_not_out) {
    EXPECT_DEATH(reads_after_release(), "use-after-poison");
    EXPECT_DEATH(reads_what_was_never_out(), "use-after-poison");
}
#endif

} // namespace
} // namespace poolmark::tests
