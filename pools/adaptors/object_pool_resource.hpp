// Any pool of one size as a std::pmr::memory_resource: requests of exactly that size go to the pool, all others
// to a resource behind it.
//
//   std::pmr::list<T> ──► 24 bytes ──► slab_pool<node>
//                    └──► the rest ──► fallback
//
// Good for: node containers on a pool that was made for their node (checked, thread-safe, of fixed capacity).
// Bad for:  mixed sizes (see pool_resource); a node's size is the library's secret and has to be found out.
// Complexity: one comparison more than the pool. Bytes: none of its own.
// Threads:  as the pool and the fallback.
#pragma once

#if !__has_include(<memory_resource>)
#error "poolmark: object_pool_resource needs <memory_resource>, which libc++ has from version 16 on; take pool_allocator"
#endif

#include "pools/pool.hpp"

#include <cstddef>
#include <memory>
#include <memory_resource>

namespace poolmark {

// Holds a reference: the pool and the fallback must outlive it. Throws whatever they throw, and is then unchanged.
template <pool P>
class object_pool_resource final : public std::pmr::memory_resource {
    static_assert(throwing_pool<P>, "object_pool_resource: containers do not look for null; use a pool that throws");

public:
    explicit object_pool_resource(P& source,
                                  std::pmr::memory_resource* fallback = std::pmr::get_default_resource()) noexcept
        : source_(std::addressof(source)), fallback_(fallback) {}

    [[nodiscard]] void* allocate(std::size_t bytes, std::size_t alignment = alignof(std::max_align_t)) {
        return is_ours(bytes, alignment) ? source_->acquire() : fallback_->allocate(bytes, alignment);
    }

    void deallocate(void* block, std::size_t bytes, std::size_t alignment = alignof(std::max_align_t)) {
        if (is_ours(bytes, alignment)) {
            source_->release(block);
        } else {
            fallback_->deallocate(block, bytes, alignment);
        }
    }

private:
    using value_type = typename P::value_type;

    [[nodiscard]] static constexpr bool is_ours(std::size_t bytes, std::size_t alignment) noexcept {
        return bytes == sizeof(value_type) && alignment <= alignof(value_type);
    }

    void* do_allocate(std::size_t bytes, std::size_t alignment) override { return allocate(bytes, alignment); }
    void do_deallocate(void* block, std::size_t bytes, std::size_t alignment) override {
        deallocate(block, bytes, alignment);
    }
    [[nodiscard]] bool do_is_equal(const std::pmr::memory_resource& other) const noexcept override {
        if (this == &other) {
            return true;
        }
#if defined(__cpp_rtti)
        // Another adaptor of the same pool frees this one's blocks, as the standard asks of equal resources.
        const auto* const same = dynamic_cast<const object_pool_resource*>(&other);
        return same != nullptr && source_ == same->source_ && *fallback_ == *same->fallback_;
#else
        return false; // whose resource it is cannot be asked
#endif
    }

    P* source_;
    std::pmr::memory_resource* fallback_;
};

} // namespace poolmark
