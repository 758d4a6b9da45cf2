// A hash of a text that costs little for short ones: one wide multiplication up to 16 bytes, one for each 16 beyond.
//
//   16 bytes ──► (first 8 ^ k) * (last 8 ^ k)  as 128 bits ──► upper half ^ lower half
//
// Good for: keys of tables: field names, words, paths. Good for long texts too: two chains run side by side.
// Bad for:  keys that an enemy may choose: who knows the constants can make all of them collide.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace poolmark::detail {

[[nodiscard]] inline std::uint64_t load_8(const char* from) noexcept {
    std::uint64_t word = 0;
    std::memcpy(&word, from, sizeof word);
    return word;
}
[[nodiscard]] inline std::uint64_t load_4(const char* from) noexcept {
    std::uint32_t word = 0;
    std::memcpy(&word, from, sizeof word);
    return word;
}

[[nodiscard]] constexpr std::uint64_t fold(std::uint64_t one, std::uint64_t other) noexcept {
    __extension__ using wide = unsigned __int128;
    const wide product = static_cast<wide>(one) * other;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64U);
}

struct text_hash {
    static constexpr std::uint64_t key_1 = 0x9e3779b97f4a7c15U; // odd, and about half of the bits set
    static constexpr std::uint64_t key_2 = 0xd1b54a32d192ed03U;

    [[nodiscard]] std::uint64_t operator()(std::string_view text) const noexcept {
        const char* const at = text.data();
        const std::size_t size = text.size();
        std::uint64_t first = size;
        std::uint64_t last = 0;
        if (size >= 8) {
            if (size > 16) {
                return of_long(text);
            }
            first ^= load_8(at);
            last = load_8(at + size - 8);
        } else if (size >= 4) {
            first ^= load_4(at) << 32U;
            last = load_4(at + size - 4);
        } else if (size != 0) {
            last = static_cast<unsigned char>(at[0]) |
                   std::uint64_t{static_cast<unsigned char>(at[size / 2])} << 8U |
                   std::uint64_t{static_cast<unsigned char>(at[size - 1])} << 16U;
        }
        return fold(first ^ key_1, last ^ key_2);
    }

private:
    [[nodiscard]] static std::uint64_t of_long(std::string_view text) noexcept {
        const char* at = text.data();
        const char* const last = at + text.size() - 16; // the last 16 bytes, which may overlap others
        std::uint64_t one = key_1 ^ text.size();
        std::uint64_t other = key_2;
        for (; last - at > 16; at += 32) {
            one = fold(load_8(at) ^ key_1, load_8(at + 8) ^ one);
            other = fold(load_8(at + 16) ^ key_2, load_8(at + 24) ^ other);
        }
        if (at < last) {
            one = fold(load_8(at) ^ key_1, load_8(at + 8) ^ one);
        }
        return fold(fold(load_8(last) ^ one, load_8(last + 8) ^ other), key_1 ^ text.size());
    }
};

// Whether `size` bytes at two places are equal: without a call up to 16, which most names are.
[[nodiscard]] inline bool same_bytes(const char* one, const char* other, std::size_t size) noexcept {
    if (size > 16) {
        return std::memcmp(one, other, size) == 0;
    }
    if (size >= 8) {
        return load_8(one) == load_8(other) && load_8(one + size - 8) == load_8(other + size - 8);
    }
    if (size >= 4) {
        return load_4(one) == load_4(other) && load_4(one + size - 4) == load_4(other + size - 4);
    }
    for (std::size_t i = 0; i != size; ++i) {
        if (one[i] != other[i]) {
            return false;
        }
    }
    return true;
}

} // namespace poolmark::detail
