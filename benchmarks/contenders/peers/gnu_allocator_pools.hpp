// The extension allocators of libstdc++ (<ext/...>), which hand out single objects from memory that they keep.
//
//   __pool_alloc       one list of released blocks for each multiple of 8 bytes up to 128, and one lock
//   bitmap_allocator   blocks that double, with a bit for each object, for one type; and one lock
//   __mt_alloc         lists of released blocks for each power of two up to 128, for each thread
//
// Good for: containers of small objects in a program that already uses libstdc++; any thread.
// Bad for:  objects above 128 bytes (__pool_alloc and __mt_alloc pass them on to operator new);
//           alignments above 8; giving memory back. The lock is taken even where there is one thread.
//           In a bitmap_allocator out of the shared library, blocks that are empty go to a list that
//           refilling does not look at: a set that comes and goes as a whole gets new memory each time.
// Complexity: __pool_alloc O(1); bitmap_allocator O(objects / 64) at worst, usually the word it looked at last;
//           __mt_alloc O(1), sometimes a list that moves between a thread and all others.
// Bytes:    rounded up to 8; one bit more (bitmap_allocator); 8 more, and up to a power of two (__mt_alloc).
//           One for the process: all pools of one object size (bitmap_allocator: and alignment) share one
//           state. What is still out when a pool ends is lost; what came back serves the next one. Hardly any
//           memory goes back to the heap: of the bitmap_allocator's empty blocks, what is more than 64 of them.
// Threads:  any. The environment variable GLIBCXX_FORCE_NEW turns two of them into operator new.
#pragma once

#include "benchmarks/contenders/peers/raw_cell.hpp"
#include "pools/pool.hpp"

#include <ext/bitmap_allocator.h>
#include <ext/mt_allocator.h>
#include <ext/pool_allocator.h>

#include <cstddef>

namespace poolmark {

// What they all take care of; sizes are multiples of it and nothing more.
inline constexpr std::size_t gnu_allocators_max_alignment = 8;

namespace detail {

constexpr pool_traits gnu_traits(reuse_order reuse) {
    return {.reuse = reuse,
            .memory = backing::heap,
            .thread_safe = true,
            .process_wide = true,
            .max_alignment = gnu_allocators_max_alignment};
}

struct gnu_pool {
    template <class Cell>
    using allocator = __gnu_cxx::__pool_alloc<Cell>;
    static constexpr description about{"gnu_pool_alloc", family::peer,
                                       "__gnu_cxx::__pool_alloc, one list a size under one lock, never freed",
                                       "g++"};
    static constexpr pool_traits traits = gnu_traits(reuse_order::unspecified);
};

struct gnu_bitmap {
    template <class Cell>
    using allocator = __gnu_cxx::bitmap_allocator<Cell>;
    static constexpr description about{"gnu_bitmap_allocator", family::peer,
                                       "__gnu_cxx::bitmap_allocator, a bit for each object, never freed",
                                       "g++"};
    static constexpr pool_traits traits = gnu_traits(reuse_order::unspecified);
};

struct gnu_mt {
    template <class Cell>
    using allocator = __gnu_cxx::__mt_alloc<Cell>;
    static constexpr description about{"gnu_mt_alloc", family::peer,
                                       "__gnu_cxx::__mt_alloc, lists for each thread, never freed",
                                       "g++"};
    static constexpr pool_traits traits = gnu_traits(reuse_order::unspecified);
};

// Uses an allocator once. They set themselves up at their first use, and look at plain variables to see whether
// that has been done: without this, two threads that begin together would race for it.
template <class Peer, class Cell>
void gnu_begin() {
    static const bool begun = [] {
        typename Peer::template allocator<Cell> first;
        first.deallocate(first.allocate(1), 1);
        return true;
    }();
    static_cast<void>(begun);
}

} // namespace detail

template <class T, class Peer>
class gnu_allocator_pool {
public:
    using value_type = T;
    static constexpr const description& about = Peer::about;
    static constexpr const pool_traits& traits = Peer::traits;

    gnu_allocator_pool() : gnu_allocator_pool(0) {}
    // Nothing to pass the hint on to: there is no pool of its own here.
    explicit gnu_allocator_pool(std::size_t /*expected_objects*/) {
        detail::gnu_begin<Peer, detail::raw_cell<8, 8>>(); // what all sizes share
        detail::gnu_begin<Peer, cell>();                   // and what this one has
    }
    gnu_allocator_pool(const gnu_allocator_pool&) = delete;
    gnu_allocator_pool& operator=(const gnu_allocator_pool&) = delete;
    ~gnu_allocator_pool() = default;

    [[nodiscard]] void* acquire() { return allocator_.allocate(1); }

    void release(void* block) noexcept { allocator_.deallocate(static_cast<cell*>(block), 1); }

private:
    static_assert(alignof(T) <= traits.max_alignment);
    using cell = detail::raw_cell_for<T>;

    [[no_unique_address]] typename Peer::template allocator<cell> allocator_;
};

template <class T>
using gnu_pool_alloc = gnu_allocator_pool<T, detail::gnu_pool>;
template <class T>
using gnu_bitmap_allocator = gnu_allocator_pool<T, detail::gnu_bitmap>;
template <class T>
using gnu_mt_alloc = gnu_allocator_pool<T, detail::gnu_mt>;

static_assert(pool<gnu_pool_alloc<int>>);
static_assert(pool<gnu_bitmap_allocator<int>>);
static_assert(pool<gnu_mt_alloc<int>>);

} // namespace poolmark
