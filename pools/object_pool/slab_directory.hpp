// The slabs of a pool that wants to know, for any address, which slab it lies in and which slot it is.
//
//   by address ──► { begin, slots, carved } { ... } { ... }        binary search, O(log slabs)
//   a slab     ──► [ live marks, when asked for | slot | slot | ... | the stack of free slots, while the pool is young ]
//
// A young pool's slab is one small block of the heap, with all in it that the pool needs: an allocation that is spared
// is most of what a pool costs that lives for a few objects. Slots of 64 bytes begin at cache lines all the same.
//
// Good for: checks, owns(), iteration, giving single slabs back.
// Bad for:  the hot path, which keeps what it needs of the newest slab to itself.
// Complexity: find O(log slabs); grow, drop O(slabs), beside one call of the upstream each.
// Bytes:    none a slot, four with marks; 48 a slab, up to three in the pool itself, more on the heap.
// Threads:  one at a time.
#pragma once

#include "pools/memory/align.hpp"
#include "pools/memory/exact_division.hpp"
#include "pools/memory/few.hpp"
#include "pools/memory/poison.hpp"
#include "pools/memory/upstream.hpp"
#include "pools/object_pool/lending_stack.hpp"
#include "pools/object_pool/live_slots.hpp"
#include "pools/object_pool/top_stack.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <limits>
#include <memory>
#include <type_traits>
#include <utility>

namespace poolmark::detail {

template <std::size_t Stride>
struct pool_slab {
    std::byte* begin = nullptr; // of the slots
    std::size_t slot_count = 0;
    std::size_t carved = 0;    // how many have been handed out at least once; the pool keeps it up to date
    void* memory = nullptr;
    std::size_t bytes = 0;
    void* stack = nullptr; // room for the addresses of all slots of the pool, this slab's included; null: none in here

    [[nodiscard]] std::byte* end() const noexcept { return begin + slot_count * Stride; }
    [[nodiscard]] std::byte* slot(std::size_t index) const noexcept { return begin + index * Stride; }
    // The slot that begins at `address`, or a number that is not below slots.
    [[nodiscard]] std::size_t index(const void* address) const noexcept {
        return exact_quotient<Stride>(reinterpret_cast<std::uintptr_t>(address) -
                                      reinterpret_cast<std::uintptr_t>(begin));
    }
    // One for each slot, below the first one; when asked for.
    [[nodiscard]] slot_mark& mark(std::size_t index) const noexcept {
        return *(reinterpret_cast<slot_mark*>(begin) - 1 - index);
    }
    void clear_marks() const noexcept {
        static_assert(static_cast<std::uint32_t>(slot_mark::none) == 0xFFFF'FFFF);
        std::size_t mark_bytes = slot_count * sizeof(slot_mark);
        asm("" : "+r"(mark_bytes)); // where GCC knows the number, it does in line, and slowly, what memset does at once
        std::memset(static_cast<void*>(&mark(slot_count - 1)), 0xFF, mark_bytes);
    }
    [[nodiscard]] bool contains(const void* address) const noexcept { // anywhere in its memory
        return reinterpret_cast<std::uintptr_t>(address) - reinterpret_cast<std::uintptr_t>(memory) < bytes;
    }
};

template <std::size_t Stride, std::size_t Alignment, upstream_source Upstream, bool LiveMarks>
class slab_directory {
public:
    using slab = pool_slab<Stride>;
    using free_stack = std::conditional_t<LiveMarks, lending_stack, top_stack>;

    explicit slab_directory(std::size_t expected_objects) noexcept
        : next_bytes_(std::clamp(bytes_for_at_most(expected_objects, true, 0), first_bytes(), largest_bytes())),
          is_told_(expected_objects != 0) {}
    slab_directory(slab_directory&& other) noexcept
        : slabs_(std::move(other.slabs_)), next_bytes_(other.next_bytes_), slots_(std::exchange(other.slots_, 0)),
          is_told_(other.is_told_) {}
    slab_directory& operator=(slab_directory&& other) noexcept {
        std::swap(slabs_, other.slabs_);
        std::swap(next_bytes_, other.next_bytes_);
        std::swap(slots_, other.slots_);
        std::swap(is_told_, other.is_told_);
        return *this;
    }
    ~slab_directory() {
        for (const slab& each : slabs_) { // one, in a young pool
            unpoison(each.memory, each.bytes);
            Upstream::deallocate(each.memory, each.bytes, alignment_of(each.bytes));
        }
    }

