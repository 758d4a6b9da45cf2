// What every pool promises about storage: alignment, separateness, order of reuse, reset.
#include "tests/pools/cell.hpp"
#include "tests/pools/erased_pool.hpp"

#include <algorithm>
#include <cstring>
#include <random>
#include <set>
#include <string_view>
#include <vector>

namespace poolmark::tests {
namespace {

TEST(every_pool, honours_all_powers_of_two_up_to_4096_that_it_promises) {
    for_each_kind(every_kind(), [](const pool_kind& kind) {
        const auto source = kind.make(40);
        // More than fit into a first slab, for the largest.
        const std::vector<void*> out = acquire_all(*source, objects_for(kind.traits, 40));
        const auto misaligned = std::count_if(
            out.begin(), out.end(), [&](const void* block) { return !is_aligned(block, kind.of.alignment); });
        EXPECT_EQ(misaligned, 0);
        release_all(*source, out);
    });
}

// What the test above is worth: a pool that the catalog leaves out at some alignment is not seen by it.
TEST(every_pool, takes_part_at_the_alignments_that_it_promises_and_at_no_other) {
    std::set<std::string_view> names;
    for (const pool_kind& kind : every_kind()) {
        names.insert(kind.about->name);
        EXPECT_LE(kind.of.alignment, kind.traits.max_alignment) << kind.about->name;
    }
    for (const std::string_view name : names) {
        std::set<std::size_t> seen;
        std::size_t promised = 0;
        for (const pool_kind& kind : every_kind()) {
            if (kind.about->name == name) {
                seen.insert(kind.of.alignment);
                promised = kind.traits.max_alignment;
            }
        }
        for (std::size_t alignment = 1; alignment <= std::min(promised, std::size_t{4096}); alignment *= 2) {
            EXPECT_EQ(seen.count(alignment), 1u) << name << " is not in the catalog for alignment " << alignment;
        }
    }
}

// Writes every byte of every block before it reads any: one shared byte is a wrong byte somewhere. A block at once, because
// sanitizers look at each access.
void expect_apart(const std::vector<void*>& live, std::size_t bytes) {
    std::vector<unsigned char> patterns(256 + bytes);
    std::generate(patterns.begin(), patterns.end(), [next = 0u]() mutable { return static_cast<unsigned char>(7 * next++); });
    const auto pattern = [&](std::size_t block) { return patterns.data() + (block * 131 + (block >> 8) * 17) % 256; };
    for (std::size_t i = 0; i != live.size(); ++i) {
        std::memcpy(live[i], pattern(i), bytes);
    }
    std::size_t wrong = 0;
    for (std::size_t i = 0; i != live.size(); ++i) {
        wrong += std::memcmp(live[i], pattern(i), bytes) != 0;
    }
    expect_none(wrong, "live blocks with bytes of another one");
    expect_all_different(live);
}

void keeps_live_blocks_apart(const pool_kind& kind) {
    const std::size_t objects = objects_for(kind.traits, 20'000);
    const auto source = make_unprepared(kind, objects);
    for (int round = 0; round != 2; ++round) { // the second time from what was released
        const std::vector<void*> live = acquire_all(*source, objects);
        expect_apart(live, kind.of.bytes);
        release_all(*source, live);
    }
}

TEST(every_pool, keeps_20000_live_blocks_of_1_byte_apart) { for_every_pool({1, 1}, keeps_live_blocks_apart); }
TEST(every_pool, keeps_20000_live_blocks_of_3_bytes_apart) { for_every_pool({3, 1}, keeps_live_blocks_apart); }
TEST(every_pool, keeps_20000_live_blocks_of_12_bytes_apart) { for_every_pool({12, 4}, keeps_live_blocks_apart); }
TEST(every_pool, keeps_20000_live_blocks_of_64_bytes_apart) { for_every_pool({64, 8}, keeps_live_blocks_apart); }
TEST(every_pool, keeps_20000_live_blocks_of_200_bytes_apart) {
    for_every_pool({200, 8}, keeps_live_blocks_apart);
}

TEST(every_pool, that_promises_lifo_hands_out_the_latest_released_first) {
    for_every_pool(usual, [](const pool_kind& kind) {
        if (kind.traits.reuse != reuse_order::lifo) {
            return;
        }
        const std::size_t capacity = objects_for(kind.traits, 1000);
        const auto source = kind.make(capacity);
        std::vector<void*> released = acquire_all(*source, std::min<std::size_t>(300, capacity - 1));
        // In an order of its own, neither that of addresses nor its reverse.
        std::shuffle(released.begin(), released.end(), std::mt19937(7));
        release_all(*source, released);
        const std::vector<void*> again = acquire_all(*source, released.size());
        std::reverse(released.begin(), released.end());
        EXPECT_EQ(again, released);
        // Drained: the next one is a block that was not out.
        void* const next = source->acquire();
        EXPECT_EQ(std::count(again.begin(), again.end(), next), 0);
        source->release(next);
        EXPECT_EQ(source->acquire(), next);
    });
}

TEST(every_pool, that_never_reuses_hands_out_new_storage_until_reset) {
    for_every_pool(usual, [](const pool_kind& kind) {
        if (kind.traits.reuse == reuse_order::never) {
            const auto source = make_unprepared(kind, 2);
            void* const first = source->acquire();
            source->release(first);
            EXPECT_NE(source->acquire(), first);
        }
    });
}

TEST(every_pool, that_can_be_reset_starts_over_with_the_memory_it_kept) {
    for_every_pool(usual, [](const pool_kind& kind) {
        if (!kind.resettable) {
            return;
        }
        const std::size_t objects = objects_for(kind.traits, 30'000);
        const auto source = make_unprepared(kind, objects);
        source->reset(); // nothing out, nothing taken yet
        std::size_t bytes_before = 0;
        for (int round = 0; round != 4; ++round) {
            const std::vector<void*> out = acquire_all(*source, objects);
            for (void* const block : out) {
                std::memset(block, round, kind.of.bytes);
            }
            expect_all_different(out);
            source->release(out[objects / 2]); // one released block must not come back twice after the reset
            if (round > 1) {                   // from here on the memory it kept is enough, or nearly so
                EXPECT_LE(source->slab_bytes(), bytes_before * 2);
            }
            bytes_before = source->slab_bytes();
            source->reset();
        }
    });
}

} // namespace
} // namespace poolmark::tests
