// Numbered slots that never move, a generation for each, and a stack of the free ones: slot_map and slot_pool share it.
//
//   slabs        │ slot 0 │ slot 1 │ ... │   │ slot 1024 │ ... │     pages   [ page 0* | page 1* | ... ]
//   stamps       │ 7      │ 2      │ ...     the generation; odd: its object lives
//   free         [ 1 | 12 | 5 | room for all the rest ]              indices, the one released last on top
//
// The stamps stand apart: 4 bytes each, so that a check of a handle whose object is gone reads no object, and slots
// keep the size and the alignment of what they hold. Where a generation leaves bits over, they are the slot's index:
// the stamp of a live object then is its handle32.
//
// A slot whose generation would begin anew is retired: it stays empty forever, and no old handle meets a new object.
//
// Good for: O(1) from an index to its slot and from an address to its index, without a header in the slot.
// Bad for:  giving memory back: it stays until the end.
// Complexity: take() O(1), amortised; give_back() O(1). Bytes: 8 a slot, and 40 to 80 for each 64 KiB of them.
// Threads:  one at a time.
#pragma once

#include "pools/memory/address_map.hpp"
#include "pools/memory/align.hpp"
#include "pools/memory/exact_division.hpp"
#include "pools/memory/exceptions.hpp"
#include "pools/memory/poison.hpp"
#include "pools/errors.hpp"
#include "pools/memory/upstream.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

namespace poolmark {

namespace detail {

// What a table has: all of it goes along when two of them are swapped.
struct slot_table_state {
    using index = std::uint32_t;
    struct slab {
        slab* older = nullptr;
        std::uintptr_t base = 0;
        std::size_t bytes = 0;
        std::size_t first = 0; // index of its first slot
        std::size_t slot_count = 0;
        [[nodiscard]] bool covers(std::uintptr_t address) const noexcept { return address - base < bytes; }
    };
    struct room { // of the tables
        std::size_t slot_count = 0;
        std::size_t granules = 0;
    };
    static constexpr std::size_t granule_bytes = std::size_t{64} << 10;
    using address_map = detail::address_map<slab, granule_bytes>;

    std::uint32_t* stamps_ = nullptr;
    std::size_t near_ = 0; // indices below it are in use and in the only slab, which begins at near_base_
    std::byte* near_base_ = nullptr;
    std::byte** pages_ = nullptr;
    index* top_ = nullptr;
    index* bottom_ = nullptr;
    std::size_t used_ = 0;
    std::size_t capacity_ = 0;
    std::size_t retired_ = 0;
    address_map map_{};
    slab* newest_ = nullptr;
    std::size_t slab_bytes_ = 0;
    room room_{};
    void* tables_ = nullptr;
    std::size_t tables_bytes_ = 0;
    std::uint32_t unborn_;
    std::size_t first_slab_bytes_;
};

} // namespace detail

// Slots of `Bytes` bytes, 2^IndexBits at most, with generations of GenerationBits bits.
template <std::size_t Bytes, std::size_t Alignment, unsigned IndexBits, unsigned GenerationBits,
          upstream_source Upstream>
class slot_table : detail::slot_table_state {
    using state = detail::slot_table_state;

public:
    using state::index;
    static constexpr std::size_t most_slots = std::size_t{1} << IndexBits;

    // `unborn` is even and not 0: the generation of slots that were never taken.
    slot_table(std::size_t expected_objects, std::uint32_t unborn) noexcept
        : state{.unborn_ = unborn << index_bits, .first_slab_bytes_ = slab_bytes_for(expected_objects)} {}
    slot_table(const slot_table&) = delete;
    slot_table& operator=(const slot_table&) = delete;
    ~slot_table() {
        while (newest_ != nullptr) {
            release(std::exchange(newest_, newest_->older));
        }
        if (tables_ != nullptr) {
            Upstream::deallocate(tables_, tables_bytes_, cache_line_bytes);
        }
    }

    void swap(slot_table& other) noexcept { std::swap<state>(*this, other); }

    // A slot, not alive yet. Throws pool_exhausted when every index is taken, std::bad_alloc when there is no memory.
    [[nodiscard]] index take() {
        if (top_ != bottom_) [[likely]] {
            return opened(*--top_);
        }
        if (used_ == capacity_) [[unlikely]] {
            grow();
        }
        stamps_[used_] = unborn_ | (static_cast<std::uint32_t>(used_) & (one_generation - 1)); // the index's bits
        near_ += newest_->older == nullptr;
        return opened(static_cast<index>(used_++));
    }

