// What `try` puts the objects of chosen call sites into: pools of pools/ behind one reserved range of addresses, so that free tells them
// from the heap's by one comparison, and the size class by the address.
//
//   range  | pools of 16 | pools of 32 | ... | pools of 512 | arena |      each part reserved, touched as far as it is used
//
// pool   thread_caches of the size class, as local_pool has them: any thread may release what any other acquired.
// arena  a pointer for each thread that only moves on. Free does nothing; 8 bytes before each block hold its size, as glibc's do.
#pragma once

#include "pools/memory/upstream.hpp"
#include "pools/threads/thread_caches.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

namespace poolmark::programs {

inline constexpr std::size_t granule = 16;
inline constexpr std::size_t classes = 32;
inline constexpr std::size_t largest_routed_bytes = granule * classes;
inline constexpr std::size_t part_bytes = std::size_t{1} << 36U; // more than any machine has: no part runs out before memory does
inline constexpr std::size_t range_bytes = part_bytes * (classes + 1);

struct routed_range {
    std::byte* begin = nullptr;
    std::array<std::atomic<std::size_t>, classes + 1> used{};

    // False where so much address space may not be had: then nothing is routed.
    bool reserve() noexcept {
        constexpr std::size_t boundary = page_source::huge_page_bytes;
        void* const mapped = ::mmap(nullptr, range_bytes + boundary, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (mapped != MAP_FAILED) { // NOLINT(cppcoreguidelines-pro-type-cstyle-cast)
            auto* const first = static_cast<std::byte*>(mapped);
            begin = first + (detail::align_up(reinterpret_cast<std::uintptr_t>(first), boundary) - reinterpret_cast<std::uintptr_t>(first));
        }
        return begin != nullptr;
    }
    // The one comparison. Before the range is there it holds no address that a heap hands out.
    [[nodiscard]] bool holds(const void* block) const noexcept {
        return static_cast<std::size_t>(static_cast<const std::byte*>(block) - begin) < range_bytes && begin != nullptr;
    }
    [[nodiscard]] std::size_t part_of(const void* block) const noexcept {
        return static_cast<std::size_t>(static_cast<const std::byte*>(block) - begin) / part_bytes;
    }
    [[nodiscard]] std::byte* take(std::size_t part, std::size_t bytes, std::size_t alignment) noexcept {
        std::atomic<std::size_t>& end = used[part];
        std::size_t at = end.load(std::memory_order_relaxed);
        std::size_t first = 0;
        do {
            first = detail::align_up(at, alignment);
        } while (!end.compare_exchange_weak(at, first + bytes, std::memory_order_relaxed));
        return begin + part * part_bytes + first;
    }
};
inline constinit routed_range range{};

// Where the pools of a size class get their slabs.
template <std::size_t Class>
struct routed_source {
    static constexpr backing memory = backing::pages;
    [[nodiscard]] static std::size_t usable(std::size_t bytes) noexcept { return page_source::usable(bytes); }
    [[nodiscard]] static void* allocate(std::size_t bytes, std::size_t alignment) {
        const bool huge = bytes >= page_source::huge_page_bytes; // as the pools have it in a program that names them
        void* const slab = range.take(Class, usable(bytes), huge ? (std::max)(alignment, page_source::huge_page_bytes) : alignment);
        if (huge) {
            page_source::advise(slab, usable(bytes));
        }
        return slab;
    }
    static void deallocate(void*, std::size_t, std::size_t) noexcept {} // pools that never end
};

// A pool for each class: all of local_pool but its type. Made in place and never destroyed: the program frees until its very end.
template <std::size_t Class>
struct routed_pool {
    using type = thread_caches<(Class + 1) * granule, granule, routed_source<Class>>;
    alignas(type) static inline std::byte place[sizeof(type)];

    static type& pool() noexcept { return *reinterpret_cast<type*>(place); }
    static void* acquire() noexcept { return pool().acquire(); }
    static void release(void* block) noexcept { pool().release(block); }
};

template <class Sequence>
struct routed_pools_of;
template <std::size_t... Class>
struct routed_pools_of<std::index_sequence<Class...>> {
    static inline std::array<detail::near_caches*, classes> near{};
    static constexpr std::array<void* (*)() noexcept, classes> slow_acquire{&routed_pool<Class>::acquire...};
    static constexpr std::array<void (*)(void*) noexcept, classes> slow_release{&routed_pool<Class>::release...};

    static void make() noexcept { ((near[Class] = std::construct_at(&routed_pool<Class>::pool(), 0U)), ...); }
    // Sizes come in any order, so that a call chosen by size would often be guessed wrong.
    [[nodiscard]] static void* acquire(std::size_t part) noexcept {
        void* const block = near[part]->try_acquire();
        return block != nullptr ? block : slow_acquire[part]();
    }
    static void release(std::size_t part, void* block) noexcept {
        if (!near[part]->try_release(block)) [[unlikely]] {
            slow_release[part](block);
        }
    }
};
using routed_pools = routed_pools_of<std::make_index_sequence<classes>>;

struct arena_place {
    std::byte* next;
    std::byte* end;
};
inline thread_local constinit arena_place arena_here [[gnu::tls_model("initial-exec")]]{};

[[nodiscard]] inline void* take_from_arena(std::size_t bytes) noexcept {
    constexpr std::size_t chunk_bytes = std::size_t{1} << 20U;
    const std::size_t needed = detail::align_up(bytes + sizeof(std::size_t), granule);
    if (static_cast<std::size_t>(arena_here.end - arena_here.next) < needed) [[unlikely]] {
        arena_here.next = range.take(classes, chunk_bytes, granule) + granule - sizeof(std::size_t);
        arena_here.end = arena_here.next + chunk_bytes - granule;
    }
    auto* const size = reinterpret_cast<std::size_t*>(arena_here.next);
    *size = bytes;
    arena_here.next += needed;
    return size + 1;
}

[[nodiscard]] inline std::size_t routed_bytes(const void* block) noexcept {
    const std::size_t part = range.part_of(block);
    return part == classes ? static_cast<const std::size_t*>(block)[-1] : (part + 1) * granule;
}

inline void release_routed(void* block) noexcept {
    if (const std::size_t part = range.part_of(block); part != classes) {
        routed_pools::release(part, block);
    }
}

} // namespace poolmark::programs
