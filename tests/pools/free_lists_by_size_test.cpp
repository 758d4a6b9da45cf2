// bounded_free_lists at its bounds: whatever is pushed to is popped from, at every size on both sides of the
// last.
#include "pools/bounded_free_list.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <set>
#include <vector>

namespace poolmark::tests {
namespace {

constexpr std::size_t word = sizeof(void*);
constexpr std::size_t pairs = 5000;

// The heap, which counts.
struct heap_that_counts {
    static inline std::size_t allocations = 0;
    static inline std::size_t deallocations = 0;
    static void* allocate(std::size_t bytes) {
        ++allocations;
        return plain_heap::allocate(bytes);
    }
    static void deallocate(void* block) noexcept {
        ++deallocations;
        plain_heap::deallocate(block);
    }
};

// The bug of CPython's gh-121439: the last list is pushed to and never popped from.
struct last_list_is_never_popped {
    static constexpr bool keeps(std::size_t position, std::size_t sizes) noexcept { return position < sizes; }
    static constexpr bool serves(std::size_t position, std::size_t sizes) noexcept {
        return position + 1 < sizes;
    }
};

using tuples = bounded_free_lists<20, 2000, word, heap_that_counts>;
using broken_tuples = bounded_free_lists<20, 2000, word, heap_that_counts, last_list_is_never_popped>;

// The sizes, in words, at which a block that came back is not what the next one gets: pairs of acquire and
// release then ask the heap again and again, or let the list grow.
template <class Lists>
std::set<std::size_t> sizes_that_leak_into_their_list() {
    std::set<std::size_t> wrong;
    for (std::size_t words = 1; words <= 21; ++words) {
        Lists lists;
        const std::size_t before = heap_that_counts::allocations;
        for (std::size_t i = 0; i != pairs; ++i) {
            void* const block = lists.acquire(words * word);
            std::memset(block, 1, words * word);
            lists.release(block, words * word);
        }
        const bool kept = words <= 20;
        const std::size_t most = kept ? 1 : pairs;
        if (heap_that_counts::allocations - before > most || lists.idle(words * word) > (kept ? 1U : 0U)) {
            wrong.insert(words);
        }
    }
    return wrong;
}

TEST(free_lists_by_size, ask_the_heap_once_for_any_number_of_pairs_at_every_size_from_1_to_21) {
    EXPECT_EQ(sizes_that_leak_into_their_list<tuples>(), std::set<std::size_t>{});
}

TEST(free_lists_by_size, whose_bounds_differ_are_caught_at_the_last_size_and_there_alone) {
    EXPECT_EQ(sizes_that_leak_into_their_list<broken_tuples>(), std::set<std::size_t>{20});
    broken_tuples lists;
    for (std::size_t i = 0; i != pairs; ++i) {
        lists.release(lists.acquire(20 * word), 20 * word);
    }
    EXPECT_EQ(lists.idle(20 * word), 2000U) << "dead blocks, as many as the list may have";
}

TEST(free_lists_by_size, give_back_in_the_opposite_order) {
    tuples lists;
    void* const a = lists.acquire(3 * word);
    void* const b = lists.acquire(3 * word);
    void* const c = lists.acquire(3 * word);
    for (void* const block : {a, b, c}) {
        lists.release(block, 3 * word);
    }
    EXPECT_EQ(lists.acquire(3 * word), c);
    EXPECT_EQ(lists.acquire(3 * word), b);
    EXPECT_EQ(lists.acquire(3 * word), a);
    for (void* const block : {a, b, c}) {
        lists.release(block, 3 * word);
    }
}

TEST(free_lists_by_size, send_one_more_than_their_bound_to_the_heap) {
    tuples lists;
    std::vector<void*> out;
    for (int i = 0; i != 2001; ++i) {
        out.push_back(lists.acquire(2 * word));
    }
    const std::size_t before = heap_that_counts::deallocations;
    for (int i = 0; i != 2000; ++i) {
        lists.release(out[static_cast<std::size_t>(i)], 2 * word);
    }
    EXPECT_EQ(heap_that_counts::deallocations, before);
    lists.release(out.back(), 2 * word);
    EXPECT_EQ(heap_that_counts::deallocations, before + 1);
    lists.clear();
    EXPECT_EQ(heap_that_counts::deallocations, before + 2001);
}

TEST(free_lists_by_size, never_serve_a_size_from_the_next) {
    for (std::size_t words = 1; words <= 20; ++words) {
        tuples lists;
        void* const larger = lists.acquire((words + 1) * word);
        void* const smaller = words > 1 ? lists.acquire((words - 1) * word) : nullptr;
        lists.release(larger, (words + 1) * word);
        if (smaller != nullptr) {
            lists.release(smaller, (words - 1) * word);
        }
        const std::size_t before = heap_that_counts::allocations;
        void* const block = lists.acquire(words * word);
        EXPECT_EQ(heap_that_counts::allocations, before + 1) << words;
        lists.release(block, words * word);
    }
}

TEST(free_list_variants, keep_as_many_as_CPython_keeps_floats_lists_and_dictionaries) {
    const auto kept_of_300 = []<class List>(List list) {
        std::vector<void*> out;
        for (int i = 0; i != 300; ++i) {
            out.push_back(list->acquire());
        }
        for (void* const block : out) {
            list->release(block);
        }
        return list->idle();
    };
    bounded_free_list<double, 100> floats;
    bounded_free_list<double, 80> lists;
    unbounded_free_list<double> all;
    EXPECT_EQ(kept_of_300(&floats), 100U);
    EXPECT_EQ(kept_of_300(&lists), 80U);
    EXPECT_EQ(kept_of_300(&all), 300U);
}

TEST(fifo_free_list, gives_back_in_the_same_order) {
    fifo_free_list<char[40], 3> list;
    std::vector<void*> out;
    for (int i = 0; i != 4; ++i) {
        out.push_back(list.acquire());
    }
    for (void* const block : out) {
        list.release(block);
    }
    EXPECT_EQ(list.idle(), 3U);
    for (int i = 0; i != 3; ++i) {
        EXPECT_EQ(list.acquire(), out[static_cast<std::size_t>(i)]);
    }
    for (int i = 0; i != 3; ++i) {
        list.release(out[static_cast<std::size_t>(i)]);
    }
}

} // namespace
} // namespace poolmark::tests
