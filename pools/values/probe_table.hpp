// Where texts are found again: a flat table of what is known about each, its hash and length beside it.
//
//   slot ──► [ hash | length | ref ] [ hash | length | ref ] [ empty ] ...        hash & mask says where to begin
//
// A text that is somewhere else in memory is looked at only when hash and length agree. An erased slot is closed by
// moving up what stands behind it, so that a table that has shrunk is as quick as one that was never larger.
//
// Good for: tables of interned texts.
// Bad for:  hashes that mostly agree: it degrades to a search of everything.
// Complexity: O(1) with a good hash; growing, shrinking O(slots). Bytes: 16 a slot, 12 for 32-bit refs; a table is
//           between 3/8 and 3/4 full while it grows, down to 1/8 after it has shrunk. Whole pages, which go back.
// Threads:  one at a time.
#pragma once

#include "pools/memory/exceptions.hpp"
#include "pools/memory/upstream.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>

namespace poolmark::detail {

// Ref{} stands for an empty slot.
template <class Ref, upstream_source Upstream = page_source>
class probe_table {
public:
    probe_table() = default;
    probe_table(const probe_table&) = delete;
    probe_table& operator=(const probe_table&) = delete;
    ~probe_table() { give_back(slots_, mask_); }

    // The ref of the text with this hash and length for which same(ref) holds; Ref{} when there is none.
    template <class Same>
    [[nodiscard]] Ref find(std::uint32_t hash, std::uint32_t length, Same&& same) const {
        for (std::size_t at = hash & mask_;; at = (at + 1) & mask_) {
            const slot& here = slots_[at];
            if (here.ref == Ref{}) {
                return Ref{};
            }
            if (here.hash == hash && here.length == length && same(here.ref)) {
                return here.ref;
            }
        }
    }

    // One insert() from now on will find room. Throws std::bad_alloc and changes nothing.
    void make_room() {
        const std::size_t slot_count = capacity();
        if (4 * (size_ + 1) > 3 * slot_count) {
            if (slot_count >= most_slots) {
                detail::raise<std::bad_alloc>();
            }
            move_to(slot_count == 0 ? fewest_slots : 2 * slot_count);
        }
    }

    void insert(std::uint32_t hash, std::uint32_t length, Ref ref) noexcept {
        place({hash, length, ref});
        ++size_;
    }

    // The ref is there.
    void erase(std::uint32_t hash, Ref ref) noexcept {
        std::size_t hole = hash & mask_;
        while (slots_[hole].ref != ref) {
            hole = (hole + 1) & mask_;
        }
        // What follows moves into the hole unless it would come to stand before its own beginning.
        for (std::size_t at = (hole + 1) & mask_; slots_[at].ref != Ref{}; at = (at + 1) & mask_) {
            const std::size_t from_home = (at - slots_[at].hash) & mask_;
            if (from_home >= ((at - hole) & mask_)) {
                slots_[hole] = slots_[at];
                hole = at;
            }
        }
        slots_[hole] = slot{};
        --size_;
        if (8 * size_ < capacity() && capacity() > fewest_slots) [[unlikely]] {
            shrink();
        }
    }

    template <class Visit>
    void for_each(Visit&& visit) const {
        for (std::size_t at = 0; at != capacity(); ++at) {
            if (slots_[at].ref != Ref{}) {
                visit(slots_[at].ref);
            }
        }
    }

    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] std::size_t bytes() const noexcept {
        return Upstream::usable(capacity() * sizeof(slot));
    }

private:
    struct slot {
        std::uint32_t hash;
        std::uint32_t length;
        Ref ref;
    };
    static constexpr std::size_t fewest_slots =
        std::bit_floor(mapped_source<huge_pages::never>::page_bytes / sizeof(slot));
    static constexpr std::size_t most_slots = std::size_t{1} << 32; // a hash has 32 bits

    [[nodiscard]] std::size_t capacity() const noexcept { return mask_ == 0 ? 0 : mask_ + 1; }

    void place(const slot& added) noexcept {
        std::size_t at = added.hash & mask_;
        while (slots_[at].ref != Ref{}) {
            at = (at + 1) & mask_;
        }
        slots_[at] = added;
    }

    [[gnu::__noinline__]] void move_to(std::size_t slot_count) {
        auto* const fresh = static_cast<slot*>(allocate_slab<Upstream>(slot_count * sizeof(slot), alignof(slot)));
        std::uninitialized_fill_n(fresh, slot_count, slot{});
        slot* const old = slots_;
        const std::size_t old_mask = mask_;
        const std::size_t old_slots = capacity();
        slots_ = fresh;
        mask_ = slot_count - 1;
        for (std::size_t at = 0; at != old_slots; ++at) {
            if (old[at].ref != Ref{}) {
                place(old[at]);
            }
        }
        give_back(old, old_mask);
    }

    [[gnu::__noinline__]] void shrink() noexcept {
        POOLMARK_TRY {
            move_to(capacity() / 2);
        }
        POOLMARK_CATCH(const std::bad_alloc&) { // a table that is too large works as well
        }
    }

    static void give_back(slot* table, std::size_t mask) noexcept {
        if (mask != 0) {
            Upstream::deallocate(table, (mask + 1) * sizeof(slot), alignof(slot));
        }
    }

    static inline constinit slot nothing{}; // of a table with no slots yet; never written

    slot* slots_ = &nothing;
    std::size_t mask_ = 0; // 0: no slots yet
    std::size_t size_ = 0;
};

} // namespace poolmark::detail
