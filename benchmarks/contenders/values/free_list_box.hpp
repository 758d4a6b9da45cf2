// A box from a free list for every value.
//
//   box(42) ──► slab_pool ──► [ 42 ]        drop ──► back to the list, first to be taken again
//
// Good for: boxes made and dropped at a high rate by one thread.
// Bad for:  boxes dropped by another thread than the one that made them.
// Complexity: O(1). Bytes: 8 a handle and 8 a box. Threads: one at a time.
#pragma once

#include "pools/slab_pool.hpp"
#include "pools/values/boxing.hpp"

namespace poolmark {

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

} // namespace poolmark
