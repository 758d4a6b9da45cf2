// Which blocks a bitmap_pool has: by address, by number, and by whether there is something free in them.
//
//   map       address ──► record*       by_number  [ record* | record* | ... ]       open  [ one bit a block ]
//             └──────────────── all in one piece of memory, which doubles ────────────────┘
//
// Good for: O(1) from an address to its block, and the lowest block with a free slot.
// Bad for:  removing blocks one by one: strike() what goes, then renumber() once.
// Complexity: lowest_open() reads one bit a block at worst. Bytes: 40 to 80 a block. Threads: one at a time.
#pragma once

#include "pools/memory/address_map.hpp"
#include "pools/memory/align.hpp"
#include "pools/memory/upstream.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <utility>

namespace poolmark {

template <class Block, upstream_source Upstream>
class bitmap_directory {
public:
    bitmap_directory() = default;
    bitmap_directory(const bitmap_directory&) = delete;
    bitmap_directory& operator=(const bitmap_directory&) = delete;
    ~bitmap_directory() { release(&detail::deallocate_slab<Upstream>); }

    void swap(bitmap_directory& other) noexcept {
        std::swap(map_, other.map_);
        std::swap(by_number_, other.by_number_);
        std::swap(open_, other.open_);
        std::swap(lowest_, other.lowest_);
        std::swap(size_, other.size_);
        std::swap(room_, other.room_);
        std::swap(memory_, other.memory_);
    }

    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] Block& operator[](std::size_t number) const noexcept { return *by_number_[number]; }
    [[nodiscard]] Block* probe(std::uintptr_t address) const noexcept { return map_.probe(address); }
    [[nodiscard]] Block* find(std::uintptr_t address) const noexcept { return map_.find(address); }

    // The block with the lowest number that has an open group, or null.
    [[nodiscard]] Block* lowest_open() noexcept {
        for (; lowest_ * 64 < size_; ++lowest_) {
            if (const std::uint64_t word = open_[lowest_]; word != 0) {
                return by_number_[lowest_ * 64 + static_cast<std::size_t>(std::countr_zero(word))];
            }
        }
        return nullptr;
    }
    void open(Block& owner, std::size_t group) noexcept {
        owner.open_groups |= std::uint64_t{1} << group;
        open_block(owner);
    }
    void open_block(const Block& owner) noexcept {
        open_[owner.number / 64] |= bit(owner);
        lowest_ = std::min<std::size_t>(lowest_, owner.number / 64);
    }
    void close(Block& owner, std::size_t group) noexcept {
        owner.open_groups &= ~(std::uint64_t{1} << group);
        if (owner.open_groups == 0) {
            open_[owner.number / 64] &= ~bit(owner);
        }
    }

    // Room for so many blocks; throws std::bad_alloc and changes nothing where there is no memory for it.
    void make_room_for(std::size_t blocks) {
        if (blocks <= room_) {
            return;
        }
        const std::size_t room = std::bit_ceil(std::max<std::size_t>(blocks, 64));
        const std::size_t bytes = bytes_for(room);
        void* const memory = allocate_slab<Upstream>(bytes, alignment);
        Block** const old = by_number_;
        lay_out(memory, room);
        const std::size_t kept = std::exchange(size_, 0);
        for (std::size_t i = 0; i != kept; ++i) {
            enlist(*old[i]);
        }
        if (memory_ != nullptr) {
            Upstream::deallocate(memory_, bytes_for(room_), alignment);
        }
        memory_ = memory;
        room_ = room;
    }

    // Adds a block, with the next number. There must be room.
    void enlist(Block& fresh) noexcept {
        fresh.number = size_;
        by_number_[size_++] = &fresh;
        map_.add(fresh.slots_of(0), Block::bytes, &fresh);
        if (fresh.open_groups != 0) {
            open_block(fresh);
        }
    }

    void strike(const Block& gone) noexcept { by_number_[gone.number] = nullptr; }

    // Closes the gaps that strike() left; the others keep their order.
    void renumber() noexcept {
        lay_out(memory_, room_);
        const std::size_t before = std::exchange(size_, 0);
        for (std::size_t i = 0; i != before; ++i) {
            if (Block* const kept = by_number_[i]; kept != nullptr) {
                enlist(*kept); // to a place that was read already
            }
        }
    }

    void release(detail::slab_deallocation* deallocate) noexcept { // as new
        if (memory_ != nullptr) {
            deallocate(memory_, bytes_for(room_), alignment);
        }
        memory_ = nullptr;
        room_ = size_ = lowest_ = 0;
        map_ = {};
    }

private:
    using address_map = detail::address_map<Block, Block::bytes>;
    static constexpr std::size_t alignment = 64; // a cache line

    [[nodiscard]] static constexpr std::uint64_t bit(const Block& of) noexcept {
        return std::uint64_t{1} << of.number % 64;
    }
    [[nodiscard]] static constexpr std::size_t bytes_for(std::size_t room) {
        return Upstream::usable(detail::checked_bytes(address_map::places_for(room) + room + room / 64, 8));
    }

    // The by_number part of `memory` is left as it is; all else is emptied.
    void lay_out(void* memory, std::size_t room) noexcept {
        const std::size_t places = address_map::places_for(room);
        Block** const table = static_cast<Block**>(memory);
        map_.rest_on(table, places);
        by_number_ = table + places;
        open_ = reinterpret_cast<std::uint64_t*>(by_number_ + room);
        std::memset(open_, 0, room / 64 * sizeof *open_);
        lowest_ = 0;
    }

    address_map map_;
    Block** by_number_ = nullptr;
    std::uint64_t* open_ = nullptr;
    std::size_t lowest_ = 0; // words of open_ before this one are zero
    std::size_t size_ = 0;
    std::size_t room_ = 0;
    void* memory_ = nullptr;
};

} // namespace poolmark
