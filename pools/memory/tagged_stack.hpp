// A lock-free stack of numbers, whose links lie wherever the caller keeps them.
//
//   head_  [ tag | number ] ──► link(number) ──► link(...) ──► none
//
// A thread that pops reads the link of a number that others may have popped and pushed again in the meantime. The
// tag, which every pop counts up, makes its exchange fail then; and since a link is never given back to the heap,
// reading it is harmless. Number and tag share 64 bits, so that the exchange is one plain instruction everywhere.
//
// Good for: handing whole batches from thread to thread; no thread can be stopped while it holds a lock.
// Bad for:  single objects at a high rate from several threads: each push and pop moves the head's cache line.
// Complexity: push and pop O(1) without contention. Bytes: a cache line for the head.
// Threads:  any.
#pragma once

#include "pools/memory/align.hpp"

#include <atomic>
#include <cstdint>

namespace poolmark::detail {

// What two threads write to should be this far apart: the line, and the one that is fetched beside it.
inline constexpr std::size_t interference_bytes = 128;

// Links: link(number) is a detail::word_ref, for as long as the stack is used.
class alignas(interference_bytes) tagged_stack {
public:
    static constexpr std::uint32_t none = ~std::uint32_t{0};

    // What the pushing thread wrote before, the popping one sees.
    template <class Links>
    void push(const Links& links, std::uint32_t number) noexcept {
        std::uint64_t seen = head_.load(std::memory_order_relaxed);
        do {
            links.link(number).store(number_in(seen), std::memory_order_relaxed);
        } while (!head_.compare_exchange_weak(seen, packed(tag_in(seen), number), std::memory_order_release,
                                              std::memory_order_relaxed));
    }

    // none when the stack was empty at some moment during the call.
    template <class Links>
    [[nodiscard]] std::uint32_t pop(const Links& links) noexcept {
        std::uint64_t seen = head_.load(std::memory_order_acquire);
        while (number_in(seen) != none) {
            const std::uint32_t next = links.link(number_in(seen)).load(std::memory_order_relaxed);
            if (head_.compare_exchange_weak(seen, packed(tag_in(seen) + 1, next), std::memory_order_acquire,
                                            std::memory_order_acquire)) {
                return number_in(seen);
            }
        }
        return none;
    }

private:
    [[nodiscard]] static constexpr std::uint32_t number_in(std::uint64_t head) noexcept {
        return static_cast<std::uint32_t>(head);
    }
    [[nodiscard]] static constexpr std::uint32_t tag_in(std::uint64_t head) noexcept {
        return static_cast<std::uint32_t>(head >> 32U);
    }
    [[nodiscard]] static constexpr std::uint64_t packed(std::uint32_t tag, std::uint32_t number) noexcept {
        return std::uint64_t{tag} << 32U | number;
    }

    std::atomic<std::uint64_t> head_{none};
    static_assert(std::atomic<std::uint64_t>::is_always_lock_free);
};

} // namespace poolmark::detail
