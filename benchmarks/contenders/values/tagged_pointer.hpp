// The value sits in the handle itself where it fits into 63 bits; otherwise the handle points to a box.
//
//   ...value...1     an odd word: the value is the word, shifted right by one
//   ..address..0     an even word: the address of a box, which is aligned to 8
//
// Good for: dynamic values that are nearly always integers, with no allocation and no memory for them.
// Bad for:  portability: it relies on the low bit of an address; each use tests and shifts.
// Complexity: O(1) and no allocation for 63 bits; the heap's for the rest. Bytes: 8 a handle.
// Threads:  any.
#pragma once

#include "pools/fresh_heap.hpp"
#include "pools/values/boxing.hpp"

namespace poolmark {

class tagged_pointer {
public:
    struct handle {
        std::uintptr_t word;
        [[nodiscard]] friend constexpr bool operator==(handle, handle) = default;
    };
    static constexpr description about{"tagged_pointer", family::layout,
                                       "63-bit integers in the pointer's own bits; a heap block for others"};

    static constexpr std::int64_t smallest_inline = -(std::int64_t{1} << 62);
    static constexpr std::int64_t largest_inline = (std::int64_t{1} << 62) - 1;

    [[nodiscard]] handle box(std::int64_t value) {
        if (value >= smallest_inline && value <= largest_inline) [[likely]] {
            return tag(value);
        }
        return {reinterpret_cast<std::uintptr_t>(create(heap_, boxed_int{value}))};
    }

    [[nodiscard]] std::int64_t unbox(handle boxed) const noexcept {
        return is_inline(boxed) ? untag(boxed) : pointer(boxed)->value;
    }

    void drop(handle boxed) noexcept {
        if (!is_inline(boxed)) {
            destroy(heap_, pointer(boxed));
        }
    }

    [[nodiscard]] static constexpr bool is_inline(handle boxed) noexcept { return (boxed.word & 1) != 0; }

    [[nodiscard]] static constexpr handle tag(std::int64_t value) noexcept {
        return {(static_cast<std::uintptr_t>(value) << 1) | 1};
    }
    // An arithmetic shift: it brings the sign back.
    [[nodiscard]] static constexpr std::int64_t untag(handle boxed) noexcept {
        return static_cast<std::int64_t>(boxed.word) >> 1;
    }

private:
    static_assert(sizeof(std::uintptr_t) == sizeof(std::int64_t) && alignof(boxed_int) > 1);

    [[nodiscard]] static boxed_int* pointer(handle boxed) noexcept {
        return reinterpret_cast<boxed_int*>(boxed.word); // NOLINT(performance-no-int-to-ptr): it was one
    }

    [[no_unique_address]] fresh_heap<boxed_int> heap_;
};

static_assert(boxing<tagged_pointer>);
static_assert(tagged_pointer::untag(tagged_pointer::tag(tagged_pointer::smallest_inline)) ==
              tagged_pointer::smallest_inline);
static_assert(tagged_pointer::untag(tagged_pointer::tag(tagged_pointer::largest_inline)) ==
              tagged_pointer::largest_inline);
static_assert(tagged_pointer::untag(tagged_pointer::tag(-1)) == -1);

} // namespace poolmark
