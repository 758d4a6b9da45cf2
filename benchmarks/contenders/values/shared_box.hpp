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
#pragma once

#include "pools/values/boxed_int_table.hpp"
#include "pools/values/boxing.hpp"

#include <array>
#include <cstddef>
#include <memory>

namespace poolmark {

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

} // namespace poolmark
