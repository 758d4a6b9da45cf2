// A number that tells whether bytes are still what they were: for what is read back from a disk.
//
//   64 bytes ──► 8 lanes, each: (lane ^ word) * odd number, upper half folded into the lower ──► one number
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

[[nodiscard]] inline std::uint64_t checksum(std::string_view bytes, std::uint64_t seed = 0) noexcept {
    const char* at = bytes.data();
    std::size_t left = bytes.size();
    std::uint64_t all = stirred(seed, left);
    if (left >= 64) {
        std::array<std::uint64_t, 8> lane{};
        lane.fill(all);
        for (; left >= 64; left -= 64, at += 64) {
#pragma GCC unroll 8
            for (std::size_t i = 0; i != 8; ++i) {
                lane[i] = stirred(lane[i], load_8(at + i * 8));
            }
        }
        for (const std::uint64_t each : lane) {
            all = stirred(all, each);
        }
    }
    for (; left >= 8; left -= 8, at += 8) {
        all = stirred(all, load_8(at));
    }
    if (left != 0) {
        std::uint64_t last = 0;
        std::memcpy(&last, at, left);
        all = stirred(all, last);
    }
    return stirred(all, all >> 29U);
}

} // namespace poolmark::detail
