// The slabs of a pool that wants to know, for any address, which slab it lies in and which slot it is.
//
//   by address ──► { begin, slots, carved, live bits } { ... } { ... }        binary search, O(log slabs)
//   a slab     ──► [ live bits, when asked for | slot | slot | ... ]
//
// Good for: checks, owns(), iteration, giving single slabs back.
// Bad for:  the hot path, which keeps what it needs of the newest slab to itself.
// Complexity: find O(log slabs); grow, drop O(slabs), beside one call of the upstream each.
// Bytes:    none a slot, one bit with live bits; 56 a slab, on the heap.
// Threads:  one at a time.
#pragma once

#include "pools/memory/align.hpp"
#include "pools/memory/exact_division.hpp"
#include "pools/object_pool/live_bits.hpp"
#include "pools/memory/poison.hpp"
#include "pools/memory/upstream.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

namespace poolmark::detail {

template <std::size_t Stride, std::size_t Alignment, upstream_source Upstream, bool LiveBits>
class slab_directory {
public:
    struct slab {
        std::byte* begin = nullptr; // of the slots
        std::size_t slots = 0;
        std::size_t carved = 0;    // how many have been handed out at least once; the pool keeps it up to date
        live_word* live = nullptr; // a bit for each slot, when LiveBits
        void* memory = nullptr;
        std::size_t bytes = 0;

        [[nodiscard]] std::byte* end() const noexcept { return begin + slots * Stride; }
        [[nodiscard]] std::byte* slot(std::size_t index) const noexcept { return begin + index * Stride; }
        // The slot that begins at `address`, or a number that is not below slots.
        [[nodiscard]] std::size_t index(const void* address) const noexcept {
            return exact_quotient<Stride>(reinterpret_cast<std::uintptr_t>(address) -
                                          reinterpret_cast<std::uintptr_t>(begin));
        }
    };

    explicit slab_directory(std::size_t expected_objects) noexcept
        : next_bytes_(std::clamp(bytes_for_at_most(expected_objects), first_bytes, largest_bytes)) {}
    slab_directory(slab_directory&& other) noexcept
        : slabs_(std::move(other.slabs_)), next_bytes_(other.next_bytes_), slots_(std::exchange(other.slots_, 0)) {
        other.slabs_.clear();
    }
    slab_directory& operator=(slab_directory&& other) noexcept {
        std::swap(slabs_, other.slabs_);
        std::swap(next_bytes_, other.next_bytes_);
        std::swap(slots_, other.slots_);
        return *this;
    }
    ~slab_directory() {
        for (const slab& each : slabs_) {
            give_back(each);
        }
    }

    // A new slab of at least `fewest` slots and at most `most`. Throws std::bad_alloc and changes nothing where there
    // is no memory, or where the size does not fit into an address.
    slab& grow(std::size_t fewest, std::size_t most) {
        slabs_.reserve(slabs_.size() + 1);
        const std::size_t wanted = std::max(next_bytes_, bytes_for(fewest));
        const std::size_t bytes = Upstream::usable(std::min(wanted, bytes_for_at_most(most)));
        void* const memory = Upstream::allocate(bytes, slab_alignment);
        slab fresh = layout(memory, bytes);
        fresh.slots = std::min(fresh.slots, most);
        if constexpr (LiveBits) {
            std::uninitialized_fill_n(fresh.live, words(fresh.slots), live_word{});
        }
        poison(fresh.begin, fresh.slots * Stride);
        slots_ += fresh.slots;
        const auto place = std::upper_bound(slabs_.begin(), slabs_.end(), fresh.begin, begins_after);
        return *slabs_.insert(place, fresh);
    }

    // What grow() gave is kept: the next slab is twice as large.
    void keep(const slab& fresh) noexcept {
        next_bytes_ = std::max(next_bytes_, std::min(fresh.bytes * 2, largest_bytes));
    }

