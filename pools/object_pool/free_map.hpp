// Which slots are free, written out as bits for the moment of a slow operation: trim() and for_each_live() of a pool
// that keeps no bits itself.
//
//   slab 0 ──► 1 1 0 1 0 ...      1: in the stack of free slots; slots that were never carved have no bit
//   slab 1 ──► 0 0 1 ...
//
// Good for: costing the hot paths nothing.
// Bad for:  being asked often: it is built from the whole stack each time.
// Complexity: O(slots / 64 + free * log slabs). Bytes: one bit a slot while it exists. Threads: one at a time.
#pragma once

#include "pools/object_pool/top_stack.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace poolmark::detail {

template <class Directory>
class free_map {
public:
    using slab = typename Directory::slab;

    // Throws std::bad_alloc where there is no memory for it.
    free_map(const Directory& slabs, const top_stack& free) : slabs_(slabs.all().begin(), slabs.all().end()) {
        first_word_.reserve(slabs_.size());
        std::size_t words = 0;
        for (const slab& each : slabs_) {
            first_word_.push_back(words);
            words += Directory::words(each.carved);
        }
        bits_.assign(words, 0);
        for (const top_stack::entry entry : free) {
            const void* const address = top_stack::slot(entry);
            const slab& in = *slabs.find(address);
            const auto position = static_cast<std::size_t>(&in - slabs.all().data());
            const std::size_t index = in.index(address);
            bits_[first_word_[position] + index / 64] |= std::uint64_t{1} << (index % 64);
        }
    }

    // As they were when the map was made, whatever the pool has grown by since.
    [[nodiscard]] const std::vector<slab>& slabs() const noexcept { return slabs_; }

    // visit(index) for each slot in use, lowest first.
    template <class Visitor>
    void for_each_used(std::size_t slab_position, Visitor&& visit) const {
        for (std::size_t word = 0; word != words_of(slab_position); ++word) {
            std::uint64_t used = ~bits_[first_word_[slab_position] + word] & carved_in(slab_position, word);
            for (; used != 0; used &= used - 1) {
                visit(word * 64 + static_cast<std::size_t>(std::countr_zero(used)));
            }
        }
    }
    // visit(index) for each free slot that was ever out, highest first.
    template <class Visitor>
    void for_each_free_downwards(std::size_t slab_position, Visitor&& visit) const {
        for (std::size_t word = words_of(slab_position); word-- != 0;) {
            std::uint64_t free = bits_[first_word_[slab_position] + word];
            while (free != 0) {
                const auto highest = static_cast<std::size_t>(std::bit_width(free)) - 1;
                visit(word * 64 + highest);
                free ^= std::uint64_t{1} << highest;
            }
        }
    }

    [[nodiscard]] std::size_t used(std::size_t slab_position) const noexcept {
        std::size_t count = 0;
        for (std::size_t word = 0; word != words_of(slab_position); ++word) {
            const std::uint64_t free = bits_[first_word_[slab_position] + word];
            count += static_cast<std::size_t>(std::popcount(~free & carved_in(slab_position, word)));
        }
        return count;
    }

private:
    [[nodiscard]] std::size_t words_of(std::size_t slab_position) const noexcept {
        return Directory::words(slabs_[slab_position].carved);
    }
    // The bits of a word that stand for slots which were ever out.
    [[nodiscard]] std::uint64_t carved_in(std::size_t slab_position, std::size_t word) const noexcept {
        const std::size_t bits = std::min<std::size_t>(64, slabs_[slab_position].carved - word * 64);
        return bits == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << bits) - 1;
    }

    std::vector<slab> slabs_;
    std::vector<std::size_t> first_word_; // of each slab, in bits_
    std::vector<std::uint64_t> bits_;
};

} // namespace poolmark::detail
