// What this program does for one cell and one driver: times its epochs, its bytes, or its single operations.
// docs/protocol.md is the specification. Each returns the exit code.
#pragma once

#include "allocators/proof.hpp"
#include "benchmarks/harness/cell.hpp"

#include <cstddef>

namespace poolmark::benchmarks {

// Verifies, says ready, then times one epoch each time the token comes: serves the driver on standard input and output
// until `quit` or the end of input. With `counts`, each epoch says how many instructions it took as well, or `ready` why that
// cannot be known.
int contend(const cell& which, const allocators::proof& heap, bool counts = false, std::size_t in_turn = 1);

struct memory_plan {
    std::size_t objects = 0; // 0: as many as the cell itself has
    double wait_seconds = 5; // how long to watch what is kept: read after 0.1, 1 and 5 s, as far as this reaches
};

// Below so many live bytes, one slab more or less would decide what looks like fragmentation.
inline constexpr double fewest_fragmented_bytes = 8 << 20;

// Builds the objects, churns, releases them and waits, in a process that does nothing else; says `released` and `memory`.
int report_memory(const cell& which, const allocators::proof& heap, memory_plan plan);

struct latency_plan {
    std::size_t operations = 2'000'000; // of the coming and going
    std::size_t period = 16;            // one in so many is timed
};

// Grows to the cell's live objects, then replaces random ones, and times single operations; says `latency`.
int report_latency(const cell& which, const allocators::proof& heap, latency_plan plan);

} // namespace poolmark::benchmarks