    // A new slab of at least `fewest` slots and at most `most`. Throws std::bad_alloc and changes nothing where there
    // is no memory, or where the size does not fit into an address.
    slab& grow(std::size_t fewest, std::size_t most) {
        slabs_.make_room_for_one_more();
        // The stack stands in the slab while that is small, and where the first slab is all that is expected.
        const std::size_t alone = bytes_between(fewest, most, false);
        const bool with_stack = alone < small_slab_bytes || (is_told_ && slots_ == 0);
        const std::size_t bytes = Upstream::usable(with_stack ? bytes_between(fewest, most, true) : alone);
        auto* const memory = static_cast<std::byte*>(allocate_slab<Upstream>(bytes, alignment_of(bytes)));
        const slab* const place = std::upper_bound(slabs_.begin(), slabs_.end(), memory, begins_after);
        slab& fresh = *std::construct_at(&slabs_.insert(place));
        lay_out(fresh, memory, bytes, with_stack, (std::min)(slots_in(bytes, with_stack, slots_), most));
        return fresh;
    }

    // What grow() gave is kept: the next slab is larger.
    void keep(const slab& fresh) noexcept {
        next_bytes_ = (std::max)(next_bytes_, slab_after(fresh.bytes, largest_bytes()));
    }

    // The first slab of a pool that was not told of many objects. All its numbers are known when this is compiled, so that
    // a pool for a few objects pays for one allocation and a few stores. Throws std::bad_alloc and changes nothing.
    [[nodiscard]] bool is_new() const noexcept { return slabs_.size() == 0 && next_bytes_ == first_bytes(); }
    [[nodiscard]] static constexpr std::size_t first_slots() noexcept { return slots_in(first_bytes(), true, 0); }
    slab& begin() {
        constexpr std::size_t bytes = first_bytes();
        constexpr std::size_t slot_count = first_slots();
        auto* const memory = static_cast<std::byte*>(allocate_slab<Upstream>(bytes, alignment_of(bytes)));
        slab& first = *std::construct_at(&slabs_.insert_first());
        lay_out(first, memory, bytes, true, slot_count);
        next_bytes_ = (std::max)(bytes, slab_after(bytes, largest_bytes()));
        return first;
    }

    // Past whatever the upstream would keep for later.
    void drop(const slab& gone) noexcept {
        slots_ -= gone.slot_count;
        unpoison(gone.memory, gone.bytes);
        deallocate_for_good<Upstream>(gone.memory, gone.bytes, alignment_of(gone.bytes));
        slabs_.erase(&gone);
    }

    // The slab that `address` lies in, or null.
    [[nodiscard]] const slab* find(const void* address) const noexcept {
        const auto* const at = static_cast<const std::byte*>(address);
        const slab* const after = first_after(at);
        if (after == slabs_.begin() || !std::less<>{}(at, (after - 1)->end())) {
            return nullptr;
        }
        return after - 1;
    }
    [[nodiscard]] slab* find(const void* address) noexcept {
        return const_cast<slab*>(std::as_const(*this).find(address)); // NOLINT: the same function, once
    }

    [[nodiscard]] few<slab>& all() noexcept { return slabs_; }
    [[nodiscard]] const few<slab>& all() const noexcept { return slabs_; }
    [[nodiscard]] std::size_t slot_count() const noexcept { return slots_; } // in all slabs
    [[nodiscard]] std::size_t bytes() const noexcept {                  // O(slabs)
        std::size_t sum = 0;
        for (const slab& each : slabs_) {
            sum += each.bytes;
        }
        return sum;
    }

    [[nodiscard]] static constexpr std::size_t words(std::size_t slot_count) noexcept { return (slot_count + 63) / 64; }

private:
    static_assert(is_alignment(Alignment) && Stride % Alignment == 0);
    // Slots that fit into cache lines stand in as few of them as they can.
    static constexpr std::size_t alignment = (std::max)(Alignment, std::min<std::size_t>(64, Stride & -Stride));

    // A small slab is asked for as the heap aligns everything, and aligns its slots by itself.
    static constexpr std::size_t heap_alignment = std::min<std::size_t>(alignment, __STDCPP_DEFAULT_NEW_ALIGNMENT__);
    static constexpr std::size_t small_alignment = alignment <= 64 ? heap_alignment : alignment;
    [[nodiscard]] static constexpr std::size_t alignment_of(std::size_t bytes) noexcept {
        if (LiveMarks && bytes > first_bytes()) {
            return std::max<std::size_t>(alignment, 4096); // no two slabs share a page; see live_slots
        }
        return bytes < small_slab_bytes ? small_alignment : alignment;
    }

