// A fixed number of slots and, beside them, for each the number of the next free one, or a mark that it is out.
//
//   first_ ──► 2          slots   │ A │ B │ - │ - │
//                         next_   │out│out│ 3 │end│       2 ──► 3 ──► end
//
// Good for: small pools that say what is wrong with a pointer: the list of the free ones and the marks of those out
//           are one array of 4 bytes an object, and released slots are not written to.
// Bad for:  pools that grow.
// Complexity: acquire and release O(1), release with a division by a constant. Bytes: 4 an object.
// Threads:  one at a time.
#pragma once

#include "benchmarks/contenders/storage/fixed_slots.hpp"
#include "pools/pool.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <new>
#include <vector>

namespace poolmark {

template <class T, upstream_source Upstream = page_source>
class index_list_pool {
public:
    using value_type = T;
    static constexpr description about{"index_list_pool", family::free_list,
                                       "fixed slots; a list of free ones by number, beside them"};
    static constexpr pool_traits traits{.reuse = reuse_order::lifo,
                                        .memory = Upstream::memory,
                                        .fixed_capacity = true,
                                        .rejects_foreign_release = true};

    explicit index_list_pool(std::size_t capacity) : slots_(checked(capacity)), next_(capacity, end) {
        for (std::size_t i = capacity; i != 0; --i) {
            next_[i - 1] = first_;
            first_ = static_cast<std::uint32_t>(i - 1);
            detail::poison(slots_.at(i - 1), stride);
        }
    }

    // Throws pool_exhausted when all slots are out.
    [[nodiscard]] void* acquire() {
        if (first_ == end) [[unlikely]] {
            throw pool_exhausted();
        }
        const std::uint32_t taken = first_;
        first_ = next_[taken];
        next_[taken] = out;
        ++in_use_;
        std::byte* const block = slots_.at(taken);
        detail::unpoison(block, sizeof(T));
        return block;
    }

    // Throws double_release, interior_pointer, other_pools_pointer or foreign_pointer; changes nothing then.
    void release(void* block) {
        const std::size_t number = slots_.number_of(block);
        if (number == slots_.none || next_[number] != out) [[unlikely]] {
            slots_.report_misuse(about.name, block);
        }
        next_[number] = first_;
        first_ = static_cast<std::uint32_t>(number);
        --in_use_;
        detail::poison(block, stride);
    }

    [[nodiscard]] std::size_t available() const noexcept { return slots_.capacity() - in_use_; }
    [[nodiscard]] std::size_t in_use() const noexcept { return in_use_; }

private:
    static constexpr std::uint32_t out = ~std::uint32_t{0};
    static constexpr std::uint32_t end = out - 1;
    static constexpr std::size_t alignment = std::max(alignof(T), detail::poison_granule);
    static constexpr std::size_t stride = detail::align_up(sizeof(T), alignment);
    static_assert(alignof(T) <= traits.max_alignment);

    [[nodiscard]] static std::size_t checked(std::size_t capacity) {
        if (capacity > end) {
            throw std::bad_array_new_length();
        }
        return capacity;
    }

    detail::fixed_slots<stride, alignment, index_list_pool, Upstream> slots_;
    std::vector<std::uint32_t> next_;
    std::uint32_t first_ = end;
    std::size_t in_use_ = 0;
};

static_assert(pool<index_list_pool<int>>);

} // namespace poolmark
