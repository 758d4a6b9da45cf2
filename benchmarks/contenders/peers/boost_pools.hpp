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
#include "benchmarks/contenders/peers/raw_cell.hpp"
#include "pools/pool.hpp"

#include <cstddef>

#ifdef POOLMARK_HAS_BOOST
#include <boost/pool/pool.hpp>

#include <algorithm>
#include <new>
#endif

#ifdef POOLMARK_HAS_BOOST
#include <boost/pool/object_pool.hpp>

#include <algorithm>
#include <new>
#endif

#ifdef POOLMARK_HAS_BOOST
#include <boost/pool/pool_alloc.hpp>
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

// boost::object_pool: boost::pool with its list of released chunks kept in the order of addresses, so that its
// end can find the objects that are still out and destroy them.
//
//   first ──► 0x1000 ──► 0x1040 ──► 0x10c0 ──► null        release(0x1080) walks to the place where it belongs
//
// Good for: a few objects that need not be released one by one.
// Bad for:  releasing: each one walks the list of released chunks, so a drain is quadratic; alignments above 8.
// Complexity: acquire O(1), O(block + released) when the list is empty; release O(released); the end O(capacity).
// Bytes:    none an object; sizes are rounded up to 8. Memory goes back at the end, and there is no way before.
// Threads:  one at a time.
inline constexpr description boost_object_pool_about{"boost_object_pool", family::peer,
                                                     "boost::object_pool, a free list in the order of addresses",
                                                     "libboost-dev", has_boost};

#ifdef POOLMARK_HAS_BOOST

template <class T>
class boost_object_pool {
public:
    using value_type = T;
    static constexpr const description& about = boost_object_pool_about;
    static constexpr pool_traits traits{.reuse = reuse_order::unspecified,
                                        .memory = backing::heap,
                                        .linear_release = true,
                                        .max_alignment = boost_pool_max_alignment};

    boost_object_pool() : boost_object_pool(0) {}
    // The hint sizes the first block, as it sizes our own pools' first slab.
    explicit boost_object_pool(std::size_t expected_objects)
        : pool_(std::clamp<std::size_t>(expected_objects, fewest, most)) {}
    boost_object_pool(const boost_object_pool&) = delete;
    boost_object_pool& operator=(const boost_object_pool&) = delete;
    ~boost_object_pool() = default;

    [[nodiscard]] void* acquire() {
        void* const block = pool_.malloc();
        if (block == nullptr) [[unlikely]] {
            throw std::bad_alloc();
        }
        return block;
    }

    void release(void* block) noexcept { pool_.free(static_cast<cell*>(block)); }

private:
    static constexpr std::size_t fewest = 32; // the library's default
    static constexpr std::size_t most = std::size_t{1} << 20;
    static_assert(alignof(T) <= traits.max_alignment);

    // Cells without a destructor: the pool destroys what is
    // still out, and a T that was never constructed must not be.
    using cell = detail::raw_cell_for<T>;

    boost::object_pool<cell, boost::default_user_allocator_malloc_free> pool_;
};

static_assert(pool<boost_object_pool<int>>);

#endif

// boost::fast_pool_allocator without its mutex: one boost::pool for each object size, for the whole process.
//
//   all pools of 64-byte objects ──► singleton ──► first ──► [ next | ... ] ──► [ next | ... ] ──► null
//
// Good for: node-based containers of small objects, on one thread.
// Bad for:  alignments above 8; large sets: a new block is written through when it comes; giving memory back.
// Complexity: acquire O(1), O(block) when the list is empty; release O(1).
// Bytes:    none an object; sizes are rounded up to 8. One for the process: all pools of
//           one object size share one list. What is still out when a pool ends is lost;
//           what came back serves the next one. Memory never goes back to the heap.
// Threads:  one, for all pools of one object size together: without the mutex, two of them on two threads are a race.
inline constexpr description boost_fast_pool_allocator_about{
    "boost_fast_pool_allocator", family::peer,
    "boost::fast_pool_allocator with null_mutex: one list a size for the process, never freed", "libboost-dev",
    has_boost};

#ifdef POOLMARK_HAS_BOOST

template <class T>
class boost_fast_pool_allocator {
public:
    using value_type = T;
    static constexpr const description& about = boost_fast_pool_allocator_about;
    static constexpr pool_traits traits{.reuse = reuse_order::lifo,
                                        .memory = backing::heap,
                                        .process_wide = true,
                                        .max_alignment = boost_pool_max_alignment};

    boost_fast_pool_allocator() = default;
    // Nothing to pass the hint on to: there is no pool of its own here.
    explicit boost_fast_pool_allocator(std::size_t /*expected_objects*/) {}
    boost_fast_pool_allocator(const boost_fast_pool_allocator&) = delete;
    boost_fast_pool_allocator& operator=(const boost_fast_pool_allocator&) = delete;
    ~boost_fast_pool_allocator() = default;

    [[nodiscard]] void* acquire() { return allocator::allocate(); }

    void release(void* block) noexcept { allocator::deallocate(static_cast<cell*>(block)); }

private:
    static_assert(alignof(T) <= traits.max_alignment);
    static constexpr unsigned first_block = 32; // the library's default
    static constexpr unsigned no_limit = 0;

    using cell = detail::raw_cell_for<T>;
    using allocator = boost::fast_pool_allocator<cell, boost::default_user_allocator_malloc_free,
                                                 boost::details::pool::null_mutex, first_block, no_limit>;
};

static_assert(pool<boost_fast_pool_allocator<int>>);

#endif

} // namespace poolmark
