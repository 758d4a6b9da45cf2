// One free list for all threads, without a lock: acquire() and release() exchange its head in one atomic
// instruction. Links lie beside the slots, so that no thread ever reads a slot that another one has taken.
//
//   head_  [ tag | number ] ──► links  [ .. | 7 | .. | none ]      released slots, newest first
//   slots  │ out │ free │ out │ free │ out │ never used yet │
//
// Good for: a few threads that now and then share a pool; code that must not wait for a thread that was stopped.
// Bad for:  several threads at a high rate: all of them fight for one cache line, and each acquire() misses it
//           (see local_pool, which shares only whole magazines).
// Complexity: acquire and release O(1) without contention, release O(slabs) to find the slot's number.
// Bytes:    4 an object for its link. Memory goes back with the pool's end.
// Threads:  any, lock-free but for a new slab.
#pragma once

#include "pools/memory/tagged_stack.hpp"
#include "pools/pool.hpp"
#include "pools/memory/numbered_slabs.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <mutex>

namespace poolmark {

template <class T, upstream_source Upstream = page_source>
class treiber_pool {
public:
    using value_type = T;
    static constexpr description about{"treiber_pool", family::free_list,
                                       "one lock-free free list for all threads, over slabs that double"};
    static constexpr pool_traits traits{
        .reuse = reuse_order::lifo, .memory = Upstream::memory, .thread_safe = true};

    treiber_pool() : treiber_pool(0) {}
    explicit treiber_pool(std::size_t expected_objects) noexcept : slots_(expected_objects) {}
    treiber_pool(const treiber_pool&) = delete;
    treiber_pool& operator=(const treiber_pool&) = delete;
    ~treiber_pool() = default;

    [[nodiscard]] void* acquire() {
        std::uint32_t taken = free_.pop(slots_);
        if (taken == slots_.none) [[unlikely]] {
            taken = take_fresh();
        }
        void* const block = slots_.address(taken);
        detail::unpoison(block, sizeof(T));
        return block;
    }

    void release(void* block) noexcept {
        detail::poison(block, stride);
        free_.push(slots_, slots_.number_of(block));
    }

private:
    static constexpr std::size_t alignment = std::max(alignof(T), detail::poison_granule);
    static constexpr std::size_t stride = detail::align_up(sizeof(T), alignment);
    static_assert(alignof(T) <= traits.max_alignment);

    [[nodiscard, gnu::noinline]] std::uint32_t take_fresh() {
        while (true) {
            const std::uint32_t seen = slots_.capacity();
            if (const std::uint32_t fresh = slots_.take_fresh(); fresh != slots_.none) {
                return fresh;
            }
            const std::lock_guard one_at_a_time(growing_);
            if (slots_.capacity() == seen) { // else another thread has grown it meanwhile
                slots_.grow();
            }
        }
    }

    detail::tagged_stack free_;
    numbered_slabs<stride, alignment, Upstream> slots_;
    std::mutex growing_;
};

static_assert(pool<treiber_pool<int>>);
static_assert(pool<treiber_pool<int, heap_source>>);

} // namespace poolmark
