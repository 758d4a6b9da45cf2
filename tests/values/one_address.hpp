// The addresses that one part of a program has for the singletons, to be compared with those of others.
#pragma once

#include "benchmarks/contenders/values/catalog.hpp"
#include "benchmarks/contenders/values/shared_tuple.hpp"

#include <cstddef>

namespace poolmark::tests {

// In the order of singleton_ways (null for those with no object), then the empty tuple, a boxed 7, and last an object
// that each file has for itself.
inline constexpr std::size_t address_count = type_count<singleton_ways> + 3;
using addresses_of_part = void (*)(const void** to);

[[maybe_unused]] static int not_a_singleton = 0;

inline void note_addresses(const void** to, const void* own) {
    for_each_type(singleton_ways{}, [&]<class Way>(std::type_identity<Way>) {
        auto held = Way::get();
        *to++ = Way::address(held);
        Way::drop(std::move(held));
    });
    *to++ = shared_tuple<int>().identity();
    *to++ = boxed_int_table<>::table.get(12);
    *to = own;
}

void addresses_of_other_file(const void** to);

} // namespace poolmark::tests
