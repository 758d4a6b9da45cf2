// Two magazines of free blocks for each thread that asks for one, over a depot of them: all of local_pool but the
// type of its objects. A cache is found by the thread's number; there is no pointer to it in thread-local storage.
//
//   near_   [ none | cache of thread 1 | cache of thread 2 | ... 127 ]  in the object itself, one load away
//   table_  ──► [ ... | cache of thread 128 | ... ]                     where there are more, a call away
//
// Good for: pools that are used by any threads and may end before or after them.
// Bad for:  a pool for one thread: see stack_pool.
// Complexity: O(1); every M-th block an exchange with the depot. A thread's first use, and its end, take locks.
// Bytes:    1 KiB for near_; a cache is three magazines of 8 (M + 1) bytes, and up to 2 M idle blocks.
// Threads:  any.
#pragma once

#include "pools/threads/thread_numbers.hpp"
#include "pools/threads/magazine_depot.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <new>
#include <utility>

namespace poolmark {

namespace detail {

// All that the fast paths touch. It is the same for blocks of all sizes, so that who has pools of many sizes chooses one
// by an index into an array, and not by an indirect call, which the CPU would have to guess.
class near_caches {
public:
    // Null where this thread's magazine is empty, and where it has none: acquire() of the whole class then has a block.
    [[nodiscard]] void* try_acquire() noexcept {
        cache& mine = *near_[this_thread::place];
        void* const newest = *mine.top;
        if (newest != nullptr) [[likely]] {
            --mine.top;
        }
        return newest;
    }
    // False where its magazine is full, and where it has none: release() then takes the block.
    [[nodiscard]] bool try_release(void* block) noexcept {
        cache& mine = *near_[this_thread::place];
        if (mine.top != mine.last) [[likely]] {
            mine.put(block);
            return true;
        }
        return false;
    }

protected:
    near_caches() noexcept {
        none_.top = none_.last = &nothing_;
        near_.fill(&none_);
    }
    ~near_caches() = default;

    // The loaded magazine: blocks from above `below`, which is the null, up to `top`, and room up to `last`. The spare one
    // is either full or empty.
    struct cache {
        void** top = nullptr;
        void** last = nullptr;
        void** below = nullptr;
        std::uint32_t loaded = 0; // its number
        bool spare_is_full = false;
        magazine spare;

        void put(void* block) noexcept { *++top = block; }
        [[nodiscard]] void* take() noexcept { return *top--; } // there is one
        [[nodiscard]] std::size_t blocks() const noexcept { return static_cast<std::size_t>(top - below); }
        [[nodiscard]] magazine held() const noexcept { return {below + 1, loaded}; }
        void load(magazine next, std::size_t block_count, std::size_t blocks) noexcept {
            below = next.blocks - 1;
            last = below + block_count;
            top = below + blocks;
            loaded = next.number;
        }
        void swap_spare(std::size_t block_count, bool spare_was_full) noexcept {
            load(std::exchange(spare, held()), block_count, spare_was_full ? block_count : 0);
            spare_is_full = !spare_was_full;
        }
    };

    void* nothing_ = nullptr;
    // A thread without a cache has this one, which is empty and full: it never gets past the first comparison.
    cache none_{};
    std::array<cache*, near_threads> near_; // each entry is written and read by its thread
};

} // namespace detail

// Blocks of `Stride` bytes at multiples of `Alignment`, poisoned while they are free.
template <std::size_t Stride, std::size_t Alignment, upstream_source Upstream>
class thread_caches : public detail::near_caches, private detail::thread_listener {
public:
    using depot_type = magazine_depot<Stride, Alignment, Upstream>;

    explicit thread_caches(std::size_t expected_objects) noexcept : depot_(expected_objects) {}
    ~thread_caches() override {
        stop_listening(); // from here on no thread's end comes by
        table* next = table_.load(std::memory_order_relaxed);
        while (next != nullptr) {
            table* const last = std::exchange(next, next->older);
            Upstream::deallocate(last, bytes_of(last->size), alignof(table));
        }
    }

    [[nodiscard]] void* acquire() {
        void* const block = try_acquire();
        return block != nullptr ? block : acquire_slow();
    }

    void release(void* block) noexcept {
        if (!try_release(block)) [[unlikely]] {
            release_far(block);
        }
    }

    // For whoever keeps blocks elsewhere, and comes here for more; after use_depot(), which a first block calls for.
    [[nodiscard]] depot_type& depot() noexcept { return depot_; }
    void use_depot() noexcept { listen(); }

private:
    static constexpr std::size_t block_count = depot_type::magazine_slots;
    static_assert(sizeof(cache) <= depot_type::part_bytes);