    void drop(const slab& gone) noexcept {
        slots_ -= gone.slots;
        give_back(gone);
        slabs_.erase(slabs_.begin() + (&gone - slabs_.data()));
    }

    // The slab that `address` lies in, or null.
    [[nodiscard]] const slab* find(const void* address) const noexcept {
        const auto* const at = static_cast<const std::byte*>(address);
        const auto after = std::upper_bound(slabs_.begin(), slabs_.end(), at, begins_after);
        if (after == slabs_.begin() || !std::less<>{}(at, std::prev(after)->end())) {
            return nullptr;
        }
        return &*std::prev(after);
    }
    [[nodiscard]] slab* find(const void* address) noexcept {
        return const_cast<slab*>(std::as_const(*this).find(address)); // NOLINT: the same function, once
    }

    [[nodiscard]] std::vector<slab>& all() noexcept { return slabs_; }
    [[nodiscard]] const std::vector<slab>& all() const noexcept { return slabs_; }
    [[nodiscard]] std::size_t slots() const noexcept { return slots_; } // in all slabs
    [[nodiscard]] std::size_t bytes() const noexcept {                  // O(slabs)
        std::size_t sum = 0;
        for (const slab& each : slabs_) {
            sum += each.bytes;
        }
        return sum;
    }

    [[nodiscard]] static constexpr std::size_t words(std::size_t slots) noexcept { return (slots + 63) / 64; }

private:
    static constexpr std::size_t slab_alignment = std::max(Alignment, alignof(live_word));
    static constexpr std::size_t first_bytes =
        std::max(std::size_t{64} << 10, align_up(Stride + slab_alignment + 64, page_source::page_bytes));
    // Beyond this, doubling saves no more calls; it would only ask for address space that may not be there.
    static constexpr std::size_t largest_bytes = std::max(std::size_t{64} << 20, first_bytes);
    static_assert(is_alignment(Alignment) && Stride % Alignment == 0);

    static constexpr auto begins_after = [](const std::byte* address, const slab& each) {
        return std::less<>{}(address, each.begin);
    };

    [[nodiscard]] static constexpr std::size_t header(std::size_t slots) noexcept {
        return LiveBits ? align_up(words(slots) * sizeof(live_word), std::max(slab_alignment, std::size_t{64})) : 0;
    }
    // Bytes that hold `slots` slots. Throws std::bad_array_new_length where there is no such number.
    [[nodiscard]] static constexpr std::size_t bytes_for(std::size_t slots) {
        const std::size_t payload = checked_bytes(slots, Stride);
        return checked_bytes(header(slots) + payload, 1);
    }
    [[nodiscard]] static constexpr std::size_t bytes_for_at_most(std::size_t slots) noexcept {
        constexpr std::size_t most = std::numeric_limits<std::size_t>::max() / 8 / Stride;
        const std::size_t bounded = std::min(slots, most);
        return header(bounded) + bounded * Stride;
    }

    [[nodiscard]] static slab layout(void* memory, std::size_t bytes) noexcept {
        std::size_t slots = bytes / Stride;
        while (header(slots) + slots * Stride > bytes) { // at most a few steps: the header is one bit a slot
            slots -= std::max<std::size_t>(1, (header(slots) + slots * Stride - bytes) / (2 * Stride));
        }
        while (header(slots + 1) + (slots + 1) * Stride <= bytes) { // the last step may have been too long
            ++slots;
        }
        std::byte* const first = static_cast<std::byte*>(memory) + header(slots);
        return {.begin = first, .slots = slots, .live = static_cast<live_word*>(memory), .memory = memory, .bytes = bytes};
    }

    static void give_back(const slab& gone) noexcept {
        unpoison(gone.memory, gone.bytes);
        Upstream::deallocate(gone.memory, gone.bytes, slab_alignment);
    }

    std::vector<slab> slabs_; // by address
    std::size_t next_bytes_;
    std::size_t slots_ = 0;
};

} // namespace poolmark::detail
