// The peers: other people's pools behind our concept, in the order of tables and charts.
#pragma once

#include "pools/description.hpp"
#include "benchmarks/contenders/peers/boost_pools.hpp"
#include "benchmarks/contenders/peers/pmr_pools.hpp"
#include "benchmarks/contenders/peers/foonathan_pools.hpp"
#include "benchmarks/contenders/peers/gnu_allocator_pools.hpp"
#include "benchmarks/contenders/peers/mimalloc_heap.hpp"
#include "benchmarks/contenders/peers/plf_colony_pool.hpp"
#include "benchmarks/contenders/peers/tbb_pools.hpp"
#include "benchmarks/contenders/type_list.hpp"

#include <array>

namespace poolmark {

namespace detail {

#ifdef POOLMARK_HAS_BOOST
template <class T>
using boost_peers =
    aligned_up_to<T, boost_pool_max_alignment, boost_pool<T>, boost_object_pool<T>, boost_fast_pool_allocator<T>>;
#else
template <class T>
using boost_peers = type_list<>;
#endif

#ifdef POOLMARK_HAS_BOOST_CONTAINER
template <class T>
using boost_container_peers = aligned_up_to<T, boost_pmr_pool_max_alignment, boost_pmr_pool<T>>;
#else
template <class T>
using boost_container_peers = type_list<>;
#endif

template <class T>
using standard_library_peers = join_t<
    type_list<std_pmr_pool<T>, std_pmr_synchronized_pool<T>, std_pmr_monotonic<T>>,
    aligned_up_to<T, gnu_allocators_max_alignment, gnu_pool_alloc<T>, gnu_bitmap_allocator<T>, gnu_mt_alloc<T>>>;

#ifdef POOLMARK_HAS_FOONATHAN
template <class T>
using foonathan_peers = aligned_up_to<T, foonathan_pools_max_alignment, foonathan_node_pool<T>,
                                      foonathan_array_pool<T>, foonathan_small_node_pool<T>>;
#else
template <class T>
using foonathan_peers = type_list<>;
#endif

#ifdef POOLMARK_HAS_PLF_COLONY
template <class T>
using plf_peers = type_list<plf_colony_pool<T>>;
#else
template <class T>
using plf_peers = type_list<>;
#endif

#ifdef POOLMARK_HAS_TBBMALLOC
template <class T>
using tbb_peers =
    join_t<aligned_up_to<T, tbb_fixed_pool_max_alignment, tbb_fixed_pool<T>>, type_list<tbb_scalable_malloc<T>>>;
#else
template <class T>
using tbb_peers = type_list<>;
#endif

#ifdef POOLMARK_MIMALLOC
template <class T>
using mimalloc_peers = aligned_up_to<T, mimalloc_heap_max_alignment, mimalloc_heap<T>>;
#else
template <class T>
using mimalloc_peers = type_list<>;
#endif

} // namespace detail

// The peers that this build has and that honour the alignment of T.
template <class T>
using peer_pools =
    join_t<detail::boost_peers<T>, detail::boost_container_peers<T>, detail::standard_library_peers<T>,
           detail::foonathan_peers<T>, detail::plf_peers<T>, detail::tbb_peers<T>, detail::mimalloc_peers<T>>;

// Those that a build can lack: they stay in the tables as rows that name the package.
inline constexpr std::array peers_with_a_package{
    boost_pool_about,
    boost_object_pool_about,
    boost_fast_pool_allocator_about,
    boost_pmr_pool_about,
    foonathan_node_pool_about,
    foonathan_array_pool_about,
    foonathan_small_node_pool_about,
    plf_colony_pool_about,
    tbb_fixed_pool_about,
    tbb_scalable_malloc_about,
    mimalloc_heap_about,
};

} // namespace poolmark
