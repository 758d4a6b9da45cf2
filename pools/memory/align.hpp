// Arithmetic on addresses and sizes. Alignments are powers of two.
#pragma once

#include "pools/memory/exceptions.hpp"

#include <bit>
#include <cstddef>
#include <limits>
#include <new>

namespace poolmark::detail {

// The next multiple of `alignment` at or above `value`. The sum must not overflow.
[[nodiscard]] constexpr std::size_t align_up(std::size_t value, std::size_t alignment) noexcept {
    return (value + alignment - 1) & ~(alignment - 1);
}

[[nodiscard]] constexpr std::size_t align_down(std::size_t value, std::size_t alignment) noexcept {
    return value & ~(alignment - 1);
}

[[nodiscard]] constexpr bool is_alignment(std::size_t value) noexcept { return std::has_single_bit(value); }

// count * bytes, or std::bad_array_new_length (a std::bad_alloc) where that does not fit into a std::ptrdiff_t.
[[nodiscard]] constexpr std::size_t checked_bytes(std::size_t count, std::size_t bytes) {
    constexpr std::size_t most = (std::numeric_limits<std::size_t>::max)() / 2;
    if (bytes != 0 && count > most / bytes) {
        raise<std::bad_array_new_length>();
    }
    return count * bytes;
}

static_assert(align_up(0, 8) == 0 && align_up(1, 8) == 8 && align_up(8, 8) == 8 && align_up(9, 1) == 9);
static_assert(align_down(7, 8) == 0 && align_down(8, 8) == 8);
static_assert(is_alignment(1) && is_alignment(4096) && !is_alignment(0) && !is_alignment(24));
static_assert(checked_bytes(3, 7) == 21);

} // namespace poolmark::detail
