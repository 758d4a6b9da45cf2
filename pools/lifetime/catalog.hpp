// The list of what keeps objects alive, and says whether they are: counts, collectors, trackers, and the
// allocators that an interpreter puts below them. One place to add one.
#pragma once

#include "pools/description.hpp"
#include "pools/lifetime/address_tracker.hpp"
#include "pools/lifetime/collected_heap.hpp"
#include "pools/lifetime/generation_tracker.hpp"
#include "pools/lifetime/serial_id.hpp"
#include "pools/lifetime/traced_heap.hpp"
#include "pools/lifetime/weak_registry.hpp"
#include "pools/peers/boehm_collector.hpp"
#include "pools/peers/packages.hpp"
#include "pools/storage/bounded_free_list.hpp"
#include "pools/storage/obmalloc_model.hpp"
#include "pools/type_list.hpp"

#include <array>
#include <cstddef>

namespace poolmark {

// Free lists with CPython's bounds, without one, and in the other order, beside the one in storage_pools.
template <class T>
using free_list_variants =
    type_list<bounded_free_list<T, 100>, bounded_free_list<T, 80>, unbounded_free_list<T>, fifo_free_list<T>>;

inline constexpr description bounded_free_lists_about{"bounded_free_lists", family::free_list,
                                                      "20 free lists by size, of at most 2,000 heap blocks each"};

// Ways to count references; the first is the baseline.
inline constexpr description shared_ptr_about{
    "shared_ptr", family::fresh, "std::shared_ptr, whose count is locked once the process has threads"};
inline constexpr description plain_count_about{"plain_count", family::pool,
                                               "a count in the object, for one thread"};
inline constexpr description atomic_count_about{"atomic_count", family::pool, "a count in the object, locked"};
inline constexpr description biased_count_about{
    "biased_count", family::pool,
    "a count in the object, plain for the thread that made it and locked for others"};
inline constexpr description immortal_count_about{"immortal_count", family::singleton,
                                                  "a count that is never changed, because its object never ends"};
inline constexpr description boost_intrusive_ptr_about{
    "boost_intrusive_ptr", family::peer, "boost::intrusive_ptr with its own counters", "libboost-dev", has_boost};
inline constexpr description borrowed_reference_about{"borrowed_reference", family::limit,
                                                      "the object by const reference: nothing is counted"};

// Ways to be rid of objects that refer to each other; the first is the baseline.
inline constexpr description weak_back_edge_about{"weak_back_edge", family::fresh,
                                                  "std::shared_ptr one way, std::weak_ptr back"};
inline constexpr description arena_drop_about{"arena_drop", family::pool,
                                              "all of an arena at once, with no destructors to run"};
inline constexpr description leaked_cycles_about{"leaked_cycles", family::limit,
                                                 "reference counts alone: what is in a circle is never freed"};

inline constexpr std::array lifetime_strategies{
    bounded_free_list<int, 100>::about,
    bounded_free_list<int, 80>::about,
    unbounded_free_list<int>::about,
    fifo_free_list<int>::about,
    bounded_free_lists_about,
    obmalloc_model<>::about,
    obmalloc_model<4096, (std::size_t{1} << 18)>::about,
    shared_ptr_about,
    plain_count_about,
    atomic_count_about,
    biased_count_about,
    immortal_count_about,
    boost_intrusive_ptr_about,
    borrowed_reference_about,
    weak_back_edge_about,
    collected_heap<int>::about,
    traced_heap<int>::about,
    arena_drop_about,
    boehm_collector_about,
    leaked_cycles_about,
    address_tracker::about,
    erasing_address_set_about,
    weak_registry::about,
    generation_tracker_about,
    serial_tracker::about,
};

} // namespace poolmark
