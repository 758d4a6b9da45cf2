// What this process holds, in bytes, as the kernel counts it.
#pragma once

#include <cstdint>

namespace poolmark::benchmarks {

// Resident set size now: exact (smaps_rollup), because the cheap counters lag by pages per thread. Microseconds to
// milliseconds, by the number of mappings; never inside a timed region.
[[nodiscard]] std::int64_t resident_bytes();

// The part of it that is no file's: heap, stacks, mapped memory. By the cheap counters.
[[nodiscard]] std::int64_t anonymous_bytes();

// The highest resident set size so far.
[[nodiscard]] std::int64_t peak_resident_bytes();

} // namespace poolmark::benchmarks
