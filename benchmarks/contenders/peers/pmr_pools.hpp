// A memory resource of the std::pmr kind as a pool: what the standard library's and Boost's have in common.
//
//   acquire ──► resource.allocate(sizeof(T), alignof(T))       release ──► resource.deallocate(...)
//   reset   ──► resource.release()
//
// Good for: code that takes a std::pmr::memory_resource anyway.
// Bad for:  speed: the size is looked up again in each call, though here it never changes.
// Complexity, bytes and threads: the resource's, said below of each.
#pragma once

#include "benchmarks/contenders/packages.hpp"
#include "pools/pool.hpp"

#include <algorithm>
#include <cstddef>
#include <memory_resource>

#ifdef POOLMARK_HAS_BOOST_CONTAINER
#include <boost/container/pmr/global_resource.hpp>
#include <boost/container/pmr/unsynchronized_pool_resource.hpp>
#endif

namespace poolmark {

// Peer names the resource and makes it:  about, traits, resource_type,  make(object bytes, expected objects)
template <class T, class Peer>
class pmr_resource_pool {
public:
    using value_type = T;
    static constexpr const description& about = Peer::about;
    static constexpr const pool_traits& traits = Peer::traits;

    pmr_resource_pool() : pmr_resource_pool(0) {}
    explicit pmr_resource_pool(std::size_t expected_objects)
        : resource_(Peer::make(sizeof(T), expected_objects)) {}
    pmr_resource_pool(const pmr_resource_pool&) = delete;
    pmr_resource_pool& operator=(const pmr_resource_pool&) = delete;
    ~pmr_resource_pool() = default;

    [[nodiscard]] void* acquire() { return resource_.allocate(sizeof(T), alignof(T)); }

    void release(void* block) noexcept { resource_.deallocate(block, sizeof(T), alignof(T)); }

    void reset() noexcept { resource_.release(); }

private:
    static_assert(alignof(T) <= traits.max_alignment);

    typename Peer::resource_type resource_;
};

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
                 "g++"});
    static constexpr pool_traits traits{.reuse = reuse_order::unspecified, .memory = backing::heap};
};

struct std_synchronized : std_pool_resource<std::pmr::synchronized_pool_resource> {
    static constexpr description about{"std_pmr_synchronized_pool", family::peer,
                                       "std::pmr::synchronized_pool_resource over operator new",
                                       "g++"};
    static constexpr pool_traits traits{
        .reuse = reuse_order::unspecified, .memory = backing::heap, .thread_safe = true};
};

struct std_monotonic {
    static constexpr description about{"std_pmr_monotonic", family::peer,
                                       "std::pmr::monotonic_buffer_resource: bumps a pointer, frees all at once",
                                       "g++"};
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

// boost::container::pmr::unsynchronized_pool_resource: a list of released blocks for each power of two.
//
//   sizes ──► [ 16, 32, 64, 128, ... ] ──► first ──► [ next | ... ] ──► [ next | ... ] ──► null
//
// Good for: objects of a few sizes behind one memory resource; several times as fast as libstdc++'s.
// Bad for:  sizes just above a power of two, which take nearly twice their bytes; alignments above 16, because its
//           upstream, new char[], honours no stricter one; large sets: a new chunk is written through when it comes.
// Complexity: acquire O(1), O(chunk) when the list is empty; release O(1); reset O(chunks).
// Bytes:    rounded up to a power of two of at least 16. Memory goes back with reset() or at the end.
// Threads:  one at a time.
inline constexpr description boost_pmr_pool_about{
    "boost_pmr_pool", family::peer, "boost::container::pmr::unsynchronized_pool_resource over operator new",
    "libboost-container-dev", has_boost_container};

inline constexpr std::size_t boost_pmr_pool_max_alignment = 16;

#ifdef POOLMARK_HAS_BOOST_CONTAINER

namespace detail {

struct boost_unsynchronized {
    static constexpr const description& about = boost_pmr_pool_about;
    static constexpr pool_traits traits{
        .reuse = reuse_order::lifo, .memory = backing::heap, .max_alignment = boost_pmr_pool_max_alignment};

    using resource_type = boost::container::pmr::unsynchronized_pool_resource;
    // The hint is not passed on: chunks grow by themselves, up to 32 blocks each in this library.
    static resource_type make(std::size_t object_bytes, std::size_t /*expected_objects*/) {
        boost::container::pmr::pool_options options;
        options.largest_required_pool_block = object_bytes;
        return resource_type(options, boost::container::pmr::new_delete_resource());
    }
};

} // namespace detail

template <class T>
using boost_pmr_pool = pmr_resource_pool<T, detail::boost_unsynchronized>;

static_assert(resettable_pool<boost_pmr_pool<int>>);

#endif

} // namespace poolmark
