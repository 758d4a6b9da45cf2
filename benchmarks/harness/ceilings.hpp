// What this machine can do at most, whoever asks: the bounds beside which a result can be read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace poolmark::benchmarks {

// One bound: the median of several short repetitions, and the fastest and slowest of them.
struct ceiling {
    std::string_view name;
    std::string what;
    double ns = 0;
    double low = 0;
    double high = 0;
    std::size_t bytes = 0; // the working set of a latency; 0 for the others
};

// Sizes of the data caches in bytes, as the system describes them; 0 where it says nothing.
struct cache_sizes {
    std::size_t first = 0;
    std::size_t second = 0;
    std::size_t third = 0;
    std::size_t memory = 0;
};
[[nodiscard]] cache_sizes described_caches();

// How large a chase must be to lie in each level and in no smaller one; 0 for a level that is not there.
struct chase_sizes {
    std::size_t first = 0;
    std::size_t second = 0;
    std::size_t third = 0;
    std::size_t memory = 0;
};
[[nodiscard]] chase_sizes sizes_to_chase(const cache_sizes& caches) noexcept;

// Nanoseconds a step of a chase through `bytes` in random order, for `steps` steps.
[[nodiscard]] ceiling chase(std::string_view name, std::string what, std::size_t bytes, std::size_t steps);

// All of them, measured now, in well under a second.
[[nodiscard]] std::vector<ceiling> measure_ceilings();

// Measures and says `ceilings`. Returns the exit code.
int report_ceilings();

} // namespace poolmark::benchmarks
