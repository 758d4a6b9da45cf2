// The list of caches that live in this process. Adding one is a header and two lines here, its type and its `about`.
#pragma once

#ifndef POOLMARK_PEERS
#error "link poolmark::peers, which says what the list has: one that differs between files is undefined behaviour"
#endif

#include "pools/caches/clock_cache.hpp"
#include "pools/caches/direct_mapped.hpp"
#include "pools/caches/expiring.hpp"
#include "pools/caches/flat_map_cache.hpp"
#include "pools/caches/locked_cache.hpp"
#include "pools/caches/lru_intrusive.hpp"
#include "pools/caches/lru_list_map.hpp"
#include "pools/caches/lru_nodes.hpp"
#include "pools/caches/sharded_cache.hpp"
#include "pools/caches/sieve_cache.hpp"
#include "pools/caches/single_flight.hpp"
#include "pools/caches/tiny_lfu_cache.hpp"
#include "pools/caches/two_q_cache.hpp"
#include "pools/caches/two_tiers.hpp"
#include "pools/caches/unbounded_map.hpp"
#include "pools/peers/functools_lru_cache.hpp"
#include "pools/type_list.hpp"

#include <array>

namespace poolmark {

// The caches with a capacity; the first is the baseline: what everyone writes.
template <class K, class V>
using bounded_caches =
    type_list<lru_list_map<K, V>, lru_intrusive<K, V>, lru_nodes<K, V>, clock_cache<K, V>, sieve_cache<K, V>,
              two_q_cache<K, V>, tiny_lfu_cache<K, V>, direct_mapped<K, V>>;

// All of them; the first is the baseline.
template <class K, class V>
using caches = append_t<type_list<unbounded_map<K, V>, flat_map_cache<K, V>>, bounded_caches<K, V>>;

// What a cache is compared with.
inline constexpr description recompute_about{"recompute", family::fresh, "computes the value each time it is asked for"};
inline constexpr description cache_per_thread_about{"cache_per_thread", family::pool,
                                                    "an lru_intrusive for each thread, which share nothing"};

namespace detail {
inline constexpr std::array cache_strategies{
    recompute_about,
    unbounded_map<int, int>::about,
    flat_map_cache<int, int>::about,
    lru_list_map<int, int>::about,
    lru_intrusive<int, int>::about,
    lru_nodes<int, int>::about,
    clock_cache<int, int>::about,
    sieve_cache<int, int>::about,
    two_q_cache<int, int>::about,
    tiny_lfu_cache<int, int>::about,
    direct_mapped<int, int>::about,
    lazy_expiring_about,
    coarse_expiring_about,
    heap_expiring_about,
    wheel_expiring_about,
    locked_cache_about,
    sharded_cache_about,
    single_flight_about,
    cache_per_thread_about,
    two_tiers_about,
    functools_lru_cache_about,
    cpython_call_about,
};
} // namespace detail
} // namespace poolmark
