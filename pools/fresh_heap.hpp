// No pool at all: each object is a fresh block from the process's heap. What every pool is compared with.
//
//   acquire ──► operator new(sizeof(T))        release ──► operator delete(block, sizeof(T))
//
// Good for: everything, until a measurement says otherwise; objects of many sizes; memory that should go back.
// Bad for:  many small objects made and dropped at a high rate.
// Complexity: the heap's. Bytes: the heap's (glibc: 8 a block, at least 32 in all, rounded up to 16).
// Threads:  any.
#pragma once

#include "pools/pool.hpp"

#include <cstddef>
#include <new>

namespace poolmark {

template <class T>
class fresh_heap {
public:
    using value_type = T;
    static constexpr description about =
        leading({"fresh_heap", family::fresh, "operator new and delete for each object"});
    static constexpr pool_traits traits{
        .reuse = reuse_order::unspecified, .memory = backing::heap, .thread_safe = true, .heap_per_object = true};

    fresh_heap() = default;
    explicit fresh_heap(std::size_t /*expected_objects*/) noexcept {}
    fresh_heap(const fresh_heap&) = delete;
    fresh_heap& operator=(const fresh_heap&) = delete;
    ~fresh_heap() = default;

    [[nodiscard]] void* acquire() {
        if constexpr (over_aligned) {
            return ::operator new (sizeof(T), std::align_val_t{alignof(T)});
        } else {
            return ::operator new(sizeof(T));
        }
    }

    void release(void* block) noexcept {
#ifdef __cpp_sized_deallocation // off by default in Clang before 19
        if constexpr (over_aligned) {
            ::operator delete (block, sizeof(T), std::align_val_t{alignof(T)});
        } else {
            ::operator delete(block, sizeof(T));
        }
#else
        if constexpr (over_aligned) {
            ::operator delete (block, std::align_val_t{alignof(T)});
        } else {
            ::operator delete(block);
        }
#endif
    }

private:
    // The plain forms are what programs call, and in most heaps the faster ones.
    static constexpr bool over_aligned = alignof(T) > __STDCPP_DEFAULT_NEW_ALIGNMENT__;
};

static_assert(pool<fresh_heap<int>>);

} // namespace poolmark
