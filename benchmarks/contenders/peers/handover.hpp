// Tells ThreadSanitizer what a library guarantees that it cannot see into: whoever gets a block comes after
// whoever released it. Everything here vanishes in other builds.
#pragma once

#include "pools/memory/sanitizers.hpp"

#ifdef POOLMARK_HAS_TSAN
#include <sanitizer/tsan_interface.h>
#endif

namespace poolmark::detail {

#ifdef POOLMARK_HAS_TSAN
inline void note_release(void* block) noexcept { __tsan_release(block); } // before the library has it
inline void note_acquire(void* block) noexcept { __tsan_acquire(block); } // after the library has handed it out
#else
inline void note_release(void* /*block*/) noexcept {}
inline void note_acquire(void* /*block*/) noexcept {}
#endif

} // namespace poolmark::detail
