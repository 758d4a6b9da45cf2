// scan_pool with the list of those in use as a hash set: what one writes who has heard that a search costs O(n).
//
//   free_     [ slot* slot* slot* ]        acquire() takes the last, release() appends: newest first
//   in_use_   { slot*, slot*, ... }        std::unordered_set: a node of the heap for each object that is out
//
// Good for: showing that O(1) is not yet fast; being told what is wrong with a pointer.
// Bad for:  its purpose: each acquire() allocates a node, each release() frees one, to spare an allocation.
// Complexity: acquire and release O(1) expected, and the heap's. Bytes: 8 an object for the list of the free ones, 8
//           for the set's table, and a heap block of 16 for each object that is out. Threads: one at a time.
#pragma once

#include "pools/detail/fixed_slots.hpp"
#include "pools/pool.hpp"

#include <algorithm>
#include <cstddef>
#include <unordered_set>
#include <vector>

namespace poolmark {

template <class T, upstream_source Upstream = page_source>
class hash_set_pool {
public:
    using value_type = T;
    static constexpr description about{"hash_set_pool", family::pool,
                                       "fixed slots; those in use stand in a std::unordered_set"};
    static constexpr pool_traits traits{.reuse = reuse_order::lifo,
                                        .memory = Upstream::memory,
                                        .fixed_capacity = true,
                                        .rejects_foreign_release = true};

    explicit hash_set_pool(std::size_t capacity) : slots_(capacity) {
        free_.reserve(capacity);
        in_use_.reserve(capacity); // the table; the nodes come and go
        for (std::size_t i = 0; i != capacity; ++i) {
            free_.push_back(slots_.at(i));
            detail::poison(slots_.at(i), stride);
        }
    }

    // Throws pool_exhausted when all slots are out, std::bad_alloc when there is no memory for a node; nothing has
    // changed then.
    [[nodiscard]] void* acquire() {
        if (free_.empty()) [[unlikely]] {
            throw pool_exhausted();
        }
        void* const taken = free_.back();
        in_use_.insert(taken);
        free_.pop_back();
        detail::unpoison(taken, sizeof(T));
        return taken;
    }

    // Throws double_release, interior_pointer, other_pools_pointer or foreign_pointer; changes nothing then.
    void release(void* block) {
        if (in_use_.erase(block) == 0) [[unlikely]] {
            slots_.refuse(about.name, block);
        }
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
    std::unordered_set<void*> in_use_;
    detail::fixed_slots<stride, alignment, hash_set_pool, Upstream> slots_;
};

static_assert(pool<hash_set_pool<int>>);

} // namespace poolmark
