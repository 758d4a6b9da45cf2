// THE list: every strategy there is, in the order of tables and charts. Adding one is a header and a line here;
// the contract tests and the workloads take it from these lists.
#pragma once

#ifndef POOLMARK_PEERS
#error "link poolmark::peers, which says what the list has: one that differs between files is undefined behaviour"
#endif

#include "pools/adaptors/resource_ways.hpp"
#include "pools/caches/catalog.hpp"
#include "pools/caches/stores/descriptions.hpp"
#include "pools/description.hpp"
#include "pools/layouts/catalog.hpp"
#include "pools/layouts/flat_hash_map.hpp"
#include "pools/layouts/keyed_catalog.hpp"
#include "pools/layouts/shape_slots.hpp"
#include "pools/layouts/slotted.hpp"
#include "pools/layouts/unordered_map.hpp"
#include "pools/lifetime/catalog.hpp"
#include "pools/object_pool.hpp"
#include "pools/peers/peers.hpp"
#include "pools/storage/arena.hpp"
#include "pools/storage/bitmap_pool.hpp"
#include "pools/storage/bounded_free_list.hpp"
#include "pools/storage/cpu_pool.hpp"
#include "pools/storage/fixed_pools.hpp"
#include "pools/storage/fresh_heap.hpp"
#include "pools/storage/local_pool.hpp"
#include "pools/storage/locked_pool.hpp"
#include "pools/storage/magazine_pool.hpp"
#include "pools/storage/recycler_pool.hpp"
#include "pools/storage/recycling_arena.hpp"
#include "pools/storage/scan_pool.hpp"
#include "pools/storage/slab_pool.hpp"
#include "pools/storage/slot_map.hpp"
#include "pools/storage/slot_pool.hpp"
#include "pools/storage/static_pool.hpp"
#include "pools/storage/treiber_pool.hpp"
#include "pools/storage/vector_index.hpp"
#include "pools/type_list.hpp"
#include "pools/values/catalog.hpp"
#include "pools/values/sequences.hpp"
#include "pools/values/text_passing.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>

