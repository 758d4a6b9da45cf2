// A stack of released slots that keeps two counters instead of one position: what was ever pushed, and what was ever
// popped. The depth is their difference.
//
//   entries ──► [ slot | slot | slot |  room for all the rest  ]        depth = pushed_ - popped_
//                                    ▲ entries + depth
//
// With a single position, a release and the acquire after it change the same word: each waits for the other's store
// to come back as a load, some five cycles twice, and a pool that replaces one object by another can do nothing else
// meanwhile. Here push() changes one word and pop() the other, so the two chains run side by side, and the order
// stays that of a plain stack. In a loop that only pushes or only pops, the compiler keeps the changing word in a
// register: nothing it stores through a pointer can be one of these words, because each has an enumeration of its
// own for a type, and no store to an object may alias that.
//
// Good for: the free slots of a pool, from one warm object to millions of
//           cold ones; what is popped next is known without reading it.
// Bad for:  growing by itself: there must be room for all slots, which the pool sees to when it gets them.
// Complexity: push, pop O(1), a handful of instructions and no call.
// Bytes:    8 of address space a slot, touched only by as many as are free at once.
// Threads:  one at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <utility>

namespace poolmark::detail {

class split_stack {
public:
    enum class entry : std::uintptr_t {}; // a slot's address, in a type that only this stack stores

    split_stack() = default;
    split_stack(split_stack&& other) noexcept { swap(other); }
    split_stack& operator=(split_stack&& other) noexcept {
        split_stack taken(std::move(other));
        swap(taken);
        return *this;
    }
    ~split_stack() = default;

    // There must be room.
    void push(void* slot) noexcept {
        const std::size_t pushed = static_cast<std::size_t>(pushed_);
        at(pushed - static_cast<std::size_t>(popped_)) = static_cast<entry>(reinterpret_cast<std::uintptr_t>(slot));
        pushed_ = static_cast<pushed_bytes>(pushed + sizeof(entry));
    }

    // The slot pushed last, or null when there is none.
    [[nodiscard]] void* pop() noexcept {
        const std::size_t popped = static_cast<std::size_t>(popped_);
        const std::size_t depth = static_cast<std::size_t>(pushed_) - popped;
        if (depth == 0) [[unlikely]] {
            return nullptr;
        }
        popped_ = static_cast<popped_bytes>(popped + sizeof(entry));
        void* const top = slot(at(depth - sizeof(entry)));
        if (top == nullptr) {
            __builtin_unreachable(); // nobody pushes null, and the caller need not test for it again
        }
        return top;
    }

    [[nodiscard]] std::size_t size() const noexcept { return depth_bytes() / sizeof(entry); }

    // Bottom first: the last one is popped first.
    [[nodiscard]] entry* begin() const noexcept { return reinterpret_cast<entry*>(entries_); }
    [[nodiscard]] entry* end() const noexcept { return begin() + size(); }
    [[nodiscard]] static void* slot(entry of) noexcept {
        return reinterpret_cast<void*>(of); // NOLINT(performance-no-int-to-ptr): it came from a pointer
    }

    // Keeps the `count` lowest entries.
    void resize(std::size_t count) noexcept {
        pushed_ = static_cast<pushed_bytes>(count * sizeof(entry));
        popped_ = popped_bytes{};
    }

    // The entries move to `memory`, which has room for them and for all that will be pushed; null when there are none.
    void move_to(void* memory) noexcept {
        if (memory != nullptr && depth_bytes() != 0) {
            std::memcpy(memory, begin(), depth_bytes());
        }
        entries_ = static_cast<base>(reinterpret_cast<std::uintptr_t>(memory));
    }

    void swap(split_stack& other) noexcept {
        std::swap(pushed_, other.pushed_);
        std::swap(popped_, other.popped_);
        std::swap(entries_, other.entries_);
    }

private:
    enum class pushed_bytes : std::size_t {}; // sizeof(entry) for each; the sums may wrap, their difference does not
    enum class popped_bytes : std::size_t {};
    enum class base : std::uintptr_t {};

    [[nodiscard]] std::size_t depth_bytes() const noexcept {
        return static_cast<std::size_t>(pushed_) - static_cast<std::size_t>(popped_);
    }
    [[nodiscard]] entry& at(std::size_t bytes) const noexcept {
        return *reinterpret_cast<entry*>(static_cast<std::uintptr_t>(entries_) + bytes);
    }

    pushed_bytes pushed_{};
    popped_bytes popped_{};
    base entries_{};
};

} // namespace poolmark::detail
