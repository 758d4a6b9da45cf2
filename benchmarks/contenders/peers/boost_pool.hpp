// boost::pool: a free list through the released chunks; a new block is threaded onto it chunk by chunk when it comes.
//
//   first ──► [ next | ... ] ──► [ next | ... ] ──► null
//
// Good for: small objects in cache; a library that has been there for decades.
// Bad for:  alignments above 8; large sets: a new block is written through when it comes, and taking out objects
//           that went cold costs one cache miss after another.
// Complexity: acquire O(1), O(block) when the list is empty; release O(1); reset O(blocks).
// Bytes:    none an object; sizes are rounded up to 8. Memory goes back with reset() or with the pool's end.
// Threads:  one at a time.
#pragma once

#include "benchmarks/contenders/packages.hpp"
#include "pools/pool.hpp"

#include <cstddef>

#ifdef POOLMARK_HAS_BOOST
#include <boost/pool/pool.hpp>

#include <algorithm>
#include <new>
#endif

namespace poolmark {

inline constexpr description boost_pool_about =
    leading({"boost_pool", family::peer, "boost::pool, a free list over blocks that double", "libboost-dev", has_boost});

// The library aligns its chunks to std::size_t, whatever the object asks for.
inline constexpr std::size_t boost_pool_max_alignment = 8;

#ifdef POOLMARK_HAS_BOOST

template <class T>
class boost_pool {
public:
    using value_type = T;
    static constexpr const description& about = boost_pool_about;
    static constexpr pool_traits traits{
        .reuse = reuse_order::lifo, .memory = backing::heap, .max_alignment = boost_pool_max_alignment};

    boost_pool() : boost_pool(0) {}
    // The hint sizes the first block, as it sizes our own pools' first slab.
    explicit boost_pool(std::size_t expected_objects)
        : pool_(sizeof(T), std::clamp<std::size_t>(expected_objects, fewest, most)) {}
    boost_pool(const boost_pool&) = delete;
    boost_pool& operator=(const boost_pool&) = delete;
    ~boost_pool() = default;

    [[nodiscard]] void* acquire() {
        void* const block = pool_.malloc();
        if (block == nullptr) [[unlikely]] {
            throw std::bad_alloc();
        }
        return block;
    }

    void release(void* block) noexcept { pool_.free(block); }

    void reset() noexcept { pool_.purge_memory(); }

private:
    static constexpr std::size_t fewest = 32; // the library's default
    static constexpr std::size_t most = std::size_t{1} << 20;
    static_assert(alignof(T) <= traits.max_alignment);

    boost::pool<boost::default_user_allocator_malloc_free> pool_;
};

static_assert(resettable_pool<boost_pool<int>>);

#endif

} // namespace poolmark
