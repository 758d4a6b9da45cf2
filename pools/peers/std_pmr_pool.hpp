// std::pmr::unsynchronized_pool_resource: the standard library's pool, over operator new.
//
//   sizes ──► [ ..., 48, 64, 80, ... ] ──► chunks of blocks, with a bit for each block
//
// Good for: objects of many sizes behind one std::pmr::memory_resource; no dependency.
// Bad for:  speed in libstdc++: each call finds the size class, and each release the chunk, by binary search.
// Complexity: acquire O(log sizes), O(chunks) when the current one is full; release O(log chunks).
// Bytes:    one bit an object, and the rounding to a size class. Memory goes back with reset() or at the end.
// Threads:  one at a time.
#pragma once

#include "pools/pool.hpp"

#include <cstddef>
#include <memory_resource>

namespace poolmark {

template <class T>
class std_pmr_pool {
public:
    using value_type = T;
    static constexpr description about =
        leading({"std_pmr_pool", family::peer, "std::pmr::unsynchronized_pool_resource over operator new",
                 "libstdc++-12-dev"});
    static constexpr pool_traits traits{.reuse = reuse_order::unspecified, .memory = backing::heap};

    std_pmr_pool() : std_pmr_pool(0) {}
    // The hint is not passed on: the library grows its chunks from few blocks to many by itself, and a first
    // chunk of a given size cannot be asked for.
    explicit std_pmr_pool(std::size_t /*expected_objects*/)
        : resource_({.max_blocks_per_chunk = 0, .largest_required_pool_block = sizeof(T)},
                    std::pmr::new_delete_resource()) {}
    std_pmr_pool(const std_pmr_pool&) = delete;
    std_pmr_pool& operator=(const std_pmr_pool&) = delete;
    ~std_pmr_pool() = default;

    [[nodiscard]] void* acquire() { return resource_.allocate(sizeof(T), alignof(T)); }

    void release(void* block) noexcept { resource_.deallocate(block, sizeof(T), alignof(T)); }

    void reset() noexcept { resource_.release(); }

private:
    static_assert(alignof(T) <= traits.max_alignment);

    std::pmr::unsynchronized_pool_resource resource_;
};

static_assert(resettable_pool<std_pmr_pool<int>>);

} // namespace poolmark
