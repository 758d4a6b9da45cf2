// Chance as an argument: spent before the clock starts, and the same on every machine.
#pragma once

#include "benchmarks/harness/table.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <string_view>
#include <utility>

namespace poolmark::benchmarks {

// SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators). The standard's distributions
// differ between libraries; these draws do not.
class random_source {
public:
    explicit random_source(std::uint64_t seed) noexcept : state_(seed) {}

    [[nodiscard]] std::uint64_t next() noexcept {
        state_ += 0x9e3779b97f4a7c15U;
        std::uint64_t mixed = state_;
        mixed = (mixed ^ (mixed >> 30U)) * 0xbf58476d1ce4e5b9U;
        mixed = (mixed ^ (mixed >> 27U)) * 0x94d049bb133111ebU;
        return mixed ^ (mixed >> 31U);
    }

    // Uniform in [0, bound); bound > 0. The bias is below bound / 2^64.
    [[nodiscard]] std::uint64_t below(std::uint64_t bound) noexcept {
        __extension__ using wide = unsigned __int128;
        return static_cast<std::uint64_t>((static_cast<wide>(next()) * bound) >> 64U);
    }

private:
    std::uint64_t state_;
};

// The seed of every operation stream: part of what a workload is, so it never changes between runs.
inline constexpr std::uint64_t workload_seed = 20;

// 0, 1, ... count-1, shuffled.
[[nodiscard]] inline table<std::uint32_t> shuffled_indices(std::size_t count, std::uint64_t seed = workload_seed) {
    table<std::uint32_t> indices(count);
    std::iota(indices.begin(), indices.end(), 0U);
    random_source chance(seed);
    for (std::size_t left = count; left > 1; --left) {
        std::swap(indices[left - 1], indices[chance.below(left)]);
    }
    return indices;
}

// Which of `live` objects is replaced next, for so long that a cycle does not show, in advance, so that no random
// number is drawn while the clock runs. A power of two, so that the stream wraps by a mask.
[[nodiscard]] inline table<std::uint32_t> random_victims(std::size_t live) {
    table<std::uint32_t> stream(std::bit_ceil(std::clamp<std::size_t>(4 * live, 1U << 14U, 1U << 21U)));
    random_source chance(workload_seed);
    std::ranges::generate(stream, [&] { return static_cast<std::uint32_t>(chance.below(live)); });
    return stream;
}

// Which object of a batch is released first, second and so on. Objects are looked up by it at their release, by
// everyone alike: whoever times must keep() the pointer, so that a release that does nothing looks it up as well.
// (Storing objects at their places when they are acquired costs more: a million scattered stores wait in line.)
[[nodiscard]] inline table<std::uint32_t> release_turns(std::string_view order, std::size_t live) {
    table<std::uint32_t> indices(live);
    std::iota(indices.begin(), indices.end(), 0U);
    if (order == "lifo") {
        std::ranges::reverse(indices);
    } else if (order == "shuffled") {
        indices = shuffled_indices(live);
    }
    return indices;
}

} // namespace poolmark::benchmarks
