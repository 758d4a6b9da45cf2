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
