// The ways to store the fields of a record. Adding one is a header and a line here.
#pragma once

#include "benchmarks/contenders/layouts/rows.hpp"
#include "benchmarks/contenders/layouts/cpython_objects.hpp"
#include "benchmarks/contenders/layouts/slotted.hpp"
#include "benchmarks/contenders/layouts/dictionaries.hpp"
#include "benchmarks/contenders/layouts/shape_slots.hpp"
#include "benchmarks/contenders/type_list.hpp"

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

template <class Record, class Allocator = std::allocator<std::byte>>
using compact_layouts =
    type_list<cpython_outline_values<Record, Allocator>, cpython_inline_values<Record, Allocator>,
              cpython_slots<Record, Allocator>, flagged<Record, Allocator>, slotted_pmr<Record, Allocator>,
              slotted_rows<Record, Allocator>, packed_rows<Record, Allocator>, columns<Record, Allocator>>;

// All of them; the first is the baseline: what an object with named fields is when nobody thinks about it.
template <class Record, class Allocator = std::allocator<std::byte>>
using layouts =
    join_t<type_list<unordered_map<Record, Allocator>>, detail::abseil_layouts<Record, Allocator>,
           type_list<shape_slots<Record, Allocator>, slotted<Record, Allocator>>, compact_layouts<Record, Allocator>>;

} // namespace poolmark
