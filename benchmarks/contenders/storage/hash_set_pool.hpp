// scan_pool with the list of those in use as a hash set: what one writes who has heard that a search costs O(n).
//
//   free_     [ slot* slot* slot* ]        acquire() takes the last, release() appends: newest first
//   in_use_   { slot*, slot*, ... }        std::unordered_set: a node of the heap for each object that is out
//
// Good for: showing that O(1) is not yet fast; errors that say what is wrong with a pointer.
// Bad for:  its purpose: each acquire() allocates a node, each release() frees one, to spare an allocation.
// Complexity: acquire and release O(1) expected, and the heap's. Bytes: 8 an object for the list of the free ones, 8
//           for the set's table, and a heap block of 16 for each object that is out. Threads: one at a time.
#pragma once

#include "benchmarks/contenders/storage/listed_slots.hpp"

#include <cstddef>
#include <unordered_set>

namespace poolmark {

namespace detail {

class set_of_slots {
public:
    void reserve(std::size_t count) { slots_.reserve(count); } // the table; the nodes come and go
    void insert(void* slot) { slots_.insert(slot); }
    [[nodiscard]] bool erase(void* slot) { return slots_.erase(slot) != 0; }
    [[nodiscard]] std::size_t size() const noexcept { return slots_.size(); }

private:
    std::unordered_set<void*> slots_;
};

} // namespace detail

template <class T, upstream_source Upstream = page_source>
class hash_set_pool
    : public detail::listed_slots<T, detail::set_of_slots, hash_set_pool<T, Upstream>, Upstream> {
public:
    static constexpr description about{"hash_set_pool", family::pool,
                                       "fixed slots; those in use stand in a std::unordered_set"};
    static constexpr pool_traits traits{.reuse = reuse_order::lifo,
                                        .memory = Upstream::memory,
                                        .fixed_capacity = true,
                                        .rejects_foreign_release = true};

    using hash_set_pool::listed_slots::listed_slots;
};

static_assert(pool<hash_set_pool<int>>);

} // namespace poolmark
