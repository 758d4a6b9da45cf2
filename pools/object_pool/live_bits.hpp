// One bit of a word of 64, tested and changed at once.
//
// On x86-64 the processor has an instruction for each of these that also says what the bit was; compilers spell them
// out with shifts and masks, which is most of what a check costs. Elsewhere the portable form does.
#pragma once

#include <cstddef>
#include <cstdint>

namespace poolmark::detail {

// 64 slots' bits. A type of its own, so that storing one does not make the compiler forget what else it knows.
enum class live_word : std::uint64_t {};

[[nodiscard]] inline bool is_live(live_word word, std::size_t index) noexcept {
    return ((static_cast<std::uint64_t>(word) >> (index % 64)) & 1) != 0;
}

inline void set_live(live_word& word, std::size_t index) noexcept {
#if defined(__x86_64__) && defined(__GNUC__)
    auto bits = static_cast<std::uint64_t>(word);
    asm("btsq %[index], %[bits]" : [bits] "+r"(bits) : [index] "r"(index) : "cc");
    word = static_cast<live_word>(bits);
#else
    word = static_cast<live_word>(static_cast<std::uint64_t>(word) | (std::uint64_t{1} << (index % 64)));
#endif
}

// Whether it was set; it is not any more.
[[nodiscard]] inline bool clear_live(live_word& word, std::size_t index) noexcept {
#if defined(__x86_64__) && defined(__GNUC__)
    auto bits = static_cast<std::uint64_t>(word);
    bool was_set = false;
    asm("btrq %[index], %[bits]" : [bits] "+r"(bits), "=@ccc"(was_set) : [index] "r"(index));
    if (was_set) [[likely]] {
        word = static_cast<live_word>(bits);
    }
    return was_set;
#else
    const bool was_set = is_live(word, index);
    word = static_cast<live_word>(static_cast<std::uint64_t>(word) & ~(std::uint64_t{1} << (index % 64)));
    return was_set;
#endif
}

} // namespace poolmark::detail
