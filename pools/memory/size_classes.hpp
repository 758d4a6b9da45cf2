// Which sizes a size_class_pool keeps: 16 byte steps to 128, then four classes a doubling to 32 KiB.
//
//   16 32 48 64 80 96 112 128 | 160 192 224 256 | 320 384 448 512 | ... | 20480 24576 28672 32768
//
// Good for: any mix of sizes: a request wastes at most 15 bytes, from 128 on at most a fifth of its slot.
// Bad for:  one size alone, known beforehand (see slab_pool, stack_pool).
// Complexity: O(1): one load from a table of 2 KiB, or nothing at all where the size is a constant.
#pragma once

#include "pools/memory/align.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace poolmark::size_classes {

inline constexpr std::size_t granule = 16;           // all classes are multiples of it
inline constexpr std::size_t largest_bytes = 32'768; // beyond it, blocks come from the upstream one by one
inline constexpr std::size_t largest_alignment = 4096;
inline constexpr std::size_t count = 40;

namespace detail {
inline constexpr std::size_t fine_bytes = 128; // up to here in steps of a granule
inline constexpr std::size_t fine_count = fine_bytes / granule;
} // namespace detail

[[nodiscard]] constexpr std::size_t bytes_of(std::size_t index) noexcept {
    if (index < detail::fine_count) {
        return (index + 1) * granule;
    }
    const std::size_t below = detail::fine_bytes
                              << ((index - detail::fine_count) / 4); // the power of two below it
    return below + ((index - detail::fine_count) % 4 + 1) * (below / 4);
}

namespace detail {
// The class of a size, by the number of granules that it fills or begins.
inline constexpr std::array<std::uint8_t, largest_bytes / granule + 1> by_granules = [] {
    std::array<std::uint8_t, largest_bytes / granule + 1> table{};
    std::size_t index = 0;
    for (std::size_t granules = 0; granules != table.size(); ++granules) {
        index += bytes_of(index) < granules * granule;
        table[granules] = static_cast<std::uint8_t>(index);
    }
    return table;
}();
} // namespace detail

// Whether a class serves such a request; all others go to the upstream.
[[nodiscard]] constexpr bool serves(std::size_t bytes, std::size_t alignment) noexcept {
    return bytes <= largest_bytes && alignment <= largest_alignment &&
           poolmark::detail::align_up(bytes, alignment) <= largest_bytes;
}

// The smallest class for bytes <= largest_bytes at any alignment up to a granule.
[[nodiscard]] constexpr std::size_t index_of(std::size_t bytes) noexcept {
    return detail::by_granules[(bytes + granule - 1) / granule];
}

// The smallest class whose slots all lie at multiples of the alignment; serves() must have said yes. A class for
// a multiple of the alignment is one itself: its step is a power of two, and either divides the alignment, so
// that the class fits exactly, or is divided by it.
[[nodiscard]] constexpr std::size_t index_of(std::size_t bytes, std::size_t alignment) noexcept {
    return index_of(poolmark::detail::align_up((std::max)(bytes, alignment), alignment));
}

static_assert(bytes_of(0) == 16 && bytes_of(7) == 128 && bytes_of(8) == 160 && bytes_of(11) == 256);
static_assert(bytes_of(count - 1) == largest_bytes && index_of(largest_bytes) == count - 1);
static_assert(index_of(0) == 0 && index_of(16) == 0 && index_of(17) == 1 && bytes_of(index_of(129)) == 160);
static_assert(bytes_of(index_of(200, 64)) == 256 && bytes_of(index_of(8, 4096)) == 4096);
static_assert(serves(32'768, 4096) && !serves(32'769, 1) && !serves(1, 8192) && !serves(~std::size_t{0}, 16));

} // namespace poolmark::size_classes
