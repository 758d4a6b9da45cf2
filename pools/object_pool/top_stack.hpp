// A stack of released slots: one pointer to the newest, and a null below the oldest.
//
//   base ──► [ null | slot | slot | slot |  room for all the rest  ]
//                                   ▲ top
//
// What pop() reads is the answer and the test for emptiness at once: there is no second position to load and to compare
// with. A stack that has no memory yet points at a null that all of them share, so pop() needs no test for that either.
// In a loop that only pushes or only pops, the compiler keeps the position in a register: nothing it stores through a
// pointer can be one of these words, because each has an enumeration of its own for a type, and no store to an object
// may alias that. docs/adr/0017 has what the other structures cost.
//
// Good for: the free slots of a pool, from one warm object to millions of cold ones; what is popped next is known
//           without reading it.
// Bad for:  growing by itself: there must be room for all slots, which the pool sees to when it gets them.
// Complexity: push, pop O(1), a handful of instructions and no call.
// Bytes:    8 of address space a slot and 8 more, touched only as deep as slots are free at once.
// Threads:  one at a time.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <utility>

namespace poolmark::detail {

class top_stack {
public:
    enum class entry : std::uintptr_t {}; // a slot's address, in a type that only this stack stores

    top_stack() = default;
    top_stack(top_stack&& other) noexcept { swap(other); }
    top_stack& operator=(top_stack&& other) noexcept {
        top_stack taken(std::move(other));
        swap(taken);
        return *this;
    }
    ~top_stack() = default;

    // How many bytes hold a stack of so many slots.
    [[nodiscard]] static constexpr std::size_t bytes_for(std::size_t slot_count) noexcept {
        return (slot_count + 1) * sizeof(entry);
    }

    // There must be room.
    void push(void* slot) noexcept {
        const position above = next(top_);
        *at(above) = static_cast<entry>(reinterpret_cast<std::uintptr_t>(slot));
        top_ = above;
    }

    // The slot pushed last, or null when there is none.
    [[nodiscard]] void* pop() noexcept {
        const position newest = top_;
        const entry taken = *at(newest);
        if (taken == entry{}) [[unlikely]] {
            return nullptr;
        }
        top_ = before(newest);
        return slot(taken);
    }

    [[nodiscard]] std::size_t size() const noexcept { return static_cast<std::size_t>(at(top_) - at(base_)); }

    // Bottom first: the last one is popped first.
    [[nodiscard]] entry* begin() const noexcept { return at(base_) + 1; }
    [[nodiscard]] entry* end() const noexcept { return at(top_) + 1; }
    [[nodiscard]] entry* unused() const noexcept { return end(); } // above it, nothing needs to stay as it is
    [[nodiscard]] static void* slot(entry of) noexcept {
        return reinterpret_cast<void*>(of); // NOLINT(performance-no-int-to-ptr): it came from a pointer
    }

    // Forgets all entries.
    void clear() noexcept { top_ = base_; }

    // Empty, in `memory`, of which the first word becomes the null.
    void begin_in(void* memory) noexcept {
        top_ = base_ = position_of(std::construct_at(static_cast<entry*>(memory)));
    }
    // The entries move to `memory`, which has bytes_for() them and all that will be pushed.
    void move_to(void* memory) noexcept {
        const std::size_t entries = size();
        std::memcpy(memory, at(base_), bytes_for(entries)); // the null as well
        base_ = position_of(static_cast<entry*>(memory));
        top_ = position_of(at(base_) + entries);
    }
    // Empty, and without memory: nothing may be pushed.
    void abandon() noexcept { top_ = base_ = position_of(nothing.data()); }

    void swap(top_stack& other) noexcept {
        std::swap(top_, other.top_);
        std::swap(base_, other.base_);
    }

protected:
    // No address: neither a program's nor, on any system of 64 bits, one that an object can have.
    static constexpr entry stop{0xFFFF'FFFF'8000'0001};

    enum class position : std::uintptr_t {};

    [[nodiscard]] static position position_of(entry* of) noexcept {
        return static_cast<position>(reinterpret_cast<std::uintptr_t>(of));
    }
    [[nodiscard]] static entry* at(position of) noexcept {
        return reinterpret_cast<entry*>(of); // NOLINT(performance-no-int-to-ptr): it came from a pointer
    }

    // By numbers and not by pointers: GCC 12 sees only so that what a loop pushes is what it pops next, and spares the load.
    [[nodiscard]] static position next(position of) noexcept {
        return static_cast<position>(static_cast<std::uintptr_t>(of) + sizeof(entry));
    }
    [[nodiscard]] static position before(position of) noexcept {
        return static_cast<position>(static_cast<std::uintptr_t>(of) - sizeof(entry));
    }

    [[nodiscard]] bool has_memory() const noexcept { return base_ != position_of(nothing.data()); }

private:
    // Below and above the first slot of a stack without memory; never written.
    static inline constinit std::array<entry, 2> nothing{entry{}, stop};

protected:
    position top_ = position_of(nothing.data());
    position base_ = position_of(nothing.data());
};

} // namespace poolmark::detail