    // For the threads that near_ has no room for. Entries follow: one for each thread number below `size`. An
    // entry is written and read by its thread, and copied into a larger table under the mutex.
    struct table {
        std::uint32_t size;
        table* older;
        [[nodiscard]] cache** entries() noexcept { return reinterpret_cast<cache**>(this + 1); }
    };

    [[nodiscard]] cache& cache_of(std::uint32_t thread) noexcept {
        if (thread < near_.size()) {
            return *near_[thread];
        }
        table* const all = table_.load(std::memory_order_acquire);
        return all != nullptr && thread < all->size ? *all->entries()[thread] : none_;
    }

    [[nodiscard, gnu::__noinline__]] void* acquire_slow() {
        cache* const mine = cache_of_this_thread();
        if (mine == nullptr) {
            return depot_.acquire_one();
        }
        if (mine->blocks() != 0) {
            return mine->take();
        }
        if (mine->spare_is_full) {
            mine->swap_spare(block_count, true);
        } else {
            magazine held = mine->held();
            const std::size_t blocks = depot_.exchange_empty(held);
            mine->load(held, block_count, blocks);
        }
        return mine->take();
    }

    [[gnu::__noinline__]] void release_far(void* block) noexcept {
        cache* const mine = cache_of_this_thread();
        if (mine == nullptr) {
            depot_.release_one(block);
            return;
        }
        if (mine->top == mine->last) {
            if (mine->spare_is_full) {
                depot_.exchange_full(mine->spare);
            }
            mine->swap_spare(block_count, false);
        }
        mine->put(block);
    }

    // Null for a thread that is ending, and where there is no memory for a cache.
    [[nodiscard]] cache* cache_of_this_thread() noexcept {
        const std::uint32_t thread = detail::number_this_thread();
        if (thread == detail::no_thread_number) {
            listen(); // the depot is used
            return nullptr;
        }
        if (cache& mine = cache_of(thread); &mine != &none_) {
            return &mine;
        }
        POOLMARK_TRY {
            return make_cache(thread);
        }
        POOLMARK_CATCH(const std::bad_alloc&) {
        }
        return nullptr;
    }

    [[nodiscard]] cache* make_cache(std::uint32_t thread) {
        listen();
        const std::lock_guard alone(mutex_);
        if (thread >= near_.size()) {
            make_room_for(thread);
        }
        const auto [record, loaded, spare] = depot_.make_cache();
        cache* const made = std::construct_at(static_cast<cache*>(record));
        made->load(loaded, block_count, 0);
        made->spare = spare;
        cache*& entry =
            thread < near_.size() ? near_[thread] : table_.load(std::memory_order_relaxed)->entries()[thread];
        return entry = made;
    }

    // Others may be reading the older tables, so these stay; together they are as large as the newest.
    void make_room_for(std::uint32_t thread) {
        table* const old = table_.load(std::memory_order_relaxed);
        const std::uint32_t old_size = old != nullptr ? old->size : 0;
        if (thread < old_size) {
            return;
        }
        const std::size_t bytes = Upstream::usable(bytes_of((std::max)(thread + 1, 2 * old_size)));
        const auto size = static_cast<std::uint32_t>((bytes - sizeof(table)) / sizeof(cache*));
        table* const next =
            std::construct_at(static_cast<table*>(allocate_slab<Upstream>(bytes, alignof(table))), table{size, old});
        if (old != nullptr) {
            std::uninitialized_copy_n(old->entries(), old_size, next->entries());
        }
        std::uninitialized_fill_n(next->entries() + old_size, size - old_size, &none_);
        table_.store(next, std::memory_order_release);
    }

    [[nodiscard]] static constexpr std::size_t bytes_of(std::uint32_t size) noexcept {
        return sizeof(table) + size * sizeof(cache*);
    }

    // The cache stays, empty, for the next thread of this number.
    void thread_ends(std::uint32_t thread) noexcept override {
        cache& mine = cache_of(thread);
        if (&mine == &none_) {
            return;
        }
        if (std::exchange(mine.spare_is_full, false)) {
            depot_.exchange_full(mine.spare);
        }
        depot_.take_back(mine.below + 1, mine.blocks());
        mine.top = mine.below;
    }

    // Nobody who is at the depot or at the table while the process forks.
    void before_fork() noexcept override {
        mutex_.lock();
        depot_.lock();
    }
    void after_fork() noexcept override {
        depot_.unlock();
        mutex_.unlock();
    }

    std::atomic<table*> table_{nullptr};
    depot_type depot_;
    std::mutex mutex_; // of the table
};

} // namespace poolmark
