// The list of ways to keep records with named fields. Adding one is a header and two lines here.
#pragma once

#include "pools/layouts/keyed_dictionaries.hpp"
#include "pools/layouts/keyed_fixed.hpp"
#include "pools/layouts/keyed_shared.hpp"
#include "pools/type_list.hpp"

#include <array>

namespace poolmark {

// The first is the baseline: what one writes.
using keyed_stores = type_list<keyed_unordered_map, keyed_map, keyed_copies, keyed_interned, keyed_shape,
                               keyed_struct, keyed_columns>;

namespace detail {
inline constexpr std::array keyed_strategies{
    keyed_unordered_map::about, keyed_map::about,    keyed_copies::about,  keyed_interned::about,
    keyed_shape::about,         keyed_struct::about, keyed_columns::about,
};
} // namespace detail
} // namespace poolmark