    static constexpr auto begins_after = [](const std::byte* address, const slab& each) {
        return std::less<>{}(address, each.begin);
    };

    // The first slab that begins behind `at`. Few are counted, all of them: which of them it is, no branch can foretell.
    [[nodiscard]] const slab* first_after(const std::byte* at) const noexcept {
        constexpr std::size_t few_slabs = 16;
        if (slabs_.size() > few_slabs) {
            return std::upper_bound(slabs_.begin(), slabs_.end(), at, begins_after);
        }
        std::size_t before = 0;
        for (const slab& each : slabs_) {
            before += static_cast<std::size_t>(!begins_after(at, each));
        }
        return slabs_.begin() + before;
    }

    [[nodiscard]] static constexpr std::size_t header(std::size_t slot_count) noexcept {
        return LiveMarks ? align_up(slot_count * sizeof(slot_mark), alignment) : 0;
    }
    // Bytes of a slab: `before` slots stand in other slabs, and in the stack of this one as well.
    [[nodiscard]] static constexpr std::size_t bytes_of(std::size_t slot_count, bool with_stack, std::size_t before) noexcept {
        const std::size_t all = header(slot_count) + slot_count * Stride;
        const std::size_t whole =
            with_stack ? align_up(all, sizeof(top_stack::entry)) + free_stack::bytes_for(before + slot_count) : all;
        return whole < small_slab_bytes ? whole + (alignment - small_alignment) : whole;
    }
    [[nodiscard]] static constexpr std::size_t bytes_for_at_most(std::size_t slot_count, bool with_stack,
                                                                std::size_t before) noexcept {
        constexpr std::size_t most = (std::numeric_limits<std::size_t>::max)() / 16 / (std::max)(Stride, sizeof(void*));
        return bytes_of((std::min)(slot_count, most), with_stack, before);
    }
    // Throws std::bad_array_new_length where no address has so many slots.
    [[nodiscard]] std::size_t bytes_between(std::size_t fewest, std::size_t most, bool with_stack) const {
        static_cast<void>(checked_bytes(fewest, 8 * (std::max)(Stride, sizeof(void*))));
        return (std::min)((std::max)(next_bytes_, bytes_for_at_most(fewest, with_stack, slots_)),
                        bytes_for_at_most(most, with_stack, slots_));
    }

    [[nodiscard]] static constexpr std::size_t slots_in(std::size_t bytes, bool with_stack, std::size_t before) noexcept {
        // All that comes but once may be lost to rounding, at first.
        constexpr std::size_t each = Stride + (LiveMarks ? sizeof(slot_mark) : 0);
        constexpr std::size_t each_with_stack = each + sizeof(top_stack::entry);
        const std::size_t once = 2 * alignment + (with_stack ? free_stack::bytes_for(before + 1) : 0);
        const std::size_t divided = bytes > once ? bytes - once : 0;
        std::size_t slot_count = with_stack ? divided / each_with_stack : divided / each;
        while (bytes_of(slot_count + 1, with_stack, before) <= bytes) {
            ++slot_count;
        }
        return slot_count;
    }

    void lay_out(slab& fresh, std::byte* memory, std::size_t bytes, bool with_stack, std::size_t slot_count) noexcept {
        const auto address = reinterpret_cast<std::uintptr_t>(memory);
        std::byte* const marks = memory + (align_up(address, alignment) - address);
        fresh.memory = memory;
        fresh.bytes = bytes;
        fresh.begin = marks + header(slot_count);
        fresh.slot_count = slot_count;
        if (with_stack) {
            fresh.stack = marks + align_up(header(slot_count) + slot_count * Stride, sizeof(top_stack::entry));
        }
        if constexpr (LiveMarks) {
            fresh.clear_marks();
        }
        poison(fresh.begin, slot_count * Stride);
        slots_ += slot_count;
    }

    // At least a few slots, or 4 KiB of large ones.
    [[nodiscard]] static constexpr std::size_t first_bytes() noexcept {
        constexpr std::size_t slot_count = Stride <= 512 ? 8 : std::max<std::size_t>(1, 4096 / Stride);
        return first_slab_for<Upstream>(bytes_of(slot_count, true, 0));
    }
    [[nodiscard]] static constexpr std::size_t largest_bytes() noexcept {
        return (std::max)(std::size_t{64} << 20, first_bytes());
    }

    few<slab> slabs_; // by address
    std::size_t next_bytes_;
    std::size_t slots_ = 0;
    bool is_told_; // how many objects to expect
};

} // namespace poolmark::detail
