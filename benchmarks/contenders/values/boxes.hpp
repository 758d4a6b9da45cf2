// Boxes: small values that live somewhere and are handed around, in five ways.
#pragma once

#include "pools/fresh_heap.hpp"
#include "pools/slab_pool.hpp"
#include "pools/values/boxed_int_table.hpp"
#include "pools/values/boxing.hpp"

#include <array>
#include <cstddef>
#include <memory>

namespace poolmark {

// No box: the handle is the integer.
//
//   box(42) ──► 42
//
// Good for: integers that nobody needs to see as objects: the cost that every box is compared with.
// Bad for:  code that needs one pointer-sized handle for values of several types.
// Complexity: nothing. Bytes: 8 a handle, none besides. Threads: any.
class plain_value {
public:
    using handle = std::int64_t;
    static constexpr description about{"plain_value", family::layout, "the integer itself, not boxed"};

    [[nodiscard]] handle box(std::int64_t value) noexcept { return value; }
    [[nodiscard]] std::int64_t unbox(handle boxed) const noexcept { return boxed; }
    void drop(handle /*boxed*/) noexcept {}
};

static_assert(boxing<plain_value>);

// A new box from the heap for every value.
//
//   box(42) ──► operator new ──► [ 42 ]
//
// Good for: simplicity; boxes that live long and go to other threads.
// Bad for:  values that are computed with: each intermediate result is an allocation.
// Complexity: the heap's. Bytes: 8 a handle and a heap block of 8 (glibc: 32). Threads: any.
class fresh_box {
public:
    using handle = const boxed_int*;
    static constexpr description about{"fresh_box", family::fresh, "a heap block for every boxed integer"};

    [[nodiscard]] handle box(std::int64_t value) { return create(heap_, boxed_int{value}); }
    [[nodiscard]] std::int64_t unbox(handle boxed) const noexcept { return boxed->value; }
    void drop(handle boxed) noexcept { destroy(heap_, const_cast<boxed_int*>(boxed)); }

private:
    [[no_unique_address]] fresh_heap<boxed_int> heap_;
};

static_assert(boxing<fresh_box>);

// A box from a free list for every value.
//
//   box(42) ──► slab_pool ──► [ 42 ]        drop ──► back to the list, first to be taken again
//
// Good for: boxes made and dropped at a high rate by one thread.
// Bad for:  boxes dropped by another thread than the one that made them.
// Complexity: O(1). Bytes: 8 a handle and 8 a box. Threads: one at a time.
class free_list_box {
public:
    using handle = const boxed_int*;
    static constexpr description about{"free_list_box", family::free_list, "boxes from a slab_pool"};

    [[nodiscard]] handle box(std::int64_t value) { return create(boxes_, boxed_int{value}); }
    [[nodiscard]] std::int64_t unbox(handle boxed) const noexcept { return boxed->value; }
    void drop(handle boxed) noexcept { destroy(boxes_, const_cast<boxed_int*>(boxed)); }

private:
    slab_pool<boxed_int> boxes_;
};

static_assert(boxing<free_list_box>);

// A box that counts its owners: std::shared_ptr, fresh for every value or, for small ones, a copy of one that is kept.
//
//   shared_box        box(42) ──► make_shared ──► [ strong | weak | 42 ]     16 bytes of counts beside 8 of value
//   shared_box_table  box(42) ──► copy of kept_[42 + 5]                      no allocation; the count goes up and down
//
// Good for: boxes with several owners, which no other way to box has.
// Bad for:  boxes with one: the counts are paid for and not used. From a table that threads share, every box of one
//           value writes to one cache line, where a table of plain boxes is read only.
// Complexity: O(1) and one allocation; none from the table. Bytes: 16 a handle, a heap block of 32.
// Threads:  any. Counts are atomic from the moment the process has a second thread.
class shared_box {
public:
    using handle = std::shared_ptr<const boxed_int>;
    static constexpr description about{"shared_box", family::fresh, "std::make_shared for every boxed integer"};

    [[nodiscard]] handle box(std::int64_t value) { return std::make_shared<const boxed_int>(boxed_int{value}); }
    [[nodiscard]] std::int64_t unbox(const handle& boxed) const noexcept { return boxed->value; }
    void drop(handle /*last*/) noexcept {} // its end is the drop
};

class shared_box_table {
public:
    using handle = shared_box::handle;
    static constexpr description about{"shared_box_table", family::singleton,
                                       "copies of shared_ptrs to small integers, make_shared for others"};

    static constexpr std::int64_t lo = -5;
    static constexpr std::size_t size = boxed_int_table<>::size;

    [[nodiscard]] handle box(std::int64_t value) {
        const std::uint64_t distance = static_cast<std::uint64_t>(value) - static_cast<std::uint64_t>(lo);
        return distance < size ? kept()[distance] : fresh_.box(value);
    }
    [[nodiscard]] std::int64_t unbox(const handle& boxed) const noexcept { return boxed->value; }
    void drop(handle /*last*/) noexcept {}

private:
    // One table a process, made when the first box is asked for.
    [[nodiscard]] static const std::array<handle, size>& kept() {
        static const std::array<handle, size> table = [] {
            std::array<handle, size> made;
            for (std::size_t i = 0; i != size; ++i) {
                made[i] = std::make_shared<const boxed_int>(boxed_int{lo + static_cast<std::int64_t>(i)});
            }
            return made;
        }();
        return table;
    }

    [[no_unique_address]] shared_box fresh_;
};

static_assert(boxing<shared_box> && boxing<shared_box_table>);

// The value sits in the handle itself where it fits into 63 bits; otherwise the handle points to a box.
//
//   ...value...1     an odd word: the value is the word, shifted right by one
//   ..address..0     an even word: the address of a box, which is aligned to 8
//
// Good for: dynamic values that are nearly always integers, with no allocation and no memory for them.
// Bad for:  portability: it relies on the low bit of an address; each use tests and shifts.
// Complexity: O(1) and no allocation for 63 bits; the heap's for the rest. Bytes: 8 a handle.
// Threads:  any.
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
