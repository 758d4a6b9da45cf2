// From an address to the record of the memory it lies in, without reading that memory: an address that was never
// ours is found out, not followed.
//
//   address >> granule ──mask──► [ · | record* | record* | · | · | record* | · | · ]
//
// Neighbouring granules have neighbouring places, so the blocks of one slab never collide with each other; where two
// slabs do, the search goes on to the next place. The table is at most a quarter full.
//
// A Record says what it covers: covers(address), from `base` on. A default-constructed one has no base, covers nothing, and
// stands in each empty place, so that the first probe needs no test for null. Which one of those it is says nothing: each
// shared object of a program may have one.
//
// Good for: release() by address. Bad for: small granules: each has a place of its own.
// Complexity: a first probe is three loads; find() O(1) expected. Bytes: 32 to 64 a granule.
// Threads:  one at a time.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

namespace poolmark::detail {

template <class Record, std::size_t GranuleBytes>
class address_map {
public:
    // Places for so many granules. The table's memory is the owner's.
    [[nodiscard]] static constexpr std::size_t places_for(std::size_t granules) noexcept {
        return std::bit_ceil(granules * 4);
    }

    // Takes `places` places at `table`, a power of two, and forgets what it knew.
    void rest_on(Record** table, std::size_t places) noexcept {
        table_ = table;
        mask_ = places - 1;
        for (std::size_t i = 0; i != places; ++i) {
            table_[i] = &nowhere;
        }
    }

    // All granules that [begin, begin + bytes) touches belong to `owner`. There must be room.
    void add(const void* begin, std::size_t bytes, Record* owner) noexcept {
        const auto first = reinterpret_cast<std::uintptr_t>(begin);
        for (std::size_t at = first / GranuleBytes; at <= (first + bytes - 1) / GranuleBytes; ++at) {
            std::size_t place = at & mask_;
            while (table_[place]->base != 0) {
                place = (place + 1) & mask_;
            }
            table_[place] = owner;
        }
    }

    // The record in the address's own place: the right one, or one that does not cover it.
    [[nodiscard]] Record* probe(std::uintptr_t address) const noexcept {
        return table_[(address / GranuleBytes) & mask_];
    }

    // The record that covers the address, or null.
    [[nodiscard]] Record* find(std::uintptr_t address) const noexcept {
        std::size_t place = (address / GranuleBytes) & mask_;
        while (table_[place]->base != 0) {
            if (table_[place]->covers(address)) {
                return table_[place];
            }
            place = (place + 1) & mask_;
        }
        return nullptr;
    }

private:
    static_assert(std::has_single_bit(GranuleBytes));

    static inline constinit Record nowhere{};
    static inline constinit Record* nothing[1] = {&nowhere};

    Record** table_ = nothing;
    std::size_t mask_ = 0;
};

} // namespace poolmark::detail
