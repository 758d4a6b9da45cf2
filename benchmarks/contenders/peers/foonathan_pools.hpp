// foonathan/memory's memory_pool with its three kinds of list.
//
//   node_pool         first ──► [ next | ... ] ──► [ next | ... ] ──► null
//   array_pool        the same, both ways and in the order of addresses, with a finger at the latest release
//   small_node_pool   chunks of 255 blocks, linked by one-byte indices: blocks may be smaller than a pointer
//
// Good for: node_pool: nodes of one size; array_pool: releases near
//           each other; small_node_pool: blocks below 8 bytes.
// Bad for:  speed of single calls: the list lives in a shared library, three or four calls a pair; large sets: a
//           new block is written through when it comes; array_pool and small_node_pool: releases in random order.
// Complexity: acquire O(1), O(block) when the list is empty; release O(1),
//           O(released) in the array_pool, O(chunks) in the small_node_pool.
// Bytes:    none an object, at least 8 (small_node_pool: at least
//           1, and 32 a chunk of 255). Memory goes back at the end.
// Threads:  one at a time.
#pragma once

#include "benchmarks/contenders/packages.hpp"
#include "pools/pool.hpp"

#include <cstddef>

#ifdef POOLMARK_HAS_FOONATHAN
#include <foonathan/memory/memory_pool.hpp>

#include <algorithm>
#endif

namespace poolmark {

inline constexpr description foonathan_node_pool_about{"foonathan_node_pool", family::peer,
                                                       "foonathan::memory::memory_pool<node_pool>, a free list",
                                                       "libfoonathan-memory-dev", has_foonathan};
inline constexpr description foonathan_array_pool_about{
    "foonathan_array_pool", family::peer, "foonathan::memory::memory_pool<array_pool>, a free list by address",
    "libfoonathan-memory-dev", has_foonathan};
inline constexpr description foonathan_small_node_pool_about{
    "foonathan_small_node_pool", family::peer,
    "foonathan::memory::memory_pool<small_node_pool>, chunks of 255 blocks", "libfoonathan-memory-dev",
    has_foonathan};

// That of std::max_align_t, whatever the object asks for.
inline constexpr std::size_t foonathan_pools_max_alignment = 16;

#ifdef POOLMARK_HAS_FOONATHAN

template <class T, class Kind, const description& About, bool Searches>
class foonathan_pool {
public:
    using value_type = T;
    static constexpr const description& about = About;
    static constexpr pool_traits traits{.reuse = Searches ? reuse_order::unspecified : reuse_order::lifo,
                                        .memory = backing::heap,
                                        .linear_release = Searches,
                                        .max_alignment = foonathan_pools_max_alignment};

    foonathan_pool() : foonathan_pool(0) {}
    // The hint sizes the first block, as it sizes our own pools' first slab.
    explicit foonathan_pool(std::size_t expected_objects)
        : pool_(node_bytes,
                library_pool::min_block_size(node_bytes, std::clamp(expected_objects, fewest, most))) {}
    foonathan_pool(const foonathan_pool&) = delete;
    foonathan_pool& operator=(const foonathan_pool&) = delete;
    ~foonathan_pool() = default;

    [[nodiscard]] void* acquire() { return pool_.allocate_node(); }

    void release(void* block) noexcept { pool_.deallocate_node(block); }

private:
    using library_pool = foonathan::memory::memory_pool<Kind>;
    static constexpr std::size_t node_bytes = std::max(sizeof(T), library_pool::min_node_size);
    static constexpr std::size_t fewest = 32; // as few as boost::pool starts with
    static constexpr std::size_t most = std::size_t{1} << 20;
    static_assert(alignof(T) <= traits.max_alignment);

    library_pool pool_;
};

template <class T>
using foonathan_node_pool =
    foonathan_pool<T, foonathan::memory::node_pool, foonathan_node_pool_about, /*Searches=*/false>;
template <class T>
using foonathan_array_pool =
    foonathan_pool<T, foonathan::memory::array_pool, foonathan_array_pool_about, /*Searches=*/true>;
template <class T>
using foonathan_small_node_pool =
    foonathan_pool<T, foonathan::memory::small_node_pool, foonathan_small_node_pool_about, /*Searches=*/true>;

static_assert(pool<foonathan_node_pool<int>>);
static_assert(pool<foonathan_array_pool<int>>);
static_assert(pool<foonathan_small_node_pool<int>>);

#endif

} // namespace poolmark
