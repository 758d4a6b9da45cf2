// size_class_pool as a std::pmr::memory_resource.
//
//   std::pmr::list<long> ──virtual──► pool_resource ──inlined──► size_class_pool
//   pool_allocator<T>    ──inlined───────┘
//
// Good for: std::pmr containers; and, through its own name instead of the
//           base's, anything that wants the same memory without a virtual call.
// Bad for:  several threads at once; buffers above 32 KiB, which the heap serves one by one.
// Complexity: allocate and deallocate O(1); release() and the end O(chunks + blocks above 32 KiB).
// Bytes:    as size_class_pool. Memory goes back to the upstream with release() or at the end.
// Threads:  one at a time.
#pragma once

#include "pools/size_class_pool.hpp"

#include <cstddef>
#if __has_include(<memory_resource>)
#include <memory_resource>
#define POOLMARK_HAS_PMR 1
#endif

namespace poolmark {

namespace detail {
#ifdef POOLMARK_HAS_PMR
using resource_base = std::pmr::memory_resource;
#else
// libc++ before 16: the resource serves pool_allocator and pooled_frame, and no std::pmr container, of which there is none.
class resource_base {
public:
    virtual ~resource_base() = default;

private:
    virtual void* do_allocate(std::size_t bytes, std::size_t alignment) = 0;
    virtual void do_deallocate(void* block, std::size_t bytes, std::size_t alignment) = 0;
    [[nodiscard]] virtual bool do_is_equal(const resource_base& other) const noexcept = 0;
};
#endif
} // namespace detail

template <upstream_source Upstream, upstream_source LargeUpstream = Upstream>
class basic_pool_resource final : public detail::resource_base {
public:
    static constexpr description about{"pool_resource", family::free_list,
                                       "size classes behind std::pmr::memory_resource, called by its own type"};

    basic_pool_resource() = default;
    basic_pool_resource(const basic_pool_resource&) = delete;
    basic_pool_resource& operator=(const basic_pool_resource&) = delete;

    // These hide the base's, which go through the virtual functions: whoever has the type calls these, inlined.
    // Throws std::bad_alloc and changes nothing where there is no memory.
    [[nodiscard]] void* allocate(std::size_t bytes, std::size_t alignment = alignof(std::max_align_t)) {
        return pool_.acquire(bytes, alignment);
    }
    void deallocate(void* block, std::size_t bytes, std::size_t alignment = alignof(std::max_align_t)) noexcept {
        pool_.release(block, bytes, alignment);
    }

    // The same for a size that the compiler knows; such blocks may also go through the functions above.
    template <std::size_t Bytes, std::size_t Alignment = alignof(std::max_align_t)>
    [[nodiscard]] void* allocate() {
        return pool_.template acquire<Bytes, Alignment>();
    }
    template <std::size_t Bytes, std::size_t Alignment = alignof(std::max_align_t)>
    void deallocate(void* block) noexcept {
        pool_.template release<Bytes, Alignment>(block);
    }

    // Takes everything back, as std::pmr's pool resources do; one chunk is kept for what comes next.
    void release() noexcept { pool_.reset(); }

    [[nodiscard]] std::size_t upstream_bytes() const noexcept { return pool_.bytes(); }

private:
    void* do_allocate(std::size_t bytes, std::size_t alignment) override {
        return pool_.acquire_from_stack(bytes, alignment);
    }
    void do_deallocate(void* block, std::size_t bytes, std::size_t alignment) override {
        pool_.release_to_stack(block, bytes, alignment);
    }
    [[nodiscard]] bool do_is_equal(const detail::resource_base& other) const noexcept override {
        return this == &other;
    }

    size_class_pool<Upstream, LargeUpstream> pool_;
};

// Large blocks from the heap: a growing vector asks for one after the other, and a heap keeps them at hand, where the
// kernel would map and zero each anew.
using pool_resource = basic_pool_resource<warm_source, heap_source>;

} // namespace poolmark
