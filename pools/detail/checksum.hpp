// A number that tells whether bytes are still what they were: for what is read back from a disk.
//
//   64 bytes ──► 8 lanes, each: (lane ^ word) * odd number, upper half folded into the lower; two by two ──► one number
//
// Good for: damage. A change within one aligned word of 8 bytes is always found, because every step can be undone;
//           any other escapes with a chance of 2^-64. Eight lanes keep a multiplier busy: about a byte in 0.05 ns.
// Bad for:  enemies: who knows the steps can make bytes that fit.
// It is part of file formats: whoever changes it makes all files of before foreign ones, so their version goes up.
#pragma once

#include "pools/detail/text_hash.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace poolmark::detail {

[[nodiscard]] constexpr std::uint64_t stirred(std::uint64_t lane, std::uint64_t word) noexcept {
    lane = (lane ^ word) * 0x9fb21c651e98df25U; // odd, so that nothing is lost
    return lane ^ lane >> 32U;
}

// The words that are left behind the last 64 bytes, the last one filled with zeros: visit(number, word).
template <class Visit>
inline void for_each_word(const char* at, std::size_t left, const Visit& visit) noexcept {
    std::size_t number = 0;
    for (; left >= 8; left -= 8, at += 8) {
        visit(number++, load_8(at));
    }
    if (left != 0) {
        std::uint64_t last = 0;
        std::memcpy(&last, at, left);
        visit(number, last);
    }
}

[[nodiscard]] inline std::uint64_t checksum(std::string_view bytes, std::uint64_t seed = 0) noexcept {
    const char* at = bytes.data();
    std::size_t left = bytes.size();
    std::uint64_t all = stirred(seed ^ 0x5851f42d4c957f2dU, left);
    if (left < 64) {
        for_each_word(at, left, [&](std::size_t, std::uint64_t word) { all = stirred(all, word); });
        return stirred(all, all >> 29U);
    }
    std::array<std::uint64_t, 8> lane{};
    lane.fill(all);
    for (; left >= 64; left -= 64, at += 64) {
#pragma GCC unroll 8
        for (std::size_t i = 0; i != 8; ++i) {
            lane[i] = stirred(lane[i], load_8(at + i * 8));
        }
    }
    for_each_word(at, left, [&](std::size_t i, std::uint64_t word) { lane[i] = stirred(lane[i], word); });
    for (std::size_t half = 4; half != 0; half /= 2) {
        for (std::size_t i = 0; i != half; ++i) {
            lane[i] = stirred(lane[i], lane[i + half]);
        }
    }
    return stirred(lane[0], lane[0] >> 29U);
}

} // namespace poolmark::detail
