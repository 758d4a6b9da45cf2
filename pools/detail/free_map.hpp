// Which slots are free, written out as bits for the moment of a slow operation: trim() and for_each_live() of a pool
// that keeps no bits itself.
//
//   slab 0 ──► 1 1 0 1 0 ...      1: in the stack of free slots, or never carved
//   slab 1 ──► 0 0 1 ...
//
// Good for: costing the hot paths nothing.
// Bad for:  being asked often: it is built from the whole stack each time.
// Complexity: O(slots / 64 + free * log slabs). Bytes: one bit a slot while it exists. Threads: one at a time.
#pragma once

#include "pools/detail/split_stack.hpp"

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
    free_map(const Directory& slabs, const split_stack& free) : slabs_(slabs) {
        first_word_.reserve(slabs.all().size());
        std::size_t words = 0;
        for (const slab& each : slabs.all()) {
            first_word_.push_back(words);
            words += Directory::words(each.slots);
        }
        bits_.assign(words, 0);
        for (const split_stack::entry entry : free) {
            const void* const address = split_stack::slot(entry);
            const slab& in = *slabs.find(address);
            set(position(in), in.index(address));
        }
        for (const slab& each : slabs.all()) {
            for (std::size_t index = each.carved; index < each.slots; ++index) {
                set(position(each), index);
            }
        }
    }

    [[nodiscard]] bool is_free(std::size_t slab_position, std::size_t index) const noexcept {
        return ((bits_[first_word_[slab_position] + index / 64] >> (index % 64)) & 1) != 0;
    }

    // visit(index) for each slot in use, lowest first.
    template <class Visitor>
    void for_each_used(std::size_t slab_position, Visitor&& visit) const {
        const slab& in = slabs_.all()[slab_position];
        for (std::size_t word = 0; word != Directory::words(in.slots); ++word) {
            const std::size_t in_word = std::min<std::size_t>(64, in.slots - word * 64);
            const std::uint64_t all = in_word == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << in_word) - 1;
            std::uint64_t used = ~bits_[first_word_[slab_position] + word] & all;
            for (; used != 0; used &= used - 1) {
                visit(word * 64 + static_cast<std::size_t>(std::countr_zero(used)));
            }
        }
    }

    [[nodiscard]] std::size_t used(std::size_t slab_position) const noexcept {
        std::size_t count = 0;
        for_each_used(slab_position, [&count](std::size_t) { ++count; });
        return count;
    }

private:
    [[nodiscard]] std::size_t position(const slab& of) const noexcept {
        return static_cast<std::size_t>(&of - slabs_.all().data());
    }
    void set(std::size_t slab_position, std::size_t index) noexcept {
        bits_[first_word_[slab_position] + index / 64] |= std::uint64_t{1} << (index % 64);
    }

    const Directory& slabs_;
    std::vector<std::size_t> first_word_;
    std::vector<std::uint64_t> bits_;
};

} // namespace poolmark::detail
