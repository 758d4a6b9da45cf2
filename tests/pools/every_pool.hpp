// The pools that the contract tests hold to their promises, as types.
#pragma once

#include "benchmarks/contenders/storage/catalog.hpp"
#include "tests/pools/cell.hpp"

#include <gtest/gtest.h>

namespace poolmark::tests {

// The catalog, and our own pools on the heap besides.
template <class T>
using every_pool = append_t<storage_pools<T>, own_pools<T, heap_source>>;

} // namespace poolmark::tests