    // Puts a slot that is not alive back on the stack.
    void give_back(index slot) noexcept {
        *top_++ = slot; // there is room: for every slot that there is
        detail::poison(at(slot), stride);
    }

    // A life begins; returns its stamp.
    std::uint32_t begin(index slot) noexcept { return stamps_[slot] += one_generation; }

    // A life ends: handles are stale from here on. False when it was the slot's last, and it must not be given back.
    [[nodiscard]] bool end(index slot) noexcept {
        const std::uint32_t next = stamps_[slot] + one_generation;
        if (next < one_generation) [[unlikely]] { // began anew
            stamps_[slot] = dead_for_ever;
            ++retired_;
            return false;
        }
        stamps_[slot] = next;
        return true;
    }

    [[nodiscard]] bool is_alive(index slot) const noexcept { return (stamps_[slot] & one_generation) != 0; }
    [[nodiscard]] bool is_alive(index slot, std::uint32_t stamp) const noexcept {
        return slot < used_ && stamps_[slot] == stamp;
    }
    [[nodiscard]] std::uint32_t stamp(index slot) const noexcept { return stamps_[slot]; }

    [[nodiscard]] void* at(index slot) const noexcept { return slot < near_ ? near_at(slot) : far_at(slot); }

    // The slot where it has that stamp, or null. While there is a single slab, one comparison serves as the bounds
    // check and to say so; the outcome is the same for each slot, so it is foreseen.
    [[nodiscard]] void* at(index slot, std::uint32_t stamp) const noexcept {
        if (slot < near_) [[likely]] {
            return stamps_[slot] == stamp ? near_at(slot) : nullptr;
        }
        return is_alive(slot, stamp) ? far_at(slot) : nullptr;
    }

    // The slot that begins at the address, where the map's first probe finds it.
    struct place {
        index slot;
        bool found;
    };
    [[nodiscard]] place probe(const void* address) const noexcept {
        const auto number = reinterpret_cast<std::uintptr_t>(address);
        return place_in(*map_.probe(number), number);
    }
    // The same, wherever the map has it. `ours` is false where the address lies in none of the slabs.
    [[nodiscard]] place find(const void* address, bool& ours) const noexcept {
        const auto number = reinterpret_cast<std::uintptr_t>(address);
        const slab* const owner = map_.find(number);
        ours = owner != nullptr;
        return ours ? place_in(*owner, number) : place{0, false};
    }

    [[nodiscard]] std::size_t used() const noexcept { return used_; } // indices below it were taken once
    [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }
    [[nodiscard]] std::size_t retired() const noexcept { return retired_; }
    [[nodiscard]] std::size_t live() const noexcept {
        return used_ - retired_ - static_cast<std::size_t>(top_ - bottom_);
    }

private:
    static constexpr unsigned index_bits = 32 - GenerationBits; // of a stamp
    static constexpr std::uint32_t one_generation = std::uint32_t{1} << index_bits;
    static constexpr std::uint32_t dead_for_ever = 2 * one_generation; // even, as no handle's is
    static constexpr std::size_t cache_line_bytes = 64;
    static constexpr std::size_t largest_slab_bytes = std::size_t{64} << 20;
    static constexpr std::size_t alignment = (std::max)(Alignment, detail::poison_granule);
    static constexpr std::size_t stride = detail::align_up(Bytes, alignment);
    static constexpr std::size_t slots_in_page = std::bit_floor(std::max<std::size_t>(granule_bytes / stride, 1));

    [[nodiscard]] static std::size_t pages_for(room of) noexcept { return of.slot_count / slots_in_page + 1; }
    [[nodiscard]] static std::size_t bytes_for(room of) {
        return detail::checked_bytes(of.slot_count + pages_for(of) + address_map::places_for(of.granules), sizeof(void*));
    }

    [[nodiscard]] static constexpr std::size_t slab_bytes_for(std::size_t objects) noexcept {
        const std::size_t bytes = (std::min)(objects, largest_slab_bytes / stride) * stride;
        return detail::align_up((std::max)(bytes, slots_in_page * stride), granule_bytes);
    }

    [[nodiscard]] std::byte* near_at(index slot) const noexcept {
        return never_null(near_base_ + std::size_t{slot} * stride);
    }
    [[nodiscard]] std::byte* far_at(index slot) const noexcept {
        return never_null(pages_[slot / slots_in_page] + std::size_t{slot % slots_in_page} * stride);
    }
    // Tells the compiler, so that a caller's test of what at() returned costs nothing.
    [[nodiscard]] static std::byte* never_null(std::byte* slot) noexcept {
        if (slot == nullptr) {
            __builtin_unreachable();
        }
        return slot;
    }

