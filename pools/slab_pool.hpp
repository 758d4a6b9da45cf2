// Released slots form a list through the slots themselves; new ones are carved from slabs when the list is empty.
//
//   free_ ──► [ next | ... ] ──► [ next | ... ] ──► null          released slots, newest first
//   slab      │ out │ free │ out │ free │ out │ never used yet │
//                                             ▲ bump_          ▲ end_
//
// Good for: objects made and dropped at a high rate while they are in cache; the pool to try first.
// Bad for:  a large set of objects that went cold before it is taken out again: each acquire() must read the slot
//           to find the next, one cache miss after another (see stack_pool).
// Complexity: acquire O(1), one slab more when everything is out; release O(1); reset O(slabs).
// Bytes:    none an object; a slot is at least a pointer. Memory goes back with reset() or with the pool's end.
// Threads:  one at a time.
#pragma once

#include "pools/pool.hpp"
#include "pools/memory/slabs.hpp"

#include <algorithm>
#include <cstddef>
#include <memory>

namespace poolmark {

template <class T, upstream_source Upstream = warm_source>
class slab_pool {
public:
    using value_type = T;
    static constexpr description about = leading(
        {"slab_pool", family::free_list, "free list through the released slots, over slabs carved as needed"});
    static constexpr pool_traits traits{.reuse = reuse_order::lifo, .memory = Upstream::memory};

    slab_pool() : slab_pool(0) {}
    explicit slab_pool(std::size_t expected_objects) noexcept : slabs_(expected_objects) {}
    slab_pool(const slab_pool&) = delete;
    slab_pool& operator=(const slab_pool&) = delete;
    ~slab_pool() = default;

    // Released slots first: they are warm, and pages that were never needed stay untouched.
    [[nodiscard]] void* acquire() {
        if (link* const taken = free_; taken != nullptr) [[likely]] {
            detail::unpoison(taken, opened);
            free_ = taken->next;
            return taken;
        }
        if (bump_ == end_) [[unlikely]] {
            return acquire_from_new_slab();
        }
        return carve();
    }

    void release(void* block) noexcept {
        free_ = std::construct_at(static_cast<link*>(block), link{free_});
        detail::poison(block, stride);
    }

    void reset() noexcept {
        free_ = nullptr;
        start(slabs_.keep_largest());
    }

    [[nodiscard]] std::size_t slab_bytes() const noexcept { return slabs_.bytes(); }

private:
    struct link {
        link* next;
    };

    static constexpr std::size_t alignment = (std::max)(alignof(T), alignof(link));
    static constexpr std::size_t stride = detail::align_up((std::max)(sizeof(T), sizeof(link)), alignment);
    static constexpr std::size_t opened = (std::max)(sizeof(T), sizeof(link));
    static_assert(alignof(T) <= traits.max_alignment);
    static_assert(stride % detail::poison_granule == 0);

    using slab_list = slabs<stride, alignment, Upstream>;

    [[nodiscard]] void* carve() noexcept {
        std::byte* const block = bump_;
        bump_ += stride;
        detail::unpoison(block, opened);
        return block;
    }

    [[nodiscard, gnu::__noinline__, gnu::__cold__]] void* acquire_from_new_slab() {
        start(slabs_.grow());
        return carve();
    }

    void start(typename slab_list::run fresh) noexcept {
        bump_ = fresh.begin;
        end_ = fresh.end;
    }

    link* free_ = nullptr;
    std::byte* bump_ = nullptr;
    std::byte* end_ = nullptr;
    slab_list slabs_;
};

static_assert(resettable_pool<slab_pool<int>>);
static_assert(resettable_pool<slab_pool<int, heap_source>>);

} // namespace poolmark
