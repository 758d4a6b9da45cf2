// THE list: every strategy there is, in the order of tables and charts. Adding one is a header and a line here;
// the contract tests and the workloads take it from these lists.
#pragma once

#ifndef POOLMARK_PEERS
#error "link poolmark::peers, which says what the list has: one that differs between files is undefined behaviour"
#endif

#include "pools/description.hpp"
#include "pools/layouts/flat_hash_map.hpp"
#include "pools/layouts/shape_slots.hpp"
#include "pools/layouts/slotted.hpp"
#include "pools/layouts/unordered_map.hpp"
#include "pools/object_pool.hpp"
#include "pools/peers/peers.hpp"
#include "pools/storage/arena.hpp"
#include "pools/storage/fresh_heap.hpp"
#include "pools/storage/magazine_pool.hpp"
#include "pools/storage/scan_pool.hpp"
#include "pools/storage/slab_pool.hpp"
#include "pools/type_list.hpp"
#include "pools/values/boxed_int_table.hpp"
#include "pools/values/free_list_box.hpp"
#include "pools/values/fresh_box.hpp"
#include "pools/values/plain_value.hpp"
#include "pools/values/tagged_pointer.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>

namespace poolmark {

namespace detail {
#ifdef POOLMARK_HAS_ABSEIL
template <class Record, class Allocator>
using abseil_layouts = type_list<flat_hash_map<Record, Allocator>>;
#else
template <class Record, class Allocator>
using abseil_layouts = type_list<>;
#endif
} // namespace detail

// Our own growing pools over a source of the caller's choice.
template <class T, upstream_source Upstream = page_source>
using own_pools =
    type_list<object_pool<T, pool_options{}, Upstream>, slab_pool<T, Upstream>, magazine_pool<T, Upstream>, arena<T, Upstream>, scan_pool<T, Upstream>>;

// The recommended pool with its misuse checks on.
template <class T>
using checked_pools =
    type_list<object_pool<T, pool_options{.checks = check::fast}>, object_pool<T, pool_options{.checks = check::full}>>;

// The pools that this build has and that honour the alignment of T; the first is the baseline.
template <class T>
using storage_pools = join_t<type_list<fresh_heap<T>>, own_pools<T>, checked_pools<T>, peer_pools<T>>;

// The same, with our own pools on top of the process's heap instead of pages of their own.
template <class T>
using heap_backed_pools = join_t<type_list<fresh_heap<T>>, own_pools<T, heap_source>, peer_pools<T>>;

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
    scan_pool<int>::about,
};

inline constexpr std::array value_and_layout_strategies{
    fresh_box::about,
    boxed_int_table<>::about,
    free_list_box::about,
    tagged_pointer::about,
    plain_value::about,
    slotted<vector2d>::about,
    unordered_map<vector2d>::about,
    flat_hash_map_about,
    shape_slots<vector2d>::about,
    empty_loop_about,
};

} // namespace detail

// All strategies, those that this build lacks as well, so that a missing peer is a row with a reason.
inline constexpr auto strategies =
    detail::joined(detail::own_storage_strategies, peer_strategies, detail::value_and_layout_strategies);

} // namespace poolmark
