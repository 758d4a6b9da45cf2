// What the tests keep in pools: so many bytes of an alignment; and sources of slabs: one that fails on demand, one whose slabs lie far apart.
#pragma once

#include "pools/memory/upstream.hpp"

#include <sys/mman.h>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <new>

namespace poolmark::tests {

template <std::size_t Bytes, std::size_t Alignment = 1>
struct alignas(Alignment) cell {
    std::byte bytes[Bytes];
};

[[nodiscard]] inline bool is_aligned(const void* block, std::size_t alignment) {
    return reinterpret_cast<std::uintptr_t>(block) % alignment == 0;
}

// The heap, until `slabs_left` slabs have been handed out.
struct rationed_source {
    static constexpr backing memory = backing::heap;
    static constexpr int unlimited = std::numeric_limits<int>::max();
    static inline int slabs_left = unlimited;
    static inline int slabs_out = 0;

    [[nodiscard]] static constexpr std::size_t usable(std::size_t bytes) noexcept { return bytes; }
    [[nodiscard]] static void* allocate(std::size_t bytes, std::size_t alignment) {
        if (slabs_left == 0) {
            throw std::bad_alloc();
        }
        void* const slab = heap_source::allocate(bytes, alignment);
        --slabs_left;
        ++slabs_out;
        return slab;
    }
    static void deallocate(void* slab, std::size_t bytes, std::size_t alignment) noexcept {
        --slabs_out;
        heap_source::deallocate(slab, bytes, alignment);
    }
};
static_assert(upstream_source<rationed_source>);

// Slabs 256 MiB apart, so that they all want the same place in a map from addresses to blocks.
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
