// The frames above a call, by the tables that compilers write for exceptions (.eh_frame of the DWARF specification, section 6.4). What is
// learned of a return address is kept, so that a frame costs one look-up and one or two words of the stack.
//
// Good for: asking again and again, from few places.
// Bad for:  processors other than x86-64, stacks that the program makes itself, signal handlers: there the compiler's own unwinder is asked, which takes a microsecond.
#pragma once

#include <cstddef>
#include <cstdint>

namespace poolmark::programs {

// Where the frame that an address returns to ends, and where the frame pointer of the one above lies: what the tables say, as far as it
// fits into 16 bytes. That is nearly all of them.
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

inline constexpr int max_frames = 32;

// What __builtin_frame_address(0) points to.
struct frame_record {
    const void* frame_pointer; // the caller's
    const void* caller;
};

// What a walk began with and which words of the stack it read. The tables give the same answer as long as all of that is the same.
struct walked {
    static constexpr std::uint32_t most = 14;
    const frame_record* from;
    frame_record record;
    std::uint32_t number;            // that the caller gave to the answer; 0: of no walk
    std::uint16_t count;             // of words; more than `most` when there were too many
    bool needs_pointer;              // the frame pointer at the beginning mattered
    std::uint16_t at[most];          // words above `from`
    std::uintptr_t word[most];
};

// What is known of frames; its owner alone uses it. Zeros know nothing.
class frame_rules {
public:
    // Return addresses above the function with this record, its caller first; at most `limit` of them, at least one.
    int walk(const frame_record* from, const void** into, int limit) noexcept;
    // The number of a walk from here that would have the same answer; 0 when none is known.
    [[nodiscard]] std::uint32_t same(const frame_record* from) const noexcept;
    // Gives a number, not 0, to the last walk.
    void keep(std::uint32_t number) noexcept;
    // Where the thread's stack lies: nothing else is ever read. To be called by the thread before all else.
    void learn_stack() noexcept;
    // Forgets everything when `unloads` is another than before: other code may be at the same addresses.
    void expect(std::uint32_t unloads) noexcept;

private:
    static constexpr std::uint32_t slots = 1U << 15U;

    static constexpr std::uint32_t kept_walks = 128;

    [[nodiscard]] static std::size_t slot_of(const frame_record* from) noexcept {
        return ((reinterpret_cast<std::uintptr_t>(from) >> 4U) ^ reinterpret_cast<std::uintptr_t>(from->caller)) % kept_walks;
    }
    void forget() noexcept;
    const frame_rule& rule_of(std::uintptr_t address) noexcept;

    std::uintptr_t low_, high_;
    std::uint32_t unloads_, used_;
    walked last_;
    walked kept_[kept_walks];
    frame_rule rules_[slots];
};

// The compiler's own unwinder; the frames from the one that returns to `caller` on.
int walk_slowly(const void* caller, const void** into, int limit) noexcept;

} // namespace poolmark::programs
