// What a bitmap_pool knows about one block of slots: a bit for each slot, 64 slots to a group.
//
//   record   base ─┐ │ number 3 │ open groups 0b101 │ free slots 0…0110 │ 0…0000 │ 1…1111 │
//   block    ◄─────┘ │ slot │ slot │ slot │ ... at multiples of the stride, from the block's beginning
//
// The bits stand apart from the slots: a search for a free or a live slot reads a few dense lines, a release does not
// touch the object, and the slots fill their block without a header between them.
//
// A group without a free slot may be open: it is closed when the pool leaves it, not when its last slot goes out.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace poolmark {

// Slots of `Stride` bytes; 4096 of them at most, so that one word can say which groups are open.
template <std::size_t Stride>
struct bitmap_block {
    static constexpr std::size_t most_slots = 64 * 64;
    static constexpr std::size_t bytes = // a power of two, of which large slots waste an eighth at most
        (std::max)(std::clamp(std::bit_floor(Stride * most_slots), std::size_t{4} << 10, std::size_t{64} << 10),
                 std::bit_ceil(Stride * 8));
    static constexpr std::size_t slot_count = (std::min)(bytes / Stride, most_slots);
    static constexpr std::size_t groups = (slot_count + 63) / 64;

    std::uintptr_t base = 0;
    std::uint64_t number = 0;
    std::uint64_t open_groups = 0;
    std::uint64_t free[groups]{};

    constexpr bitmap_block() noexcept { free_all(); }

    constexpr void free_all() noexcept {
        open_groups = ~std::uint64_t{0} >> (64 - groups);
        for (std::size_t group = 0; group != groups; ++group) {
            free[group] = all_slots(group);
        }
    }

    [[nodiscard]] static constexpr std::uint64_t all_slots(std::size_t group) noexcept {
        constexpr std::size_t slots_in_last = slot_count - (groups - 1) * 64;
        return ~std::uint64_t{0} >> (group + 1 == groups ? 64 - slots_in_last : 0);
    }
    [[nodiscard]] bool covers(std::uintptr_t address) const noexcept { return base != 0 && address - base < bytes; }
    [[nodiscard]] std::byte* slots_of(std::size_t group) const noexcept {
        return reinterpret_cast<std::byte*>(base) + group * 64 * Stride;
    }
    [[nodiscard]] std::uint64_t live_in(std::size_t group) const noexcept { return free[group] ^ all_slots(group); }
    [[nodiscard]] std::size_t live() const noexcept {
        std::size_t sum = 0;
        for (std::size_t group = 0; group != groups; ++group) {
            sum += static_cast<std::size_t>(std::popcount(live_in(group)));
        }
        return sum;
    }
};

static_assert(bitmap_block<64>::slot_count == 1024 && bitmap_block<64>::groups == 16);
static_assert(bitmap_block<24>::slot_count == 2730 && bitmap_block<24>::all_slots(42) == (std::uint64_t{1} << 42) - 1);
static_assert(bitmap_block<1>::slot_count == 4096 && bitmap_block<8>::bytes == 32768 && bitmap_block<4096>::slot_count == 16);
static_assert(bitmap_block<100'000>::bytes == 1 << 20 && bitmap_block<100'000>::slot_count == 10);

} // namespace poolmark
