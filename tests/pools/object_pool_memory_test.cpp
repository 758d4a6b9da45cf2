// What object_pool has resident, and when it gives that back.
#include "pools/object_pool.hpp"
#include "tests/pools/resident_pages.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <functional>
#include <map>
#include <span>
#include <vector>

namespace poolmark::tests {
namespace {

TEST_F(object_pool_memory, is_left_alone_until_it_is_needed) {
    watched_pool pool(100'000);
    EXPECT_EQ(watched_source::pages(), 0u);
    pool.reserve(100'000);
    EXPECT_GE(watched_source::pages(), 100'000 / per_page);
    EXPECT_EQ(watched_source::resident(), 1u) << "the bottom of the stack";
    void* const first = pool.acquire();
    EXPECT_EQ(watched_source::resident(), 1u) << "not even by acquire()";
    std::memset(first, 1, object_bytes);
    EXPECT_EQ(watched_source::resident(), 2u);
    pool.release(first);
    EXPECT_EQ(watched_source::resident(), 2u);
}

TEST_F(object_pool_memory, holds_nothing_but_the_objects) {
    constexpr std::size_t objects = 10 * (std::size_t{2} << 20) / object_bytes; // ten times 2 MiB
    watched_pool pool;
    pool.reserve(objects);
    EXPECT_EQ(pool.slab_bytes(), objects * object_bytes);
    static_cast<void>(acquire_and_write(pool, objects));
    EXPECT_EQ(watched_source::resident(), objects / per_page + 1); // and the bottom of the stack
    EXPECT_EQ(pool.stats().slabs, 1u);
}

TEST_F(object_pool_memory, holds_four_bytes_more_for_an_object_that_is_checked) {
    constexpr std::size_t pages_of_marks = 256;
    const std::size_t objects = pages_of_marks * page_bytes / 4;
    checked_pool pool;
    pool.reserve(objects);
    static_cast<void>(acquire_and_write(pool, objects));
    // Of the slots that the rounding adds, too, and the bottom of the stack.
    EXPECT_LE(watched_source::resident(), objects / per_page + pages_of_marks + 20);
    pool.reset();
}

TEST_F(object_pool_memory, of_a_burst_goes_back_with_trim) {
    watched_pool pool;
    const std::vector<block> steady = acquire_and_write(pool, 1000);
    pool.release_n(acquire_and_write(pool, 10'000));
    ASSERT_GE(watched_source::resident(), 11'000 / per_page);
    const std::size_t before = pool.slab_bytes();
    EXPECT_GT(pool.trim(), 0u);
    EXPECT_LT(pool.slab_bytes(), before);
    // The steady objects' pages, a border page of each slab they are in, and what the stack uses.
    EXPECT_LE(watched_source::resident(), 1000 / per_page + 4);
    for (const block each : steady) {
        EXPECT_EQ(each->bytes[0], std::byte{1});
    }
}

TEST_F(object_pool_memory, goes_back_from_between_scattered_survivors) {
    watched_pool pool;
    const std::vector<block> all = acquire_and_write(pool, 100'000);
    std::vector<block> survivors;
    for (std::size_t i = 0; i != all.size(); ++i) {
        i % 1000 == 0 ? survivors.push_back(all[i]) : pool.release(all[i]);
    }
    EXPECT_GT(pool.trim(), 0u);
    const std::size_t free_addresses = 100'000 * sizeof(void*) / page_bytes + 2;
    EXPECT_LE(watched_source::resident(), survivors.size() + free_addresses);
    for (const block each : survivors) {
        EXPECT_EQ(each->bytes[object_bytes - 1], std::byte{1});
    }
    static_cast<void>(acquire_and_write(pool, all.size() - survivors.size()));
    EXPECT_EQ(pool.stats().live, all.size()) << "and all of it serves again";
    EXPECT_EQ(survivors[1]->bytes[0], std::byte{1});
}

TEST_F(object_pool_memory, all_goes_back_when_nothing_is_out) {
    watched_pool pool;
    pool.release_n(acquire_and_write(pool, 50'000));
    const std::size_t slabs = pool.slab_bytes();
    EXPECT_EQ(pool.trim(), slabs);
    EXPECT_EQ(watched_source::pages(), 0u);
    EXPECT_EQ(pool.trim(), 0u);
    static_cast<void>(acquire_and_write(pool, 10));
}

TEST_F(object_pool_memory, is_handed_out_lowest_address_first_after_trim) {
    checked_pool pool;
    const std::size_t apart = 100 * page_bytes / 4096; // more than a page
    const std::vector<block> all = acquire_and_write(pool, 50 * apart);
    for (std::size_t i = 0; i != all.size(); ++i) { // the survivors in the middle of each slab
        if (i % apart != apart / 2) {
            pool.release(all[i]);
        }
    }
    EXPECT_GT(pool.trim(), 0u);
    std::vector<block> again(all.size() - all.size() / apart);
    pool.acquire_n(again);
    EXPECT_TRUE(std::is_sorted(again.begin(), again.end(), std::less<>{}));
    pool.reset();
}

TEST_F(object_pool_memory, is_all_there_after_prefault) {
    watched_pool pool;
    pool.reserve(10'001); // not a whole number of pages
    pool.prefault();
    EXPECT_EQ(watched_source::resident(), watched_source::pages());
    const std::vector<block> all = acquire_and_write(pool, 10'001);
    pool.release_n(std::span(all).subspan(1));
    EXPECT_GT(pool.trim(), 0u);
    ASSERT_LT(watched_source::resident(), 100u);
    pool.prefault(); // again, what trim() took away as well
    EXPECT_EQ(watched_source::resident(), watched_source::pages());
    EXPECT_EQ(all[0]->bytes[0], std::byte{1});
}

// Does at once what the kernel's daemon does within minutes: huge pages of all that touches the slab, as where they are
// `always` enabled. How many it made.
int make_huge_pages(const std::byte* slab, std::size_t pages) {
    constexpr int collapse = 25; // MADV_COLLAPSE, for C libraries older than their kernel
    constexpr std::uintptr_t huge = page_source::huge_page_bytes;
    int made = 0;
    const auto begin = reinterpret_cast<std::uintptr_t>(slab);
    for (std::uintptr_t at = begin / huge * huge; at < begin + pages * page_bytes; at += huge) {
        made += ::madvise(reinterpret_cast<void*>(at), huge, collapse) == 0; // NOLINT: refused where it is not all ours
    }
    return made;
}

template <class Pool, class Source>
void stays_given_back(std::size_t objects, std::size_t every) {
    Pool pool;
    std::vector<typename Pool::value_type*> all(objects);
    pool.acquire_n(all);
    for (std::size_t i = 0; i != objects; ++i) {
        std::memset(all[i], 1, sizeof *all[i]);
    }
    for (std::size_t i = 0; i != objects; ++i) {
        if (i % every != 0) {
            pool.release(all[i]);
        }
    }
    const std::size_t before = watched<Source>::resident();
    EXPECT_GT(pool.trim(), 0u);
    const std::size_t after = watched<Source>::resident();
    EXPECT_LT(after, before);
    for (const auto& [memory, pages] : watched<Source>::out) {
        make_huge_pages(memory, pages);
    }
    EXPECT_EQ(watched<Source>::resident(), after);
    pool.reset();
}

TEST_F(object_pool_memory, that_was_given_back_does_not_come_again_as_huge_pages) {
    void* const control = page_source::allocate(page_source::huge_page_bytes, 64);
    static_cast<std::byte*>(control)[0] = std::byte{1};
    ::madvise(control, page_source::huge_page_bytes, MADV_DONTNEED);
    static_cast<std::byte*>(control)[0] = std::byte{1};
    const bool can = make_huge_pages(static_cast<std::byte*>(control), page_source::huge_page_bytes / page_bytes) > 0;
    page_source::deallocate(control, page_source::huge_page_bytes, 64);
    if (!can) {
        GTEST_SKIP() << "this kernel makes no huge pages when it is told to: it has to be Linux 6.1 or later";
    }
    using huge = watched<page_source>;
    constexpr pool_options fast{.checks = check::fast};
    // Slabs with holes, the stack beside them when most of it is not needed, and slabs that only together are as large.
    stays_given_back<object_pool<cell<1024>, pool_options{}, huge>, page_source>(20'000, 400);
    stays_given_back<object_pool<cell<8>, pool_options{}, huge>, page_source>(1'500'000, 700 * page_bytes / 4096);
    stays_given_back<object_pool<cell<64>, fast, huge>, page_source>(300'000, 4000);
    stays_given_back<object_pool<cell<1024>, pool_options{}, huge>, page_source>(3'900, 400);
    stays_given_back<object_pool<cell<1024>, pool_options{}, watched_source>, small_page_source>(3'900, 400);
}

} // namespace
} // namespace poolmark::tests
