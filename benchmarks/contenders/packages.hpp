// Which packages this build was configured with. The build system defines the macros; what it does not define is a
// strategy that stays in the catalog as a row with its package's name.
#pragma once

#include <string_view>

// A macro that is not defined expands to its own name.
#define POOLMARK_EXPANDED(macro) #macro
#define POOLMARK_IS_DEFINED(macro) (std::string_view(POOLMARK_EXPANDED(macro)) != #macro)

namespace poolmark {

inline constexpr bool has_boost = POOLMARK_IS_DEFINED(POOLMARK_HAS_BOOST);
inline constexpr bool has_boost_container = POOLMARK_IS_DEFINED(POOLMARK_HAS_BOOST_CONTAINER);
inline constexpr bool has_foonathan = POOLMARK_IS_DEFINED(POOLMARK_HAS_FOONATHAN);
inline constexpr bool has_plf_colony = POOLMARK_IS_DEFINED(POOLMARK_HAS_PLF_COLONY);
inline constexpr bool has_tbbmalloc = POOLMARK_IS_DEFINED(POOLMARK_HAS_TBBMALLOC);
inline constexpr bool has_mimalloc = POOLMARK_IS_DEFINED(POOLMARK_MIMALLOC); // the library's path
inline constexpr bool has_sqlite = POOLMARK_IS_DEFINED(POOLMARK_HAS_SQLITE);
inline constexpr bool has_lmdb = POOLMARK_IS_DEFINED(POOLMARK_HAS_LMDB);
inline constexpr bool has_hiredis = POOLMARK_IS_DEFINED(POOLMARK_HAS_HIREDIS);
inline constexpr bool has_libmemcached = POOLMARK_IS_DEFINED(POOLMARK_HAS_LIBMEMCACHED);

} // namespace poolmark

#undef POOLMARK_EXPANDED
#undef POOLMARK_IS_DEFINED
