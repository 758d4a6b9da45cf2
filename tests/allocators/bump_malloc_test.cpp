// The bump malloc's functions, called one by one from a library that was loaded beside the process's own heap.
#include <dlfcn.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <limits>
#include <thread>
#include <vector>

namespace {

template <class Function>
Function* bump(const char* name) {
    static void* const library = ::dlopen(POOLMARK_BUMP, RTLD_NOW | RTLD_LOCAL);
    EXPECT_NE(library, nullptr) << ::dlerror();
    return reinterpret_cast<Function*>(::dlsym(library, name));
}

void* bump_malloc(std::size_t bytes) { return bump<void*(std::size_t)>("malloc")(bytes); }

bool aligned(const void* block, std::size_t alignment) {
    return reinterpret_cast<std::uintptr_t>(block) % alignment == 0;
}

TEST(bump_malloc, blocks_are_distinct_aligned_and_writable) {
    std::vector<unsigned char*> blocks;
    for (std::size_t i = 0; i < 2000; ++i) {
        auto* const block = static_cast<unsigned char*>(bump_malloc(i % 97));
        ASSERT_TRUE(aligned(block, 16));
        std::memset(block, static_cast<int>(i % 251), i % 97);
        blocks.push_back(block);
    }
    for (std::size_t i = 0; i < blocks.size(); ++i) {
        for (std::size_t byte = 0; byte < i % 97; ++byte) {
            ASSERT_EQ(blocks[i][byte], i % 251);
        }
        if (i > 0) {
            ASSERT_NE(blocks[i], blocks[i - 1]);
        }
    }
}

TEST(bump_malloc, never_hands_out_a_freed_block_again) {
    void* const first = bump_malloc(64);
    bump<void(void*)>("free")(first);
    EXPECT_NE(bump_malloc(64), first);
}

TEST(bump_malloc, goes_on_where_a_dead_thread_ended) {
    constexpr std::uintptr_t chunk_bytes = std::uintptr_t{64} << 20;
    std::vector<unsigned char*> blocks;
    for (int threads = 0; threads != 200; ++threads) { // 64 MiB for each would be more than there is
        std::thread([&] { blocks.push_back(static_cast<unsigned char*>(bump<void*(std::size_t, std::size_t)>("calloc")(1, 48))); }).join();
        ASSERT_NE(blocks.back(), nullptr);
        for (std::size_t byte = 0; byte != 48; ++byte) {
            ASSERT_EQ(blocks.back()[byte], 0);
        }
        std::memset(blocks.back(), 1, 48);
    }
    for (std::size_t i = 1; i != blocks.size(); ++i) {
        EXPECT_EQ(reinterpret_cast<std::uintptr_t>(blocks[i]) / chunk_bytes, reinterpret_cast<std::uintptr_t>(blocks[0]) / chunk_bytes);
        EXPECT_EQ(blocks[i], blocks[i - 1] + 48);
    }
}

TEST(bump_malloc, serves_blocks_larger_than_a_chunk) {
    constexpr std::size_t bytes = std::size_t{100} << 20;
    auto* const block = static_cast<unsigned char*>(bump_malloc(bytes));
    ASSERT_NE(block, nullptr);
    block[0] = 1;
    block[bytes - 1] = 2;
    EXPECT_EQ(block[0] + block[bytes - 1], 3);
}

TEST(bump_malloc, realloc_keeps_the_content) {
    auto* const old = static_cast<char*>(bump_malloc(16));
    std::memcpy(old, "fifteen letters", 16);
    auto* const grown = static_cast<char*>(bump<void*(void*, std::size_t)>("realloc")(old, 4096));
    EXPECT_STREQ(grown, "fifteen letters");
}

TEST(bump_malloc, calloc_is_zero_and_does_not_wrap) {
    auto* const zeroes = static_cast<unsigned char*>(bump<void*(std::size_t, std::size_t)>("calloc")(100, 8));
    for (std::size_t i = 0; i < 800; ++i) {
        ASSERT_EQ(zeroes[i], 0);
    }
    const std::size_t half = std::numeric_limits<std::size_t>::max() / 2;
    EXPECT_EQ(bump<void*(std::size_t, std::size_t)>("calloc")(half, 3), nullptr);
}

TEST(bump_malloc, aligns_to_every_power_of_two) {
    for (std::size_t alignment = 8; alignment <= 1U << 16U; alignment *= 2) {
        void* block = nullptr;
        ASSERT_EQ(bump<int(void**, std::size_t, std::size_t)>("posix_memalign")(&block, alignment, 24), 0);
        EXPECT_TRUE(aligned(block, alignment)) << alignment;
    }
    void* block = nullptr;
    EXPECT_EQ(bump<int(void**, std::size_t, std::size_t)>("posix_memalign")(&block, 24, 24), EINVAL);
}

TEST(bump_malloc, a_request_that_cannot_be_served_is_null_and_harms_nothing) {
    errno = 0;
    EXPECT_EQ(bump_malloc(std::numeric_limits<std::size_t>::max() - 8), nullptr);
    EXPECT_EQ(errno, ENOMEM);
    EXPECT_EQ(bump_malloc(std::size_t{1} << 40), nullptr); // beyond the mapping limit
    EXPECT_NE(bump_malloc(64), nullptr);
}

TEST(bump_malloc, threads_do_not_share_blocks) {
    std::vector<std::vector<std::uint64_t*>> blocks(4);
    std::vector<std::thread> threads;
    for (std::size_t t = 0; t < blocks.size(); ++t) {
        threads.emplace_back([&, t] {
            for (std::uint64_t i = 0; i < 5000; ++i) {
                auto* const block = static_cast<std::uint64_t*>(bump_malloc(8));
                *block = t << 32U | i;
                blocks[t].push_back(block);
            }
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    for (std::size_t t = 0; t < blocks.size(); ++t) {
        for (std::uint64_t i = 0; i < blocks[t].size(); ++i) {
            ASSERT_EQ(*blocks[t][i], t << 32U | i);
        }
    }
}

} // namespace
