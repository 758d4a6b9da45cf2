// The ways to refer to an object that may be gone. Adding one is a header and a line here.
#pragma once

#include "benchmarks/contenders/handles/vector_index.hpp"
#include "benchmarks/contenders/type_list.hpp"
#include "pools/description.hpp"
#include "pools/slot_map.hpp"

namespace poolmark {

// The first is the baseline: what one writes by hand.
template <class T>
using handle_maps = type_list<vector_index<T>, slot_map<T, handle32>, slot_map<T, handle64>>;

// Their limit: what a reference costs that is trusted.
inline constexpr description raw_pointers_about{"raw_pointers", family::limit,
                                                "pointers to objects of a slab_pool, with no way to tell if they dangle"};

} // namespace poolmark
