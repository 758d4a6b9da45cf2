// A heap for small objects as CPython's: size classes of 16 bytes up to 512, each served from pools of one class,
// pools cut from arenas; what is larger goes to the process's heap.
//
//   arena 1 MiB   │ pool 0 (class 64) │ pool 1 (class 16) │ pool 2, free │ never used yet ... │
//   pool 16 KiB   │ header 48 │ block │ block │ free ──► free ──► null │ never carved yet │
//   release(p)    p & ~(arena - 1) ──► is this arena ours?  p & ~(pool - 1) ──► header, and with it the class
//
// New pools come from the arena with the fewest free ones, so that the others get a chance to empty. An arena
// that is all free goes back to its source, unless it is the only one: that one is kept, or a block on the edge
// would map and unmap it each time.
//
// Good for: a mix of small sizes in one thread whose release() is not given the size.
// Bad for:  one size (slab_pool needs no lookup); threads; sizes just above a class: 49 bytes cost 64.
// Complexity: acquire and release O(1), plus O(arenas) whenever an arena comes or goes.
// Bytes:    none a block but the rounding up to 16; 48 a pool. Threads: one at a time.
#pragma once

#include "pools/description.hpp"
#include "pools/memory/address_map.hpp"
#include "pools/memory/align.hpp"
#include "pools/memory/poison.hpp"
#include "pools/memory/upstream.hpp"

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <vector>

namespace poolmark {

template <std::size_t PoolBytes = 16384, std::size_t ArenaBytes = std::size_t{1} << 20,
          upstream_source Upstream = page_source>
class obmalloc_model {
public:
    static constexpr description about{
        PoolBytes == 4096 ? "obmalloc_model_4k" : "obmalloc_model_16k", family::pool,
        PoolBytes == 4096 ? "classes of 16 bytes to 512 in 4 KiB pools, 256 KiB arenas"
                          : "classes of 16 bytes to 512 in 16 KiB pools, 1 MiB arenas"};
    static constexpr std::size_t alignment = 16; // of every block
    static constexpr std::size_t largest_bytes = 512;
    static constexpr std::size_t pools_per_arena = ArenaBytes / PoolBytes;

    obmalloc_model() = default;
    obmalloc_model(const obmalloc_model&) = delete;
    obmalloc_model& operator=(const obmalloc_model&) = delete;
    ~obmalloc_model() {
        for (const std::unique_ptr<arena>& each : arenas_) {
            give_memory_back(*each);
        }
    }

    // Throws std::bad_alloc and changes nothing where there is no memory. Of 0 bytes: the process's heap, as CPython.
    [[nodiscard]] void* acquire(std::size_t bytes) {
        if (bytes - 1 >= largest_bytes) [[unlikely]] { // 0 as well: it wraps to the largest number there is
            return ::operator new(bytes);
        }
        const std::size_t position = (bytes - 1) / alignment;
        pool* from = usable_[position];
        if (from == nullptr) [[unlikely]] {
            from = start_pool(position);
        }
        return take_block(*from);
    }

    // A block of acquire(), of whatever size, once.
    void release(void* block) noexcept {
        arena* const home = map_.find(reinterpret_cast<std::uintptr_t>(block));
        if (home == nullptr) [[unlikely]] {
            ::operator delete(block);
            return;
        }
        give_block_back(*pool_of(block), *home, block);
    }

    // The bytes that a block may use; 0 where it is not one of these pools.
    [[nodiscard]] std::size_t usable_bytes(const void* block) const noexcept {
        return owns(block) ? block_bytes(pool_of(block)->position) : 0;
    }
    [[nodiscard]] bool owns(const void* block) const noexcept {
        return map_.find(reinterpret_cast<std::uintptr_t>(block)) != nullptr;
    }
    [[nodiscard]] std::size_t arenas() const noexcept { return arenas_.size(); }

    // The arena that was kept for the next block goes back too.
    void trim() noexcept {
        while (arena* const empty = by_free_[pools_per_arena]) {
            end_arena(*empty);
        }
    }

private:
    static_assert(std::has_single_bit(PoolBytes) && std::has_single_bit(ArenaBytes));
    static_assert(pools_per_arena >= 2 && pools_per_arena <= 64, "one bit each in arenas_with_");

    struct link {
        link* next;
    };
    struct arena;
    struct pool {             // at the beginning of its PoolBytes
        link* free;           // of a usable pool, never null
        std::uint32_t out;    // blocks in use
        std::uint32_t carved; // bytes of the pool that were ever used
        std::size_t position; // of the class
        pool* next;           // in usable_, or among the free ones of the arena
        pool* previous;
        void* unused;
    };
    static_assert(sizeof(pool) == 48 && sizeof(pool) % alignment == 0);

    struct arena {
        std::uintptr_t base = 0;
        std::size_t carved = 0; // pools that were ever used
        pool* free_pools = nullptr;
        std::size_t free_count = pools_per_arena; // with those never used
        arena* next = nullptr;                    // with as many free pools
        arena* previous = nullptr;
        std::size_t place = 0; // in arenas_
        [[nodiscard]] bool covers(std::uintptr_t address) const noexcept {
            return address - base < ArenaBytes && base != 0;
        }
    };

    [[nodiscard]] static constexpr std::size_t block_bytes(std::size_t position) noexcept {
        return (position + 1) * alignment;
    }
    [[nodiscard]] static pool* pool_of(const void* block) noexcept {
        return reinterpret_cast<pool*>(reinterpret_cast<std::uintptr_t>(block) & ~(PoolBytes - 1));
    }

