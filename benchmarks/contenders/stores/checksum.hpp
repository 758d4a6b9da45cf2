// A number that tells whether an entry is still what it was: for what is read back from a disk.
//
//   16 bytes ──► (8 bytes ^ k) * (8 bytes ^ chain) as 128 bits ──► upper half ^ lower half: the chain
//
// Good for: damage, of which one in 2^64 escapes. Up to 128 bytes in one chain, since there the number of instructions is
//           the price; beyond that in four, which keep a multiplier busy.
// Bad for:  enemies: who knows the steps can make bytes that fit.
// It is part of file formats: changing it after a release makes all earlier files foreign, so their versions go up.
#pragma once

#include "pools/values/text_hash.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace poolmark::detail {

struct checksum_steps {
    static constexpr std::uint64_t key_1 = 0x9fb21c651e98df25U; // odd, and about half of the bits set
    static constexpr std::uint64_t key_2 = 0xd6e8feb86659fd93U;
    static constexpr std::uint64_t key_3 = 0xa0761d6478bd642fU;
    static constexpr std::uint64_t key_4 = 0xe7037ed1a0b428dbU;

    [[nodiscard]] static std::uint64_t step(const char* at, std::uint64_t key, std::uint64_t chain) noexcept {
        return fold(load_8(at) ^ key, load_8(at + 8) ^ chain);
    }

    // Up to 16 bytes.
    [[nodiscard]] static std::uint64_t of_short(const char* at, std::size_t size, std::uint64_t chain) noexcept {
        std::uint64_t first = 0;
        std::uint64_t last = 0;
        if (size >= 8) {
            first = load_8(at);
            last = load_8(at + size - 8);
        } else if (size >= 4) {
            first = load_4(at);
            last = load_4(at + size - 4);
        } else {
            for (std::size_t i = 0; i != size; ++i) {
                first = first << 8U | static_cast<unsigned char>(at[i]);
            }
        }
        return fold(first ^ key_1, last ^ chain);
    }

    // 17 to 128 bytes; the last 16 may overlap others, as the last 64 below.
    [[nodiscard]] static std::uint64_t of_middling(const char* at, std::size_t size, std::uint64_t chain) noexcept {
        const char* const last = at + size - 16;
        for (; at < last; at += 16) {
            chain = step(at, key_1, chain);
        }
        return step(last, key_1, chain);
    }

    // Not inlined: its many registers would have to be saved for short texts as well.
    [[nodiscard, gnu::noinline]] static std::uint64_t of_long(const char* at, std::size_t size, std::uint64_t chain) noexcept {
        const char* const last = at + size - 64;
        std::uint64_t one = chain;
        std::uint64_t two = chain ^ key_4;
        std::uint64_t three = chain ^ key_3;
        std::uint64_t four = chain ^ key_2;
        for (bool more = true; more; at += 64) {
            more = at < last;
            const char* const here = more ? at : last;
            one = step(here, key_1, one);
            two = step(here + 16, key_2, two);
            three = step(here + 32, key_3, three);
            four = step(here + 48, key_4, four);
        }
        return fold(one ^ key_2, two) ^ fold(three ^ key_1, four);
    }
};

// One part of a sum: what it is multiplied with next mixes its bits.
[[nodiscard]] inline std::uint64_t part_of_sum(std::string_view bytes, std::uint64_t chain) noexcept {
    using steps = checksum_steps;
    chain ^= bytes.size() * steps::key_2; // all over the word: a flipped bit must not look like another size
    return bytes.size() <= 16    ? steps::of_short(bytes.data(), bytes.size(), chain)
           : bytes.size() <= 128 ? steps::of_middling(bytes.data(), bytes.size(), chain)
                                 : steps::of_long(bytes.data(), bytes.size(), chain);
}

[[nodiscard]] inline std::uint64_t checksum(std::string_view bytes, std::uint64_t seed = 0) noexcept {
    using steps = checksum_steps;
    return fold(part_of_sum(bytes, steps::key_3 ^ seed) ^ steps::key_4, steps::key_2 ^ seed);
}

// Of an entry of a cache: a value that is there under another key is damage as well.
[[nodiscard]] inline std::uint64_t entry_sum(std::string_view key, std::string_view value, std::uint64_t version) noexcept {
    return fold(part_of_sum(key, checksum_steps::key_3) ^ version, part_of_sum(value, checksum_steps::key_4));
}

} // namespace poolmark::detail
