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
#pragma once

#include "benchmarks/contenders/peers/boost_pool.hpp"
#include "benchmarks/contenders/packages.hpp"
#include "benchmarks/contenders/peers/raw_cell.hpp"
#include "pools/pool.hpp"

#include <cstddef>

#ifdef POOLMARK_HAS_BOOST
#include <boost/pool/object_pool.hpp>

#include <algorithm>
#include <new>
#endif

namespace poolmark {

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

} // namespace poolmark