    // A doubly linked list through next and previous.
    template <class Node>
    static void push(Node*& head, Node& added) noexcept {
        added.next = head;
        added.previous = nullptr;
        if (head != nullptr) {
            head->previous = &added;
        }
        head = &added;
    }
    template <class Node>
    static void unlink(Node*& head, Node& gone) noexcept {
        (gone.previous != nullptr ? gone.previous->next : head) = gone.next;
        if (gone.next != nullptr) {
            gone.next->previous = gone.previous;
        }
    }

    [[nodiscard]] void* take_block(pool& from) noexcept {
        link* const block = from.free;
        const std::size_t bytes = block_bytes(from.position);
        detail::unpoison(block, bytes);
        from.free = block->next;
        ++from.out;
        if (from.free == nullptr) [[unlikely]] {
            carve_or_retire(from, bytes);
        }
        return block;
    }

    // The next block that was never used becomes free; without one, the pool is full and leaves its list.
    void carve_or_retire(pool& from, std::size_t bytes) noexcept {
        if (from.carved + bytes <= PoolBytes) {
            from.free = carve(from, bytes);
        } else {
            unlink(usable_[from.position], from);
        }
    }

    [[nodiscard]] static link* carve(pool& from, std::size_t bytes) noexcept {
        void* const block = reinterpret_cast<std::byte*>(&from) + from.carved;
        from.carved += static_cast<std::uint32_t>(bytes);
        detail::unpoison(block, sizeof(link));
        link* const carved = std::construct_at(static_cast<link*>(block), link{nullptr});
        detail::poison(block, bytes);
        return carved;
    }

    void give_block_back(pool& to, arena& home, void* block) noexcept {
        const bool was_full = to.free == nullptr;
        to.free = std::construct_at(static_cast<link*>(block), link{to.free});
        detail::poison(block, block_bytes(to.position));
        --to.out;
        if (was_full) [[unlikely]] {
            push(usable_[to.position], to);
        }
        if (to.out == 0) [[unlikely]] {
            unlink(usable_[to.position], to);
            give_pool_back(to, home);
        }
    }

    // An empty pool of the class, from the arena with the fewest.
    [[nodiscard, gnu::noinline]] pool* start_pool(std::size_t position) {
        if (arenas_with_ == 0) {
            add_arena();
        }
        arena& home = *by_free_[static_cast<std::size_t>(std::countr_zero(arenas_with_)) + 1];
        leave_bucket(home);
        --home.free_count;
        pool* taken = home.free_pools;
        if (taken != nullptr) {
            home.free_pools = taken->next;
        } else {
            taken = reinterpret_cast<pool*>(home.base + home.carved++ * PoolBytes);
        }
        enter_bucket(home);
        detail::poison(taken, PoolBytes);
        detail::unpoison(taken, sizeof(pool));
        std::construct_at(taken, pool{nullptr, 0, sizeof(pool), position, nullptr, nullptr, nullptr});
        taken->free = carve(*taken, block_bytes(position));
        push(usable_[position], *taken);
        return taken;
    }

    void give_pool_back(pool& empty, arena& home) noexcept {
        leave_bucket(home);
        empty.next = home.free_pools;
        home.free_pools = &empty;
        ++home.free_count;
        const bool another_is_empty = by_free_[pools_per_arena] != nullptr;
        enter_bucket(home);
        if (home.free_count == pools_per_arena && another_is_empty) {
            end_arena(home);
        }
    }

    void leave_bucket(arena& which) noexcept {
        arena*& bucket = by_free_[which.free_count];
        unlink(bucket, which);
        if (bucket == nullptr && which.free_count != 0) {
            arenas_with_ &= ~(std::uint64_t{1} << (which.free_count - 1));
        }
    }
    void enter_bucket(arena& which) noexcept {
        push(by_free_[which.free_count], which);
        if (which.free_count != 0) {
            arenas_with_ |= std::uint64_t{1} << (which.free_count - 1);
        }
    }

    void add_arena() {
        auto added = std::make_unique<arena>();
        const std::size_t places = detail::address_map<arena, ArenaBytes>::places_for(arenas_.size() + 1);
        std::vector<arena*> larger(places > map_places_.size() ? places : 0);
        arenas_.reserve(arenas_.size() + 1);
        added->base = reinterpret_cast<std::uintptr_t>(Upstream::allocate(ArenaBytes, ArenaBytes));
        if (!larger.empty()) {
            map_places_.swap(larger);
        }
        added->place = arenas_.size();
        enter_bucket(*added);
        arenas_.push_back(std::move(added));
        map_arenas();
    }

    void end_arena(arena& empty) noexcept {
        leave_bucket(empty);
        give_memory_back(empty);
        const std::size_t place = empty.place;
        arenas_.back()->place = place;
        arenas_[place].swap(arenas_.back());
        arenas_.pop_back();
        map_arenas();
    }

    static void give_memory_back(const arena& gone) noexcept {
        void* const memory = reinterpret_cast<void*>(gone.base);
        detail::unpoison(memory, ArenaBytes);
        Upstream::deallocate(memory, ArenaBytes, ArenaBytes);
    }

    // Anew from all of them: arenas come and go once in some ten thousand blocks.
    void map_arenas() noexcept {
        map_.rest_on(map_places_.data(), map_places_.size());
        for (const std::unique_ptr<arena>& each : arenas_) {
            map_.add(reinterpret_cast<const void*>(each->base), ArenaBytes, each.get());
        }
    }

    std::array<pool*, largest_bytes / alignment> usable_{}; // pools with free blocks, by class
    std::array<arena*, pools_per_arena + 1> by_free_{};     // arenas, by how many free pools they have
    std::uint64_t arenas_with_ = 0;                         // bit n - 1: there is one with n free pools
    std::vector<std::unique_ptr<arena>> arenas_;
    std::vector<arena*> map_places_;
    detail::address_map<arena, ArenaBytes> map_;
};

} // namespace poolmark
