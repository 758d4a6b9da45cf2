// In which order a batch is released: lifo, fifo or shuffled.
#pragma once

#include "benchmarks/harness/random.hpp"
#include "benchmarks/harness/table.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <string_view>

namespace poolmark::benchmarks {

// Where the i-th object acquired stands in the array, so that releasing the array from front to back releases the
// objects in the order that is asked for. Looking each object up at its release instead would charge a cache miss
// of ours to those who release, and none to those whose release does nothing.
[[nodiscard]] inline table<std::uint32_t> places(std::string_view order, std::size_t live) {
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
