// A checked or unchecked object_pool, driven by bytes, against a list of what must be out.
//
//   bytes ──► create, destroy, many at once, trim, reset, reserve, move, misuse ──► object_pool
//                                                                              └──► shadow: address ─► number
//
// Good for: orders of calls that nobody thought of: the same function serves libFuzzer and a test of fixed seeds.
// Bad for:  several threads; exhaustion.
#pragma once

#include "pools/pool_options.hpp"

#include <cstdint>
#include <span>

namespace poolmark::tests {

// Does what the bytes say. Ends the program with a line on stderr where the pool and the shadow differ.
void run_object_pool(check level, std::span<const std::uint8_t> bytes);

} // namespace poolmark::tests
