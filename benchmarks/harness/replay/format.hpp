// The format of NAME.ops: what the threads of one recorded process asked of its heap, ready to be done again.
//
//   | header | threads | words of thread 0 | words of thread 1 | ... |
//
// A thread's words are operations, in the order in which it did them. The first word of an operation says what it is and with which
// slot; a slot holds one block at a time. The second has the bytes: of the block that comes, or of the one that goes.
//
//   take      | take, flags, slot | bytes | extent |              extent, where flagged: alignment in 8 bits, what goes beyond 32 bits of both sizes
//   give      | give, flags, slot | bytes | extent | turn |
//   resize    | resize, flags, slot | bytes | bytes before | extent | turn |
//   meet      | meet | window |
//   end       | end | 0 |                                          behind it stand the blocks that the program never freed
//
// A thread that gives a slot back takes it again before any other, newest first. So what happens to a slot follows from the order within
// threads, but for one thing: a block that another thread made. Who makes it publishes (`handed`), and who takes it over waits for that
// turn (`waits`): turns of a slot are counted, since an older block may still lie in it. Threads also keep abreast: none begins a window
// of the recording before all others have done with the windows before.
#pragma once

#include <cstddef>
#include <cstdint>

namespace poolmark::replaying {

inline constexpr char replay_magic[8] = {'P', 'M', 'O', 'P', 'S', '\n', '\0', '\1'};
inline constexpr std::uint32_t replay_version = 1;
inline constexpr std::uint32_t window_events = 4096; // of the whole process
inline constexpr std::uint32_t most_replay_threads = 1024;

enum class deed : std::uint8_t { malloc, zeroed, aligned, plain_new, array_new, free, plain_delete, array_delete, resize, meet, end };

[[nodiscard]] constexpr bool takes(deed what) noexcept { return what <= deed::array_new; }
[[nodiscard]] constexpr bool gives(deed what) noexcept { return what >= deed::free && what <= deed::array_delete; }

struct replay_header {
    char magic[8];
    std::uint32_t version;
    std::uint32_t threads;
    std::uint64_t check;      // of all words behind the header
    std::uint64_t words;      // behind the header, of 4 bytes
    std::uint64_t slots;
    std::uint64_t operations; // of the program: without meetings and what comes behind the end
    std::uint64_t made;       // blocks
    std::uint64_t resized;    // how often one was
    std::uint64_t bytes;      // asked for in all, by those that were made and by resizing
    std::uint64_t peak_live, peak_bytes;
    std::uint64_t handed;     // blocks that another thread freed or resized
    std::uint64_t left;       // blocks that were never freed
};

struct replay_thread {
    std::uint64_t first; // word behind the header
    std::uint64_t words;
};

// The first word: the slot, three flags, the deed.
inline constexpr std::uint32_t most_slots = 1U << 25U;
inline constexpr std::uint32_t flag_extent = 1U << 25U, flag_handed = 1U << 26U, flag_waits = 1U << 27U;

[[nodiscard]] constexpr std::uint32_t first_word(deed what, std::uint32_t slot, std::uint32_t flags = 0) noexcept {
    return static_cast<std::uint32_t>(what) << 28U | flags | slot;
}
[[nodiscard]] constexpr deed deed_of(std::uint32_t word) noexcept { return static_cast<deed>(word >> 28U); }
[[nodiscard]] constexpr std::uint32_t slot_of(std::uint32_t word) noexcept { return word & (most_slots - 1); }
static_assert(deed_of(first_word(deed::end, most_slots - 1, flag_waits)) == deed::end);

// The extent. Sizes of recordings end at 1 TiB: 8 bits are enough.
[[nodiscard]] constexpr std::uint32_t make_extent(std::uint64_t bytes, std::uint64_t before, unsigned align_log2) noexcept {
    return align_log2 << 24U | static_cast<std::uint32_t>(before >> 32U) << 16U | static_cast<std::uint32_t>(bytes >> 32U);
}

// What one thread did, read in order. Words are taken as they stand: a file is checked before (ops_file).
struct step {
    deed what;
    bool handed, waits;
    unsigned align_log2;
    std::uint32_t slot, turn;
    std::uint64_t bytes, before;
};
[[nodiscard]] inline step next_step(const std::uint32_t*& at) noexcept {
    const std::uint32_t word = *at++;
    step found{deed_of(word), (word & flag_handed) != 0, (word & flag_waits) != 0, 0, slot_of(word), 0, *at++, 0};
    if (found.what == deed::resize) {
        found.before = *at++;
    }
    if ((word & flag_extent) != 0) [[unlikely]] {
        const std::uint32_t extent = *at++;
        found.align_log2 = extent >> 24U;
        found.bytes |= std::uint64_t{extent & 0xFFFFU} << 32U;
        found.before |= std::uint64_t{extent >> 16U & 0xFFU} << 32U;
    }
    if (found.waits) [[unlikely]] {
        found.turn = *at++;
    }
    return found;
}

// What the check word of a file is made of; it begins with 1.
[[nodiscard]] constexpr std::uint64_t check_with(std::uint64_t check, std::uint32_t word) noexcept {
    check = (check ^ word) * 0x9E3779B97F4A7C15U;
    return check ^ check >> 32U;
}

} // namespace poolmark::replaying
