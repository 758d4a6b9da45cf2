// oneTBB's allocator, once as a pool in a buffer of its own, once as the heap that the library keeps for the process.
//
//   thread ──► bins by size ──► slab of 16 KiB [ header | free list | block | block | ... ]
//   another thread's block ──► the slab's public list, by an atomic exchange
//
// Good for: many threads; scalable_malloc: any mix of sizes without a heap of one's own.
// Bad for:  one thread: each call finds the thread's bins through a key; fixed_pool: it must know how many objects fit.
// Complexity: acquire and release O(1); reset of the fixed_pool O(1).
// Bytes:    rounded up to a size class (16, then a quarter of a power of two, above 1 KiB coarser); 128 a slab.
// Memory:   fixed_pool: 64 MiB of address space and twice the expected objects, of which only what is used is
//           ever touched. scalable_malloc: the library's, shared by the process and given back when it pleases.
// Threads:  any.
#pragma once

#include "benchmarks/contenders/packages.hpp"
#include "pools/errors.hpp"
#include "pools/memory/align.hpp"
#include "pools/memory/sanitizers.hpp"
#include "pools/memory/upstream.hpp"
#include "pools/pool.hpp"

#include <cstddef>

#ifdef POOLMARK_HAS_TSAN
#include <sanitizer/tsan_interface.h>
#endif

#ifdef POOLMARK_HAS_TBBMALLOC
#ifndef TBB_PREVIEW_MEMORY_POOL
#define TBB_PREVIEW_MEMORY_POOL 1
#endif
#include <oneapi/tbb/memory_pool.h>
#include <oneapi/tbb/scalable_allocator.h>

#include <new>
#endif

namespace poolmark {

// Tells ThreadSanitizer what a library guarantees that it cannot see into: whoever gets a block comes after
// whoever released it. Everything here vanishes in other builds.
namespace detail {

#ifdef POOLMARK_HAS_TSAN
inline void note_release(void* block) noexcept { __tsan_release(block); } // before the library has it
inline void note_acquire(void* block) noexcept { __tsan_acquire(block); } // after the library has handed it out
#else
inline void note_release(void* /*block*/) noexcept {}
inline void note_acquire(void* /*block*/) noexcept {}
#endif

} // namespace detail

inline constexpr description tbb_fixed_pool_about{
    "tbb_fixed_pool", family::peer, "tbb::fixed_pool in a buffer set aside for it", "libtbb-dev", has_tbbmalloc};
inline constexpr description tbb_scalable_malloc_about{"tbb_scalable_malloc", family::peer,
                                                       "scalable_malloc and scalable_free of oneTBB",
                                                       "libtbb-dev", has_tbbmalloc};

// fixed_pool's interface takes a size and no alignment.
inline constexpr std::size_t tbb_fixed_pool_max_alignment = 16;

#ifdef POOLMARK_HAS_TBBMALLOC

namespace detail {

// Pages for a fixed_pool to live in; a base, so that they outlive the pool.
class tbb_buffer {
protected:
    explicit tbb_buffer(std::size_t bytes) : bytes_(bytes), buffer_(page_source::allocate(bytes, page_bytes)) {}
    tbb_buffer(const tbb_buffer&) = delete;
    tbb_buffer& operator=(const tbb_buffer&) = delete;
    ~tbb_buffer() { page_source::deallocate(buffer_, bytes_, page_bytes); }

    static constexpr std::size_t page_bytes = page_source::page_bytes;
    std::size_t bytes_;
    void* buffer_;
};

} // namespace detail

template <class T>
class tbb_fixed_pool : private detail::tbb_buffer {
public:
    using value_type = T;
    static constexpr const description& about = tbb_fixed_pool_about;
    static constexpr pool_traits traits{.reuse = reuse_order::unspecified,
                                        .memory = backing::pages,
                                        .thread_safe = true,
                                        .bounded_memory = true,
                                        .max_alignment = tbb_fixed_pool_max_alignment};

    tbb_fixed_pool() : tbb_fixed_pool(0) {}
    explicit tbb_fixed_pool(std::size_t expected_objects)
        : tbb_buffer(least_bytes + detail::checked_bytes(expected_objects, most_bytes_each)),
          pool_(buffer_, bytes_) {}
    tbb_fixed_pool(const tbb_fixed_pool&) = delete;
    tbb_fixed_pool& operator=(const tbb_fixed_pool&) = delete;
    ~tbb_fixed_pool() = default;

    // Throws pool_exhausted when the buffer is used up.
    [[nodiscard]] void* acquire() {
        void* const block = pool_.malloc(sizeof(T));
        if (block == nullptr) [[unlikely]] {
            throw pool_exhausted();
        }
        detail::note_acquire(block);
        return block;
    }

    void release(void* block) noexcept {
        detail::note_release(block);
        pool_.free(block);
    }

    void reset() noexcept { pool_.recycle(); }

private:
    // The library works in pieces of a megabyte, for each thread; and no size class is twice the object.
    static constexpr std::size_t least_bytes = std::size_t{64} << 20;
    static constexpr std::size_t most_bytes_each = 2 * detail::align_up(sizeof(T), 16);
    static_assert(alignof(T) <= traits.max_alignment);

    tbb::fixed_pool pool_;
};

template <class T>
class tbb_scalable_malloc {
public:
    using value_type = T;
    static constexpr const description& about = tbb_scalable_malloc_about;
    static constexpr pool_traits traits{
        .reuse = reuse_order::unspecified, .memory = backing::pages, .thread_safe = true, .process_wide = true};

    tbb_scalable_malloc() = default;
    explicit tbb_scalable_malloc(std::size_t /*expected_objects*/) noexcept {}
    tbb_scalable_malloc(const tbb_scalable_malloc&) = delete;
    tbb_scalable_malloc& operator=(const tbb_scalable_malloc&) = delete;
    ~tbb_scalable_malloc() = default;

    [[nodiscard]] void* acquire() {
        void* block = nullptr;
        if constexpr (over_aligned) {
            block = scalable_aligned_malloc(sizeof(T), alignof(T));
        } else {
            block = scalable_malloc(sizeof(T));
        }
        if (block == nullptr) [[unlikely]] {
            throw std::bad_alloc();
        }
        detail::note_acquire(block);
        return block;
    }

    void release(void* block) noexcept {
        detail::note_release(block);
        if constexpr (over_aligned) {
            scalable_aligned_free(block);
        } else {
            scalable_free(block);
        }
    }

private:
    static constexpr bool over_aligned = alignof(T) > alignof(std::max_align_t);
    static_assert(alignof(T) <= traits.max_alignment);
};

static_assert(resettable_pool<tbb_fixed_pool<int>>);
static_assert(pool<tbb_scalable_malloc<int>>);

#endif

} // namespace poolmark
