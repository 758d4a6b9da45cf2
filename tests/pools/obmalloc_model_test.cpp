// obmalloc_model: classes, the way from an address to its pool, arenas that come and go, and a long mixed run.
#include "benchmarks/contenders/lifetime/obmalloc_model.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <map>
#include <random>
#include <vector>

namespace poolmark::tests {
namespace {

// Pages, counted, and refused when told to.
struct counting_pages {
    static constexpr backing memory = backing::pages;
    static inline int out = 0;
    static inline int left = 1 << 30;
    static std::size_t usable(std::size_t bytes) noexcept { return page_source::usable(bytes); }
    static void* allocate(std::size_t bytes, std::size_t alignment) {
        if (left == 0) {
            throw std::bad_alloc();
        }
        --left;
        ++out;
        return page_source::allocate(bytes, alignment);
    }
    static void deallocate(void* slab, std::size_t bytes, std::size_t alignment) noexcept {
        --out;
        page_source::deallocate(slab, bytes, alignment);
    }
};

using large_pools = obmalloc_model<16384, (std::size_t{1} << 20), counting_pages>;
using small_pools = obmalloc_model<4096, (std::size_t{1} << 18), counting_pages>;

std::uintptr_t number(const void* address) { return reinterpret_cast<std::uintptr_t>(address); }

TEST(obmalloc_model, rounds_up_to_16_and_serves_aligned_blocks_to_512_bytes) {
    large_pools heap;
    for (std::size_t bytes = 1; bytes <= 512; ++bytes) {
        void* const block = heap.acquire(bytes);
        std::memset(block, 7, bytes);
        EXPECT_EQ(number(block) % 16, 0U);
        EXPECT_EQ(heap.usable_bytes(block), (bytes + 15) / 16 * 16) << bytes;
        heap.release(block);
    }
    EXPECT_EQ(heap.usable_bytes(heap.acquire(56)), 64U) << "8 of 64 bytes are lost";
}

TEST(obmalloc_model, leaves_more_than_512_bytes_and_none_to_the_heap) {
    large_pools heap;
    for (const std::size_t bytes : {std::size_t{513}, std::size_t{600}, std::size_t{100'000}, std::size_t{0}}) {
        void* const block = heap.acquire(bytes);
        EXPECT_FALSE(heap.owns(block)) << bytes;
        heap.release(block); // and the sanitizer would tell if it went anywhere else
    }
    EXPECT_EQ(heap.arenas(), 0U);
}

template <class Heap>
void keeps_one_class_to_a_pool(std::size_t pool_bytes) {
    Heap heap;
    std::map<std::uintptr_t, std::size_t> class_of;
    for (int i = 0; i != 3000; ++i) {
        for (const std::size_t bytes : {16U, 48U, 512U}) {
            const std::uintptr_t pool = number(heap.acquire(bytes)) & ~(pool_bytes - 1);
            EXPECT_EQ(class_of.try_emplace(pool, bytes).first->second, bytes);
        }
    }
    EXPECT_GT(class_of.size(), 3U);
}

TEST(obmalloc_model, finds_the_pool_of_a_block_by_masking_its_address) {
    keeps_one_class_to_a_pool<large_pools>(16384);
    keeps_one_class_to_a_pool<small_pools>(4096);
}

TEST(obmalloc_model, gives_arenas_back_that_are_empty_but_for_one) {
    {
        large_pools heap;
        std::vector<void*> out;
        while (heap.arenas() != 4) {
            out.push_back(heap.acquire(512));
        }
        EXPECT_EQ(counting_pages::out, 4);
        void* const last = out.back();
        out.pop_back();
        for (void* const block : out) {
            heap.release(block);
        }
        EXPECT_LE(heap.arenas(), 2U) << "one that is in use and one that is kept";
        EXPECT_TRUE(heap.owns(last));
        heap.release(last);
        EXPECT_EQ(heap.arenas(), 1U);
        for (int i = 0; i != 1000; ++i) { // on the edge, nothing is mapped or unmapped
            heap.release(heap.acquire(100));
        }
        EXPECT_EQ(counting_pages::out, 1);
        heap.trim();
        EXPECT_EQ(counting_pages::out, 0);
        heap.release(heap.acquire(64));
        EXPECT_EQ(counting_pages::out, 1);
    }
    EXPECT_EQ(counting_pages::out, 0);
}

TEST(obmalloc_model, uses_a_block_that_came_back_to_a_full_pool_before_another_pool) {
    large_pools heap;
    std::vector<void*> out;
    for (int i = 0; i != 40; ++i) { // 31 fill the first pool
        out.push_back(heap.acquire(512));
    }
    heap.release(out[7]);
    EXPECT_EQ(heap.acquire(512), out[7]);
}

// A pool whose blocks all came back serves another class; the fullest arena is the one that is used.
TEST(obmalloc_model, fills_the_fullest_arena_first) {
    large_pools heap;
    std::vector<std::vector<void*>> by_arena;
    std::uintptr_t arena = 0;
    while (by_arena.size() <= 2) {
        void* const block = heap.acquire(512);
        if (const std::uintptr_t its = number(block) >> 20U; its != arena) {
            arena = its;
            by_arena.emplace_back();
        }
        by_arena.back().push_back(block);
    }
    heap.release(by_arena[2].front()); // the third arena is empty again
    const std::size_t pool_blocks = by_arena[0].size() / 64;
    for (std::size_t i = 0; i != 10 * pool_blocks; ++i) {
        heap.release(by_arena[0][i]);
    }
    for (std::size_t i = 0; i != 2 * pool_blocks; ++i) {
        heap.release(by_arena[1][i]);
    }
    void* const next = heap.acquire(32);
    EXPECT_EQ(number(next) >> 20U, number(by_arena[1].front()) >> 20U);
}

TEST(obmalloc_model, is_unharmed_by_a_source_that_refuses) {
    large_pools heap;
    counting_pages::left = 0;
    EXPECT_THROW(static_cast<void>(heap.acquire(8)), std::bad_alloc);
    EXPECT_EQ(heap.arenas(), 0U);
    counting_pages::left = 1 << 30;
    void* const block = heap.acquire(8);
    EXPECT_TRUE(heap.owns(block));
    heap.release(block);
}

// Random sizes come and go; a shadow of every block says what it must contain and that no two overlap.
template <class Heap>
void agrees_with_its_shadow(unsigned seed) {
    struct shadow {
        std::size_t bytes;
        unsigned char fill;
    };
    Heap heap;
    std::mt19937 chance(seed);
    std::map<std::uintptr_t, shadow> live;
    const auto check = [](std::uintptr_t at, const shadow& is) {
        const auto* const bytes = reinterpret_cast<const unsigned char*>(at);
        for (std::size_t i = 0; i != is.bytes; ++i) {
            ASSERT_EQ(bytes[i], is.fill);
        }
    };
    for (int step = 0; step != 40'000; ++step) {
        const bool grows = (step / 8000) % 2 == 0;
        if (live.empty() || chance() % 10 < (grows ? 7U : 3U)) {
            const std::size_t bytes = chance() % 20 == 0 ? 500 + chance() % 400 : 1 + chance() % 200;
            const auto fill = static_cast<unsigned char>(chance());
            void* const block = heap.acquire(bytes);
            const auto next = live.lower_bound(number(block));
            ASSERT_TRUE(next == live.end() || number(block) + bytes <= next->first);
            ASSERT_TRUE(next == live.begin() ||
                        std::prev(next)->first + std::prev(next)->second.bytes <= number(block));
            ASSERT_EQ(heap.owns(block), bytes <= 512);
            std::memset(block, fill, bytes);
            live.emplace(number(block), shadow{bytes, fill});
        } else {
            auto victim = live.lower_bound(live.begin()->first +
                                           chance() % (live.rbegin()->first - live.begin()->first + 1));
            check(victim->first, victim->second);
            heap.release(reinterpret_cast<void*>(victim->first));
            live.erase(victim);
        }
    }
    for (const auto& [at, is] : live) {
        check(at, is);
        heap.release(reinterpret_cast<void*>(at));
    }
    EXPECT_LE(heap.arenas(), 1U);
}

TEST(obmalloc_model, agrees_with_a_shadow_of_it_in_both_geometries) {
    agrees_with_its_shadow<large_pools>(1);
    agrees_with_its_shadow<small_pools>(2);
}

} // namespace
} // namespace poolmark::tests
