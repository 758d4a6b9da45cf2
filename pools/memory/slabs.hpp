// The slabs a pool has taken from its upstream, each larger than the one before, and how they are carved.
//
//   newest ──► ┌────────┬──────┬──────┬──────┬─ ─ ─ ─ ─ ─┐     ┌────────┬──────┐
//              │ header │ slot │ slot │ slot │ untouched │ ──► │ header │ slot │ ... the oldest
//              └────────┴──────┴──────┴──────┴─ ─ ─ ─ ─ ─┘     └────────┴──────┘
//                                            ▲ where the pool carves its next slot
//
// Good for: growing pools that must not touch, or pay for, memory they have not handed out yet.
// Bad for:  giving single slabs back while others are in use: this keeps no count of what lives where.
// Complexity: grow() one upstream allocation at most, rewind(), keep_largest() and the end O(slabs).
// Bytes:    a header a slab, rounded up to the slots' alignment, or to the cache line where slots fit into those; none a
//           slot. The first slab is as small as the upstream serves it: 1 KiB from the heap.
// Threads:  one at a time.
#pragma once

#include "pools/memory/align.hpp"
#include "pools/memory/poison.hpp"
#include "pools/memory/upstream.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

namespace poolmark {

// Slots of `Stride` bytes at multiples of `Alignment`.
template <std::size_t Stride, std::size_t Alignment, upstream_source Upstream>
class slabs {
public:
    struct run { // [begin, end) is a whole number of slots
        std::byte* begin = nullptr;
        std::byte* end = nullptr;
        [[nodiscard]] std::size_t slot_count() const noexcept {
            return static_cast<std::size_t>(end - begin) / Stride;
        }
    };

    explicit slabs(std::size_t expected_objects) noexcept
        : next_bytes_(std::clamp(slab_for((std::min)(expected_objects, largest_bytes() / Stride) * Stride), first_bytes(),
                                 largest_bytes())) {}
    slabs(const slabs&) = delete;
    slabs& operator=(const slabs&) = delete;
    ~slabs() {
        release_down_to(nullptr);
        release_spare();
    }

    // Takes a new slab, with slots of at_least so many bytes in all; throws std::bad_alloc and changes nothing
    // where there is none. All its slots are poisoned.
    [[nodiscard]] run grow(std::size_t at_least = 0) {
        header* const before = newest_;
        if (spare_ != nullptr && run_of(spare_).slot_count() * Stride >= at_least) {
            newest_ = std::exchange(spare_, nullptr);
            newest_->older = before;
            return slots_of(newest_);
        }
        const std::size_t bytes = Upstream::usable((std::max)(next_bytes_, slab_for(at_least)));
        void* const memory = allocate_slab<Upstream>(bytes, alignment_of(bytes));
        newest_ = std::construct_at(static_cast<header*>(memory), header{before, bytes});
        next_bytes_ = (std::max)(next_bytes_, detail::slab_after(bytes, largest_bytes()));
        return slots_of(newest_);
    }

    // Gives the slab of the last grow() back: for a pool that could not get what it needs besides.
    void undo_grow() noexcept {
        next_bytes_ = (std::min)(next_bytes_, newest_->bytes);
        release_down_to(newest_->older);
    }

    // Gives back all slabs but the largest and returns its slots, poisoned.
    run keep_largest() noexcept {
        rewind(nullptr);
        if (spare_ == nullptr) {
            return {};
        }
        newest_ = std::exchange(spare_, nullptr);
        newest_->older = nullptr;
        return slots_of(newest_);
    }

    // Where the slabs stand now, to come back to. Null: there is none yet.
    using position = const void*;
    [[nodiscard]] position newest() const noexcept { return newest_; }

    // Gives back all slabs that came after `then`, but for the largest of them: a spare, so that work which is
    // undone and done again across a slab's end does not ask the upstream each time.
    void rewind(position then) noexcept {
        while (newest_ != then) {
            header* const slab = std::exchange(newest_, newest_->older);
            if (spare_ == nullptr || spare_->bytes < slab->bytes) {
                release_spare();
                spare_ = slab;
            } else {
                give_back(slab);
            }
        }
    }

    // The end of the newest slab's slots; null where there is none.
    [[nodiscard]] std::byte* end_of_newest() const noexcept {
        return newest_ == nullptr ? nullptr : run_of(newest_).end;
    }

    [[nodiscard]] std::size_t bytes() const noexcept { // O(slabs)
        std::size_t sum = spare_ == nullptr ? 0 : spare_->bytes;
        for (const header* slab = newest_; slab != nullptr; slab = slab->older) {
            sum += slab->bytes;
        }
        return sum;
    }

private:
    struct header {
        header* older;
        std::size_t bytes;
    };

    static_assert(detail::is_alignment(Alignment) && Stride % Alignment == 0);
    static constexpr std::size_t alignment =
        (std::max)({Alignment, alignof(header), std::min<std::size_t>(64, Stride & -Stride)});
    // A small slab is asked for as the heap aligns everything, and aligns its slots by itself.
    static constexpr std::size_t small_alignment =
        alignment <= 64 ? std::min<std::size_t>(alignment, __STDCPP_DEFAULT_NEW_ALIGNMENT__) : alignment;
    [[nodiscard]] static constexpr std::size_t alignment_of(std::size_t bytes) noexcept {
        return bytes < detail::small_slab_bytes ? small_alignment : alignment;
    }

    [[nodiscard]] static constexpr std::size_t first_bytes() noexcept {
        constexpr std::size_t slot_count = Stride <= 512 ? 8 : std::max<std::size_t>(1, 4096 / Stride);
        return detail::first_slab_for<Upstream>(slab_for(slot_count * Stride));
    }
    [[nodiscard]] static constexpr std::size_t largest_bytes() noexcept {
        return (std::max)(std::size_t{64} << 20, first_bytes());
    }

    // Bytes that are enough for slots of so many bytes in all, however the slab lies.
    [[nodiscard]] static constexpr std::size_t slab_for(std::size_t slot_bytes) noexcept {
        return detail::align_up(sizeof(header), alignment) + (alignment - small_alignment) + slot_bytes;
    }

    [[nodiscard]] static run run_of(header* slab) noexcept {
        const auto address = reinterpret_cast<std::uintptr_t>(slab);
        const std::size_t before = detail::align_up(address + sizeof(header), alignment) - address;
        std::byte* const begin = reinterpret_cast<std::byte*>(slab) + before;
        return {begin, begin + (slab->bytes - before) / Stride * Stride};
    }

    [[nodiscard]] static run slots_of(header* slab) noexcept { // poisoned, and the rest behind them as well
        const run fresh = run_of(slab);
        const std::byte* const end = reinterpret_cast<const std::byte*>(slab) + slab->bytes;
        detail::poison(fresh.begin, static_cast<std::size_t>(end - fresh.begin));
        return fresh;
    }

    void release_down_to(const header* last) noexcept {
        while (newest_ != last) {
            give_back(std::exchange(newest_, newest_->older));
        }
    }

    void release_spare() noexcept {
        if (spare_ != nullptr) {
            give_back(std::exchange(spare_, nullptr));
        }
    }

    static void give_back(header* slab) noexcept {
        const std::size_t slab_bytes = slab->bytes;
        detail::unpoison(slab, slab_bytes);
        Upstream::deallocate(slab, slab_bytes, alignment_of(slab_bytes));
    }

    header* newest_ = nullptr;
    header* spare_ = nullptr; // given up by rewind(), the next one that grow() takes
    std::size_t next_bytes_;
};

} // namespace poolmark
