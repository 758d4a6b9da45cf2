// Coroutine frames from a pool: a base for promise types.
//
//   struct promise_type : pooled_frame<> { ... };
//   task work(std::allocator_arg_t, pool_resource& pool, int x);      from that pool
//   task object::work(std::allocator_arg_t, pool_resource& pool);     from that pool
//   task work(int x);                                                 from the thread's frame_scope, or the heap
//
//   frame   │ the coroutine's own │ resource* │      how operator delete finds its way back
//
// Good for: many short coroutines; frames are the mixed sizes that a size-class pool is made for.
// Bad for:  frames that cross threads: the pool is one thread's, and destroying a frame gives it back there. Locals that are
//           aligned more strictly than operator new aligns: GCC and Clang before 17 pass no alignment to a promise's operator
//           new, and place such a local as if there were one: keep it out of coroutines, or behind a pointer.
// Complexity: that of the resource. Bytes: 8 a frame.
// Threads:  as the resource; a frame_scope counts for the thread that opened it.
#pragma once

#include "pools/adaptors/pool_resource.hpp"
#include "pools/memory/align.hpp"

#include <cstddef>
#include <memory>
#include <new>
#include <utility>

namespace poolmark {

// While it lives, coroutines of this thread that name no resource take their frames from this one. Scopes nest;
// they end in reverse order. A frame remembers where it came from, but the resource must outlive it.
template <class Resource = pool_resource>
class frame_scope {
public:
    explicit frame_scope(Resource& resource) noexcept : outer_(std::exchange(current_, std::addressof(resource))) {}
    frame_scope(const frame_scope&) = delete;
    frame_scope& operator=(const frame_scope&) = delete;
    ~frame_scope() { current_ = outer_; }

    [[nodiscard]] static Resource* current() noexcept { return current_; } // null: the heap

private:
    static inline constinit thread_local Resource* current_ = nullptr; // trivial: no guard on access

    Resource* outer_;
};

template <class Resource = pool_resource>
class pooled_frame {
public:
    static void* operator new(std::size_t bytes) { return make(bytes, frame_scope<Resource>::current()); }

    template <class... Arguments>
    static void* operator new(std::size_t bytes, std::allocator_arg_t, Resource& resource, Arguments&&...) {
        return make(bytes, std::addressof(resource));
    }

    template <class Self, class... Arguments> // a member function or a lambda: the object comes first
    static void* operator new(std::size_t bytes, Self&&, std::allocator_arg_t, Resource& resource,
                              Arguments&&...) {
        return make(bytes, std::addressof(resource));
    }

    static void operator delete(void* frame, std::size_t bytes) noexcept {
        const std::size_t tail = tail_of(bytes);
        Resource* const resource = *tail_at(frame, tail);
        if (resource == nullptr) {
            ::operator delete(frame);
        } else {
            resource->deallocate(frame, tail + sizeof(Resource*), frame_alignment);
        }
    }

private:
    static constexpr std::size_t frame_alignment = __STDCPP_DEFAULT_NEW_ALIGNMENT__;

    [[nodiscard]] static constexpr std::size_t tail_of(std::size_t bytes) noexcept {
        return detail::align_up(bytes, alignof(Resource*));
    }
    [[nodiscard]] static Resource** tail_at(void* frame, std::size_t tail) noexcept {
        return reinterpret_cast<Resource**>(static_cast<std::byte*>(frame) + tail);
    }

    [[nodiscard]] static void* make(std::size_t bytes, Resource* resource) {
        const std::size_t tail = tail_of(bytes);
        const std::size_t total = tail + sizeof(Resource*);
        void* const frame =
            resource == nullptr ? ::operator new(total) : resource->allocate(total, frame_alignment);
        std::construct_at(tail_at(frame, tail), resource);
        return frame;
    }
};

} // namespace poolmark
