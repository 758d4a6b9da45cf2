// The layouts besides those that every comparison has, the stores of events and the buffers: one line each.
#pragma once

#include "pools/layouts/columns.hpp"
#include "pools/layouts/cpython_objects.hpp"
#include "pools/layouts/event_stores.hpp"
#include "pools/layouts/flagged.hpp"
#include "pools/layouts/slotted_pmr.hpp"
#include "pools/layouts/slotted_rows.hpp"
#include "pools/storage/buffer_pool.hpp"
#include "pools/type_list.hpp"

#include <array>

namespace poolmark {

template <class Record, class Allocator = std::allocator<std::byte>>
using compact_layouts =
    type_list<cpython_outline_values<Record, Allocator>, cpython_inline_values<Record, Allocator>,
              cpython_slots<Record, Allocator>, flagged<Record, Allocator>, slotted_pmr<Record, Allocator>,
              slotted_rows<Record, Allocator>, packed_rows<Record, Allocator>, columns<Record, Allocator>>;

// The first is the baseline: what one writes when nobody thinks about it.
using event_stores = type_list<dictionary_events<>, string_events<>, interned_events<>, interned_events<plain_value>>;

inline constexpr std::array layout_strategies{
    cpython_outline_values<vector2d>::about, cpython_inline_values<vector2d>::about, cpython_slots<vector2d>::about,
    flagged<vector2d>::about, slotted_pmr<vector2d>::about, slotted_rows<vector2d>::about,
    packed_rows<vector2d>::about, columns<vector2d>::about, dictionary_events<>::about, string_events<>::about,
    interned_events<>::about, interned_events<plain_value>::about, buffer_pool::about, buffer_pool::wiped_about,
    fresh_calloc_about};

} // namespace poolmark
