// Storage of many sizes: for each size class, the addresses of its free slots stand on a stack beside them.
//
//   class 64   in_hand_ ──► one free slot                      the one released last, for callers that inline
//              stack    ──► [ null | slot* | slot* |  room ]   the others; null says "carve some more"
//                                            ▲ top_
//   chunk      │ header │ span of 64s │ span of 96s │ ... free ... │ stack of 96s │ stack of 64s │
//
// Good for: nodes, strings, frames: anything of mixed sizes that comes and goes; the pool behind pool_resource.
// Bad for:  one size only (slab_pool holds less state), and blocks
//           above 32 KiB, which the upstream serves one by one.
// Complexity: acquire and release O(1); reset O(chunks + blocks above 32 KiB).
// Bytes:    none a block; sizes are rounded up to a class. Up to 16 bytes of address space a slot for the
//           stacks, touched only as deep as slots were free at once. Spans stay with their class until reset().
// Threads:  one at a time. A released block's size and alignment must be those it was acquired with.
#pragma once

#include "pools/memory/large_blocks.hpp"
#include "pools/memory/size_classes.hpp"
#include "pools/memory/slabs.hpp"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <memory>
#include <utility>

namespace poolmark {

// LargeUpstream serves what is too large or too strictly aligned for a class.
template <upstream_source Upstream = warm_source, upstream_source LargeUpstream = Upstream>
class size_class_pool {
public:
    size_class_pool() noexcept { forget_all(); }
    size_class_pool(const size_class_pool&) = delete;
    size_class_pool& operator=(const size_class_pool&) = delete;
    ~size_class_pool() = default;

    // Never null; throws std::bad_alloc and changes nothing where there is no memory. `alignment` is a power of two.
    [[nodiscard]] void* acquire(std::size_t bytes, std::size_t alignment = size_classes::granule) {
        if (alignment > size_classes::granule || bytes > size_classes::largest_bytes) [[unlikely]] {
            return acquire_unusual(bytes, alignment);
        }
        return open(take(size_classes::index_of(bytes)), bytes);
    }

    void release(void* block, std::size_t bytes, std::size_t alignment = size_classes::granule) noexcept {
        if (alignment > size_classes::granule || bytes > size_classes::largest_bytes) [[unlikely]] {
            return release_slow(block, bytes, alignment);
        }
        give(block, size_classes::index_of(bytes));
    }

    // The same for a size that the compiler knows: the class is chosen while compiling.
    template <std::size_t Bytes, std::size_t Alignment = size_classes::granule>
    [[nodiscard]] void* acquire() {
        static_assert(detail::is_alignment(Alignment));
        if constexpr (size_classes::serves(Bytes, Alignment)) {
            return open(take(size_classes::index_of(Bytes, Alignment)), Bytes);
        } else {
            return large_.acquire(Bytes, Alignment);
        }
    }

    template <std::size_t Bytes, std::size_t Alignment = size_classes::granule>
    void release(void* block) noexcept {
        if constexpr (size_classes::serves(Bytes, Alignment)) {
            give(block, size_classes::index_of(Bytes, Alignment));
        } else {
            large_.release(block);
        }
    }

    // The same past the slot in hand. It makes an inlined release and acquire of one size meet without the
    // stack's round trip through memory; behind a virtual call it gains nothing and costs two instructions.
    [[nodiscard]] void* acquire_from_stack(std::size_t bytes, std::size_t alignment) {
        if (alignment > size_classes::granule || bytes > size_classes::largest_bytes) [[unlikely]] {
            return acquire_unusual(bytes, alignment);
        }
        return open(pop(size_classes::index_of(bytes)), bytes);
    }

    void release_to_stack(void* block, std::size_t bytes, std::size_t alignment) noexcept {
        if (alignment > size_classes::granule || bytes > size_classes::largest_bytes) [[unlikely]] {
            return release_slow(block, bytes, alignment);
        }
        const std::size_t index = size_classes::index_of(bytes);
        push(block, index);
        detail::poison(block, size_classes::bytes_of(index));
    }

    // Takes everything back and keeps one chunk. Blocks still out are invalid from then on.
    void reset() noexcept {
        large_.release_all();
        free_ = chunks_.keep_largest();
        forget_all();
    }

    // What the upstreams have handed out. O(chunks + large blocks).
    [[nodiscard]] std::size_t bytes() const noexcept { return chunks_.bytes() + large_.bytes(); }

private:
    static constexpr std::size_t page_bytes = size_classes::largest_alignment;
    using chunk_list = slabs<page_bytes, page_bytes, Upstream>;

    struct shelf { // what is needed when a stack runs empty
        std::byte* bump = nullptr;
        std::byte* end = nullptr;
        std::size_t slot_count = 0;    // of all spans so far
        std::size_t capacity = 0; // of the stack
        std::size_t wanted = 0;   // bytes of the next span, halved
    };

