// A fixed number of slots, a list of the free ones and a list of those in use, which release() searches from its
// beginning, twice: once to see whether the block is in use, once more to take it out.
//
//   free_     [ slot* slot* slot* ]            acquire() takes the last, release() appends: newest first
//   in_use_   [ slot* slot* slot* slot* ... ]  release() scans ──► twice, then closes the gap
//
// Good for: a handful of objects; a double release or a foreign block is reported at once.
// Bad for:  more than a few dozen objects out: release() grows with their number.
// Complexity: acquire O(1); release O(objects out), worst for the newest, best for the oldest found.
// Bytes:    16 an object for the two lists, all taken when it is built, as are the slots.
// Threads:  one at a time.
#pragma once

#include "pools/errors.hpp"
#include "pools/pool.hpp"
#include "pools/memory/upstream.hpp"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace poolmark {

template <class T, upstream_source Upstream = page_source>
class scan_pool {
public:
    using value_type = T;
    static constexpr description about =
        leading({"scan_pool", family::pool, "fixed slots; release searches the list of those in use, twice"});
    static constexpr pool_traits traits{.reuse = reuse_order::lifo,
                                        .memory = Upstream::memory,
                                        .fixed_capacity = true,
                                        .rejects_foreign_release = true,
                                        .linear_release = true};

    explicit scan_pool(std::size_t capacity) : bytes_(std::max(detail::checked_bytes(capacity, stride), stride)) {
        free_.reserve(capacity);
        in_use_.reserve(capacity); // neither list needs memory from here on
        slots_ = static_cast<std::byte*>(Upstream::allocate(bytes_, alignment));
        for (std::size_t i = 0; i != capacity; ++i) {
            free_.push_back(slots_ + i * stride);
        }
        detail::poison(slots_, bytes_);
    }
    scan_pool(const scan_pool&) = delete;
    scan_pool& operator=(const scan_pool&) = delete;
    ~scan_pool() {
        detail::unpoison(slots_, bytes_);
        Upstream::deallocate(slots_, bytes_, alignment);
    }

    // Throws pool_exhausted when all slots are out.
    [[nodiscard]] void* acquire() {
        if (free_.empty()) {
            throw pool_exhausted();
        }
        void* const taken = free_.back();
        free_.pop_back();
        in_use_.push_back(taken);
        detail::unpoison(taken, sizeof(T));
        return taken;
    }

    // Throws not_in_use for a block that is not out, whether it never was or no longer is; changes nothing then.
    void release(void* block) {
        if (!is_in_use(block)) {
            throw not_in_use(about.name, block);
        }
        remove_from_in_use(block);
        free_.push_back(block);
        detail::poison(block, stride);
    }

    [[nodiscard]] std::size_t available() const noexcept { return free_.size(); }
    [[nodiscard]] std::size_t in_use() const noexcept { return in_use_.size(); }

private:
    static constexpr std::size_t alignment = std::max(alignof(T), detail::poison_granule);
    static constexpr std::size_t stride = detail::align_up(sizeof(T), alignment);
    static_assert(alignof(T) <= traits.max_alignment);

    [[nodiscard]] bool is_in_use(const void* block) const noexcept {
        return std::find(in_use_.begin(), in_use_.end(), block) != in_use_.end();
    }

    // Searches again, and keeps the order of the rest: what this pool is known for, and what the comparison is about.
    void remove_from_in_use(const void* block) noexcept {
        in_use_.erase(std::find(in_use_.begin(), in_use_.end(), block));
    }

    std::vector<void*> free_;
    std::vector<void*> in_use_;
    std::size_t bytes_;
    std::byte* slots_ = nullptr;
};

static_assert(pool<scan_pool<int>>);
static_assert(pool<scan_pool<int, heap_source>>);

} // namespace poolmark
