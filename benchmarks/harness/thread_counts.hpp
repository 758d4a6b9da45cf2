// With how many threads a question about threads is asked: 1, 2, 4, as many as there are CPUs, and twice as many.
//
// The numbers depend on the machine, so a workload lists its points when the program starts. The smaller ones are
// the same everywhere, and two machines can be compared in them.
#pragma once

#include "benchmarks/harness/team.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace poolmark::benchmarks {

// Ascending, each once, multiples of `step`: 2 where threads come in pairs.
[[nodiscard]] inline std::vector<std::int64_t> thread_counts(std::int64_t step = 1,
                                                             std::size_t on_cpus = cpus()) {
    const auto all = static_cast<std::int64_t>(on_cpus);
    std::vector<std::int64_t> counts{1, 2, 4, all, 2 * all};
    std::ranges::sort(counts);
    counts.erase(std::unique(counts.begin(), counts.end()), counts.end());
    std::erase_if(counts, [&](std::int64_t count) { return count % step != 0; });
    return counts;
}

} // namespace poolmark::benchmarks
