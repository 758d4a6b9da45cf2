// Runs this program again on another heap, the way it would be deployed: LD_PRELOAD, then exec.
#pragma once

#include "allocators/catalog.hpp"

namespace poolmark::allocators {

// Makes sure that this process was started on `wanted`: returns when it was, and otherwise replaces the process
// with a fresh one of the same program and arguments that is. Any other LD_PRELOAD is dropped, so that one heap
// and no more takes part; behind a reader's own stands a library that refuses what it lacks (missing_functions.cpp).
// Call it first in main: what ran before runs twice. Throws unusable when exec fails.
//
// It proves nothing. A library that fails to load is only a warning of the dynamic linker: call require() next.
void activate(const choice& wanted, char** argv);

} // namespace poolmark::allocators
