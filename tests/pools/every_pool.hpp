// The pools that the contract tests hold to their promises, and a source of slabs that fails on demand.
#pragma once

#include "pools/catalog.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <new>
#include <string>
#include <type_traits>
#include <utility>

namespace poolmark::tests {

// The catalog, and our own pools on the heap besides.
template <class T>
using every_pool = append_t<storage_pools<T>, own_pools<T, heap_source>>;

// Puts a pool's name into what a failure prints. Not a template, nor are the checks that many pools share: what
// is expanded for each pool, size and alignment is most of what building these tests takes.
class pool_trace {
public:
    pool_trace(const description& about, const pool_traits& traits)
        : trace_(__FILE__, __LINE__,
                 std::string(about.name) + (traits.memory == backing::heap ? " on the heap" : " on pages")) {}

private:
    testing::ScopedTrace trace_;
};

inline void expect_none(std::size_t violations, const char* what) { EXPECT_EQ(violations, 0u) << what; }

// check.operator()<P>() for each of them.
template <class T, class Check>
void for_every_pool(Check&& check) {
    for_each_type(every_pool<T>{}, [&]<class P>(std::type_identity<P>) {
        const pool_trace trace(P::about, P::traits);
        check.template operator()<P>();
    });
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

template <std::size_t Bytes, std::size_t Alignment = 1>
struct alignas(Alignment) cell {
    std::byte bytes[Bytes];
};

[[nodiscard]] inline bool is_aligned(const void* block, std::size_t alignment) {
    return reinterpret_cast<std::uintptr_t>(block) % alignment == 0;
}

} // namespace poolmark::tests
