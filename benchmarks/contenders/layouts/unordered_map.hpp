// One std::unordered_map<std::string, field_value> in every object.
//
//   object ──► { buckets* , ... } ──► [ node* | node* | ... ] ──► node [ next | name | value | hash ] ──► ...
//
// Good for: showing what "an object is a dictionary" costs with the map everybody has.
// Bad for:  time and memory: an allocation for the table and one for every field.
// Complexity: make O(fields) allocations; get and set one lookup (libstdc++ 12 compares the
//           names one after another in maps of up to 20 entries, and hashes in larger ones).
// Bytes:    64 a field besides the map's 56 and its buckets, before the heap's own rounding.
// Threads:  one at a time.
#pragma once

#include "benchmarks/contenders/layouts/dictionary.hpp"

#include <unordered_map>
#include <utility>

namespace poolmark {

namespace detail {
template <class Allocator>
using unordered_fields = std::unordered_map<
    std::string, field_value, std::hash<std::string>, std::equal_to<>,
    typename std::allocator_traits<Allocator>::template rebind_alloc<std::pair<const std::string, field_value>>>;
} // namespace detail

template <record Record, class Allocator = std::allocator<std::byte>>
class unordered_map : public dictionary<Record, Allocator, detail::unordered_fields<Allocator>> {
public:
    using dictionary<Record, Allocator, detail::unordered_fields<Allocator>>::dictionary;
    static constexpr description about{"unordered_map", family::layout,
                                       "a std::unordered_map of fields per object"};
};

static_assert(record_layout<unordered_map<vector2d>, vector2d>);

} // namespace poolmark
