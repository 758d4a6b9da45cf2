// A stack of released slots that can tell whether a slot is on it, and takes back what was popped last for one store.
//
//   base ──► [ null | slot | slot | slot | lent | lent | stop | room for all the rest ]      a slot's mark (live_slots.hpp):
//                                   ▲ top                                                   how far below its entry the base is, less one entry
//
// A slot is on the stack where the entry that its mark says, not above the top, holds it. Nothing else can look so: what is
// not on the stack is on no entry up to the top, whatever its old mark says. So popping writes no mark; only pushing does.
//
// What was popped still stands above the top until something else is pushed there: lent, in the order in which it was
// taken. Put back in the other order, each is where it was, with the mark it had. The stop is the address of nothing.
//
// Good for: pools that check each release.
// Bad for:  pools that do not: a mark and a stop are two stores more.
// Complexity: all O(1). Bytes: as top_stack, and 8 more. Threads: one at a time.
#pragma once

#include "pools/object_pool/live_slots.hpp"
#include "pools/object_pool/top_stack.hpp"

#include <cstddef>
#include <cstdint>

namespace poolmark::detail {

class lending_stack : public top_stack {
public:
    // How many slots there can be: marks are numbers of 32 bits, of which the last ones are taken.
    static constexpr std::size_t most_slots = (std::size_t{1} << 32) / sizeof(entry) - 2;

    [[nodiscard]] static constexpr std::size_t bytes_for(std::size_t slot_count) noexcept {
        return top_stack::bytes_for(slot_count) + sizeof(entry);
    }

    // There must be room.
    void push(void* slot, slot_mark& mark) noexcept {
        place(slot, mark);
        take_back();
    }
    // As if it were lent.
    void place(void* slot, slot_mark& mark) noexcept {
        const position above = next(top_);
        *at(above) = static_cast<entry>(reinterpret_cast<std::uintptr_t>(slot));
        *at(next(above)) = stop;
        mark = static_cast<slot_mark>(number(top_) - number(base_)); // last: spares a copy of the top
    }

    // Whether `slot` is the next one of those lent.
    [[nodiscard]] bool lends(const void* slot) const noexcept { return top_stack::slot(*at(next(top_))) == slot; }
    void take_back() noexcept { top_ = next(top_); }
    // Nothing is lent any more.
    void settle() noexcept {
        if (has_memory()) {
            *at(next(top_)) = stop;
        }
    }

    // Whether `slot`, which has the mark and is not the next one of those lent, is on the stack. Without a branch: which way
    // it went could not be foretold.
    [[nodiscard]] bool has(const void* slot, slot_mark mark) const noexcept {
        const position marked{number(base_) + static_cast<std::uintptr_t>(mark)};
        return top_stack::slot(*at(next(marked < top_ ? marked : top_))) == slot;
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
    // Above it, nothing needs to stay as it is.
    [[nodiscard]] entry* unused() const noexcept { return end() + 1; }

private:
    [[nodiscard]] static std::uintptr_t number(position of) noexcept { return static_cast<std::uintptr_t>(of); }
};

} // namespace poolmark::detail
