// A memory resource of the std::pmr kind as a pool: what the standard library's and Boost's have in common.
//
//   acquire ──► resource.allocate(sizeof(T), alignof(T))       release ──► resource.deallocate(...)
//   reset   ──► resource.release()
//
// Good for: code that takes a std::pmr::memory_resource anyway.
// Bad for:  speed: the size is looked up again in each call, though here it never changes.
// Complexity, bytes and threads: the resource's; std_pmr_pools.hpp and boost_pmr_pool.hpp say which.
#pragma once

#include "pools/pool.hpp"

#include <cstddef>

namespace poolmark {

// Peer names the resource and makes it:  about, traits, resource_type,  make(object bytes, expected objects)
template <class T, class Peer>
class pmr_resource_pool {
public:
    using value_type = T;
    static constexpr const description& about = Peer::about;
    static constexpr const pool_traits& traits = Peer::traits;

    pmr_resource_pool() : pmr_resource_pool(0) {}
    explicit pmr_resource_pool(std::size_t expected_objects)
        : resource_(Peer::make(sizeof(T), expected_objects)) {}
    pmr_resource_pool(const pmr_resource_pool&) = delete;
    pmr_resource_pool& operator=(const pmr_resource_pool&) = delete;
    ~pmr_resource_pool() = default;

    [[nodiscard]] void* acquire() { return resource_.allocate(sizeof(T), alignof(T)); }

    void release(void* block) noexcept { resource_.deallocate(block, sizeof(T), alignof(T)); }

    void reset() noexcept { resource_.release(); }

private:
    static_assert(alignof(T) <= traits.max_alignment);

    typename Peer::resource_type resource_;
};

} // namespace poolmark
