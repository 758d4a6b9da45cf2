// The list of ways to keep records with named fields. Adding one is a header and two lines here.
#pragma once

#include "benchmarks/contenders/keyed/keyed_dictionaries.hpp"
#include "benchmarks/contenders/keyed/keyed_records.hpp"
#include "benchmarks/contenders/keyed/keyed_shared.hpp"
#include "benchmarks/contenders/type_list.hpp"

namespace poolmark {

// The first is the baseline: what one writes.
using keyed_stores = type_list<keyed_unordered_map, keyed_map, keyed_copies, keyed_interned, keyed_shape,
                               keyed_struct, keyed_columns>;

} // namespace poolmark
