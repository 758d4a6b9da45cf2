// A contender's side of a campaign: verify, say ready, then one epoch
// each time the token comes. docs/protocol.md is the specification.
#pragma once

#include "allocators/proof.hpp"
#include "benchmarks/harness/cell.hpp"

namespace poolmark::benchmarks {

// Serves the driver on standard input and output until `quit` or the end of input. Returns the exit code.
// With `counts`, each epoch says how many instructions it took as well, or `ready` why that cannot be known.
int contend(const cell& which, const allocators::proof& heap, bool counts = false);

} // namespace poolmark::benchmarks
