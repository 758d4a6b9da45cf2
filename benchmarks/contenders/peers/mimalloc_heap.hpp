#pragma once

#include "benchmarks/contenders/packages.hpp"
#include "pools/pool.hpp"

#include <cstddef>
#include <dlfcn.h>
#include <new>
#include <stdexcept>
#include <string>
#include <unistd.h>

namespace poolmark {

// mimalloc's functions, out of a library that is opened privately at run time. Linking it, or opening it for all
// to see, would make it the heap of the whole process, and every comparison with the process's heap meaningless.
//
//   process ──malloc──► the process's heap          mimalloc_heap ──pointer──► libmimalloc (RTLD_LOCAL)
//
// Good for: one heap of its own beside another. Bad for: calls that are inlined; these go through pointers.
// Complexity: opened once, at the first call. Threads: any.
namespace detail {

struct mimalloc_library {
    struct heap; // the library's, which only it looks into

    heap* (*heap_new)();
    void (*heap_destroy)(heap*);
    void* (*heap_malloc_small)(heap*, std::size_t); // up to most_small bytes
    void* (*heap_malloc)(heap*, std::size_t);
    void* (*heap_malloc_aligned)(heap*, std::size_t, std::size_t);
    void (*free)(void*);

    static constexpr std::size_t most_small = 128 * sizeof(void*); // the library's MI_SMALL_SIZE_MAX

    // Throws std::runtime_error, naming the package, when the library is not there or is another one.
    [[nodiscard]] static mimalloc_library open(const char* path) {
        void* const handle = ::dlopen(path, RTLD_NOW | RTLD_LOCAL);
        if (handle == nullptr) {
            fail(::dlerror());
        }
        mimalloc_library found{};
        find(handle, "mi_heap_new", found.heap_new);
        find(handle, "mi_heap_destroy", found.heap_destroy);
        find(handle, "mi_heap_malloc_small", found.heap_malloc_small);
        find(handle, "mi_heap_malloc", found.heap_malloc);
        find(handle, "mi_heap_malloc_aligned", found.heap_malloc_aligned);
        find(handle, "mi_free", found.free);
        return found; // and never closed: blocks and heaps of other pools may be left
    }

private:
    template <class Function>
    static void find(void* handle, const char* name, Function*& function) {
        function = reinterpret_cast<Function*>(::dlsym(handle, name));
        if (function == nullptr) {
            const char* const reason = ::dlerror();
            fail(reason != nullptr ? reason : name);
        }
    }

    [[noreturn]] static void fail(const char* reason) {
        throw std::runtime_error(std::string("poolmark: mimalloc_heap needs libmimalloc (apt install "
                                             "libmimalloc-dev): ") +
                                 reason);
    }
};

#ifdef POOLMARK_MIMALLOC

// The file that the build found may be gone where the program runs. Looks, and does not open: a process that uses
// no heap of mimalloc's should not have one.
[[nodiscard]] inline bool mimalloc_is_there() { return ::access(POOLMARK_MIMALLOC, R_OK) == 0; }

[[nodiscard]] inline const mimalloc_library& mimalloc() {
    static const mimalloc_library library = mimalloc_library::open(POOLMARK_MIMALLOC);
    return library;
}

#endif

} // namespace detail

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
inline constexpr description mimalloc_heap_about{
    "mimalloc_heap",           family::peer, "a heap of mimalloc's own for each pool: mi_heap_malloc, mi_free",
    "libmimalloc-dev",         has_mimalloc,
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
