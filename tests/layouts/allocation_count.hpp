// How many blocks the whole program has asked operator new for, and how many it has given back: allocation_count.cpp
// replaces them.
#pragma once

#include <cstddef>

namespace poolmark::tests {

struct allocation_counts {
    std::size_t made = 0;
    std::size_t ended = 0;
};
[[nodiscard]] allocation_counts allocations() noexcept;

// The blocks that `work` asks for.
template <class Work>
[[nodiscard]] std::size_t allocations_of(Work&& work) {
    const std::size_t before = allocations().made;
    work();
    return allocations().made - before;
}

} // namespace poolmark::tests
