// The list of pools of one type, in the order of tables and charts. Adding one is a header and a line here; the contract
// tests and the workloads take it from these lists.
#pragma once

#ifndef POOLMARK_CONTENDERS
#error "link poolmark::contenders, which says what the list has: one that differs between files is undefined behaviour"
#endif

#include "pools/description.hpp"
#include "pools/object_pool.hpp"
#include "benchmarks/contenders/peers/peers.hpp"
#include "pools/arena.hpp"
#include "pools/bitmap_pool.hpp"
#include "pools/bounded_free_list.hpp"
#include "pools/cpu_pool.hpp"
#include "pools/fresh_heap.hpp"
#include "pools/local_pool.hpp"
#include "pools/locked_pool.hpp"
#include "pools/stack_pool.hpp"
#include "benchmarks/contenders/storage/recycler_pool.hpp"
#include "pools/recycling_arena.hpp"
#include "benchmarks/contenders/storage/fixed_pool.hpp"
#include "pools/slab_pool.hpp"
#include "benchmarks/contenders/storage/slot_pool.hpp"
#include "pools/static_pool.hpp"
#include "benchmarks/contenders/storage/treiber_pool.hpp"
#include "benchmarks/contenders/type_list.hpp"

#include <algorithm>
#include <cstddef>
#include <memory>

namespace poolmark {

namespace detail {
template <class Pool>
struct leads : std::bool_constant<Pool::about.leading> {};
template <class Pool>
struct follows : std::bool_constant<!Pool::about.leading> {};
template <class Pool>
struct is_shared : std::bool_constant<Pool::traits.thread_safe> {};
} // namespace detail

// The leading ones of a list of pools: what a workload takes whose answer more pools would not change.
template <class List>
using leading_of = filtered_t<List, detail::leads>;

// The rest of it.
template <class List>
using others_of = filtered_t<List, detail::follows>;

namespace detail {
template <class T, class... Upstream>
struct recyclers {
    using type = type_list<>;
};
template <recyclable_storage T, class... Upstream>
struct recyclers<T, Upstream...> {
    using type = type_list<recycler_pool<T, Upstream...>>;
};

// As many objects as the workloads for small pools hold, while the pool is not too large for a stack.
template <class T>
inline constexpr std::size_t static_objects =
    std::clamp<std::size_t>((std::size_t{1} << 20) / sizeof(T), 64, 4096);
} // namespace detail

// Our own pools that any threads may share, over a source of the caller's choice, or each over the one that a program gets
// which names none.
template <class T, upstream_source... Upstream>
using own_shared_pools = type_list<local_pool<T, Upstream...>, cpu_pool<T, Upstream...>, treiber_pool<T, Upstream...>,
                                   locked_pool<slab_pool<T, Upstream...>>>;

// All our own pools, likewise.
template <class T, upstream_source... Upstream>
using own_pools =
    join_t<type_list<object_pool<T, pool_options{}, Upstream...>, slab_pool<T, Upstream...>, stack_pool<T, Upstream...>,
                     arena<T, Upstream...>, recycling_arena<T, Upstream...>,
                     fixed_pool<T, detail::listed_books<detail::searched_twice>, Upstream...>, // scan_pool
                     bitmap_pool<T, Upstream...>, slot_pool<T, Upstream...>>,
           typename detail::recyclers<T, Upstream...>::type, own_shared_pools<T, Upstream...>>;

// The recommended pool with what it does when asked to: checks of misuse, memory given back by itself.
template <class T>
using pools_with_options =
    type_list<object_pool<T, pool_options{.checks = check::fast}>, object_pool<T, pool_options{.checks = check::full}>,
              object_pool<T, pool_options{.trims = trims::by_itself}>>;

// Our own pools that have no source to choose.
template <class T>
using own_pools_of_one_source = type_list<static_pool<T, detail::static_objects<T>>, bounded_free_list<T>>;

// The pools that this build has and that honour the alignment of T; the first is the baseline.
template <class T>
using storage_pools =
    join_t<type_list<fresh_heap<T>>, own_pools<T>, pools_with_options<T>, own_pools_of_one_source<T>, peer_pools<T>>;

// Those of them that any threads may share.
template <class T>
using shared_pools = filtered_t<storage_pools<T>, detail::is_shared>;

// The same as storage_pools, with our own pools on top of the process's heap instead of pages of their own.
template <class T>
using heap_backed_pools =
    join_t<type_list<fresh_heap<T>>, own_pools<T, heap_source>, type_list<bounded_free_list<T>>, peer_pools<T>>;

} // namespace poolmark
