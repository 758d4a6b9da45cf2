// One absl::flat_hash_map<std::string, field_value> in every object.
//
//   object ──► { control*, slots*, ... } ──► [ control bytes | name value | name value | ... ]
//
// Good for: showing what is left of a dictionary's cost when its table is a good one.
// Bad for:  small objects: the table has room for 2^n - 1 fields and control bytes for 16 more.
// Complexity: make two allocations, the object and its table; get and set one hash and one probe.
// Bytes:    48 a slot and one control byte, for 3, 7, 15, ... slots; the map's 40 themselves.
// Threads:  one at a time.
#pragma once

#include "pools/description.hpp"

#ifdef POOLMARK_HAS_ABSEIL
#include "benchmarks/contenders/layouts/dictionary.hpp"

#include <absl/container/flat_hash_map.h>

#include <utility>
#endif

namespace poolmark {

inline constexpr description flat_hash_map_about{"flat_hash_map", family::layout,
                                                 "an absl::flat_hash_map of fields per object", "libabsl-dev",
#ifdef POOLMARK_HAS_ABSEIL
                                                 true
#else
                                                 false
#endif
};

#ifdef POOLMARK_HAS_ABSEIL

namespace detail {
template <class Allocator>
using flat_fields = absl::flat_hash_map<
    std::string, field_value, absl::container_internal::hash_default_hash<std::string>,
    absl::container_internal::hash_default_eq<std::string>,
    typename std::allocator_traits<Allocator>::template rebind_alloc<std::pair<const std::string, field_value>>>;
} // namespace detail

template <record Record, class Allocator = std::allocator<std::byte>>
class flat_hash_map : public dictionary<Record, Allocator, detail::flat_fields<Allocator>> {
public:
    using dictionary<Record, Allocator, detail::flat_fields<Allocator>>::dictionary;
    static constexpr const description& about = flat_hash_map_about;
};

static_assert(record_layout<flat_hash_map<vector2d>, vector2d>);

#endif

} // namespace poolmark
