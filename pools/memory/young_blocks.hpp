// The first block of a pool that ended, kept by its thread for the next one: a pool that lives for one object costs less
// than that object costs on the heap.
//
//   pool ends ──give──► this thread: │ 1 KiB │ 2 KiB │ 4 KiB │ ──take──► its next pool
//
// Bounds:   one block of each size a thread (and shared object, where those hide their symbols), 7 KiB in all. They go back to the heap when the thread ends, or by
//           trim_slab_cache() on that thread.
// Threads:  each has its own; a block may come from another thread's pool. fork: nothing to do.
// Exit:     pools that end after their thread's own variables, as those with static storage do, find it shut and use the
//           heap.
// Good for: pools in functions that are called again and again.
// Bad for:  finding the use of a block after its pool's end: so AddressSanitizer's builds keep none.
// Complexity: O(1), a load and a store. Bytes: 24 of each thread's storage, beside what is kept.
#pragma once

#include "pools/memory/sanitizers.hpp"

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <new>
#include <utility>

namespace poolmark::detail {

class young_blocks {
public:
    static constexpr std::size_t smallest_bytes = 1024;
    static constexpr std::size_t largest_bytes = 4096;

    // Whether blocks of this size are kept. They must come from operator new, with the heap's own alignment.
    [[nodiscard]] static constexpr bool takes(std::size_t bytes) noexcept {
#ifdef POOLMARK_HAS_ASAN
        return bytes == 0; // no block is so small
#else
        return bytes >= smallest_bytes && bytes <= largest_bytes && (bytes & (bytes - 1)) == 0; // popcount may be a call
#endif
    }

    // A block of the size, which must be one that takes(); null where there is none.
    [[nodiscard]] static void* take(std::size_t bytes) noexcept {
        std::uintptr_t& kept = kept_[place(bytes)];
        return kept == shut ? nullptr : reinterpret_cast<void*>(std::exchange(kept, 0)); // NOLINT: from a pointer
    }
    // Whether the block is kept from here on.
    [[nodiscard]] static bool give(void* block, std::size_t bytes) noexcept {
        std::uintptr_t& kept = kept_[place(bytes)];
        if (kept != 0 && (kept != shut || !open())) [[unlikely]] {
            return false;
        }
        kept = reinterpret_cast<std::uintptr_t>(block);
        return true;
    }

    // Gives this thread's blocks back to the heap; returns their bytes.
    static std::size_t trim() noexcept {
        std::size_t sum = 0;
        for (std::size_t bytes = smallest_bytes; bytes <= largest_bytes; bytes *= 2) {
            if (void* const block = take(bytes); block != nullptr) {
                ::operator delete(block);
                sum += bytes;
            }
        }
        return sum;
    }

private:
    static constexpr std::size_t places = 3;
    [[nodiscard]] static constexpr std::size_t place(std::size_t bytes) noexcept {
        return static_cast<std::size_t>(std::countr_zero(bytes) - std::countr_zero(smallest_bytes));
    }
    // What stands in the places of a thread that keeps nothing: one that has not begun to, and one that ends.
    static constexpr std::uintptr_t shut = 1;

    struct at_thread_end {
        ~at_thread_end() {
            static_cast<void>(trim());
            ended_ = true;
            kept_.fill(shut);
        }
    };
    // Once a thread. False where it is about to end.
    [[gnu::__noinline__, gnu::__cold__]] static bool open() noexcept {
        if (ended_) {
            return false;
        }
        static thread_local at_thread_end end;
        static_cast<void>(&end);
        kept_.fill(0);
        return true;
    }

    static inline constinit thread_local std::array<std::uintptr_t, places> kept_{shut, shut, shut};
    static inline constinit thread_local bool ended_ = false;
};

} // namespace poolmark::detail
