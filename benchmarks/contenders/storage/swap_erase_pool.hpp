// scan_pool with the first fix that one would make: one search instead of two, and the last of the list in
// the place of the one that leaves it.
//
//   in_use_   [ a  b  c  d ]  ──release(b)──►  [ a  d  c ]      found by a scan, closed by one move
//
// Good for: a handful of objects; errors that say what is wrong with a pointer.
// Bad for:  many objects out: the scan remains, and swapping shuffles
//           the list, so that no order of release is always found early.
// Complexity: acquire O(1); release O(objects out). Bytes: 16 an object for the two lists. Threads: one at a time.
#pragma once

#include "benchmarks/contenders/storage/listed_slots.hpp"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace poolmark {

namespace detail {

class searched_slots {
public:
    void reserve(std::size_t count) { slots_.reserve(count); }
    void insert(void* slot) { slots_.push_back(slot); }
    [[nodiscard]] bool erase(void* slot) noexcept {
        const auto found = std::find(slots_.begin(), slots_.end(), slot);
        if (found == slots_.end()) {
            return false;
        }
        *found = slots_.back();
        slots_.pop_back();
        return true;
    }
    [[nodiscard]] std::size_t size() const noexcept { return slots_.size(); }

private:
    std::vector<void*> slots_;
};

} // namespace detail

template <class T, upstream_source Upstream = page_source>
class swap_erase_pool
    : public detail::listed_slots<T, detail::searched_slots, swap_erase_pool<T, Upstream>, Upstream> {
public:
    static constexpr description about{"swap_erase_pool", family::pool,
                                       "fixed slots; release searches those in use once and swaps with the last"};
    static constexpr pool_traits traits{.reuse = reuse_order::lifo,
                                        .memory = Upstream::memory,
                                        .fixed_capacity = true,
                                        .rejects_foreign_release = true,
                                        .linear_release = true};

    using swap_erase_pool::listed_slots::listed_slots;
};

static_assert(pool<swap_erase_pool<int>>);

} // namespace poolmark
