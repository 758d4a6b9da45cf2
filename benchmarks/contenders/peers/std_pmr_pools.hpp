// The standard library's three memory resources, over operator new.
//
//   unsynchronized   sizes ──► [ ..., 48, 64, 80, ... ] ──► chunks of blocks, with a bit for each block
//   synchronized     the same for each thread, behind a shared lock
//   monotonic        chunk [ block | block |        ]   a pointer that only moves forward; chunks grow by half
//
// Good for: objects of many sizes behind one std::pmr::memory_resource; no dependency. monotonic: one lifetime.
// Bad for:  speed of the pools in libstdc++: each call finds the size class, and
//           each release the chunk, by binary search; the synchronized one takes a
//           lock for that as well, and the exclusive one for another thread's block.
// Complexity: pools: acquire O(log sizes), O(chunks) when the current one is full; release O(log chunks), for
//           another thread's block O(threads * log chunks). monotonic: acquire O(1), release does nothing.
// Bytes:    pools: one bit an object, and the rounding to a size class.
//           monotonic: none. Memory goes back with reset() or at the end.
// Threads:  one at a time; any for the synchronized pool.
#pragma once

#include "benchmarks/contenders/peers/pmr_resource_pool.hpp"
#include "pools/pool.hpp"

#include <algorithm>
#include <cstddef>
#include <memory_resource>

namespace poolmark {

namespace detail {

// The hint is not passed on: the library grows its chunks from few blocks to many by itself, and a first chunk of
// a given size cannot be asked for.
template <class Resource>
struct std_pool_resource {
    using resource_type = Resource;
    static Resource make(std::size_t object_bytes, std::size_t /*expected_objects*/) {
        return Resource({.max_blocks_per_chunk = 0, .largest_required_pool_block = object_bytes},
                        std::pmr::new_delete_resource());
    }
};

struct std_unsynchronized : std_pool_resource<std::pmr::unsynchronized_pool_resource> {
    static constexpr description about =
        leading({"std_pmr_pool", family::peer, "std::pmr::unsynchronized_pool_resource over operator new",
                 "libstdc++-12-dev"});
    static constexpr pool_traits traits{.reuse = reuse_order::unspecified, .memory = backing::heap};
};

struct std_synchronized : std_pool_resource<std::pmr::synchronized_pool_resource> {
    static constexpr description about{"std_pmr_synchronized_pool", family::peer,
                                       "std::pmr::synchronized_pool_resource over operator new",
                                       "libstdc++-12-dev"};
    static constexpr pool_traits traits{
        .reuse = reuse_order::unspecified, .memory = backing::heap, .thread_safe = true};
};

struct std_monotonic {
    static constexpr description about{"std_pmr_monotonic", family::peer,
                                       "std::pmr::monotonic_buffer_resource: bumps a pointer, frees all at once",
                                       "libstdc++-12-dev"};
    static constexpr pool_traits traits{.reuse = reuse_order::never, .memory = backing::heap};

    using resource_type = std::pmr::monotonic_buffer_resource;
    // The hint sizes the first chunk, within reason: a larger set takes a second one.
    static resource_type make(std::size_t object_bytes, std::size_t expected_objects) {
        constexpr std::size_t fewest = 32;
        constexpr std::size_t most = std::size_t{1} << 20;
        return resource_type(std::clamp(expected_objects, fewest, most) * object_bytes,
                             std::pmr::new_delete_resource());
    }
};

} // namespace detail

template <class T>
using std_pmr_pool = pmr_resource_pool<T, detail::std_unsynchronized>;
template <class T>
using std_pmr_synchronized_pool = pmr_resource_pool<T, detail::std_synchronized>;
template <class T>
using std_pmr_monotonic = pmr_resource_pool<T, detail::std_monotonic>;

static_assert(resettable_pool<std_pmr_pool<int>>);
static_assert(resettable_pool<std_pmr_synchronized_pool<int>>);
static_assert(resettable_pool<std_pmr_monotonic<int>>);

} // namespace poolmark
