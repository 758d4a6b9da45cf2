// A fixed number of slots inside the pool object: no heap, no pages of its own, nothing to set up.
//
//   static_pool ┌────────────┬───────┬─────────────────────────────┬──────────────────────────────────────┐
//               │ free_count │ next_ │ index index index ...       │ slot │ slot │ slot │ never used yet  │
//               └────────────┴───────┴─────────────────────────────┴──────────────────────────────────────┘
//                                      the free slots, newest last                 ▲ next_
//
// Good for: interrupt handlers, embedded and real-time code, statics (constant-initialised and all zero: it takes
//           no room in the program file), a small pool as a member of something.
// Bad for:  numbers of objects that are not known beforehand; large ones on a stack.
// Complexity: acquire and release O(1). Bytes: 2 a slot beside the slots (4 from 65,536 on), all taken at once,
//           touched only as far as slots have been handed out.
// Threads:  one at a time.
#pragma once

#include "pools/memory/exceptions.hpp"
#include "pools/memory/align.hpp"
#include "pools/memory/poison.hpp"
#include "pools/errors.hpp"
#include "pools/pool.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <type_traits>

namespace poolmark {

inline constexpr description static_pool_about{"static_pool", family::pool,
                                               "fixed slots inside the pool object, a stack of free indices"};

template <class T, std::size_t N>
class static_pool {
public:
    using value_type = T;
    static constexpr description about = static_pool_about;
    static constexpr pool_traits traits{
        .reuse = reuse_order::lifo, .memory = backing::inside, .fixed_capacity = true, .max_objects = N};

    constexpr static_pool() noexcept : static_pool(N) {}
    // Of `capacity` slots, or N if that is fewer.
    constexpr explicit static_pool(std::size_t capacity) noexcept : next_(N - std::min(capacity, N)) {
#ifdef POOLMARK_HAS_ASAN
        if (!std::is_constant_evaluated()) {
            close_all();
        }
#endif
    }
    static_pool(const static_pool&) = delete;
    static_pool& operator=(const static_pool&) = delete;
#ifdef POOLMARK_HAS_ASAN
    ~static_pool() { detail::unpoison(&slots_, sizeof slots_); }
#else
    ~static_pool() = default; // trivial: a static one is never destroyed before its last user
#endif

    // Throws pool_exhausted when all slots are out.
    [[nodiscard]] void* acquire() {
        void* const block = try_acquire();
        if (block == nullptr) [[unlikely]] {
            throw_exhausted();
        }
        return block;
    }

    // Null when all slots are out.
    [[nodiscard]] void* try_acquire() noexcept {
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized" // GCC 14 does not see that release() wrote what it counted
#endif
        if (free_count_ != 0) {
            return open(free_.indices[--free_count_]);
        }
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif
        if (next_ != N) {
            return open(next_++);
        }
        return nullptr;
    }

    void release(void* block) noexcept {
        const auto offset = static_cast<std::size_t>(static_cast<std::byte*>(block) - slots_.bytes);
        free_.indices[free_count_++] = static_cast<index>(offset / stride);
        detail::poison(block, stride);
    }

    [[nodiscard]] std::size_t available() const noexcept { return free_count_ + (N - next_); }

private:
    using index =
        std::conditional_t<N - 1 <= std::numeric_limits<std::uint16_t>::max(), std::uint16_t, std::uint32_t>;
    static constexpr std::size_t alignment = std::max(alignof(T), detail::poison_granule);
    static constexpr std::size_t stride = detail::align_up(sizeof(T), alignment);
    static_assert(N != 0 && N - 1 <= std::numeric_limits<std::uint32_t>::max());
    static_assert(alignof(T) <= traits.max_alignment);

    // Members of which nothing is initialised: a constexpr constructor may leave a union alone, not an array.
    union slot_bytes {
        constexpr slot_bytes() noexcept : nothing{} {}
        struct {
        } nothing;
        alignas(alignment) std::byte bytes[N * stride];
    };
    union index_stack {
        constexpr index_stack() noexcept : nothing{} {}
        struct {
        } nothing;
        index indices[N];
    };

    [[nodiscard]] void* open(std::size_t position) noexcept {
        std::byte* const block = slots_.bytes + position * stride;
        detail::unpoison(block, sizeof(T));
        return block;
    }

#ifdef POOLMARK_HAS_ASAN
    // A call, because the compiler warns when it sees an address passed before anything is written there.
    [[gnu::noinline]] void close_all() noexcept { detail::poison(&slots_, sizeof slots_); }
#endif

    [[noreturn, gnu::noinline, gnu::cold]] static void throw_exhausted() { detail::raise<pool_exhausted>(); }

    std::size_t free_count_ = 0;
    std::size_t next_; // slots are carved from here to N: a smaller capacity leaves out the first ones
    index_stack free_;
    slot_bytes slots_;
};

static_assert(pool<static_pool<int, 4>>);

} // namespace poolmark