    [[nodiscard]] index opened(index slot) const noexcept {
        detail::unpoison(at(slot), Bytes);
        return slot;
    }

    [[nodiscard]] static place place_in(const slab& owner, std::uintptr_t address) noexcept {
        const std::size_t number = detail::exact_quotient<stride>(address - owner.base);
        return {static_cast<index>(owner.first + number), number < owner.slot_count};
    }

    // Every slot is out. Takes a slab as large as all before it; changes nothing where it throws.
    [[gnu::__noinline__, gnu::__cold__]] void grow() {
        if (capacity_ == most_slots) {
            detail::raise<pool_exhausted>();
        }
        const std::size_t wanted = (std::max)(first_slab_bytes_, (std::min)(slab_bytes_, largest_slab_bytes));
        const std::size_t bytes = Upstream::usable(detail::align_up(wanted, granule_bytes));
        const std::size_t pages = bytes / (slots_in_page * stride);
        const std::size_t slot_count = (std::min)(pages * slots_in_page, most_slots - capacity_);
        make_room_for({capacity_ + slot_count, (slab_bytes_ + bytes) / granule_bytes + 1});
        slab* const fresh = take_slab(bytes, slot_count);
        near_base_ = reinterpret_cast<std::byte*>(fresh->base);
        near_ = 0; // none has been used yet, or there are two slabs from here on
        newest_ = fresh;
        enter(*fresh);
        slab_bytes_ += bytes;
        capacity_ += slot_count;
    }

    [[nodiscard]] slab* take_slab(std::size_t bytes, std::size_t slot_count) {
        void* const described = allocate_slab<Upstream>(sizeof(slab), cache_line_bytes);
        POOLMARK_TRY {
            void* const memory = allocate_slab<Upstream>(bytes, granule_bytes);
            detail::poison(memory, bytes);
            return std::construct_at(static_cast<slab*>(described),
                                     slab{newest_, reinterpret_cast<std::uintptr_t>(memory), bytes, capacity_, slot_count});
        } POOLMARK_CATCH(...) {
            Upstream::deallocate(described, sizeof(slab), cache_line_bytes);
            POOLMARK_RETHROW;
        }
    }

    static void release(slab* gone) noexcept {
        detail::unpoison(reinterpret_cast<void*>(gone->base), gone->bytes);
        Upstream::deallocate(reinterpret_cast<void*>(gone->base), gone->bytes, granule_bytes);
        Upstream::deallocate(gone, sizeof(slab), cache_line_bytes);
    }

    // In the map and in the pages.
    void enter(slab& of) noexcept {
        map_.add(reinterpret_cast<void*>(of.base), of.bytes, &of);
        for (std::size_t slot = 0; slot < of.slot_count; slot += slots_in_page) {
            pages_[(of.first + slot) / slots_in_page] = reinterpret_cast<std::byte*>(of.base) + slot * stride;
        }
    }

    // Doubles the tables where they are too small. Nothing is on the stack, so nothing of it is copied.
    void make_room_for(room needed) {
        if (needed.slot_count <= room_.slot_count && needed.granules <= room_.granules) {
            return;
        }
        const room larger{(std::max)(needed.slot_count, (std::min)(room_.slot_count * 2, most_slots)),
                          (std::max)(needed.granules, room_.granules * 2)};
        const std::size_t bytes = Upstream::usable(bytes_for(larger));
        void* const memory = allocate_slab<Upstream>(bytes, cache_line_bytes);
        const std::uint32_t* const before = stamps_;
        lay_out(memory, larger);
        std::copy_n(before, used_, stamps_);
        if (tables_ != nullptr) {
            Upstream::deallocate(tables_, tables_bytes_, cache_line_bytes);
        }
        tables_ = memory;
        tables_bytes_ = bytes;
        room_ = larger;
    }

    void lay_out(void* memory, room larger) noexcept {
        const std::size_t places = address_map::places_for(larger.granules);
        map_.rest_on(static_cast<slab**>(memory), places);
        pages_ = reinterpret_cast<std::byte**>(static_cast<slab**>(memory) + places);
        stamps_ = reinterpret_cast<std::uint32_t*>(pages_ + pages_for(larger));
        top_ = bottom_ = stamps_ + larger.slot_count;
        for (slab* each = newest_; each != nullptr; each = each->older) {
            enter(*each);
        }
    }
};

} // namespace poolmark
