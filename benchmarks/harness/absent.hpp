// Strategies that this build lacks because a package is missing: they stay in the list as rows that say so.
#pragma once

#include "benchmarks/harness/workload.hpp"
#include "pools/catalog.hpp"

namespace poolmark::benchmarks {

// Where a workload does not choose: the leading pools always, the others where every strategy takes part.
[[nodiscard]] constexpr preset pool_takes_part_from(const description& about) noexcept {
    return about.leading ? preset::quick : preset::wide;
}

// Adds the strategies of one family that are not available. They have no factory, so nothing can run them.
inline void add_absent(std::vector<strategy>& list, family kind) {
    for (const description& absent : strategies) {
        if (!absent.available && absent.kind == kind) {
            list.push_back({.name = absent.name});
        }
    }
}

// Adds the pools that are not available, each from the preset from which it would take part.
inline void add_absent_pools(std::vector<strategy>& list, bool leading_only) {
    for (const description& absent : peer_strategies) {
        if (!absent.available && (absent.leading || !leading_only)) {
            list.push_back({.name = absent.name, .from = pool_takes_part_from(absent)});
        }
    }
}

} // namespace poolmark::benchmarks
