// bounded_free_lists: which blocks are kept, how many, and where the others go.
#include "pools/bounded_free_list.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <set>
#include <vector>

namespace poolmark::tests {
namespace {

using tuples = bounded_free_lists<20, 2000, 8>;

std::vector<void*> take(tuples& from, std::size_t count, std::size_t bytes) {
    std::vector<void*> out(count);
    for (void*& block : out) {
        block = from.acquire(bytes);
        std::memset(block, 0x5a, bytes);
    }
    return out;
}

void give(tuples& to, const std::vector<void*>& blocks, std::size_t bytes) {
    for (void* const block : blocks) {
        to.release(block, bytes);
    }
}

TEST(bounded_free_lists, keep_at_most_2000_of_a_size) {
    tuples lists;
    give(lists, take(lists, 1999, 24), 24);
    EXPECT_EQ(lists.idle(24), 1999u);
    give(lists, take(lists, 2000, 24), 24);
    EXPECT_EQ(lists.idle(24), 2000u);
    give(lists, take(lists, 5000, 24), 24);
    EXPECT_EQ(lists.idle(24), 2000u);
}

TEST(bounded_free_lists, keep_20_sizes_apart_and_nothing_larger) {
    tuples lists;
    static_assert(tuples::largest_kept_bytes == 160);
    for (std::size_t items = 1; items <= 22; ++items) {
        give(lists, take(lists, items, items * 8), items * 8);
    }
    for (std::size_t items = 1; items <= 20; ++items) {
        EXPECT_EQ(lists.idle(items * 8), items);
    }
    EXPECT_EQ(lists.idle(161), 0u);
    EXPECT_EQ(lists.idle(176), 0u);
}

TEST(bounded_free_lists, round_a_size_up_to_the_next_list) {
    tuples lists;
    void* const block = lists.acquire(17);
    lists.release(block, 17);
    EXPECT_EQ(lists.idle(24), 1u);
    EXPECT_EQ(lists.acquire(24), block);
    std::memset(block, 1, 24);
    lists.release(block, 24);
    lists.release(lists.acquire(0), 0);
    EXPECT_EQ(lists.idle(8), 1u);
}

TEST(bounded_free_lists, hand_the_block_released_last_out_first) {
    tuples lists;
    const std::vector<void*> out = take(lists, 10, 40);
    give(lists, out, 40);
    EXPECT_EQ(take(lists, 10, 40), std::vector<void*>(out.rbegin(), out.rend()));
    give(lists, out, 40);
}

TEST(bounded_free_lists, give_all_they_kept_back_when_cleared_and_go_on) {
    tuples lists;
    give(lists, take(lists, 300, 48), 48);
    lists.clear();
    EXPECT_EQ(lists.idle(48), 0u);
    give(lists, take(lists, 30, 48), 48);
    EXPECT_EQ(lists.idle(48), 30u); // and the leak sanitizer has nothing to say at the end
}

TEST(bounded_free_list, of_one_size_keeps_as_many_as_it_says) {
    bounded_free_list<char[96], 3> list;
    std::set<void*> out;
    for (int i = 0; i != 10; ++i) {
        out.insert(list.acquire());
    }
    EXPECT_EQ(out.size(), 10u);
    for (void* const block : out) {
        list.release(block);
    }
    EXPECT_EQ(list.idle(), 3u);
    list.clear();
    EXPECT_EQ(list.idle(), 0u);
}

#ifdef POOLMARK_HAS_ASAN
void reads_after_release() {
    bounded_free_list<char[96]> list;
    auto* const block = static_cast<volatile char*>(list.acquire());
    list.release(const_cast<char*>(block));
    static_cast<void>(block[0]);
}

TEST(bounded_free_list_death_test, reports_the_use_of_a_block_that_is_kept) {
    EXPECT_DEATH(reads_after_release(), "use-after-poison");
}
#endif

} // namespace
} // namespace poolmark::tests
