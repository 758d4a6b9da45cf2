// Blocks of the heap that are kept when they come back, but only so many of each size; the rest goes to the heap.
//
//   lists_[0]   head ──► [ next | ... ] ──► [ next | ... ] ──► null     blocks of 1 step, at most Limit
//   lists_[1]   head ──► [ next | ... ] ──► null                        blocks of 2 steps
//   ...                                                                 Sizes of them; larger: always the heap
//
// The model is CPython's lists of free tuples: 20 sizes, 2,000 of each at most, linked through the first word.
//
// One rule says which lists a block comes back to and which it is taken from. Two rules that differ by one at the
// end make a list that only grows: CPython kept tuples of 20 items for two releases and never took one out again.
//
// Good for: objects of a few small sizes that come and go around a
//           steady number; memory use that no burst raises for good.
// Bad for:  batches larger than Limit: what is beyond it costs as much as without the list.
// Complexity: acquire and release O(1) or the heap's; clear and the end O(blocks kept).
// Bytes:    none a block beside the heap's; a block is at least a pointer. Threads: one at a time.
#pragma once

#include "pools/memory/counted_lists.hpp"
#include "pools/pool.hpp"
#include "pools/fresh_heap.hpp"

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <limits>
#include <memory>
#include <new>

namespace poolmark {

// Where single blocks come from when no list has one, and go to when no list keeps them.
template <class U>
concept block_upstream = requires(void* block, std::size_t bytes) {
    { U::allocate(bytes) } -> std::same_as<void*>; // throws std::bad_alloc
    { U::deallocate(block) }
    noexcept;
};

struct plain_heap { // in the form that programs call, which in most heaps is the fastest
    [[nodiscard]] static void* allocate(std::size_t bytes) { return ::operator new(bytes); }
    static void deallocate(void* block) noexcept { ::operator delete(block); }
};

// Which of `Sizes` lists are pushed to and which are popped from: the same, or one of them never shrinks.
struct matched_bounds {
    [[nodiscard]] static constexpr bool keeps(std::size_t position, std::size_t sizes) noexcept {
        return position < sizes;
    }
    [[nodiscard]] static constexpr bool serves(std::size_t position, std::size_t sizes) noexcept {
        return keeps(position, sizes);
    }
};

// Blocks of any size, rounded up to a multiple of `Step` bytes; the first `Sizes` multiples are kept. Other
// bounds than the matched ones are for tests that must see what goes wrong then.
template <std::size_t Sizes = 20, std::size_t Limit = 2000, std::size_t Step = sizeof(void*),
          block_upstream Upstream = plain_heap, class Bounds = matched_bounds>
class bounded_free_lists {
public:
    static_assert(Sizes != 0 && Step % sizeof(void*) == 0 && Step != 0);
    static constexpr std::size_t largest_kept_bytes = Sizes * Step;

    bounded_free_lists() = default;
    bounded_free_lists(const bounded_free_lists&) = delete;
    bounded_free_lists& operator=(const bounded_free_lists&) = delete;
    ~bounded_free_lists() { clear(); }

    // Aligned as operator new aligns. Throws std::bad_alloc when the list is empty and the heap has none.
    [[nodiscard]] void* acquire(std::size_t bytes) {
        const std::size_t position = list_for(bytes);
        if (position >= Sizes) {
            return Upstream::allocate(bytes);
        }
        if (Bounds::serves(position, Sizes)) {
            if (void* const kept = lists_[position].take(block_bytes(position)); kept != nullptr) [[likely]] {
                return kept;
            }
        }
        return Upstream::allocate(block_bytes(position));
    }

    // `bytes` repeats what acquire() was given.
    void release(void* block, std::size_t bytes) noexcept {
        const std::size_t position = list_for(bytes);
        if (!Bounds::keeps(position, Sizes) || !lists_[position].keep(block, block_bytes(position))) {
            Upstream::deallocate(block);
        }
    }

    // All that is kept goes back to the heap.
    void clear() noexcept {
        for (std::size_t position = 0; position != Sizes; ++position) {
            while (void* const kept = lists_[position].take(block_bytes(position))) {
                Upstream::deallocate(kept);
            }
        }
    }

