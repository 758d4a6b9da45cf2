// The list of what keeps objects alive, and says whether they are: counts, collectors, trackers, and the
// allocators that an interpreter puts below them. One place to add one.
#pragma once

#include "pools/description.hpp"
#include "benchmarks/contenders/lifetime/trackers.hpp"
#include "benchmarks/contenders/lifetime/collected_heap.hpp"
#include "benchmarks/contenders/lifetime/traced_heap.hpp"
#include "benchmarks/contenders/lifetime/boehm_collector.hpp"
#include "benchmarks/contenders/packages.hpp"
#include "benchmarks/contenders/lifetime/obmalloc_model.hpp"
#include "benchmarks/contenders/type_list.hpp"

#include <cstddef>

namespace poolmark {

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

} // namespace poolmark
