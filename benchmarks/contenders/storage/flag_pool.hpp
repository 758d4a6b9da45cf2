// scan_pool with a flag in each slot that says whether it is out, and that is read.
//
//   slots   │ T │ out? │ T │ out? │ T │ out? │ ...
//   free_   [ slot* slot* slot* ]                  acquire() takes the last, release() appends: newest first
//
// Good for: telling a double release at once, on the cache line that is being released anyway.
// Bad for:  objects whose size is a power of two: the flag and its padding make the slot larger by alignof(T).
// Complexity: acquire and release O(1). Bytes: 8 an object for the list, alignof(T) for the flag.
// Threads:  one at a time.
#pragma once

#include "benchmarks/contenders/storage/fixed_slots.hpp"
#include "pools/pool.hpp"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace poolmark {

template <class T, upstream_source Upstream = page_source>
class flag_pool {
public:
    using value_type = T;
    static constexpr description about{"flag_pool", family::pool, "fixed slots, with a flag in each that says it is out"};
    static constexpr pool_traits traits{.reuse = reuse_order::lifo,
                                        .memory = Upstream::memory,
                                        .fixed_capacity = true,
                                        .rejects_foreign_release = true};

    explicit flag_pool(std::size_t capacity) : slots_(capacity) {
        free_.reserve(capacity); // needs no memory from here on
        for (std::size_t i = 0; i != capacity; ++i) {
            std::byte* const slot = slots_.at(i);
            *flag_of(slot) = idle;
            free_.push_back(slot);
            detail::poison(slot, flag_offset);
        }
    }

    // Throws pool_exhausted when all slots are out.
    [[nodiscard]] void* acquire() {
        if (free_.empty()) [[unlikely]] {
            throw pool_exhausted();
        }
        std::byte* const taken = free_.back();
        free_.pop_back();
        *flag_of(taken) = out;
        detail::unpoison(taken, sizeof(T));
        return taken;
    }

    // Throws double_release, interior_pointer, other_pools_pointer or foreign_pointer; changes nothing then.
    void release(void* block) {
        auto* const slot = static_cast<std::byte*>(block);
        if (slots_.number_of(block) == slots_.none || *flag_of(slot) != out) [[unlikely]] {
            slots_.report_misuse(about.name, block);
        }
        *flag_of(slot) = idle;
        free_.push_back(slot);
        detail::poison(slot, flag_offset);
    }

    [[nodiscard]] std::size_t available() const noexcept { return free_.size(); }
    [[nodiscard]] std::size_t in_use() const noexcept { return slots_.capacity() - free_.size(); }

private:
    static constexpr std::byte idle{0};
    static constexpr std::byte out{1};
    static constexpr std::size_t alignment = std::max(alignof(T), detail::poison_granule);
    static constexpr std::size_t flag_offset = detail::align_up(sizeof(T), detail::poison_granule);
    static constexpr std::size_t stride = detail::align_up(flag_offset + 1, alignment);
    static_assert(alignof(T) <= traits.max_alignment);

    [[nodiscard]] static std::byte* flag_of(std::byte* slot) noexcept { return slot + flag_offset; }

    std::vector<std::byte*> free_;
    detail::fixed_slots<stride, alignment, flag_pool, Upstream> slots_;
};

static_assert(pool<flag_pool<int>>);

} // namespace poolmark
