// A vector on pages of its own, for what the harness itself needs: pointers to live objects, orders, operation streams.
//
// It keeps the harness out of the heap that is measured, and large tables lie on huge pages, so that looking up the
// next victim costs every contender as little as it can.
#pragma once

#include "pools/memory/upstream.hpp"

#include <cstddef>
#include <limits>
#include <new>
#include <vector>

namespace poolmark::benchmarks {

template <class T>
class page_allocator {
public:
    using value_type = T;

    page_allocator() = default;
    template <class Other>
    page_allocator(const page_allocator<Other>&) noexcept {}

    [[nodiscard]] T* allocate(std::size_t count) {
        if (count > std::numeric_limits<std::size_t>::max() / sizeof(T)) {
            throw std::bad_array_new_length();
        }
        return static_cast<T*>(page_source::allocate(count * sizeof(T), alignof(T)));
    }
    void deallocate(T* block, std::size_t count) noexcept {
        page_source::deallocate(block, count * sizeof(T), alignof(T));
    }

    template <class Other>
    [[nodiscard]] bool operator==(const page_allocator<Other>&) const noexcept {
        return true;
    }
};

template <class T>
using table = std::vector<T, page_allocator<T>>;

} // namespace poolmark::benchmarks
