// How often a key came lately, roughly: four 4-bit counters for each, the smallest of which is the answer.
//
//   hash ──► counter, counter, counter, counter      shared with other keys, so never too small, at times too large
//
// After ten counts for each entry of the cache all are halved: what was popular once fades. With a doorkeeper, a key's
// first count is one bit of its own: keys that come once do not use up the counters.
//
// Good for: deciding which of two keys to keep.
// Bad for:  counting.
// Complexity: O(1); halving O(capacity), once in 10 * capacity counts.
// Bytes:    8 to 16 an entry of the cache; 2 more for the doorkeeper.
// Threads:  one at a time.
#pragma once

#include "pools/values/text_hash.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace poolmark::detail {

class frequency_sketch {
public:
    explicit frequency_sketch(std::size_t entries, bool doorkeeper = false)
        : words_(std::bit_ceil(std::clamp<std::size_t>(entries, 8, std::size_t{1} << 30U))), mask_(words_.size() - 1),
          until_halved_(10 * words_.size()), doors_(doorkeeper ? words_.size() / 4 : 0) {}

    void count(std::uint32_t hash) noexcept {
        if (!doors_.empty() && !enter(hash)) {
            return;
        }
        bool added = false;
        std::uint64_t bits = more_bits(hash);
        for (int row = 0; row != rows; ++row, bits = std::rotr(bits, 16)) {
            std::uint64_t& word = words_[bits & mask_];
            const unsigned shift = shift_of(bits, row);
            if ((word >> shift & 15U) != 15U) {
                word += std::uint64_t{1} << shift;
                added = true;
            }
        }
        if (added && ++counted_ >= until_halved_) {
            halve();
        }
    }

    [[nodiscard]] unsigned estimate(std::uint32_t hash) const noexcept {
        std::uint64_t least = 15;
        std::uint64_t bits = more_bits(hash);
        for (int row = 0; row != rows; ++row, bits = std::rotr(bits, 16)) {
            least = std::min(least, words_[bits & mask_] >> shift_of(bits, row) & 15U);
        }
        const bool at_the_door = !doors_.empty() && (doors_[door(hash)] >> (hash & 63U) & 1U) != 0;
        return static_cast<unsigned>(least) + (at_the_door ? 1 : 0);
    }

    void clear() noexcept {
        std::fill(words_.begin(), words_.end(), 0);
        std::fill(doors_.begin(), doors_.end(), 0);
        counted_ = 0;
    }

    [[nodiscard]] std::size_t bytes() const noexcept { return (words_.size() + doors_.size()) * sizeof(std::uint64_t); }

private:
    static constexpr int rows = 4;

    // Each row takes another part of these bits, and in a word a quarter of its own.
    [[nodiscard]] static std::uint64_t more_bits(std::uint32_t hash) noexcept {
        return fold(hash ^ text_hash::key_1, text_hash::key_2);
    }
    [[nodiscard]] static unsigned shift_of(std::uint64_t bits, int row) noexcept {
        return static_cast<unsigned>(bits >> 62U) * 4U + static_cast<unsigned>(row) * 16U;
    }

    [[nodiscard]] std::size_t door(std::uint32_t hash) const noexcept { return (hash >> 6U) & (doors_.size() - 1); }

    // False for a key that has not been here before.
    bool enter(std::uint32_t hash) noexcept {
        std::uint64_t& word = doors_[door(hash)];
        const std::uint64_t bit = std::uint64_t{1} << (hash & 63U);
        const bool known = (word & bit) != 0;
        word |= bit;
        return known;
    }

    [[gnu::noinline]] void halve() noexcept {
        for (std::uint64_t& word : words_) {
            word = (word >> 1U) & 0x7777'7777'7777'7777U;
        }
        std::fill(doors_.begin(), doors_.end(), 0);
        counted_ /= 2;
    }

    std::vector<std::uint64_t> words_; // 16 counters each
    std::size_t mask_;
    std::size_t until_halved_;
    std::size_t counted_ = 0;
    std::vector<std::uint64_t> doors_;
};

} // namespace poolmark::detail
