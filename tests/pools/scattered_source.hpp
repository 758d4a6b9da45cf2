// A source whose slabs lie 256 MiB apart, so that they all want the same place in a map from addresses to blocks.
#pragma once

#include "pools/memory/upstream.hpp"

#include <sys/mman.h>

#include <cstddef>
#include <new>

namespace poolmark::tests {

struct scattered_source {
    static constexpr backing memory = backing::pages;
    static constexpr std::size_t distance = std::size_t{256} << 20;

    [[nodiscard]] static std::size_t usable(std::size_t bytes) noexcept { return page_source::usable(bytes); }

    [[nodiscard]] static void* allocate(std::size_t bytes, std::size_t alignment) {
        if (alignment < std::size_t{64} << 10) { // not slots
            return page_source::allocate(bytes, alignment);
        }
        if (bytes > distance) {
            throw std::bad_alloc();
        }
        auto* const region = static_cast<std::byte*>(page_source::allocate(distance, distance));
        detail::remove_leak_root(region, distance);
        detail::add_leak_root(region, usable(bytes));
        ::munmap(region + usable(bytes), distance - usable(bytes));
        return region;
    }
    static void deallocate(void* slab, std::size_t bytes, std::size_t alignment) noexcept {
        page_source::deallocate(slab, bytes, alignment);
    }
};
static_assert(upstream_source<scattered_source>);

} // namespace poolmark::tests
