// Strategies that this build lacks because a package is missing: they stay in the list as rows that say so.
#pragma once

#include "benchmarks/harness/workload.hpp"
#include "pools/catalog.hpp"

namespace poolmark::benchmarks {

// Adds the strategies of one family that are not available. They have no factory, so nothing can run them.
inline void add_absent(std::vector<strategy>& list, family kind) {
    for (const description& absent : strategies) {
        if (!absent.available && absent.kind == kind) {
            list.push_back({.name = absent.name});
        }
    }
}

} // namespace poolmark::benchmarks
