// A std::allocator over a resource whose type is known: containers get pooled nodes without a virtual call.
//
//   pool_resource pool;
//   std::map<int, int, std::less<>, pool_allocator<std::pair<const int, int>>> numbers{pool};
//
// Good for: std::map, std::list, std::unordered_map, std::allocate_shared, boost::container: whatever takes an
//           allocator and makes nodes.
// Bad for:  one long std::vector: its buffers are too large for a pool and come from the heap.
// Complexity: that of the resource. Bytes: one pointer an allocator.
// Threads:  as the resource. It must outlive every container that uses it.
//
// Which resource a container uses, when it is
//   copied          the source's: there is no default resource that could take its place
//   copy-assigned   its own, still: elements are copied into the target's pool
//   move-assigned   the source's: memory travels with the pool it belongs to, in O(1), without a throw
//   swapped         the other's: with different pools and no propagation, a swap would be undefined
// Whoever must not let a pointer to a pool leave the pool's scope uses std::pmr containers, which never propagate.
#pragma once

#include "pools/adaptors/pool_resource.hpp"
#include "pools/memory/align.hpp"

#include <cstddef>
#include <memory>
#include <type_traits>

namespace poolmark {

namespace detail {
// A resource with a call for sizes that are known while compiling.
template <class R>
concept sized_resource = requires(R& resource, void* block) {
    { resource.template allocate<16, 8>() } -> std::same_as<void*>;
    resource.template deallocate<16, 8>(block);
};
} // namespace detail

// Resource: allocate(bytes, alignment) and deallocate(block, bytes, alignment), as std::pmr's resources have them.
template <class T, class Resource = pool_resource>
class pool_allocator {
public:
    using value_type = T;
    using propagate_on_container_copy_assignment = std::false_type;
    using propagate_on_container_move_assignment = std::true_type;
    using propagate_on_container_swap = std::true_type;
    using is_always_equal = std::false_type;

    pool_allocator(Resource& resource) noexcept
        : resource_(std::addressof(resource)) {} // implicit: a container takes the resource
    template <class Other>
    pool_allocator(const pool_allocator<Other, Resource>& other) noexcept : resource_(std::addressof(other.resource())) {}

    // Throws std::bad_array_new_length where count * sizeof(T) is no size, std::bad_alloc where there is no memory.
    [[nodiscard]] T* allocate(std::size_t count) {
        if constexpr (detail::sized_resource<Resource>) {
            if (count == 1) { // a node: the containers say so with a constant
                return static_cast<T*>(resource_->template allocate<sizeof(T), alignof(T)>());
            }
        }
        return static_cast<T*>(resource_->allocate(detail::checked_bytes(count, sizeof(T)), alignof(T)));
    }

    void deallocate(T* block, std::size_t count) noexcept {
        if constexpr (detail::sized_resource<Resource>) {
            if (count == 1) {
                return resource_->template deallocate<sizeof(T), alignof(T)>(block);
            }
        }
        resource_->deallocate(block, count * sizeof(T), alignof(T));
    }

    [[nodiscard]] Resource& resource() const noexcept { return *resource_; }

    template <class Other>
    [[nodiscard]] bool operator==(const pool_allocator<Other, Resource>& other) const noexcept {
        // Two resources over one pool may be equal; where they cannot say so, an object is itself only.
        if constexpr (std::equality_comparable<Resource>) {
            return resource_ == std::addressof(other.resource()) || *resource_ == other.resource();
        } else {
            return resource_ == std::addressof(other.resource());
        }
    }

private:
    Resource* resource_;
};

static_assert(detail::sized_resource<pool_resource>);
static_assert(std::is_nothrow_copy_constructible_v<pool_allocator<int>>);

} // namespace poolmark
