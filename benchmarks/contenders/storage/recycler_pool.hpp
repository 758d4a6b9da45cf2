// A recycler behind the concept of a pool: for objects that own nothing and need no constructor, keeping them
// constructed and keeping their storage are the same.
//
//   acquire ──► recycler::get          release ──► recycler::put, nothing reset, everything kept
//
// Good for: seeing what the recycler itself costs beside pools of storage.
// Bad for:  anything else: for such objects a stack_pool does the same with less in between.
// Complexity, bytes, threads: those of recycler and slab_pool.
#pragma once

#include "pools/recycler.hpp"

#include <cstddef>
#include <type_traits>

namespace poolmark {

// The types for which it means the same.
template <class T>
concept recyclable_storage = std::is_trivially_default_constructible_v<T> && std::is_trivially_destructible_v<T>;

template <recyclable_storage T, upstream_source Upstream = page_source>
class recycler_pool {
public:
    using value_type = T;
    static constexpr description about = recycler_about;
    static constexpr pool_traits traits{.reuse = reuse_order::lifo, .memory = Upstream::memory};

    recycler_pool() : recycler_pool(0) {}
    explicit recycler_pool(std::size_t expected_objects) : objects_({.expected_objects = expected_objects}) {}

    [[nodiscard]] void* acquire() { return objects_.get(); }
    void release(void* block) noexcept { objects_.put(static_cast<T*>(block)); }

private:
    recycler<T, keep_as_it_is, slab_pool<T, Upstream>> objects_;
};

static_assert(pool<recycler_pool<int>>);
static_assert(pool<recycler_pool<int, heap_source>>);

} // namespace poolmark
