// The ways to keep parsed events. Adding one is a line here.
#pragma once

#include "benchmarks/contenders/events/event_stores.hpp"
#include "benchmarks/contenders/type_list.hpp"

namespace poolmark {

// The first is the baseline: what one writes when nobody thinks about it.
using event_stores = type_list<dictionary_events<>, string_events<>, interned_events<>, interned_events<plain_value>>;

} // namespace poolmark
