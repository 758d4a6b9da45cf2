// A new box from the heap for every value.
//
//   box(42) ──► operator new ──► [ 42 ]
//
// Good for: simplicity; boxes that live long and go to other threads.
// Bad for:  values that are computed with: each intermediate result is an allocation.
// Complexity: the heap's. Bytes: 8 a handle and a heap block of 8 (glibc: 32). Threads: any.
#pragma once

#include "pools/fresh_heap.hpp"
#include "pools/values/boxing.hpp"

namespace poolmark {

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

} // namespace poolmark
