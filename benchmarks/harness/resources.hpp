// Memory resources as contenders: every way of the catalog, for any subject that is written once against them.
#pragma once

#include "benchmarks/harness/workload.hpp"
#include "benchmarks/contenders/peers/pmr_pools.hpp"
#include "benchmarks/contenders/resources/catalog.hpp"

#include <memory>
#include <type_traits>
#include <vector>

namespace poolmark::benchmarks {

// Subject<Way>, or what make<Way>(parameters) says, for each way; and Boost's as absent where this build lacks it.
template <class Make>
[[nodiscard]] std::vector<strategy> resource_strategies(Make) {
    std::vector<strategy> list;
    for_each_type(resource_adapters{}, [&]<class Way>(std::type_identity<Way>) {
        const bool fresh = Way::about.kind == family::fresh;
        list.push_back({.about = Way::about,
                        .heap = fresh ? heap_use::every_allocator : heap_use::baseline_only,
                        .make = [](const parameters& where) { return Make{}.template operator()<Way>(where); }});
    });
    if (!boost_pmr_pool_about.available) {
        list.push_back({.about = boost_pmr_pool_about});
    }
    return list;
}

} // namespace poolmark::benchmarks
