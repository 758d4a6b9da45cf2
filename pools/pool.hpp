// What a pool is: a source of equally sized storage slots that can be given back and used again.
//
//   acquire ──► [ raw storage for one T ] ──construct──► T* ──destroy──► release
//
// The concept speaks of storage, because that is what the strategies differ in. Objects are put into it by
// create() and taken out by destroy() below, written once for all of them.
//
// Good for: code that is generic over how objects are reused: tests, benchmarks, containers of our own.
// Bad for:  storage of several sizes from one source (see std::pmr::memory_resource for that).
#pragma once

#include "pools/description.hpp"
#include "pools/memory/construct.hpp"
#include "pools/memory/exceptions.hpp"

#include <concepts>
#include <cstddef>
#include <limits>
#include <memory>
#include <type_traits>
#include <utility>

namespace poolmark {

// Which released slot comes back first.
enum class reuse_order {
    lifo,        // the one released last, at once: its address and its cache lines are still warm
    unspecified, // some released slot, sooner or later; whoever needs a certain one must not rely on it
    never        // release() does nothing; storage comes back with reset() or with the pool's end
};

// Where the slots' memory comes from.
enum class backing {
    pages, // mapped from the kernel in slabs: the process's heap makes no difference
    heap,  // taken from the process's heap, so whatever serves malloc there matters
    inside // part of the pool object itself: it is wherever that is
};

// What a pool promises. The contract tests hold each pool to what it says here, and to nothing it does not.
struct pool_traits {
    reuse_order reuse = reuse_order::unspecified;
    backing memory = backing::pages;
    bool fixed_capacity = false;          // acquire() throws pool_exhausted beyond the capacity it was built with
    bool rejects_foreign_release = false; // release() throws not_in_use for a block that is not out
    bool linear_release = false;          // release() is O(live objects), where all others are O(1)
    bool thread_safe = false;             // any threads may acquire and release at once, also each other's blocks
    bool process_wide = false;            // pools of one object size share one state, and never free it: unless they
                                          // are thread_safe, two of them are not for two threads either
    bool bounded_memory = false;          // memory is set aside once, for at least as many objects as were expected;
                                          // acquire() throws pool_exhausted when it is used up, some way beyond
    bool heap_per_object = false;         // each block is one of the heap's: not released, it outlives the pool
    std::size_t max_alignment = 4096;     // the strictest alignof(T) that is honoured, in bytes
    std::size_t max_objects = unlimited; // how many it can have out at once, whatever capacity was asked for
    bool gives_null = false;              // acquire() returns null where others throw, and create() as well

    static constexpr std::size_t unlimited = (std::numeric_limits<std::size_t>::max)();

    // Whether the memory of a block that is not released is lost to the process when the pool ends.
    [[nodiscard]] constexpr bool blocks_outlive_pool() const noexcept { return heap_per_object || process_wide; }
};

// A pool of storage for P::value_type.
//
//   P{n}        n: objects expected to be live at once. A growing pool may use it as a hint; a pool with a
//               fixed capacity stops there. Does not throw pool_exhausted.
//   acquire     storage for one value_type, aligned to alignof(value_type), overlapping no other live block.
//               Never null unless traits.gives_null. Throws std::bad_alloc (pool_exhausted where the capacity is
//               fixed).
//   release     takes back a block that acquire() of the same pool returned, once. Any order. Throws only
//               where traits.rejects_foreign_release says so; elsewhere misuse is undefined.
//   about       its name, family and one-line summary
//   traits      what it promises beyond this
//
// A pool is used by one thread at a time unless it says otherwise. Blocks still out when a pool ends are
// invalid from then on; their destructors do not run.
template <class P>
concept pool = std::constructible_from<P, std::size_t> && requires(P& p, void* block) {
    typename P::value_type;
    { P::about } -> std::convertible_to<const description&>;
    { P::traits } -> std::convertible_to<const pool_traits&>;
    { p.acquire() } -> std::same_as<void*>;
    p.release(block);
    requires P::traits.rejects_foreign_release || noexcept(p.release(block));
};

// A pool whose acquire() never returns null: what code asks for that goes on to use the block.
template <class P>
concept throwing_pool = pool<P> && !P::traits.gives_null;

// A pool that gives everything back in one step. O(1), or O(slabs) where it says so. Destructors do not run.
template <class P>
concept resettable_pool = pool<P> && requires(P& p) {
    { p.reset() } noexcept;
};

// Constructs a value_type in storage from `source`. When the constructor throws, the slot goes back first, so
// nothing is lost and the next create() works. Null only where the pool gives null. Complexity: that of acquire() plus
// that of the constructor.
template <pool P, class... Args>
[[nodiscard]] typename P::value_type* create(P& source, Args&&... args) {
    using value_type = typename P::value_type;
    void* const block = source.acquire();
    if (P::traits.gives_null && block == nullptr) {
        return nullptr;
    }
    if constexpr (std::is_nothrow_constructible_v<value_type, Args...>) {
        return detail::construct<value_type>(block, std::forward<Args>(args)...);
    } else {
        POOLMARK_TRY {
            return detail::construct<value_type>(block, std::forward<Args>(args)...);
        }
        POOLMARK_CATCH(...) {
            // The constructor may have written over anything in the slot; release() relies on none of it.
            source.release(block);
            POOLMARK_RETHROW;
        }
    }
}

// Ends the object's life and gives its slot back. `object` came from create() of the same pool, once.
template <pool P>
void destroy(P& source, typename P::value_type* object) {
    static_assert(std::is_destructible_v<typename P::value_type>, "destroy: a value_type's destructor must be public");
    std::destroy_at(object);
    source.release(object);
}

} // namespace poolmark
