// How large the blocks of real programs are: distributions that the field's benchmarks and studies give.
#pragma once

#include "benchmarks/harness/random.hpp"
#include "benchmarks/harness/table.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace poolmark::benchmarks {

inline constexpr std::uint32_t smallest_block = 8; // a word, so that each can be stamped

// A number in (0, 1], by 53 bits.
[[nodiscard]] inline double fraction(random_source& chance) noexcept {
    return static_cast<double>((chance.next() >> 11U) + 1) * 0x1p-53;
}

[[nodiscard]] inline std::uint32_t uniform_size(random_source& chance, std::uint32_t smallest, std::uint32_t largest) noexcept {
    return smallest + static_cast<std::uint32_t>(chance.below(largest - smallest + 1));
}

// From 4 to 32,768 bytes, as often as 1 / bytes^2: the sizes of the benchmark that glibc has for malloc with threads. Below
// a word they are a word.
[[nodiscard]] inline std::uint32_t inverse_square_size(random_source& chance) noexcept {
    constexpr double least = 4;
    constexpr double most = 32768;
    const double drawn = 1 / (1 / least - fraction(chance) * (1 / least - 1 / most)); // the inverse of its sum
    return std::max(smallest_block, static_cast<std::uint32_t>(drawn));
}

} // namespace poolmark::benchmarks
