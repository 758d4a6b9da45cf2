// Whether a slot is out, of any address: which of a checked pool's slabs it lies in, and that slab's mark for it.
//
//   address ──► its page picks an entry ──► { begin, slots } ──► slot number ──► mark
//   slab    ──► [ ... | mark 2 | mark 1 | mark 0 | slot 0 | slot 1 | slot 2 | ... ]
//
// The table is a guess that is verified: an address that is not the beginning of one of the entry's slots gets a number
// that is too large, and nothing is read for it. So no memory is looked at that is not the pool's, and where two slabs
// want one entry, the larger has it and the other's slots are looked up in the directory.
//
// A mark is where in the stack of free slots its slot was put last, and is written then; taking a slot writes none. Whether
// the slot still stands there, the stack says (lending_stack.hpp).
//
// Good for: telling slots of many slabs apart without a branch that depends on which slab it is.
// Bad for:  knowing everything: what it does not find may be ours all the same.
// Complexity: find O(1); learn O(bytes of slabs / 4 KiB). Bytes: a mark is four a slot; the table, from the second slab on,
//           32 to 256 for each 4 KiB of slabs, from 16 MiB on for each 64 KiB. Where slabs collide it grows, up to
//           1 MiB of address space, of which slabs touch what they did before.
// Threads:  one at a time.
#pragma once

#include "pools/memory/exact_division.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <utility>

namespace poolmark::detail {

// Types of their own, so that storing one does not make the compiler forget what else it knows; see top_stack.
enum class slot_mark : std::uint32_t {
    out = 0xFFFF'FFF8, // never released
    none = 0xFFFF'FFFF // never out, or about to be released
};
struct unmarked {}; // what pools have in its place that check nothing
struct placed {};   // the slot stands above the top of its lending_stack, and is marked

template <std::size_t Stride>
class live_slots {
public:
    live_slots() = default;
    live_slots(const live_slots&) = delete;
    live_slots& operator=(const live_slots&) = delete;
    ~live_slots() { forget(); }

    // The mark of the slot that begins at `slot`; null where the table does not know one.
    [[nodiscard]] slot_mark* find(const void* slot) const noexcept {
        const auto at = reinterpret_cast<std::uintptr_t>(slot);
        const auto offset = (at >> static_cast<unsigned>(shift_)) & static_cast<std::uintptr_t>(mask_);
        // NOLINTNEXTLINE(performance-no-int-to-ptr): it came from a pointer
        const auto& in = *reinterpret_cast<const entry*>(static_cast<std::uintptr_t>(entries_) + offset);
        const auto begin = static_cast<std::uintptr_t>(in.begin);
        const std::size_t index = exact_quotient<Stride>(at - begin);
        if (index >= static_cast<std::size_t>(in.slot_count)) [[unlikely]] {
            return nullptr;
        }
        const std::uintptr_t mark = begin - sizeof(slot_mark) * (index + 1);
        if (mark == 0) {
            __builtin_unreachable(); // callers need not test for null twice
        }
        return reinterpret_cast<slot_mark*>(mark); // NOLINT(performance-no-int-to-ptr): likewise
    }

    // These are the slabs from here on. O(bytes / 4 KiB).
    template <class Slabs>
    void learn(const Slabs& slabs) noexcept {
        forget();
        if (slabs.size() == 1) {
            one_ = entry_of(*slabs.begin());
        } else if (slabs.size() != 0) {
            learn_many(slabs);
        }
    }
    // One slab, and no more.
    template <class Slab>
    void learn_first(const Slab& only) noexcept {
        one_ = entry_of(only);
    }

private:
    enum class address : std::uintptr_t {};
    enum class number : std::size_t {};
    struct entry {
        address begin{};
        number slot_count{};
    };
    static_assert(sizeof(entry) == 16);
    static constexpr unsigned entry_shift = 4;

    template <class Slab>
    [[nodiscard]] static entry entry_of(const Slab& of) noexcept {
        return {static_cast<address>(reinterpret_cast<std::uintptr_t>(of.begin)), static_cast<number>(of.slot_count)};
    }

    // Without memory for a table there is none: everything is right, and slower.
    template <class Slabs>
    [[gnu::__noinline__]] void learn_many(const Slabs& slabs) noexcept {
        constexpr std::size_t large_table = 65'536; // entries: addresses that are 256 MiB apart collide
        constexpr std::size_t small_pages_up_to = std::size_t{16} << 20;
        std::size_t bytes = 0;
        for (const auto& each : slabs) {
            bytes += each.bytes;
        }
        const unsigned granule = bytes <= small_pages_up_to ? 12 : 16;
        const std::size_t fewest = std::bit_ceil((bytes >> granule) + slabs.size());
        // More entries where slabs collide. But not without end: the directory knows the rest, and is slow.
        const std::size_t most = (std::max)(16 * fewest, large_table);
        for (std::size_t entries = 2 * fewest; entries <= most; entries *= 2) {
            forget();
            many_ = static_cast<entry*>((std::calloc)(entries, sizeof(entry))); // zero pages, where there are many
            if (many_ == nullptr) {
                return;
            }
            entries_ = address_of(many_);
            mask_ = static_cast<address>((entries - 1) << entry_shift);
            shift_ = static_cast<number>(granule - entry_shift);
            if (fill(slabs, granule, entries)) {
                return;
            }
        }
    }
    // Whether each slab has all its entries, but for those of pages that it shares, which no larger table would give it.
    template <class Slabs>
    [[nodiscard]] bool fill(const Slabs& slabs, unsigned granule, std::size_t entries) noexcept {
        bool all = true;
        for (const auto& each : slabs) {
            const entry own = entry_of(each);
            const auto begin = reinterpret_cast<std::uintptr_t>(each.begin);
            const auto last = (begin + each.slot_count * Stride - 1) >> granule;
            for (auto page = begin >> granule; page <= last; ++page) {
                entry& place = many_[page & (entries - 1)];
                all = all && (place.slot_count == number{} || lies_in(place, page, granule));
                if (place.slot_count < own.slot_count) {
                    place = own;
                }
            }
        }
        return all;
    }

    [[nodiscard]] static bool lies_in(const entry& slab, std::uintptr_t page, unsigned granule) noexcept {
        const auto begin = static_cast<std::uintptr_t>(slab.begin);
        return begin >> granule <= page && page <= (begin + static_cast<std::size_t>(slab.slot_count) * Stride - 1) >> granule;
    }

    void forget() noexcept {
        (std::free)(std::exchange(many_, nullptr)); // NOLINT(cppcoreguidelines-no-malloc)
        one_ = {};
        entries_ = address_of(&one_);
        mask_ = address{};
    }
    [[nodiscard]] static address address_of(const entry* of) noexcept {
        return static_cast<address>(reinterpret_cast<std::uintptr_t>(of));
    }

    address entries_ = address_of(&one_);
    address mask_{};   // of an entry's offset
    number shift_{};   // from an address to that offset
    entry one_;        // all of the table while there is one slab
    entry* many_ = nullptr;
};

} // namespace poolmark::detail
