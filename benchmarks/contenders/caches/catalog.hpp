// The list of caches that live in this process. Adding one is a header and a line here.
#pragma once

#ifndef POOLMARK_CONTENDERS
#error "link poolmark::contenders, which says what the list has: one that differs between files is undefined behaviour"
#endif

#include "benchmarks/contenders/caches/hand_caches.hpp"
#include "benchmarks/contenders/caches/direct_mapped.hpp"
#include "benchmarks/contenders/caches/expiring.hpp"
#include "benchmarks/contenders/caches/flat_map_cache.hpp"
#include "benchmarks/contenders/caches/shared_caches.hpp"
#include "benchmarks/contenders/caches/lru_intrusive.hpp"
#include "benchmarks/contenders/caches/lru_list_map.hpp"
#include "benchmarks/contenders/caches/lru_nodes.hpp"
#include "benchmarks/contenders/caches/single_flight.hpp"
#include "benchmarks/contenders/caches/tiny_lfu_cache.hpp"
#include "benchmarks/contenders/caches/two_q_cache.hpp"
#include "benchmarks/contenders/caches/two_tiers.hpp"
#include "benchmarks/contenders/caches/unbounded_map.hpp"
#include "benchmarks/contenders/caches/functools_lru_cache.hpp"
#include "benchmarks/contenders/type_list.hpp"

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

} // namespace poolmark
