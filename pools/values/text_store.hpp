// Storage for entries of many small sizes that goes back to where it came from when its neighbours are gone too.
//
//   slab of 64 KiB, at a multiple of it ──► [ header | slot | slot | slot | ... ]      all slots of one size
//   with_room_[size] ──► slab ◄──► slab                                                a full slab is in full_
//
// The slab of a slot is found by its address. When the last slot of a slab comes back the slab goes to the upstream,
// except for one of each size, so that a size which comes and goes one at a time does not call the kernel each time.
//
// Good for: entries of a table that must not stay large after it has been emptied.
// Bad for:  entries above 512 bytes, which come from the heap one by one.
// Complexity: O(1). Bytes: rounded up to 16; 48 a slab. Threads: one at a time.
#pragma once

#include "pools/memory/align.hpp"
#include "pools/memory/poison.hpp"
#include "pools/memory/upstream.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <utility>

namespace poolmark::detail {

template <upstream_source Upstream = small_page_source>
class text_store {
public:
    static constexpr std::size_t largest_slot = 512;

    text_store() = default;
    text_store(const text_store&) = delete;
    text_store& operator=(const text_store&) = delete;
    // Entries above largest_slot are the caller's to give back first.
    ~text_store() {
        give_back_all(full_);
        for (slab* const first : with_room_) {
            give_back_all(first);
        }
    }

    [[nodiscard]] void* acquire(std::size_t bytes) {
        if (bytes > largest_slot) [[unlikely]] {
            return ::operator new(bytes);
        }
        slab*& first = with_room_[class_of(bytes)];
        if (first == nullptr) [[unlikely]] {
            push(first, make_slab(class_of(bytes)));
        }
        slab* const from = first;
        void* const block = take(*from);
        if (from->is_full()) {
            unlink(first, from);
            push(full_, from);
        }
        unpoison(block, bytes);
        return block;
    }

    void release(void* block, std::size_t bytes) noexcept {
        if (bytes > largest_slot) [[unlikely]] {
            ::operator delete(block);
            return;
        }
        auto* const home = reinterpret_cast<slab*>(reinterpret_cast<std::uintptr_t>(block) & ~(slab_bytes - 1));
        slab*& first = with_room_[class_of(bytes)];
        if (home->is_full()) {
            unlink(full_, home);
            push(first, home);
        }
        auto* const freed = static_cast<free_slot*>(block);
        unpoison(freed, sizeof(free_slot));
        home->free = ::new (static_cast<void*>(freed)) free_slot{home->free};
        poison(block, home->slot_bytes);
        --home->live;
        if (home->live == 0 && (home->next != nullptr || home->previous != nullptr)) {
            unlink(first, home);
            give_back(home);
        }
    }

    [[nodiscard]] std::size_t bytes() const noexcept {
        return slabs_ * slab_bytes;
    } // those above largest_slot aside

private:
    static constexpr std::size_t slab_bytes = std::size_t{64} << 10;
    static constexpr std::size_t granule = 16;

    struct free_slot {
        free_slot* next;
    };
    struct alignas(granule) slab {
        slab* next = nullptr;
        slab* previous = nullptr;
        free_slot* free = nullptr;
        std::byte* bump = nullptr; // what lies behind it was never handed out
        std::uint32_t live = 0;
        std::uint32_t slot_bytes = 0;

        [[nodiscard]] std::byte* end() noexcept { return reinterpret_cast<std::byte*>(this) + slab_bytes; }
        [[nodiscard]] bool is_full() noexcept {
            return free == nullptr && end() - bump < std::ptrdiff_t{slot_bytes};
        }
    };

    [[nodiscard]] static std::size_t class_of(std::size_t bytes) noexcept {
        return (bytes + granule - 1) / granule;
    }

    [[nodiscard]] slab* make_slab(std::size_t size_class) {
        auto* const made = std::construct_at(static_cast<slab*>(allocate_slab<Upstream>(slab_bytes, slab_bytes)));
        made->bump = reinterpret_cast<std::byte*>(made + 1);
        made->slot_bytes = static_cast<std::uint32_t>(size_class * granule);
        poison(made->bump, slab_bytes - sizeof(slab));
        ++slabs_;
        return made;
    }

    [[nodiscard]] static void* take(slab& from) noexcept {
        ++from.live;
        if (from.free != nullptr) {
            free_slot* const taken = from.free;
            unpoison(taken, sizeof(free_slot));
            from.free = taken->next;
            return taken;
        }
        return std::exchange(from.bump, from.bump + from.slot_bytes);
    }

    static void push(slab*& first, slab* added) noexcept {
        added->next = first;
        added->previous = nullptr;
        if (first != nullptr) {
            first->previous = added;
        }
        first = added;
    }
    static void unlink(slab*& first, slab* gone) noexcept {
        (gone->previous != nullptr ? gone->previous->next : first) = gone->next;
        if (gone->next != nullptr) {
            gone->next->previous = gone->previous;
        }
    }
    void give_back(slab* empty) noexcept {
        unpoison(empty, slab_bytes);
        Upstream::deallocate(empty, slab_bytes, slab_bytes);
        --slabs_;
    }
    void give_back_all(slab* first) noexcept {
        while (first != nullptr) {
            give_back(std::exchange(first, first->next));
        }
    }

    slab* with_room_[largest_slot / granule + 1]{};
    slab* full_ = nullptr;
    std::size_t slabs_ = 0;
};

} // namespace poolmark::detail
