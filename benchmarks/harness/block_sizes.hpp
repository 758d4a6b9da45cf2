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

// Class k holds the sizes from 8 * 2^k to just below twice as much and is drawn with probability 2^-(k+1), so each class has
// about as many bytes as any other. Classes end below `limit`, a power of two.
[[nodiscard]] inline std::uint32_t halving_classes_size(random_source& chance, std::uint32_t limit) noexcept {
    const auto classes = static_cast<unsigned>(std::countr_zero(limit) - std::countr_zero(smallest_block));
    const auto drawn = static_cast<unsigned>(std::countr_zero(chance.next() | std::uint64_t{1} << (classes - 1)));
    const std::uint32_t least = smallest_block << drawn;
    return uniform_size(chance, least, 2 * least - 1);
}

// Sizes in ranges: how many of the allocations fall into each, and how many of the live bytes.
struct size_range {
    std::uint32_t smallest;
    std::uint32_t largest;
    std::uint32_t births;     // of 1,000
    std::uint32_t live_bytes; // of 1,000
};

// Within what the fleet-wide profiles published with fleetbench say of several large services: 59 to 72 % of allocations are
// of at most 64 bytes, 80 to 94 % of at most 256, at least 98.6 % of at most 8 KiB; few large blocks hold much of the memory.
// The numbers in each range are ours.
inline constexpr std::array fleet_sizes{
    size_range{8, 16, 300, 30},       size_range{17, 32, 220, 60},      size_range{33, 64, 140, 80},
    size_range{65, 128, 130, 80},     size_range{129, 256, 90, 70},     size_range{257, 512, 50, 60},
    size_range{513, 1024, 30, 50},    size_range{1025, 2048, 15, 50},   size_range{2049, 4096, 8, 40},
    size_range{4097, 8192, 5, 40},    size_range{8193, 16384, 6, 140},  size_range{16385, 32768, 4, 150},
    size_range{32769, 65536, 2, 150}};

// The index of a range, as often as blocks are allocated in it.
[[nodiscard]] inline std::size_t fleet_range(random_source& chance) noexcept {
    std::uint64_t left = chance.below(1000);
    std::size_t at = 0;
    while (left >= fleet_sizes[at].births) {
        left -= fleet_sizes[at++].births;
    }
    return at;
}

consteval bool are_shares(const auto& ranges) {
    std::uint32_t births = 0;
    std::uint32_t live = 0;
    for (const size_range& each : ranges) {
        births += each.births;
        live += each.live_bytes;
    }
    return births == 1000 && live == 1000;
}
static_assert(are_shares(fleet_sizes));

} // namespace poolmark::benchmarks
