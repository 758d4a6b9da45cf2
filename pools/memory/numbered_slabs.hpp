// Slots that have numbers beside their addresses, with room for a link of each. Slabs double, so that a number
// tells its slab by its highest bit, and nothing ever moves.
//
//   slab 0   [ 0 ... n-1     ][ links ]
//   slab 1   [ n ... 2n-1    ][ links ]
//   slab 2   [ 2n ... 4n-1               ][ links ]
//
// Good for: lock-free lists: a number and a tag fit into 64 bits, and a link can be read at any time.
// Bad for:  memory that should go back before the end; more than 2^31 slots.
// Complexity: address() and link() O(1); number_of() O(slabs), of which there are at most 32, the largest first.
// Bytes:    4 a slot for the links; as much address space again as is used, touched only as needed.
// Threads:  any, but grow() one at a time.
#pragma once

#include "pools/memory/word_ref.hpp"
#include "pools/memory/align.hpp"
#include "pools/memory/poison.hpp"
#include "pools/memory/tagged_stack.hpp"
#include "pools/memory/upstream.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <new>

namespace poolmark {

// Slots of `Stride` bytes at multiples of `Alignment`.
template <std::size_t Stride, std::size_t Alignment, upstream_source Upstream>
class numbered_slabs {
public:
    static constexpr std::uint32_t none = detail::tagged_stack::none;

    explicit numbered_slabs(std::size_t expected_slots) noexcept
        : first_shift_(static_cast<unsigned>(
              std::bit_width(std::clamp(expected_slots, fewest_slots, most_first_slots) - 1))) {}
    numbered_slabs(const numbered_slabs&) = delete;
    numbered_slabs& operator=(const numbered_slabs&) = delete;
    ~numbered_slabs() {
        for (std::size_t k = slabs_of(capacity()); k-- != 0;) {
            const std::size_t bytes = slab_bytes(slots_in(k));
            detail::unpoison(slabs_[k], bytes);
            Upstream::deallocate(slabs_[k], bytes, slab_alignment);
        }
    }

    // How many numbers there are: 0 to capacity() - 1.
    [[nodiscard]] std::uint32_t capacity() const noexcept { return capacity_.load(std::memory_order_acquire); }

    // Adds a slab, its slots poisoned; throws std::bad_alloc and changes nothing where there is no memory.
    void grow() {
        const std::uint32_t before = capacity_.load(std::memory_order_relaxed);
        const std::size_t k = slabs_of(before);
        if (before > most_slots / 2) {
            detail::raise<std::bad_alloc>();
        }
        const std::size_t bytes = slab_bytes(slots_in(k));
        slabs_[k] = static_cast<std::byte*>(allocate_slab<Upstream>(bytes, slab_alignment));
        detail::poison(slabs_[k], slots_in(k) * Stride);
        capacity_.store(before + static_cast<std::uint32_t>(slots_in(k)), std::memory_order_release);
    }

    // A number that was never taken before; none when all were.
    [[nodiscard]] std::uint32_t take_fresh() noexcept {
        std::uint32_t next = fresh_.load(std::memory_order_relaxed);
        while (next < capacity()) {
            if (fresh_.compare_exchange_weak(next, next + 1, std::memory_order_relaxed)) {
                return next;
            }
        }
        return none;
    }

    [[nodiscard]] std::byte* address(std::uint32_t number) const noexcept {
        const std::size_t k = slab_of(number);
        return slabs_[k] + (number - begin_of(k)) * Stride;
    }

    [[nodiscard]] detail::word_ref link(std::uint32_t number) const noexcept {
        const std::size_t k = slab_of(number);
        std::byte* const links = slabs_[k] + links_offset(slots_in(k));
        return detail::word_ref(reinterpret_cast<std::uint32_t*>(links)[number - begin_of(k)]);
    }

    // The number of a slot, which is one of these.
    [[nodiscard]] std::uint32_t number_of(const void* slot) const noexcept {
        for (std::size_t k = slabs_of(capacity()); k-- != 0;) {
            const std::size_t offset =
                reinterpret_cast<std::uintptr_t>(slot) - reinterpret_cast<std::uintptr_t>(slabs_[k]);
            if (offset < slots_in(k) * Stride) {
                return static_cast<std::uint32_t>(begin_of(k) + offset / Stride);
            }
        }
        return none;
    }

private:
    static constexpr std::size_t slab_alignment = std::max<std::size_t>(Alignment, 64);
    static constexpr std::uint32_t most_slots = std::uint32_t{1} << 31U;
    static constexpr std::size_t fewest_slots = std::max<std::size_t>((std::size_t{64} << 10U) / Stride, 1);
    static constexpr std::size_t most_first_slots = (std::max)((std::size_t{64} << 20U) / Stride, fewest_slots);
    static_assert(detail::is_alignment(Alignment) && Stride % Alignment == 0);

    // Slab 0 has 2^first_shift_ slots, and each later one as many as all before it.
    [[nodiscard]] std::size_t slab_of(std::uint32_t number) const noexcept {
        return static_cast<std::size_t>(std::bit_width(number >> first_shift_));
    }
    [[nodiscard]] std::size_t slabs_of(std::uint32_t slot_count) const noexcept {
        return slot_count == 0 ? 0 : slab_of(slot_count - 1) + 1;
    }
    [[nodiscard]] std::size_t begin_of(std::size_t slab) const noexcept {
        return slab == 0 ? 0 : std::size_t{1} << (first_shift_ + slab - 1);
    }
    [[nodiscard]] std::size_t slots_in(std::size_t slab) const noexcept {
        return std::size_t{1} << (first_shift_ + (slab == 0 ? 0 : slab - 1));
    }
    [[nodiscard]] static std::size_t links_offset(std::size_t slot_count) noexcept {
        return detail::align_up(slot_count * Stride, alignof(std::uint32_t));
    }
    [[nodiscard]] static std::size_t slab_bytes(std::size_t slot_count) {
        static_cast<void>(detail::checked_bytes(slot_count, Stride + sizeof(std::uint32_t)));
        return Upstream::usable(links_offset(slot_count) + slot_count * sizeof(std::uint32_t));
    }

    unsigned first_shift_;
    std::atomic<std::uint32_t> capacity_{0};
    std::array<std::byte*, 33> slabs_{};
    alignas(detail::interference_bytes) std::atomic<std::uint32_t> fresh_{0};
};

} // namespace poolmark