namespace poolmark {

namespace detail {
template <class List>
struct leading_only;
template <class... Pools>
struct leading_only<type_list<Pools...>> {
    using type = join_t<std::conditional_t<Pools::about.leading, type_list<Pools>, type_list<>>...>;
};

template <class List>
struct thread_safe_only;
template <class... Pools>
struct thread_safe_only<type_list<Pools...>> {
    using type = join_t<std::conditional_t<Pools::traits.thread_safe, type_list<Pools>, type_list<>>...>;
};

#ifdef POOLMARK_HAS_ABSEIL
template <class Record, class Allocator>
using abseil_layouts = type_list<flat_hash_map<Record, Allocator>>;
#else
template <class Record, class Allocator>
using abseil_layouts = type_list<>;
#endif
} // namespace detail

// The leading ones of a list of pools: what a workload takes whose answer more pools would not change.
template <class List>
using leading_of = typename detail::leading_only<List>::type;

namespace detail {
template <class T, class Upstream>
struct recyclers {
    using type = type_list<>;
};
template <recyclable_storage T, class Upstream>
struct recyclers<T, Upstream> {
    using type = type_list<recycler_pool<T, Upstream>>;
};

// As many objects as the workloads for small pools hold, while the pool is not too large for a stack.
template <class T>
inline constexpr std::size_t static_objects =
    std::clamp<std::size_t>((std::size_t{1} << 20) / sizeof(T), 64, 4096);
} // namespace detail

// Our own pools that any threads may share, over a source of the caller's choice.
template <class T, upstream_source Upstream = page_source>
using own_shared_pools = type_list<local_pool<T, Upstream>, cpu_pool<T, Upstream>, treiber_pool<T, Upstream>,
                                   locked_pool<slab_pool<T, Upstream>>>;

// All our own pools over a source of the caller's choice.
template <class T, upstream_source Upstream = page_source>
using own_pools =
    join_t<type_list<object_pool<T, pool_options{}, Upstream>, slab_pool<T, Upstream>, magazine_pool<T, Upstream>,
                     arena<T, Upstream>, recycling_arena<T, Upstream>, scan_pool<T, Upstream>, bitmap_pool<T, Upstream>,
                     slot_pool<T, Upstream>>,
           typename detail::recyclers<T, Upstream>::type, own_shared_pools<T, Upstream>>;

// The recommended pool with its misuse checks on.
template <class T>
using checked_pools =
    type_list<object_pool<T, pool_options{.checks = check::fast}>, object_pool<T, pool_options{.checks = check::full}>>;

// Our own pools that have no source to choose.
template <class T>
using own_pools_of_one_source = type_list<static_pool<T, detail::static_objects<T>>, bounded_free_list<T>>;

// The pools that this build has and that honour the alignment of T; the first is the baseline.
template <class T>
using storage_pools =
    join_t<type_list<fresh_heap<T>>, own_pools<T>, checked_pools<T>, own_pools_of_one_source<T>, peer_pools<T>>;

// Those of them that any threads may share.
template <class T>
using shared_pools = typename detail::thread_safe_only<storage_pools<T>>::type;

// The same as storage_pools, with our own pools on top of the process's heap instead of pages of their own.
template <class T>
using heap_backed_pools =
    join_t<type_list<fresh_heap<T>>, own_pools<T, heap_source>, type_list<bounded_free_list<T>>, peer_pools<T>>;

// The ways to get storage of many sizes; the first is the baseline.
using resource_ways = append_t<own_resource_ways, peer_resource_ways>;

// The ways to store the fields of a record; the first is the baseline: what an object with named fields is when
// nobody thinks about it.
template <class Record, class Allocator = std::allocator<std::byte>>
using layouts =
    join_t<type_list<unordered_map<Record, Allocator>>, detail::abseil_layouts<Record, Allocator>,
           type_list<shape_slots<Record, Allocator>, slotted<Record, Allocator>>, compact_layouts<Record, Allocator>>;

// The ways to refer to an object that may be gone; the first is the baseline: what one writes by hand.
template <class T>
using handle_maps = type_list<vector_index<T>, slot_map<T, handle32>, slot_map<T, handle64>>;

// The limit of handle_maps: what a reference costs that is trusted.
inline constexpr description raw_pointers_about{"raw_pointers", family::limit,
                                                "pointers to objects of a slab_pool, with no way to tell if they dangle"};

// The loop of a workload with nothing in it: what no strategy can go below.
inline constexpr description empty_loop_about{"empty_loop", family::limit, "the loop alone, with no work in it"};

namespace detail {

template <std::size_t... Sizes>
[[nodiscard]] constexpr auto joined(const std::array<description, Sizes>&... parts) {
    std::array<description, (Sizes + ...)> all{};
    auto end = all.begin();
    ((end = std::copy(parts.begin(), parts.end(), end)), ...);
    return all;
}

inline constexpr std::array own_storage_strategies{
    fresh_heap<int>::about,
    object_pool<int>::about,
    object_pool<int, pool_options{.checks = check::fast}>::about,
    object_pool<int, pool_options{.checks = check::full}>::about,
    slab_pool<int>::about,
    magazine_pool<int>::about,
    arena<int>::about,
    recycling_arena<int>::about,
    scan_pool<int>::about,
    bitmap_pool<int>::about,
    slot_pool<int>::about,
    recycler_about,
    static_pool_about,
    bounded_free_list<int>::about,
    local_pool<int>::about,
    cpu_pool<int>::about,
    treiber_pool<int>::about,
    locked_pool<slab_pool<int>>::about,
    new_delete_resource_about,
    pool_resource::about,
    pool_resource_virtual_about,
};

inline constexpr std::array value_and_layout_strategies{
    vector_index<int>::about,
    slot_map<int, handle32>::about,
    slot_map<int, handle64>::about,
    raw_pointers_about,
    slotted<vector2d>::about,
    unordered_map<vector2d>::about,
    flat_hash_map_about,
    shape_slots<vector2d>::about,
    empty_loop_about,
};

// What a run is tested with: known amounts of work, of which nobody has a pool.
inline constexpr std::array control_strategies{
    description{"planted_none", family::control, "100 steps of known work"},
    description{"planted_equal", family::control, "the same 100 steps once more, by code of its own"},
    description{"planted_2_percent", family::control, "102 such steps"},
    description{"planted_5_percent", family::control, "105 such steps"},
    description{"planted_20_percent", family::control, "120 such steps"},
};

} // namespace detail

// All strategies, those that this build lacks as well, so that a missing peer is a row with a reason.
inline constexpr auto strategies =
    detail::joined(detail::own_storage_strategies, peer_strategies, detail::value_and_layout_strategies,
                   detail::value_strategies, detail::keyed_strategies, fixed_pool_strategies, layout_strategies,
                   sequence_strategies, text_strategies, lifetime_strategies, detail::cache_strategies, store_strategies,
                   detail::control_strategies);

} // namespace poolmark
