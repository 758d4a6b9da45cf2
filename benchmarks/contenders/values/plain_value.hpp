// No box: the handle is the integer.
//
//   box(42) ──► 42
//
// Good for: integers that nobody needs to see as objects: the cost that every box is compared with.
// Bad for:  code that needs one pointer-sized handle for values of several types.
// Complexity: nothing. Bytes: 8 a handle, none besides. Threads: any.
#pragma once

#include "pools/values/boxing.hpp"

namespace poolmark {

class plain_value {
public:
    using handle = std::int64_t;
    static constexpr description about{"plain_value", family::layout, "the integer itself, not boxed"};

    [[nodiscard]] handle box(std::int64_t value) noexcept { return value; }
    [[nodiscard]] std::int64_t unbox(handle boxed) const noexcept { return boxed; }
    void drop(handle /*boxed*/) noexcept {}
};

static_assert(boxing<plain_value>);

} // namespace poolmark
