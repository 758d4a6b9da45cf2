// Free blocks in bulk, for pools that keep a few of them near each thread or CPU: whole magazines change hands,
// and one atomic exchange moves as many blocks as fit into one.
//
//   full_      ──► [ block* × M ] ──► [ block* × M ] ──► ...      lock-free, newest first
//   empties_   ──► [           ] ──► [           ] ──► ...      lock-free
//   rest_          [ block* block*       ]                          what ended threads left over; under the mutex
//   slabs_         │ out │ out │ out │ never used yet │              carved M at a time; under the mutex
//
// Blocks have no owner: whoever returns them, whoever needs them next gets them, M at a time. So there is nothing
// to look up when a block is released, and a thread may end whenever it likes, also with objects that live on.
//
// Good for: what stands between caches: local_pool, cpu_pool.
// Bad for:  single blocks: acquire_one() and release_one() take the lock, for threads that cannot have a cache.
// Complexity: O(1) without contention, O(M) where it says so; a slab more when nothing is free.
// Bytes:    8 of address space an object for the magazines, touched only by as many as are free at once.
// Threads:  any.
#pragma once

#include "pools/memory/tagged_stack.hpp"
#include "pools/memory/numbered_slabs.hpp"
#include "pools/memory/slabs.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <utility>

namespace poolmark {

// An array of M blocks, with a null below the first: who takes them from the top meets it, and need not count. Its number is
// its name in the depot.
struct magazine {
    void** blocks = nullptr;
    std::uint32_t number = 0;
};

template <std::size_t Stride, std::size_t Alignment, upstream_source Upstream>
class magazine_depot {
public:
    // M: as many blocks as fit into 16 KiB, but 7 to 255 of them.
    static constexpr std::size_t magazine_slots =
        std::clamp<std::size_t>(std::bit_floor((std::size_t{16} << 10U) / Stride), 8, 256) - 1;
    static constexpr std::size_t record_bytes =
        (std::max)((magazine_slots + 1) * sizeof(void*), detail::interference_bytes);
    static constexpr std::size_t part_bytes = record_bytes - sizeof(void*);

    explicit magazine_depot(std::size_t expected_objects) noexcept
        : rack_(expected_objects / magazine_slots), slabs_(expected_objects) {}

    // What one cache needs: two magazines, empty, and part_bytes for its own use. All three are kept until the
    // depot ends. Throws std::bad_alloc and takes nothing where there is no memory.
    struct cache_parts {
        void* record;
        magazine loaded, spare;
    };
    [[nodiscard]] cache_parts make_cache() {
        const std::lock_guard alone(mutex_);
        reserve_magazines(slots_, caches_ + 1);
        ++caches_;
        return {take_empty().blocks, take_empty(), take_empty()};
    }

    // Gives an empty magazine and gets one with blocks in it; returns how many. Throws std::bad_alloc and changes
    // nothing where nothing is free and there is no memory for more.
    [[nodiscard]] std::size_t exchange_empty(magazine& held) {
        if (pop_full(held)) {
            return magazine_slots;
        }
        const std::lock_guard alone(mutex_);
        if (rest_count_ != 0) {
            std::swap(rest_, held);
            return std::exchange(rest_count_, 0);
        }
        if (bump_ == end_) {
            if (pop_full(held)) { // released while this thread waited for the lock
                return magazine_slots;
            }
            grow();
        }
        return carve(held.blocks);
    }

    // Gives a full magazine and gets an empty one.
    void exchange_full(magazine& held) noexcept {
        full_.push(rack_, held.number);
        held = take_empty();
    }

    // The same with an array of the caller's, O(M): fill() returns how many blocks it wrote.
    [[nodiscard]] std::size_t fill(void** blocks) {
        if (const std::uint32_t number = full_.pop(rack_); number != rack_.none) {
            const magazine taken = opened(number);
            std::copy_n(taken.blocks, magazine_slots, blocks);
            empties_.push(rack_, number);
            return magazine_slots;
        }
        const std::lock_guard alone(mutex_);
        if (rest_count_ != 0) {
            std::copy_n(rest_.blocks, rest_count_, blocks);
            return std::exchange(rest_count_, 0);
        }
        if (bump_ == end_) {
            grow();
        }
        return carve(blocks);
    }
    void take_back(void* const* blocks) noexcept {
        const magazine taken = take_empty();
        std::copy_n(blocks, magazine_slots, taken.blocks);
        full_.push(rack_, taken.number);
    }