    static void* open(void* block, std::size_t bytes) noexcept {
        detail::unpoison(block, bytes);
        return block;
    }

    [[nodiscard]] void* take(std::size_t index) {
        if (void* const block = in_hand_[index]; block != nullptr) {
            in_hand_[index] = nullptr;
            return block;
        }
        return pop(index);
    }

    void give(void* block, std::size_t index) noexcept {
        void* const before = in_hand_[index];
        in_hand_[index] = block;
        if (before != nullptr) {
            push(before, index);
        }
        detail::poison(block, size_classes::bytes_of(index));
    }

    [[nodiscard]] void* pop(std::size_t index) {
        void** const top = top_[index];
        void* const block = *top;
        if (block == nullptr) [[unlikely]] {
            return carve(index);
        }
        top_[index] = top - 1;
        return block;
    }

    // There is room: a stack is as large as all slots of its class.
    void push(void* block, std::size_t index) noexcept {
        void** const top = top_[index] + 1;
        *top = block;
        top_[index] = top;
    }

    // The stack is empty. Hands out the next slot of the span and puts some of its neighbours onto the stack,
    // without touching any of them.
    [[nodiscard, gnu::__noinline__, gnu::__cold__]] void* carve(std::size_t index) {
        if (void* const block = std::exchange(in_hand_[index], nullptr); block != nullptr) {
            return block;
        }
        shelf& from = shelves_[index];
        if (from.bump == from.end) {
            add_span(index);
        }
        const std::size_t slot_bytes = size_classes::bytes_of(index);
        const auto left = static_cast<std::size_t>(from.end - from.bump) / slot_bytes;
        std::byte* const block = from.bump;
        from.bump += (std::min)(left, carved_at_once) * slot_bytes;
        for (std::byte* slot = from.bump - slot_bytes; slot != block; slot -= slot_bytes) {
            push(slot, index);
        }
        return block;
    }

    // Every slot of the class is out, so its stack is empty, and a larger one takes its place without copying.
    // One upstream allocation at most, and nothing is changed before it has succeeded.
    void add_span(std::size_t index) {
        shelf& grown = shelves_[index];
        const std::size_t slot_bytes = size_classes::bytes_of(index);
        const std::size_t least = detail::align_up(slot_bytes, page_bytes);
        const std::size_t wanted = (std::max)(least, std::clamp(grown.wanted * 2, 2 * page_bytes, largest_span));
        const std::size_t slots_then = grown.slot_count + wanted / slot_bytes;
        const std::size_t capacity = slots_then <= grown.capacity ? 0 : 2 * slots_then;
        const std::size_t stack_bytes = capacity == 0 ? 0 : (capacity + 1) * sizeof(void*);
        if (room() < least + stack_bytes) {
            free_ = chunks_.grow(detail::align_up(wanted + stack_bytes, page_bytes));
        }
        if (capacity != 0) {
            free_.end -= stack_bytes;
            detail::unpoison(free_.end, stack_bytes);
            grown.capacity = capacity;
            top_[index] = std::construct_at(reinterpret_cast<void**>(free_.end), nullptr);
        }
        const std::size_t span = (std::min)(wanted, detail::align_down(room(), page_bytes));
        grown.bump = free_.begin;
        grown.end = grown.bump + span / slot_bytes * slot_bytes;
        grown.slot_count += span / slot_bytes;
        grown.wanted = wanted;
        free_.begin += span;
    }

    [[nodiscard]] std::size_t room() const noexcept { return static_cast<std::size_t>(free_.end - free_.begin); }

    [[nodiscard, gnu::__noinline__]] void* acquire_unusual(std::size_t bytes, std::size_t alignment) {
        if (size_classes::serves(bytes, alignment)) {
            return open(take(size_classes::index_of(bytes, alignment)), bytes);
        }
        return large_.acquire(bytes, alignment);
    }

    [[gnu::__noinline__]] void release_slow(void* block, std::size_t bytes, std::size_t alignment) noexcept {
        if (size_classes::serves(bytes, alignment)) {
            give(block, size_classes::index_of(bytes, alignment));
        } else {
            large_.release(block);
        }
    }

    void forget_all() noexcept {
        std::fill(std::begin(top_), std::end(top_), &nothing);
        std::fill(std::begin(in_hand_), std::end(in_hand_), nullptr);
        std::fill(std::begin(shelves_), std::end(shelves_), shelf{});
    }

    static constexpr std::size_t largest_span = std::size_t{1} << 20;
    static constexpr std::size_t carved_at_once = 32;
    static inline constinit void* nothing = nullptr; // the stack of a class that has no span yet; never written

    void** top_[size_classes::count];
    void* in_hand_[size_classes::count];
    shelf shelves_[size_classes::count];
    typename chunk_list::run free_; // of the newest chunk
    chunk_list chunks_{0};
    large_blocks<LargeUpstream> large_;
};

} // namespace poolmark
