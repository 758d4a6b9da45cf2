// What is peculiar to the arenas: neighbours in memory, nothing reused, or each type from its own list.
#include "pools/arena.hpp"
#include "pools/recycling_arena.hpp"
#include "tests/pools/cell.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <string>
#include <vector>

namespace poolmark::tests {
namespace {

TEST(arena, hands_out_neighbours) {
    arena<cell<48>> source;
    const auto* const first = static_cast<const std::byte*>(source.acquire());
    const auto* const second = static_cast<const std::byte*>(source.acquire());
    EXPECT_EQ(second - first, 48);
}

TEST(arena, keeps_the_largest_slab_over_a_reset_and_fills_it_again_from_its_beginning) {
    {
        arena<cell<64>, rationed_source> source;
        for (int i = 0; i != 10'000; ++i) {
            static_cast<void>(source.acquire());
        }
        ASSERT_GT(rationed_source::slabs_out, 1);
        source.reset();
        EXPECT_EQ(rationed_source::slabs_out, 1);
        void* const first = source.acquire();
        source.reset();
        EXPECT_EQ(source.acquire(), first);
    }
    EXPECT_EQ(rationed_source::slabs_out, 0);
}

TEST(arena, settles_on_one_slab_for_work_that_repeats) {
    arena<cell<64>> source;
    std::size_t settled = 0;
    for (int round = 0; round != 8; ++round) {
        for (int i = 0; i != 20'000; ++i) {
            static_cast<void>(source.acquire());
        }
        settled = source.slab_bytes();
        source.reset();
        if (round > 3) {
            EXPECT_EQ(source.slab_bytes(), settled) << "one slab was enough, so none went back";
        }
    }
}

TEST(arena, goes_back_to_a_mark) {
    arena<cell<64>> source;
    const auto empty = source.mark();
    void* const first = source.acquire();
    const auto marked = source.mark();
    void* const second = source.acquire();
    for (int i = 0; i != 10'000; ++i) {
        static_cast<void>(source.acquire()); // through several slabs
    }
    source.rewind(marked);
    EXPECT_EQ(source.acquire(), second);
    source.rewind(marked); // as often as one likes
    EXPECT_EQ(source.acquire(), second);
    source.rewind(empty);
    std::vector<void*> again(2000);
    for (void*& block : again) {
        block = source.acquire();
    }
    EXPECT_EQ(std::count(again.begin(), again.end(), first), 0) << "the largest slab is kept, not the first";
}

TEST(arena, keeps_what_was_acquired_before_a_mark) {
    arena<cell<64>> source;
    std::vector<unsigned char*> kept;
    for (int i = 0; i != 3000; ++i) {
        kept.push_back(static_cast<unsigned char*>(source.acquire()));
        kept.back()[0] = kept.back()[63] = static_cast<unsigned char>(i);
        const auto marked = source.mark();
        for (int tried = 0; tried != i % 50; ++tried) {
            static_cast<unsigned char*>(source.acquire())[63] = 99;
        }
        source.rewind(marked);
    }
    for (std::size_t i = 0; i != kept.size(); ++i) {
        ASSERT_EQ(kept[i][0], static_cast<unsigned char>(i));
        ASSERT_EQ(kept[i][63], static_cast<unsigned char>(i));
    }
}

TEST(arena, asks_its_source_once_for_work_that_is_undone_again_and_again) {
    {
        arena<cell<64>, rationed_source> source;
        for (int i = 0; i != 1000; ++i) {
            static_cast<void>(source.acquire());
        }
        const auto marked = source.mark();
        rationed_source::slabs_left = 2;
        for (int round = 0; round != 100; ++round) {
            for (int i = 0; i != 1500; ++i) {
                static_cast<void>(source.acquire());
            }
            source.rewind(marked);
        }
        rationed_source::slabs_left = rationed_source::unlimited;
    }
    EXPECT_EQ(rationed_source::slabs_out, 0) << "the one that was kept for the next time as well";
}

struct witness {
    witness(std::vector<int>& ended, int given) : ended_(&ended), value_(given) {
        if (given < 0) {
            throw std::runtime_error("told to");
        }
    }
    witness(const witness&) = delete;
    witness& operator=(const witness&) = delete;
    ~witness() { ended_->push_back(value_); }
    std::vector<int>* ended_;
    int value_;
};

TEST(arena, destroys_what_it_owns_newest_first_on_rewind_reset_and_end) {
    std::vector<int> ended;
    {
        arena<witness> source;
        static_cast<void>(source.create_owned(ended, 1));
        const auto marked = source.mark();
        static_cast<void>(source.create_owned(ended, 2));
        destroy(source, create(source, ended, 99)); // not owned: ends by hand, and only then
        EXPECT_THROW(static_cast<void>(source.create_owned(ended, -1)), std::runtime_error);
        static_cast<void>(source.create_owned(ended, 3));
        source.rewind(marked);
        EXPECT_EQ(ended, (std::vector{99, 3, 2}));
        static_cast<void>(source.create_owned(ended, 4));
        source.reset();
        EXPECT_EQ(ended, (std::vector{99, 3, 2, 4, 1}));
        static_cast<void>(source.create_owned(ended, 5));
    }
    EXPECT_EQ(ended, (std::vector{99, 3, 2, 4, 1, 5}));
}

TEST(arena, of_many_owners_leaks_nothing) { // the leak check is the witness
    arena<std::string> source;
    for (int round = 0; round != 3; ++round) {
        for (int i = 0; i != 10'000; ++i) {
            EXPECT_EQ(source.create_owned(100, 'x')->size(), 100u);
        }
        source.reset();
    }
    static_cast<void>(source.create_owned(100, 'y'));
}

// What is peculiar to recycling_arena: several types beside each other, and each type's own list.

using node = cell<24, 8>;
using edge = cell<12, 4>;
using page = cell<5000, 64>;

TEST(recycling_arena, lays_types_beside_each_other_in_the_order_they_are_made) {
    recycling_arena<node, page_source, edge> source;
    const auto* const first = static_cast<std::byte*>(source.acquire());
    const auto* const second = static_cast<std::byte*>(source.acquire<edge>());
    const auto* const third = static_cast<std::byte*>(source.acquire<node>());
    EXPECT_EQ(second - first, 24);
    EXPECT_EQ(third - second, 16) << "rounded up to the strictest alignment";
}

TEST(recycling_arena, gives_a_released_slot_to_its_own_type_only) {
    recycling_arena<node, page_source, edge> source;
    void* const a_node = source.acquire();
    void* const an_edge = source.acquire<edge>();
    source.release(a_node);
    EXPECT_NE(source.acquire<edge>(), a_node);
    source.release<edge>(an_edge);
    EXPECT_EQ(source.acquire<node>(), a_node);
    EXPECT_EQ(source.acquire<edge>(), an_edge);
}

TEST(recycling_arena, keeps_objects_of_all_types_apart_over_slabs_and_resets) {
    {
        recycling_arena<edge, rationed_source, node, page> source;
        for (int round = 0; round != 3; ++round) {
            std::vector<std::pair<std::byte*, std::byte*>> blocks;
            const auto add = [&](void* block, std::size_t bytes, std::size_t alignment) {
                EXPECT_TRUE(is_aligned(block, alignment));
                std::memset(block, round, bytes);
                auto* const begin = static_cast<std::byte*>(block);
                blocks.emplace_back(begin, begin + bytes);
            };
            void* latest = nullptr;
            for (int i = 0; i != 3000; ++i) {
                latest = source.acquire();
                add(latest, sizeof(edge), alignof(edge));
                add(source.acquire<node>(), sizeof(node), alignof(node));
                if (i % 10 == 0) {
                    add(source.acquire<page>(), sizeof(page), alignof(page));
                }
            }
            source.release(latest); // in the slab that is kept: must not come twice after the reset
            std::sort(blocks.begin(), blocks.end());
            EXPECT_EQ(std::adjacent_find(blocks.begin(), blocks.end(),
                                         [](auto& one, auto& next) { return one.second > next.first; }),
                      blocks.end());
            source.reset();
            EXPECT_EQ(rationed_source::slabs_out, 1);
        }
    }
    EXPECT_EQ(rationed_source::slabs_out, 0);
}

} // namespace
} // namespace poolmark::tests
