// Which of the peers' packages this build was configured with. The build system defines the macros; what it does
// not define is a peer that stays in the catalog as a row with its package's name.
#pragma once

namespace poolmark {

#ifdef POOLMARK_HAS_BOOST
inline constexpr bool has_boost = true;
#else
inline constexpr bool has_boost = false;
#endif

#ifdef POOLMARK_HAS_BOOST_CONTAINER
inline constexpr bool has_boost_container = true;
#else
inline constexpr bool has_boost_container = false;
#endif

#ifdef POOLMARK_HAS_FOONATHAN
inline constexpr bool has_foonathan = true;
#else
inline constexpr bool has_foonathan = false;
#endif

#ifdef POOLMARK_HAS_PLF_COLONY
inline constexpr bool has_plf_colony = true;
#else
inline constexpr bool has_plf_colony = false;
#endif

#ifdef POOLMARK_HAS_TBBMALLOC
inline constexpr bool has_tbbmalloc = true;
#else
inline constexpr bool has_tbbmalloc = false;
#endif

#ifdef POOLMARK_MIMALLOC // the library's path
inline constexpr bool has_mimalloc = true;
#else
inline constexpr bool has_mimalloc = false;
#endif

} // namespace poolmark
