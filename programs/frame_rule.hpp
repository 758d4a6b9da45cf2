// Where the frame that an address returns to ends, and where the frame pointer of the one above lies: what the compiler's tables for
// exceptions say (.eh_frame, section 6.4 of the DWARF specification), as far as it fits into 16 bytes. That is nearly all of them.
#pragma once

#include <cstdint>

namespace poolmark::programs {

struct frame_rule {
    enum class base : std::uint8_t {
        unknown,
        stack_pointer,
        frame_pointer,
        behind_frame_pointer, // at a word below the frame pointer stands where the frame ends: functions that align their stack
        outermost,            // nobody called, or nobody knows who did
        other                 // it takes a whole unwinder
    };
    enum class saved : std::uint8_t { kept, in_frame, at_frame_pointer };

    std::uintptr_t address;
    std::int32_t end;        // of the frame, from its base on
    std::int16_t pointer_at; // from the end of the frame, or from the frame pointer
    base from;
    saved pointer;
};

// Asks the tables: a microsecond. x86-64 alone.
frame_rule learn_frame_rule(std::uintptr_t address) noexcept;

} // namespace poolmark::programs
