// The boxes of small integers are built once, before the program runs, and never given back; the others are fresh.
//
//   box(v), Lo <= v <= Hi ──► &table[v - Lo]     the same box each time: equal values have one identity
//   box(v), any other     ──► operator new       a new box each time
//
// Good for: values that are mostly small (counters, bytes, flags); comparing small values by address.
// Bad for:  values spread around the bounds: a branch that is mispredicted half of the time costs more than a box
//           from a free list; code that comes to rely on identity, which ends at the bounds.
// Complexity: O(1) and no allocation inside; the heap's outside. Bytes: 8 a value of the range, read-only.
// Threads:  any.
#pragma once

#include "pools/fresh_heap.hpp"
#include "pools/values/boxing.hpp"
#include "pools/values/immortal_table.hpp"

#include <cstddef>
#include <limits>

namespace poolmark {

namespace detail {
// The ranges that the workloads compare: what CPython has had since 2.5, what 3.15 has, and a signed byte.
[[nodiscard]] constexpr description about_boxed_int_table(std::int64_t lo, std::int64_t hi) noexcept {
    if (lo == -5 && hi == 1024) {
        return {"boxed_int_table_1024", family::singleton, "the same table for -5 to 1024"};
    }
    if (lo == -128 && hi == 127) {
        return {"boxed_int_table_byte", family::singleton, "the same table for -128 to 127"};
    }
    return {"boxed_int_table", family::singleton,
            "small integers built beforehand and shared; a heap block for others"};
}
} // namespace detail

template <std::int64_t Lo = -5, std::int64_t Hi = 256>
class boxed_int_table {
public:
    using handle = const boxed_int*;
    static constexpr description about = detail::about_boxed_int_table(Lo, Hi);

    // Lo to Hi, one after another. constexpr, hence in memory that cannot be written to.
    static constexpr std::size_t size = static_cast<std::size_t>(Hi - Lo) + 1;
    static constexpr immortal_table<boxed_int, size> table{
        [](std::size_t i) { return boxed_int{Lo + static_cast<std::int64_t>(i)}; }};

    [[nodiscard]] handle box(std::int64_t value) {
        const handle shared = table.get(distance(value));
        return shared != nullptr ? shared : create(heap_, boxed_int{value});
    }

    [[nodiscard]] std::int64_t unbox(handle boxed) const noexcept { return boxed->value; }

    void drop(handle boxed) noexcept {
        if (!is_shared(boxed)) {
            destroy(heap_, const_cast<boxed_int*>(boxed));
        }
    }

    // By its value: each shared object of a program may have a table of its own.
    [[nodiscard]] static bool is_shared(handle boxed) noexcept { return distance(boxed->value) < size; }

private:
    static_assert(Lo <= Hi);

    // Unsigned on purpose: the distance of the extreme values from Lo is then large, where a signed one overflows.
    [[nodiscard]] static constexpr std::uint64_t distance(std::int64_t value) noexcept {
        return static_cast<std::uint64_t>(value) - static_cast<std::uint64_t>(Lo);
    }
    static_assert(distance(Lo) == 0 && distance(Hi) == size - 1 && distance(Lo - 1) >= size);
    static_assert(distance((std::numeric_limits<std::int64_t>::min)()) >= size);
    static_assert(distance((std::numeric_limits<std::int64_t>::max)()) >= size);

    [[no_unique_address]] fresh_heap<boxed_int> heap_;
};

static_assert(boxing<boxed_int_table<>>);

} // namespace poolmark
