// Released slots are remembered outside themselves, in an array used as a stack. acquire() and release() never
// touch the object's memory.
//
//   base_ ──► [ slot* | slot* | slot* |  room for all the rest  ]
//                                     ▲ top_
//   slab      │ out │ free │ out │ free │ free │ never used yet │
//                                              ▲ bump_          ▲ end_
//
// Good for: objects that went cold, came back in any order, or are large: the addresses of the
//           next ones are known without reading the objects, so their cache misses overlap.
// Bad for:  a few small objects in a tight loop, where a list in the objects does as well with less memory.
// Complexity: acquire O(1), one slab more when everything is out; release O(1), needs no memory; reset O(slabs).
// Bytes:    8 of address space an object, touched only by as many as are free at once.
// Threads:  one at a time.
#pragma once

#include "pools/pool.hpp"
#include "pools/memory/slabs.hpp"

#include <algorithm>
#include <cstddef>
#include <new>

namespace poolmark {

template <class T, upstream_source Upstream = warm_source>
class stack_pool {
public:
    using value_type = T;
    static constexpr description about =
        leading({"stack_pool", family::free_list,
                 "stack of free slots beside the objects, over slabs carved as needed"});
    static constexpr pool_traits traits{.reuse = reuse_order::lifo, .memory = Upstream::memory};

    stack_pool() : stack_pool(0) {}
    explicit stack_pool(std::size_t expected_objects) noexcept : slabs_(expected_objects) {}
    stack_pool(const stack_pool&) = delete;
    stack_pool& operator=(const stack_pool&) = delete;
    ~stack_pool() { release_stack(); }

    [[nodiscard]] void* acquire() {
        if (top_ != base_) [[likely]] {
            void* const taken = *--top_;
            detail::unpoison(taken, sizeof(T));
            return taken;
        }
        if (bump_ == end_) [[unlikely]] {
            return acquire_from_new_slab();
        }
        return carve();
    }

    // There is room: the stack was made for every slot there is.
    void release(void* block) noexcept {
        *top_++ = block;
        detail::poison(block, stride);
    }

    void reset() noexcept {
        const typename slab_list::run kept = slabs_.keep_largest();
        top_ = base_;
        start(kept);
        // The stack stays: it has room for more slots than are left.
    }

    [[nodiscard]] std::size_t slab_bytes() const noexcept { return slabs_.bytes(); }
    [[nodiscard]] std::size_t stack_bytes() const noexcept { return stack_slots_ * sizeof(void*); }

private:
    static constexpr std::size_t alignment = (std::max)(alignof(T), detail::poison_granule);
    static constexpr std::size_t stride = detail::align_up(sizeof(T), alignment);
    static_assert(alignof(T) <= traits.max_alignment);

    using slab_list = slabs<stride, alignment, Upstream>;

    [[nodiscard]] void* carve() noexcept {
        std::byte* const block = bump_;
        bump_ += stride;
        detail::unpoison(block, sizeof(T));
        return block;
    }

    // Everything is out, so the stack is empty, and a larger one takes its place without copying.
    [[nodiscard, gnu::__noinline__, gnu::__cold__]] void* acquire_from_new_slab() {
        const typename slab_list::run fresh = slabs_.grow();
        POOLMARK_TRY {
            make_room_for(slots_ + fresh.slot_count());
        }
        POOLMARK_CATCH(...) {
            slabs_.undo_grow(); // as if nothing had been tried
            POOLMARK_RETHROW;
        }
        slots_ += fresh.slot_count();
        start(fresh);
        return carve();
    }

    void make_room_for(std::size_t slot_count) {
        if (slot_count <= stack_slots_) {
            return;
        }
        const std::size_t bytes = Upstream::usable(detail::checked_bytes(slot_count, sizeof(void*)));
        void* const memory = allocate_slab<Upstream>(bytes, alignof(void*));
        release_stack();
        base_ = top_ = static_cast<void**>(memory);
        stack_slots_ = bytes / sizeof(void*);
        stack_requested_ = bytes;
    }

    void release_stack() noexcept {
        if (base_ != nullptr) {
            Upstream::deallocate(base_, stack_requested_, alignof(void*));
        }
    }

    void start(typename slab_list::run fresh) noexcept {
        bump_ = fresh.begin;
        end_ = fresh.end;
    }

    void** top_ = nullptr;
    void** base_ = nullptr;
    std::byte* bump_ = nullptr;
    std::byte* end_ = nullptr;
    std::size_t slots_ = 0; // carved or to be carved, in all slabs
    std::size_t stack_slots_ = 0;
    std::size_t stack_requested_ = 0;
    slab_list slabs_;
};

static_assert(resettable_pool<stack_pool<int>>);
static_assert(resettable_pool<stack_pool<int, heap_source>>);

} // namespace poolmark
