// Each thread has two magazines of free blocks of its own, and touches nothing shared until one is full or both
// are empty. Whole magazines go through a depot from the threads that release to those that acquire.
//
//   thread 1   loaded [ block* block*      ]   spare [ full or empty ]
//   thread 2   loaded [ block*             ]   spare [ full or empty ]
//                        ▲ top                   │ when both are full or both are empty, one magazine:
//   depot      full ──► [ M blocks ] ──► [ M blocks ] ...            ◄─┘ one atomic exchange for M blocks
//
// No atomic instruction and no lock on the way of a block that stays with its thread. Blocks have no owner, so
// that one released by another thread than acquired it costs the same; nor does a thread's end matter to its
// objects. release() does not touch the object's memory, whose cache lines may be another CPU's by then.
//
// Good for: objects made and dropped at a high rate by several threads, also when one makes what another drops.
// Bad for:  many more threads than CPUs: each keeps up to two magazines (see cpu_pool); giving memory back early.
// Complexity: acquire and release O(1); every M-th an exchange with the depot. A thread's first use of a pool, and
//           its end for each pool alive, take a lock. M is 255, fewer for objects above 64 bytes, at least 7.
// Bytes:    8 of address space an object for magazines; up to 2 M idle blocks and 3 magazines a thread.
// Threads:  any. A block must be handed over as any object is (through a mutex, a queue, an atomic).
#pragma once

#include "pools/pool.hpp"
#include "pools/threads/thread_caches.hpp"

#include <algorithm>
#include <cstddef>

namespace poolmark {

template <class T, upstream_source Upstream = warm_source>
class local_pool {
public:
    using value_type = T;
    static constexpr description about =
        leading({"local_pool", family::free_list, "magazines of free blocks for each thread, over a shared depot"});
    static constexpr pool_traits traits{
        .reuse = reuse_order::lifo, .memory = Upstream::memory, .thread_safe = true}; // lifo: for one thread

    local_pool() : local_pool(0) {}
    explicit local_pool(std::size_t expected_objects) noexcept : caches_(expected_objects) {}
    local_pool(const local_pool&) = delete;
    local_pool& operator=(const local_pool&) = delete;
    ~local_pool() = default;

    [[nodiscard]] void* acquire() {
        void* const block = caches_.acquire();
        detail::unpoison(block, sizeof(T));
        return block;
    }

    void release(void* block) noexcept {
        detail::poison(block, stride);
        caches_.release(block);
    }

private:
    static constexpr std::size_t alignment = (std::max)(alignof(T), detail::poison_granule);
    static constexpr std::size_t stride = detail::align_up(sizeof(T), alignment);
    static_assert(alignof(T) <= traits.max_alignment);

    thread_caches<stride, alignment, Upstream> caches_;
};

static_assert(pool<local_pool<int>>);
static_assert(pool<local_pool<int, heap_source>>);

} // namespace poolmark
