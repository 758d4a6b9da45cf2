// The format of a recording: one folder for each process, one file for each thread that ran at once.
//
//   PROCESS/process     text: version, pid, parent, whether it was forked, program, clock     (recorded_process.cpp writes it at the start)
//   PROCESS/maps        /proc/self/maps, once more whenever libraries were loaded
//   PROCESS/N.events    | header, 4 KiB | window, 64 KiB | block | block | ... |
//
// A thread writes words of 8 bytes into its window, which is mapped. A window that is full is written behind the last block and begun
// again. So what a killed process did is there: `place`, one word in the header, says how many blocks are complete and how much of the
// window stands behind them. The order is that of the blocks, then the window. A word of zeros is nothing: what was left of a block.
//
//   end of a block     | operation, address |
//   begin of a block   | operation, alignment, address | stack, bytes |
//   time               | operation, ticks |                          of the event behind it; without, it is a tick later than the one before
//   stack              | operation, stack, frames | frame | ... |
//   thread             | operation, number |                         from here on this file is another thread's
#pragma once

#include <cstddef>
#include <cstdint>

namespace poolmark::programs {

inline constexpr std::uint32_t recording_version = 2;
inline constexpr char recording_magic[8] = {'P', 'M', 'R', 'E', 'C', '\n', '\0', '\2'};
inline constexpr std::size_t header_bytes = 4096;
inline constexpr std::uint32_t window_words = 8192;
inline constexpr std::size_t window_bytes = window_words * sizeof(std::uint64_t);
inline constexpr std::size_t blocks_at = header_bytes + window_bytes;
// The clock is read before every so many events of a thread. A prime: a program that does the same again and again meets the reading at
// every point of what it does, and a mean life is a true mean.
inline constexpr std::uint32_t unstamped = 31;

enum class operation : std::uint8_t {
    none,
    plain_malloc,
    zeroed,       // calloc
    aligned,      // memalign and its like
    reallocated,  // the block that realloc returned
    plain_new,
    array_new,
    plain_free,
    plain_delete,
    moved,        // the block that realloc was given
    time,
    stack,
    thread
};

[[nodiscard]] constexpr bool allocates(operation how) noexcept {
    return how >= operation::plain_malloc && how <= operation::array_new;
}

// Bits of a word: what it is in the topest four, 6 of alignment below, then 6 of nothing, then 48 of an address.
inline constexpr std::uint64_t low_48 = (std::uint64_t{1} << 48U) - 1;
inline constexpr std::uint64_t low_60 = (std::uint64_t{1} << 60U) - 1;
inline constexpr std::uint32_t most_stacks = 1U << 24U;

[[nodiscard]] constexpr std::uint64_t make_word(operation how, std::uint64_t value, unsigned align_log2 = 0) noexcept {
    return static_cast<std::uint64_t>(how) << 60U | static_cast<std::uint64_t>(align_log2) << 54U | value;
}
[[nodiscard]] constexpr operation operation_of(std::uint64_t word) noexcept { return static_cast<operation>(word >> 60U); }
[[nodiscard]] constexpr unsigned align_log2_of(std::uint64_t word) noexcept { return static_cast<unsigned>(word >> 54U) & 0x3FU; }

// The second word of a begin. Sizes beyond 1 TiB are recorded as 1 TiB.
[[nodiscard]] constexpr std::uint64_t make_request(std::uint64_t bytes, std::uint32_t stack) noexcept {
    constexpr std::uint64_t most = (std::uint64_t{1} << 40U) - 1;
    return std::uint64_t{stack} << 40U | (bytes < most ? bytes : most);
}
[[nodiscard]] constexpr std::uint64_t bytes_of(std::uint64_t request) noexcept { return request & ((std::uint64_t{1} << 40U) - 1); }
[[nodiscard]] constexpr std::uint32_t stack_of(std::uint64_t request) noexcept { return static_cast<std::uint32_t>(request >> 40U); }

[[nodiscard]] constexpr std::uint64_t make_stack(std::uint32_t number, std::uint32_t frames) noexcept {
    return make_word(operation::stack, std::uint64_t{number} << 8U | frames);
}
static_assert(align_log2_of(make_word(operation::aligned, low_48, 12)) == 12 && operation_of(make_word(operation::thread, low_60)) == operation::thread);
static_assert(bytes_of(make_request(40, 7)) == 40 && stack_of(make_request(~std::uint64_t{0}, most_stacks - 1)) == most_stacks - 1);

struct header {
    char magic[8];
    std::uint32_t version;
    std::uint32_t window_words;
    std::uint64_t place;        // words in the window, and in the upper half the blocks that are complete: changed in one store
    std::uint64_t lost;         // events for which there was no room
    std::uint64_t ticks, ns;    // both clocks at the last look, both since the process began
    std::uint64_t packed;       // not 0: behind this header come groups of packed words instead (words.cpp)
};
static_assert(sizeof(header) <= header_bytes);

} // namespace poolmark::programs
