// plf::colony, which this build may have.
#pragma once

#include "pools/description.hpp"

namespace poolmark {

inline constexpr description plf_colony_pool_about{"plf_colony", family::peer,
                                                   "plf::colony, groups of elements and a skipfield",
                                                   "libplf-colony-dev",
#ifdef POOLMARK_HAS_PLF_COLONY
                                                   true
#else
                                                   false
#endif
};

} // namespace poolmark