    // Fewer than a magazine, O(count).
    void take_back(void* const* blocks, std::size_t count) noexcept {
        const std::lock_guard alone(mutex_);
        for (std::size_t i = 0; i != count; ++i) {
            put_into_rest(blocks[i]);
        }
    }

    [[nodiscard]] void* acquire_one() {
        const std::lock_guard alone(mutex_);
        if (rest_count_ == 0) {
            if (rest_.blocks != nullptr && pop_full(rest_)) {
                rest_count_ = magazine_slots;
            } else {
                if (bump_ == end_) {
                    grow();
                }
                rest_count_ = carve(rest_.blocks);
            }
        }
        return rest_.blocks[--rest_count_];
    }
    void release_one(void* block) noexcept {
        const std::lock_guard alone(mutex_);
        put_into_rest(block);
    }

    // All that waits for a lock of this depot waits from lock() to unlock(): a process that forks.
    void lock() noexcept { mutex_.lock(); }
    void unlock() noexcept { mutex_.unlock(); }

private:
    using slab_list = slabs<Stride, Alignment, Upstream>;
    using rack = numbered_slabs<record_bytes, detail::interference_bytes, Upstream>;

    // There is always an empty magazine for whoever needs one: full ones hold M of the slots there are, and of
    // those that are not full, a cache or a thread on its way has two at most, and rest_ is one.
    void reserve_magazines(std::size_t slot_count, std::size_t caches) {
        while (rack_.capacity() < slot_count / magazine_slots + 3 * caches + 2) {
            rack_.grow();
        }
    }

    [[nodiscard]] magazine opened(std::uint32_t number) const noexcept {
        return {reinterpret_cast<void**>(rack_.address(number)) + 1, number};
    }

    // There is one, but between the two looks others may have taken the fresh and given back a used one.
    [[nodiscard]] magazine take_empty() noexcept {
        while (true) {
            if (const std::uint32_t number = empties_.pop(rack_); number != rack_.none) {
                return opened(number);
            }
            if (const std::uint32_t number = rack_.take_fresh(); number != rack_.none) {
                const magazine fresh = opened(number);
                detail::unpoison(fresh.blocks - 1, record_bytes);
                fresh.blocks[-1] = nullptr;
                return fresh;
            }
        }
    }

    [[nodiscard]] bool pop_full(magazine& empty) noexcept {
        const std::uint32_t number = full_.pop(rack_);
        if (number == rack_.none) {
            return false;
        }
        empties_.push(rack_, std::exchange(empty, opened(number)).number);
        return true;
    }

    // All below: under the mutex.

    void put_into_rest(void* block) noexcept {
        if (rest_count_ == magazine_slots) {
            exchange_full(rest_);
            rest_count_ = 0;
        }
        rest_.blocks[rest_count_++] = block;
    }

    // The lowest address last, so that it is handed out first.
    [[nodiscard]] std::size_t carve(void** blocks) noexcept {
        const std::size_t count = (std::min)(magazine_slots, static_cast<std::size_t>(end_ - bump_) / Stride);
        for (std::size_t left = count; left-- != 0; bump_ += Stride) {
            blocks[left] = bump_;
        }
        return count;
    }

    void grow() {
        const typename slab_list::run fresh = slabs_.grow();
        POOLMARK_TRY {
            reserve_magazines(slots_ + fresh.slot_count(), caches_);
        }
        POOLMARK_CATCH(...) {
            slabs_.undo_grow(); // as if nothing had been tried
            POOLMARK_RETHROW;
        }
        if (rest_.blocks == nullptr) {
            rest_ = take_empty();
        }
        slots_ += fresh.slot_count();
        bump_ = fresh.begin;
        end_ = fresh.end;
    }

    detail::tagged_stack full_;
    detail::tagged_stack empties_;
    rack rack_;
    std::mutex mutex_;
    magazine rest_;
    std::size_t rest_count_ = 0;
    std::size_t slots_ = 0; // carved or to be carved, in all slabs
    std::size_t caches_ = 0;
    std::byte* bump_ = nullptr;
    std::byte* end_ = nullptr;
    slab_list slabs_;
};

} // namespace poolmark
