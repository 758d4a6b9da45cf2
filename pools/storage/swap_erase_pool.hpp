// scan_pool with the first thing mended that one would mend: one search instead of two, and the last of the list in
// the place of the one that leaves it.
//
//   in_use_   [ a  b  c  d ]  ──release(b)──►  [ a  d  c ]      found by a scan, closed by one move
//
// Good for: a handful of objects; being told what is wrong with a pointer.
// Bad for:  many objects out: the scan remains, and swapping shuffles the list, so that no order of release is
//           always found early.
// Complexity: acquire O(1); release O(objects out). Bytes: 16 an object for the two lists. Threads: one at a time.
#pragma once

#include "pools/detail/fixed_slots.hpp"
#include "pools/pool.hpp"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace poolmark {

template <class T, upstream_source Upstream = page_source>
class swap_erase_pool {
public:
    using value_type = T;
    static constexpr description about{"swap_erase_pool", family::pool,
                                       "fixed slots; release searches those in use once and swaps with the last"};
    static constexpr pool_traits traits{.reuse = reuse_order::lifo,
                                        .memory = Upstream::memory,
                                        .fixed_capacity = true,
                                        .rejects_foreign_release = true,
                                        .linear_release = true};

    explicit swap_erase_pool(std::size_t capacity) : slots_(capacity) {
        free_.reserve(capacity);
        in_use_.reserve(capacity); // neither list needs memory from here on
        for (std::size_t i = 0; i != capacity; ++i) {
            free_.push_back(slots_.at(i));
            detail::poison(slots_.at(i), stride);
        }
    }

    // Throws pool_exhausted when all slots are out.
    [[nodiscard]] void* acquire() {
        if (free_.empty()) [[unlikely]] {
            throw pool_exhausted();
        }
        void* const taken = free_.back();
        free_.pop_back();
        in_use_.push_back(taken);
        detail::unpoison(taken, sizeof(T));
        return taken;
    }

    // Throws double_release, interior_pointer, other_pools_pointer or foreign_pointer; changes nothing then.
    void release(void* block) {
        const auto found = std::find(in_use_.begin(), in_use_.end(), block);
        if (found == in_use_.end()) [[unlikely]] {
            slots_.refuse(about.name, block);
        }
        *found = in_use_.back();
        in_use_.pop_back();
        free_.push_back(block);
        detail::poison(block, stride);
    }

    [[nodiscard]] std::size_t available() const noexcept { return free_.size(); }
    [[nodiscard]] std::size_t in_use() const noexcept { return in_use_.size(); }

private:
    static constexpr std::size_t alignment = std::max(alignof(T), detail::poison_granule);
    static constexpr std::size_t stride = detail::align_up(sizeof(T), alignment);
    static_assert(alignof(T) <= traits.max_alignment);

    std::vector<void*> free_;
    std::vector<void*> in_use_;
    detail::fixed_slots<stride, alignment, swap_erase_pool, Upstream> slots_;
};

static_assert(pool<swap_erase_pool<int>>);

} // namespace poolmark
