// Tells AddressSanitizer which slots are out, so that a use after release is reported as it is for a heap.
// Everything here vanishes in other builds.
//
//   acquire   unpoison BEFORE reading a link out of the slot
//   release   poison AFTER writing the link
//   the end   unpoison before the slab goes back where it came from
//
// ASan keeps one byte of shadow for 8 bytes of memory and can open only the first part of such a group, so slots
// are spaced by multiples of poison_granule.
#pragma once

#include "pools/memory/sanitizers.hpp"

#include <cstddef>

#ifdef POOLMARK_HAS_ASAN
#include <sanitizer/asan_interface.h>
#endif

// No macro says that a program is linked with -fsanitize=leak: these are null where it is not.
extern "C" {
[[gnu::weak]] void __lsan_register_root_region(const void* begin, std::size_t bytes);
[[gnu::weak]] void __lsan_unregister_root_region(const void* begin, std::size_t bytes);
}

namespace poolmark::detail {

// Mapped pages are no roots for LeakSanitizer: without this, heap memory owned by pooled objects looks leaked.
inline void add_leak_root(const void* block, std::size_t bytes) noexcept {
    if (__lsan_register_root_region != nullptr) {
        __lsan_register_root_region(block, bytes);
    }
}
inline void remove_leak_root(const void* block, std::size_t bytes) noexcept {
    if (__lsan_unregister_root_region != nullptr) {
        __lsan_unregister_root_region(block, bytes);
    }
}

#ifdef POOLMARK_HAS_ASAN

inline constexpr std::size_t poison_granule = 8;

inline void poison(const void* block, std::size_t bytes) noexcept { __asan_poison_memory_region(block, bytes); }
inline void unpoison(const void* block, std::size_t bytes) noexcept {
    __asan_unpoison_memory_region(block, bytes);
}

#else

inline constexpr std::size_t poison_granule = 1;

inline void poison(const void* /*block*/, std::size_t /*bytes*/) noexcept {}
inline void unpoison(const void* /*block*/, std::size_t /*bytes*/) noexcept {}

#endif

} // namespace poolmark::detail
