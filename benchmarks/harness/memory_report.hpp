// Bytes of one cell, in a process that does nothing else.
#pragma once

#include "allocators/proof.hpp"
#include "benchmarks/harness/cell.hpp"

#include <cstddef>

namespace poolmark::benchmarks {

struct memory_plan {
    std::size_t objects = 0; // 0: as many as the cell itself has
    double wait_seconds = 5; // how long to watch what is kept: read after 0.1, 1 and 5 s, as far as this reaches
};

// Below so many live bytes, one slab more or less would decide what looks like fragmentation.
inline constexpr double fewest_fragmented_bytes = 8 << 20;

// Builds the objects, churns, releases them and waits; says `released` and `memory`. Returns the exit code.
int report_memory(const cell& which, const allocators::proof& heap, memory_plan plan);

} // namespace poolmark::benchmarks
