// A fixed number of slots, the free ones in a list, newest first; those in use stand in books, which is all in which
// pools of this kind differ.
//
//   Books   reserve(n)    before the first slot is taken
//           insert(slot)  throws std::bad_alloc or nothing; the books are as they were then
//           erase(slot)   whether it stood there
//           size()
//
// Good for: comparing books. Bad for: pools that grow. Threads: one at a time.
#pragma once

#include "benchmarks/contenders/storage/fixed_slots.hpp"
#include "pools/pool.hpp"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace poolmark::detail {

// Pool: the pool that this is the base of.
template <class T, class Books, class Pool, upstream_source Upstream>
class listed_slots {
public:
    using value_type = T;

    explicit listed_slots(std::size_t capacity) : slots_(capacity) {
        static_assert(alignof(T) <= Pool::traits.max_alignment);
        free_.reserve(capacity); // needs no memory from here on
        in_use_.reserve(capacity);
        for (std::size_t i = 0; i != capacity; ++i) {
            free_.push_back(slots_.at(i));
            poison(slots_.at(i), stride);
        }
    }

    // Throws pool_exhausted when all slots are out, std::bad_alloc when
    // the books need memory and there is none; nothing has changed then.
    [[nodiscard]] void* acquire() {
        if (free_.empty()) [[unlikely]] {
            throw pool_exhausted();
        }
        void* const taken = free_.back();
        in_use_.insert(taken);
        free_.pop_back();
        unpoison(taken, sizeof(T));
        return taken;
    }

    // Throws double_release, interior_pointer, other_pools_pointer or foreign_pointer; changes nothing then.
    void release(void* block) {
        if (!in_use_.erase(block)) [[unlikely]] {
            slots_.report_misuse(Pool::about.name, block);
        }
        free_.push_back(block);
        poison(block, stride);
    }

    [[nodiscard]] std::size_t available() const noexcept { return free_.size(); }
    [[nodiscard]] std::size_t in_use() const noexcept { return in_use_.size(); }

private:
    static constexpr std::size_t alignment = std::max(alignof(T), poison_granule);
    static constexpr std::size_t stride = align_up(sizeof(T), alignment);

    std::vector<void*> free_;
    Books in_use_;
    fixed_slots<stride, alignment, Pool, Upstream> slots_;
};

} // namespace poolmark::detail
