// Memory resources as contenders: every way of the catalog, for any subject that is written once against them.
#pragma once

#include "benchmarks/harness/workload.hpp"
#include "pools/catalog.hpp"

#include <memory>
#include <string_view>
#include <type_traits>
#include <vector>

namespace poolmark::benchmarks {

// Subject<Way>, or what make<Way>(parameters) says, for each way; and Boost's as absent where this build lacks
// it.
template <class Make>
[[nodiscard]] std::vector<strategy> resource_strategies(Make) {
    std::vector<strategy> list;
    for_each_type(resource_ways{}, [&]<class Way>(std::type_identity<Way>) {
        const bool fresh = Way::about.kind == family::fresh;
        list.push_back({.name = Way::about.name,
                        .heap = fresh ? heap_use::every_allocator : heap_use::baseline_only,
                        .make = [](const parameters& where) { return Make{}.template operator()<Way>(where); }});
    });
    for (const description& absent : strategies) {
        if (!absent.available && absent.name == std::string_view("boost_pmr_pool")) {
            list.push_back({.name = absent.name});
        }
    }
    return list;
}

} // namespace poolmark::benchmarks
