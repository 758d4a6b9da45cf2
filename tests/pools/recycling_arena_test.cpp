// What is peculiar to recycling_arena: several types beside each other, and each type's own list.
#include "pools/recycling_arena.hpp"
#include "tests/pools/cell.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <vector>

namespace poolmark::tests {
namespace {

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
