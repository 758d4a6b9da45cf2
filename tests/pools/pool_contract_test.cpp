// What every pool promises about storage: alignment, separateness, order of reuse, reset.
#include "tests/pools/every_pool.hpp"

#include <algorithm>
#include <cstring>
#include <vector>

namespace poolmark::tests {
namespace {

template <std::size_t Alignment>
void honours_alignment() {
    for_every_pool<cell<Alignment, Alignment>>([]<class P>() {
        P source(40);
        void* out[40]; // more than fit into a first slab, for the largest
        std::size_t misaligned = 0;
        for (void*& block : out) {
            block = source.acquire();
            misaligned += !is_aligned(block, Alignment);
        }
        for (void* const block : out) {
            source.release(block);
        }
        expect_none(misaligned, "misaligned blocks");
    });
}

TEST(every_pool, honours_all_powers_of_two_up_to_4096_that_it_promises) {
    [&]<std::size_t... Exponents>(std::index_sequence<Exponents...>) {
        (honours_alignment<std::size_t{1} << Exponents>(), ...);
    }
    (std::make_index_sequence<13>{});
}

[[nodiscard]] unsigned char pattern(std::size_t block, std::size_t byte) {
    return static_cast<unsigned char>(block * 131 + (block >> 8) * 17 + byte * 7 + 1);
}

// Writes every byte of every block before it reads any: one shared byte is a wrong byte somewhere.
void expect_apart(const std::vector<unsigned char*>& live, std::size_t bytes) {
    for (std::size_t i = 0; i != live.size(); ++i) {
        for (std::size_t byte = 0; byte != bytes; ++byte) {
            live[i][byte] = pattern(i, byte);
        }
    }
    std::size_t wrong = 0;
    for (std::size_t i = 0; i != live.size(); ++i) {
        for (std::size_t byte = 0; byte != bytes; ++byte) {
            wrong += live[i][byte] != pattern(i, byte);
        }
    }
    expect_none(wrong, "bytes shared by two live blocks");
    std::vector<unsigned char*> sorted = live;
    std::sort(sorted.begin(), sorted.end());
    EXPECT_EQ(std::adjacent_find(sorted.begin(), sorted.end()), sorted.end()) << "one block was handed out twice";
}

template <std::size_t Bytes>
void keeps_live_blocks_apart() {
    for_every_pool<cell<Bytes>>([]<class P>() {
        P source(P::traits.fixed_capacity ? 20'000 : 0);
        std::vector<unsigned char*> live(20'000);
        for (unsigned char*& block : live) {
            block = static_cast<unsigned char*>(source.acquire());
        }
        expect_apart(live, Bytes);
        for (unsigned char* const block : live) {
            source.release(block);
        }
        // Once more, now from what was released.
        for (unsigned char*& block : live) {
            block = static_cast<unsigned char*>(source.acquire());
        }
        expect_apart(live, Bytes);
        for (unsigned char* const block : live) {
            source.release(block);
        }
    });
}

TEST(every_pool, keeps_20000_live_blocks_of_1_byte_apart) { keeps_live_blocks_apart<1>(); }
TEST(every_pool, keeps_20000_live_blocks_of_3_bytes_apart) { keeps_live_blocks_apart<3>(); }
TEST(every_pool, keeps_20000_live_blocks_of_12_bytes_apart) { keeps_live_blocks_apart<12>(); }
TEST(every_pool, keeps_20000_live_blocks_of_64_bytes_apart) { keeps_live_blocks_apart<64>(); }
TEST(every_pool, keeps_20000_live_blocks_of_200_bytes_apart) { keeps_live_blocks_apart<200>(); }

TEST(every_pool, that_promises_lifo_hands_out_the_latest_released_first) {
    for_every_pool<cell<64>>([]<class P>() {
        if constexpr (P::traits.reuse == reuse_order::lifo) {
            P source(1000);
            std::vector<void*> out(300);
            std::generate(out.begin(), out.end(), [&] { return source.acquire(); });
            // In an order of its own, neither that of addresses nor its reverse.
            std::vector<void*> released;
            for (std::size_t i = 0; i != out.size(); ++i) {
                released.push_back(out[i * 7 % out.size()]);
                source.release(released.back());
            }
            std::vector<void*> again(released.size());
            std::generate(again.begin(), again.end(), [&] { return source.acquire(); });
            std::reverse(released.begin(), released.end());
            EXPECT_EQ(again, released);
            // Drained: the next one is a block that was not out.
            void* const next = source.acquire();
            EXPECT_EQ(std::count(again.begin(), again.end(), next), 0);
            source.release(next);
            EXPECT_EQ(source.acquire(), next);
        }
    });
}

TEST(every_pool, that_never_reuses_hands_out_new_storage_until_reset) {
    for_every_pool<cell<64>>([]<class P>() {
        if constexpr (P::traits.reuse == reuse_order::never) {
            P source(0);
            void* const first = source.acquire();
            source.release(first);
            EXPECT_NE(source.acquire(), first);
        }
    });
}

TEST(every_pool, that_can_be_reset_starts_over_with_the_memory_it_kept) {
    for_every_pool<cell<48>>([]<class P>() {
        if constexpr (resettable_pool<P>) {
            P source(0);
            source.reset(); // nothing out, nothing taken yet
            std::size_t bytes_before = 0;
            for (int round = 0; round != 4; ++round) {
                std::vector<void*> out(30'000);
                std::generate(out.begin(), out.end(), [&] { return source.acquire(); });
                for (void* const block : out) {
                    std::memset(block, round, 48);
                }
                std::sort(out.begin(), out.end());
                EXPECT_EQ(std::adjacent_find(out.begin(), out.end()), out.end());
                source.release(out.front()); // one released block must not come back twice after the reset
                if constexpr (requires { source.slab_bytes(); }) {
                    if (round > 1) { // from here on the memory it kept is enough, or nearly so
                        EXPECT_LE(source.slab_bytes(), bytes_before * 2);
                    }
                    bytes_before = source.slab_bytes();
                }
                source.reset();
            }
        }
    });
}

} // namespace
} // namespace poolmark::tests
