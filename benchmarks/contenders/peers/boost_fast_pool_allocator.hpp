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
#pragma once

#include "benchmarks/contenders/peers/boost_pool.hpp"
#include "benchmarks/contenders/packages.hpp"
#include "benchmarks/contenders/peers/raw_cell.hpp"
#include "pools/pool.hpp"

#include <cstddef>

#ifdef POOLMARK_HAS_BOOST
#include <boost/pool/pool_alloc.hpp>
#endif

namespace poolmark {

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
