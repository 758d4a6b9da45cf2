// The slots of a pool with a fixed capacity, and what is wrong with a pointer that is none of those out.
//
//   slots   │ 0 │ 1 │ 2 │ ... │ capacity - 1 │     address <──► number, by one division
//   list    pool ──► pool ──► pool                 all pools of one type, to tell whose pointer it is
//
// Good for: pools that keep their books beside the slots and differ in nothing else.
// Bad for:  pools that grow.
// Threads:  one at a time; the list of pools is locked, and touched when a pool begins, ends or refuses.
#pragma once

#include "pools/errors.hpp"
#include "pools/memory/upstream.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <mutex>

namespace poolmark::detail {

// Owner: the pool's type, as a name for its list.
template <std::size_t Stride, std::size_t Alignment, class Owner, upstream_source Upstream>
class fixed_slots {
public:
    static constexpr std::size_t none = ~std::size_t{0};

    explicit fixed_slots(std::size_t capacity)
        : capacity_(capacity), bytes_(std::max(checked_bytes(capacity, Stride), Stride)),
          begin_(static_cast<std::byte*>(Upstream::allocate(bytes_, Alignment))) {
        const std::lock_guard lock(all_lock);
        next_ = all;
        all = this;
    }
    fixed_slots(const fixed_slots&) = delete;
    fixed_slots& operator=(const fixed_slots&) = delete;
    ~fixed_slots() {
        {
            const std::lock_guard lock(all_lock);
            fixed_slots** link = &all;
            while (*link != this) {
                link = &(*link)->next_;
            }
            *link = next_;
        }
        unpoison(begin_, bytes_);
        Upstream::deallocate(begin_, bytes_, Alignment);
    }

    [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }
    [[nodiscard]] std::byte* at(std::size_t number) const noexcept { return begin_ + number * Stride; }

    // The number of the slot that begins there; none where no slot of this pool does.
    [[nodiscard]] std::size_t number_of(const void* block) const noexcept {
        const std::size_t offset = offset_of(block);
        return offset < capacity_ * Stride && offset % Stride == 0 ? offset / Stride : none;
    }

    // Throws the error that fits a pointer which is no slot of this pool that is out.
    [[noreturn, gnu::noinline, gnu::cold]] void report_misuse(std::string_view pool, const void* block) const {
        if (number_of(block) != none) {
            throw double_release(pool, block);
        }
        if (contains(block)) {
            throw interior_pointer(pool, block);
        }
        const std::lock_guard lock(all_lock);
        for (const fixed_slots* other = all; other != nullptr; other = other->next_) {
            if (other->contains(block)) {
                throw other_pools_pointer(pool, block);
            }
        }
        throw foreign_pointer(pool, block);
    }

private:
    // Unsigned on purpose: what lies before the slots is a very large offset.
    [[nodiscard]] std::size_t offset_of(const void* block) const noexcept {
        return reinterpret_cast<std::uintptr_t>(block) - reinterpret_cast<std::uintptr_t>(begin_);
    }
    [[nodiscard]] bool contains(const void* block) const noexcept { return offset_of(block) < capacity_ * Stride; }

    static inline std::mutex all_lock;
    static inline fixed_slots* all = nullptr;

    std::size_t capacity_;
    std::size_t bytes_;
    std::byte* begin_;
    fixed_slots* next_ = nullptr;
};

} // namespace poolmark::detail
