// Where the pool_kinds of other shapes than the usual one come from: files of their own, because compiling them is most
// of what building these tests takes.
#pragma once

#include "tests/pools/erased_pool.hpp"

#include <vector>

namespace poolmark::tests {

void add_kinds_of_few_bytes(std::vector<pool_kind>& kinds); // 1, 2, 3, 12, 16, 200 bytes: alignments to 16
void add_kinds_well_aligned(std::vector<pool_kind>& kinds); // alignments from 32 to 4096

} // namespace poolmark::tests
