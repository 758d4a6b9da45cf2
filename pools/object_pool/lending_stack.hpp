// A stack of released slots that can tell whether a slot is on it, and takes back what was popped last for one store.
//
//   base ──► [ null | slot | slot | slot | lent | lent | room for all the rest ]      a slot's mark (live_slots.hpp):
//                                   ▲ top         ▲ lent up to here                   how far its entry is from the base
//
// A slot is on the stack where the entry that its mark says, not above the top, holds it. Nothing else can look so: what is
// not on the stack is on no entry up to the top, whatever its old mark says. So popping writes no mark; only pushing does.
//
// What was popped still stands above the top until something else is pushed there: lent, in the order in which it was
// taken. Put back in the other order, each is where it was, with the mark it had.
//
// Good for: pools that check each release.
// Bad for:  pools that do not: a mark is a store more.
// Complexity: all O(1). Bytes: as top_stack. Threads: one at a time.
#pragma once

#include "pools/object_pool/live_slots.hpp"
#include "pools/object_pool/top_stack.hpp"

#include <cstddef>
#include <cstdint>
#include <utility>

namespace poolmark::detail {

class lending_stack : public top_stack {
public:
    // How many slots there can be: marks are numbers of 32 bits, of which the last one is taken.
    static constexpr std::size_t most_slots = (std::size_t{1} << 32) / sizeof(entry) - 2;

    lending_stack() = default;
    lending_stack(lending_stack&& other) noexcept { swap(other); }
    lending_stack& operator=(lending_stack&& other) noexcept {
        lending_stack taken(std::move(other));
        swap(taken);
        return *this;
    }
    ~lending_stack() = default;

    // There must be room. Returns the slot's mark from here on.
    [[nodiscard]] slot_mark push(void* slot) noexcept {
        top_stack::push(slot);
        lent_ = top_;
        return static_cast<slot_mark>(number(top_) - number(base_));
    }

    // Whether `slot` is the next one of those lent.
    [[nodiscard]] bool lends(const void* slot) const noexcept {
        const position above = next(top_);
        return above <= lent_ && top_stack::slot(*at(above)) == slot;
    }
    void take_back() noexcept { top_ = next(top_); }
    // Nothing is lent any more.
    void settle() noexcept { lent_ = top_; }

    // Whether `slot`, which has the mark, is on the stack. Without a branch: which way it went could not be foretold.
    [[nodiscard]] bool has(const void* slot, slot_mark mark) const noexcept {
        const position marked{number(base_) + static_cast<std::uintptr_t>(mark)};
        return top_stack::slot(*at(marked <= top_ ? marked : base_)) == slot;
    }

    void clear() noexcept {
        top_stack::clear();
        settle();
    }
    void begin_in(void* memory) noexcept {
        top_stack::begin_in(memory);
        settle();
    }
    void move_to(void* memory) noexcept {
        top_stack::move_to(memory);
        settle();
    }
    void abandon() noexcept {
        top_stack::abandon();
        settle();
    }
    void swap(lending_stack& other) noexcept {
        top_stack::swap(other);
        std::swap(lent_, other.lent_);
    }

private:
    [[nodiscard]] static std::uintptr_t number(position of) noexcept { return static_cast<std::uintptr_t>(of); }

    position lent_ = top_;
};

} // namespace poolmark::detail
