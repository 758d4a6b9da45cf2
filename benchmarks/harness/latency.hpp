// Single operations of one cell, timed one by one in a process that does nothing else.
#pragma once

#include "allocators/proof.hpp"
#include "benchmarks/harness/cell.hpp"

#include <cstddef>

namespace poolmark::benchmarks {

struct latency_plan {
    std::size_t operations = 2'000'000; // of the coming and going
    std::size_t period = 16;            // one in so many is timed
};

// Grows to the cell's live objects, then replaces random ones; says `latency`. Returns the exit code.
int report_latency(const cell& which, const allocators::proof& heap, latency_plan plan);

} // namespace poolmark::benchmarks
