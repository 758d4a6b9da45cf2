// A heap of mimalloc's for each pool: pages of one size, each with its own list of released blocks.
//
//   heap ──► page of 64-byte blocks ──► free ──► [ next | ... ] ──► [ next | ... ] ──► null
//
// Good for: sets that die together (reset() gives a whole heap back);
//           cold sets, because a page's blocks are neighbours.
// Bad for:  a tight pair of calls, which a list of one's own answers inline; alignments above 128: version
//           2.0.9 does not honour 256, 512 and 1024 for every size (microsoft/mimalloc#700, fixed later).
// Complexity: acquire O(1), O(pages) when the current page is full; release O(1); reset O(pages).
// Bytes:    rounded up to a size class (8, above 64 bytes an eighth
//           at most). Empty pages go back as the library pleases.
// Threads:  the one that built the pool; only release() may be called from another.
#pragma once

#include "benchmarks/contenders/peers/mimalloc_library.hpp"
#include "benchmarks/contenders/packages.hpp"
#include "pools/pool.hpp"

#include <cstddef>
#include <new>

namespace poolmark {

inline constexpr description mimalloc_heap_about{
    "mimalloc_heap",           family::peer, "a heap of mimalloc's own for each pool: mi_heap_malloc, mi_free",
    "libmimalloc2.0",          has_mimalloc,
#ifdef POOLMARK_MIMALLOC
    &detail::mimalloc_is_there
#else
    nullptr
#endif
};

inline constexpr std::size_t mimalloc_heap_max_alignment = 128;

#ifdef POOLMARK_MIMALLOC

template <class T>
class mimalloc_heap {
public:
    using value_type = T;
    static constexpr const description& about = mimalloc_heap_about;
    static constexpr pool_traits traits{.reuse = reuse_order::unspecified,
                                        .memory = backing::pages,
                                        .max_alignment = mimalloc_heap_max_alignment};

    mimalloc_heap() : mimalloc_heap(0) {}
    // Throws std::runtime_error when the library is not there. A heap takes no hint.
    explicit mimalloc_heap(std::size_t /*expected_objects*/)
        : library_(detail::mimalloc()), malloc_(library_.*sized), free_(library_.free),
          heap_(library_.heap_new()) {
        if (heap_ == nullptr) {
            throw std::bad_alloc();
        }
    }
    mimalloc_heap(const mimalloc_heap&) = delete;
    mimalloc_heap& operator=(const mimalloc_heap&) = delete;
    ~mimalloc_heap() { library_.heap_destroy(heap_); }

    [[nodiscard]] void* acquire() {
        void* block = nullptr;
        if constexpr (over_aligned) {
            block = library_.heap_malloc_aligned(heap_, sizeof(T), alignof(T));
        } else {
            block = malloc_(heap_, sizeof(T));
        }
        if (block == nullptr) [[unlikely]] {
            throw std::bad_alloc();
        }
        return block;
    }

    void release(void* block) noexcept { free_(block); }

    // A new heap for the old one. Where there is no memory for it, the old one stays, and with it what is out:
    // nothing that a caller could notice, but that the memory is still taken.
    void reset() noexcept {
        detail::mimalloc_library::heap* const fresh = library_.heap_new();
        if (fresh != nullptr) {
            library_.heap_destroy(heap_);
            heap_ = fresh;
        }
    }

private:
    static constexpr bool over_aligned = alignof(T) > alignof(std::max_align_t);
    static_assert(alignof(T) <= traits.max_alignment);

    using library = detail::mimalloc_library;
    using sized_malloc = void* (*)(library::heap*, std::size_t);
    static constexpr sized_malloc library::*sized =
        sizeof(T) <= library::most_small ? &library::heap_malloc_small : &library::heap_malloc;

    // The two functions of the fast paths are copied, so that they lie beside the heap's address.
    const library& library_;
    sized_malloc malloc_;
    void (*free_)(void*);
    library::heap* heap_;
};

static_assert(resettable_pool<mimalloc_heap<int>>);

#endif

} // namespace poolmark
