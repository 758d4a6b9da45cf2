// A pointer that only moves forward. Releasing one object does nothing; all of them go at once.
//
//   slab ──┬──────┬──────┬──────┬─────────────────┐
//          │ slot │ slot │ slot │ never used yet  │
//          └──────┴──────┴──────┴─────────────────┘
//                               ▲ bump_           ▲ end_
//
// Good for: many objects with one common end (a frame, a request, a compile unit).
// Bad for:  objects that come and go: nothing is reused before reset(), and memory grows with every acquire().
// Complexity: acquire O(1), one slab more where the last is used up; release nothing; reset O(slabs).
// Bytes:    none an object. reset() keeps the largest slab. Destructors do not run.
// Threads:  one at a time.
#pragma once

#include "pools/pool.hpp"
#include "pools/storage/slabs.hpp"

#include <algorithm>
#include <cstddef>

namespace poolmark {

template <class T, upstream_source Upstream = page_source>
class arena {
public:
    using value_type = T;
    static constexpr description about =
        leading({"arena", family::pool, "bump pointer over slabs; storage comes back all at once"});
    static constexpr pool_traits traits{.reuse = reuse_order::never, .memory = Upstream::memory};

    arena() : arena(0) {}
    explicit arena(std::size_t expected_objects) noexcept : slabs_(expected_objects) {}
    arena(const arena&) = delete;
    arena& operator=(const arena&) = delete;
    ~arena() = default;

    [[nodiscard]] void* acquire() {
        if (bump_ == end_) [[unlikely]] {
            return acquire_from_new_slab();
        }
        return carve();
    }

    void release(void* block) noexcept { detail::poison(block, stride); }

    void reset() noexcept { start(slabs_.keep_largest()); }

    [[nodiscard]] std::size_t slab_bytes() const noexcept { return slabs_.bytes(); }

private:
    static constexpr std::size_t alignment = std::max(alignof(T), detail::poison_granule);
    static constexpr std::size_t stride = detail::align_up(sizeof(T), alignment);
    static_assert(alignof(T) <= traits.max_alignment);

    using slab_list = slabs<stride, alignment, Upstream>;

    [[nodiscard]] void* carve() noexcept {
        std::byte* const block = bump_;
        bump_ += stride;
        detail::unpoison(block, sizeof(T));
        return block;
    }

    [[nodiscard, gnu::noinline, gnu::cold]] void* acquire_from_new_slab() {
        start(slabs_.grow());
        return carve();
    }

    void start(typename slab_list::run fresh) noexcept {
        bump_ = fresh.begin;
        end_ = fresh.end;
    }

    std::byte* bump_ = nullptr;
    std::byte* end_ = nullptr;
    slab_list slabs_;
};

static_assert(resettable_pool<arena<int>>);
static_assert(resettable_pool<arena<int, heap_source>>);

} // namespace poolmark
