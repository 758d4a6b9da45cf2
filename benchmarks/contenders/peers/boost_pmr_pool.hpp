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
#pragma once

#include "benchmarks/contenders/packages.hpp"
#include "benchmarks/contenders/peers/pmr_resource_pool.hpp"
#include "pools/pool.hpp"

#include <cstddef>

#ifdef POOLMARK_HAS_BOOST_CONTAINER
#include <boost/container/pmr/global_resource.hpp>
#include <boost/container/pmr/unsynchronized_pool_resource.hpp>
#endif

namespace poolmark {

inline constexpr description boost_pmr_pool_about{
    "boost_pmr_pool", family::peer, "boost::container::pmr::unsynchronized_pool_resource over operator new",
    "libboost-container1.74-dev", has_boost_container};

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
