// A contender's side of a campaign: verify, say ready, then one epoch each time the token comes. docs/protocol.md
// is the specification.
#pragma once

#include "allocators/proof.hpp"
#include "benchmarks/harness/cell.hpp"

namespace poolmark::benchmarks {

// Serves the driver on standard input and output until `quit` or the end of input. Returns the exit code.
int contend(const cell& which, const allocators::proof& heap);

} // namespace poolmark::benchmarks
