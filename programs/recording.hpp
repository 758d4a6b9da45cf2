// The format of a recording: one folder for each process, one file for each thread that ran at once.
//
//   PROCESS/process        text: version, pid, parent, whether it was forked, program, clock     (recorder.cpp writes it at the start)
//   PROCESS/maps           /proc/self/maps, once more whenever libraries were loaded
//   PROCESS/N.events       | header, 4 KiB | event | event | ... | zeros |                        a zero event is the end
//
// Events of a file are in order of time. A file is mapped while it is written, so what a killed process wrote is there.
#pragma once

#include <cstddef>
#include <cstdint>

namespace poolmark::programs {

inline constexpr std::uint32_t recording_version = 1;
inline constexpr char recording_magic[8] = {'P', 'M', 'R', 'E', 'C', '\n', '\0', '\1'};
inline constexpr std::size_t header_bytes = 4096;

// A file grows by chunks, each twice as long as the one before, up to a limit. What is left at the end of a chunk is zeros.
inline constexpr std::uint64_t first_chunk_bytes = 256 << 10;
inline constexpr std::uint64_t largest_chunk_bytes = 4 << 20;
[[nodiscard]] constexpr std::uint64_t next_chunk_bytes(std::uint64_t bytes) noexcept {
    return 2 * bytes < largest_chunk_bytes ? 2 * bytes : largest_chunk_bytes;
}

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
    stack,        // defines a stack: `block` is a frame, `bytes` says how many follow
    thread        // from here on this file is another thread's; `bytes` is its number
};

[[nodiscard]] constexpr bool allocates(operation how) noexcept {
    return how >= operation::plain_malloc && how <= operation::array_new;
}

// 24 bytes. Sizes beyond 1 TiB are recorded as 1 TiB.
struct event {
    std::uint64_t time : 48;      // ticks since the process began
    std::uint64_t slack : 16;     // bytes that the block has beyond what was asked for, at most 65535
    std::uint64_t block : 48;
    std::uint64_t how : 8;
    std::uint64_t size_high : 8;
    std::uint32_t size_low;
    std::uint32_t stack : 26;     // its number in this file
    std::uint32_t align_log2 : 6; // 0: the heap's own

    [[nodiscard]] operation what() const noexcept { return static_cast<operation>(how); }
    [[nodiscard]] std::uint64_t bytes() const noexcept { return (std::uint64_t{size_high} << 32U) | size_low; }
};
static_assert(sizeof(event) == 24);

[[nodiscard]] constexpr event make_event(std::uint64_t time, operation how, std::uintptr_t block, std::uint64_t bytes, std::uint64_t slack,
                                         std::uint32_t stack, unsigned align_log2) noexcept {
    constexpr std::uint64_t low_48 = (std::uint64_t{1} << 48U) - 1;
    const std::uint64_t size = bytes < (std::uint64_t{1} << 40U) ? bytes : (std::uint64_t{1} << 40U) - 1;
    return event{.time = time & low_48, .slack = (slack < 65535 ? slack : 65535) & 0xFFFFU, .block = block & low_48,
                 .how = static_cast<std::uint8_t>(how), .size_high = (size >> 32U) & 0xFFU,
                 .size_low = static_cast<std::uint32_t>(size), .stack = stack & 0x3FF'FFFFU, .align_log2 = align_log2 & 0x3FU};
}

struct header {
    char magic[8];
    std::uint32_t version;
    std::uint32_t event_bytes;
    std::uint64_t lost;         // events for which there was no room
    std::uint64_t ticks, ns;    // both clocks at the last look, both since the process began
};
static_assert(sizeof(header) <= header_bytes);

} // namespace poolmark::programs