    // How many blocks for `bytes` bytes are kept.
    [[nodiscard]] std::size_t idle(std::size_t bytes) const noexcept {
        const std::size_t position = list_for(bytes);
        return position < Sizes ? lists_[position].count() : 0;
    }

private:
    // Where blocks of so many bytes are kept; of none, in the first list. Sizes or more: nowhere.
    [[nodiscard]] static constexpr std::size_t list_for(std::size_t bytes) noexcept {
        return (std::max<std::size_t>(bytes, 1) - 1) / Step;
    }
    [[nodiscard]] static constexpr std::size_t block_bytes(std::size_t position) noexcept {
        return (position + 1) * Step;
    }
    static_assert(list_for(0) == 0 && list_for(1) == 0 && list_for(Step) == 0 && list_for(Step + 1) == 1);

    std::array<detail::counted_list<Limit>, Sizes> lists_;
};

// One of these lists, for one type: CPython keeps 100 floats, 80 lists and 80 dictionaries that way.
namespace detail {
inline constexpr std::size_t no_limit = (std::numeric_limits<std::size_t>::max)();

[[nodiscard]] constexpr description free_list_about(std::size_t limit) noexcept {
    switch (limit) {
    case 80:
        return {"bounded_free_list_80", family::free_list,
                "a free list of at most 80 heap blocks; more go to the heap"};
    case 100:
        return {"bounded_free_list_100", family::free_list,
                "a free list of at most 100 heap blocks; more go to the heap"};
    case no_limit:
        return {"unbounded_free_list", family::free_list,
                "a free list of heap blocks that keeps every one it gets"};
    default:
        return {"bounded_free_list", family::free_list,
                "a free list of at most 2,000 heap blocks; more go to the heap"};
    }
}
} // namespace detail

template <class T, std::size_t Limit = 2000, class List = detail::counted_list<Limit>>
class bounded_free_list {
public:
    using value_type = T;
    static constexpr description about = detail::free_list_about(Limit);
    // Not lifo: beyond Limit, the block released last is the heap's, and the next one is another.
    static constexpr pool_traits traits{
        .reuse = reuse_order::unspecified, .memory = backing::heap, .heap_per_object = true};

    bounded_free_list() = default;
    explicit bounded_free_list(std::size_t /*expected_objects*/) noexcept {}
    bounded_free_list(const bounded_free_list&) = delete;
    bounded_free_list& operator=(const bounded_free_list&) = delete;
    ~bounded_free_list() { clear(); }

    [[nodiscard]] void* acquire() {
        if (void* const kept = list_.take(sizeof(slot)); kept != nullptr) [[likely]] {
            return kept;
        }
        return heap_.acquire();
    }

    void release(void* block) noexcept {
        if (!list_.keep(block, sizeof(slot))) {
            heap_.release(block);
        }
    }

    void clear() noexcept {
        while (void* const kept = list_.take(sizeof(slot))) {
            heap_.release(kept);
        }
    }

    [[nodiscard]] std::size_t idle() const noexcept { return list_.count(); }

private:
    // A block that has room for the link.
    struct alignas((std::max)(alignof(T), alignof(void*))) slot {
        std::byte bytes[(std::max)(sizeof(T), sizeof(void*))];
    };
    [[no_unique_address]] fresh_heap<slot> heap_;
    List list_;
};

template <class T>
using unbounded_free_list = bounded_free_list<T, detail::no_limit>;

// Hands out the block that has been back for longest.
template <class T, std::size_t Limit = 2000>
class fifo_free_list : public bounded_free_list<T, Limit, detail::counted_queue<Limit>> {
public:
    using bounded_free_list<T, Limit, detail::counted_queue<Limit>>::bounded_free_list;
    static constexpr description about{"fifo_free_list", family::free_list,
                                       "a queue of at most 2,000 heap blocks: the coldest comes back first"};
};

static_assert(pool<bounded_free_list<int>> && pool<unbounded_free_list<int>> && pool<fifo_free_list<int>>);

} // namespace poolmark
