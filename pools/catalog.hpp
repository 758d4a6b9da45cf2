// THE list: every strategy there is, in the order of tables and charts. Adding one is a header and a line here;
// the contract tests and the workloads take it from these lists.
#pragma once

#include "pools/adaptors/resource_ways.hpp"
#include "pools/description.hpp"
#include "pools/layouts/flat_hash_map.hpp"
#include "pools/layouts/shape_slots.hpp"
#include "pools/layouts/slotted.hpp"
#include "pools/layouts/unordered_map.hpp"
#include "pools/object_pool.hpp"
#include "pools/peers/boost_pool.hpp"
#include "pools/peers/std_pmr_pool.hpp"
#include "pools/storage/arena.hpp"
#include "pools/storage/fresh_heap.hpp"
#include "pools/storage/magazine_pool.hpp"
#include "pools/storage/recycling_arena.hpp"
#include "pools/storage/scan_pool.hpp"
#include "pools/storage/slab_pool.hpp"
#include "pools/type_list.hpp"
#include "pools/values/boxed_int_table.hpp"
#include "pools/values/free_list_box.hpp"
#include "pools/values/fresh_box.hpp"
#include "pools/values/plain_value.hpp"
#include "pools/values/tagged_pointer.hpp"

#include <array>
#include <cstddef>
#include <memory>
#include <type_traits>

namespace poolmark {

namespace detail {
// Pools that honour alignments up to `Most` only: for stricter types they are not in the lists, and not expanded.
template <class T, std::size_t Most, class... Pools>
using aligned_up_to = std::conditional_t<alignof(T) <= Most, type_list<Pools...>, type_list<>>;

template <class List>
struct leading_only;
template <class... Pools>
struct leading_only<type_list<Pools...>> {
    using type = append_all_t<std::conditional_t<Pools::about.leading, type_list<Pools>, type_list<>>...>;
};

#ifdef POOLMARK_HAS_BOOST
template <class T>
using boost_pools = aligned_up_to<T, boost_pool_max_alignment, boost_pool<T>>;
#else
template <class T>
using boost_pools = type_list<>;
#endif
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

// Our own growing pools over a source of the caller's choice.
template <class T, upstream_source Upstream = page_source>
using own_pools =
    type_list<object_pool<T, pool_options{}, Upstream>, slab_pool<T, Upstream>, magazine_pool<T, Upstream>,
              arena<T, Upstream>, recycling_arena<T, Upstream>, scan_pool<T, Upstream>>;

// The recommended pool with its misuse checks on.
template <class T>
using checked_pools =
    type_list<object_pool<T, pool_options{.checks = check::fast}>, object_pool<T, pool_options{.checks = check::full}>>;

// The pools that this build has and that honour the alignment of T; the first is the baseline.
template <class T>
using storage_pools =
    append_t<append_t<append_t<append_t<type_list<fresh_heap<T>>, own_pools<T>>, checked_pools<T>>, detail::boost_pools<T>>,
             type_list<std_pmr_pool<T>>>;

// The same, with our own pools on top of the process's heap instead of pages of their own.
template <class T>
using heap_backed_pools =
    append_t<append_t<append_t<type_list<fresh_heap<T>>, own_pools<T, heap_source>>, detail::boost_pools<T>>,
             type_list<std_pmr_pool<T>>>;

// The ways to get storage of many sizes; the first is the baseline.
using resource_ways = append_t<own_resource_ways, peer_resource_ways>;

// The ways to box an integer.
using boxings = type_list<fresh_box, boxed_int_table<>, free_list_box, tagged_pointer, plain_value>;

// The ways to store the fields of a record; the first is the baseline: what an object with named fields is when
// nobody thinks about it.
template <class Record, class Allocator = std::allocator<std::byte>>
using layouts =
    append_t<append_t<type_list<unordered_map<Record, Allocator>>, detail::abseil_layouts<Record, Allocator>>,
             type_list<shape_slots<Record, Allocator>, slotted<Record, Allocator>>>;

// The loop of a workload with nothing in it: what no strategy can go below.
inline constexpr description empty_loop_about{"empty_loop", family::limit, "the loop alone, with no work in it"};

// All strategies, those that this build lacks as well, so that a missing peer is a row with a reason.
inline constexpr std::array strategies{
    fresh_heap<int>::about,    object_pool<int>::about,
    object_pool<int, pool_options{.checks = check::fast}>::about,
    object_pool<int, pool_options{.checks = check::full}>::about,
    slab_pool<int>::about,
    magazine_pool<int>::about, arena<int>::about,
    scan_pool<int>::about,     boost_pool_about,
    std_pmr_pool<int>::about,  fresh_box::about,
    boxed_int_table<>::about,  free_list_box::about,
    tagged_pointer::about,     plain_value::about,
    slotted<vector2d>::about,  unordered_map<vector2d>::about,
    flat_hash_map_about,       shape_slots<vector2d>::about,
    recycling_arena<int>::about, new_delete_resource_about,
    pool_resource::about,      pool_resource_virtual_about,
    empty_loop_about,
};

} // namespace poolmark
