// One bit a slot says whether it is out. The lowest free slot of the group at hand goes out first, and everything
// that is out can be visited, destroyed and checked.
//
//   group    │ out │ free │ out │ out │ free │ free │ out │ ... 64 slots
//   free bits   0     1      0     0     1      1      0           acquire() takes the lowest bit, release() sets it
//
// When a group has nothing left, the lowest one that has goes on: objects stay dense, and what falls empty behind
// them can go back with trim().
//
// Good for: visiting all objects that are live; sets that shrink; reports of a double release or a stray pointer.
// Bad for:  handing the very slot just released out again while it is warm (see slab_pool).
// Complexity: acquire O(1), amortised: a scan of one bit a block where groups run out; release O(1); visiting, size,
//           trim and reset O(slots / 64).
// Bytes:    1 bit a slot and about 100 a block of up to 64 KiB; a slot is as large as the object.
// Threads:  one at a time. Movable; not copyable.
#pragma once

#include "pools/memory/exceptions.hpp"
#include "pools/memory/exact_division.hpp"
#include "pools/errors.hpp"
#include "pools/pool.hpp"
#include "pools/bitmap/blocks.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <type_traits>
#include <utility>

namespace poolmark {

// acquire() hands out raw storage, and the pool cannot know whether there is an object in it. A block that is out
// counts as one: use for_each_live() and clear() only where every block holds an object, as all from create() do. The
// end of the pool runs no destructors, as for every pool; clear() before it does.
template <class T, upstream_source Upstream = page_source>
class bitmap_pool {
public:
    using value_type = T;
    static constexpr description about{"bitmap_pool", family::free_list,
                                       "one bit a slot, lowest first; checks every release, visits what is live"};
    static constexpr pool_traits traits{
        .reuse = reuse_order::unspecified, .memory = Upstream::memory, .rejects_foreign_release = true};

    bitmap_pool() noexcept : bitmap_pool(0) {}
    explicit bitmap_pool(std::size_t expected_objects) noexcept : blocks_(expected_objects) {}
    bitmap_pool(bitmap_pool&& other) noexcept : bitmap_pool(0) { swap(other); }
    bitmap_pool& operator=(bitmap_pool&& other) noexcept {
        bitmap_pool taken(std::move(other));
        swap(taken);
        return *this;
    }
    ~bitmap_pool() = default;

    void swap(bitmap_pool& other) noexcept {
        blocks_.swap(other.blocks_);
        std::swap(free_, other.free_);
        std::swap(slots_, other.slots_);
        std::swap(current_, other.current_);
    }

    [[nodiscard]] void* acquire() {
        const std::uint64_t free = *free_;
        if (free == 0) [[unlikely]] {
            return acquire_from_next_group();
        }
        return take_lowest(free);
    }

    // Throws double_release, interior_pointer or foreign_pointer for a block that is not out; changes nothing then.
    void release(void* block) {
        const place at = probe(block);
        if (!at.is_out()) [[unlikely]] {
            return release_slow(block);
        }
        give_back(at, block);
    }

    // An object in a slot of this pool. When its constructor throws, the slot goes back first.
    template <class... Args>
    [[nodiscard]] T* create(Args&&... args) {
        return poolmark::create(*this, std::forward<Args>(args)...);
    }

    // Ends the object's life and takes its slot back. Throws what release() throws, before any destructor has run.
    void destroy(T* object) {
        static_assert(std::is_destructible_v<T>, "bitmap_pool<T>: the pool calls T's destructor, which must be public");
        if constexpr (!std::is_trivially_destructible_v<T>) {
            if (!probe(object).is_out()) [[unlikely]] {
                static_cast<void>(find_out(object));
            }
            std::destroy_at(object);
        }
        release(object);
    }

    // visit(T&) for each block that is out, from the lowest slot of each block to its highest. It may release or
    // destroy any object, this one as well, and create new ones, which are visited or not. It must not call trim().
    template <class Visit>
    void for_each_live(Visit&& visit) {
        for (std::size_t number = 0; number < blocks_.directory.size(); ++number) {
            record& owner = blocks_.directory[number];
            for (std::size_t group = 0; group != record::groups; ++group) {
                visit_group(owner, group, visit);
            }
        }
    }

    // Destroys every object that is live. The memory stays.
    void clear() {
        if constexpr (std::is_trivially_destructible_v<T>) {
            reset();
        } else {
            for_each_live([this](T& object) { destroy(std::addressof(object)); });
        }
    }

    // Every slot is free again; destructors do not run. The memory stays.
    void reset() noexcept {
        leave_group();
        blocks_.free_all();
    }

    // Gives each slab in which nothing is out back to its source. Returns the bytes given back.
    std::size_t trim() noexcept {
        leave_group();
        return blocks_.trim();
    }

    // How many blocks are out.
    [[nodiscard]] std::size_t size() const noexcept {
        std::size_t sum = 0;
        for (std::size_t number = 0; number != blocks_.directory.size(); ++number) {
            sum += blocks_.directory[number].live();
        }
        return sum;
    }

    // Whether release(block) would take it.
    [[nodiscard]] bool owns(const void* block) const noexcept {
        place found{};
        return is_out_at_length(block, found);
    }

    [[nodiscard]] std::size_t slab_bytes() const noexcept { return blocks_.slab_bytes(); }

private:
    static constexpr std::size_t alignment = (std::max)(alignof(T), detail::poison_granule);
    static constexpr std::size_t stride = detail::align_up(sizeof(T), alignment);
    static_assert(alignof(T) <= traits.max_alignment);
    using record = bitmap_block<stride>;

    // A slot of a block, where `slot` is the number of one; an address that is no slot's has a larger one.
    struct place {
        record* owner;
        std::size_t slot;
        [[nodiscard]] bool is_slot() const noexcept { return slot < record::slot_count; }
        [[nodiscard]] std::size_t group() const noexcept { return slot / 64; }
        [[nodiscard]] std::uint64_t bit() const noexcept { return std::uint64_t{1} << slot % 64; }
        [[nodiscard]] bool is_out() const noexcept { return is_slot() && (owner->free[group()] & bit()) == 0; }
    };

    [[nodiscard]] static place place_in(record* owner, std::uintptr_t address) noexcept {
        return {owner, detail::exact_quotient<stride>(address - owner->base)};
    }

    // One multiplication finds the slot, and one comparison refuses all addresses that are none.
    [[nodiscard]] place probe(const void* address) const noexcept {
        const auto number = reinterpret_cast<std::uintptr_t>(address);
        return place_in(blocks_.directory.probe(number), number);
    }

    // The same, where another block has the place in the map that this one would have.
    [[nodiscard]] bool is_out_at_length(const void* address, place& found) const noexcept {
        const auto number = reinterpret_cast<std::uintptr_t>(address);
        record* const owner = blocks_.directory.find(number);
        found = owner == nullptr ? place{nullptr, record::slot_count} : place_in(owner, number);
        return found.is_out();
    }

    // The address is not where it was expected, or it is wrong.
    [[nodiscard, gnu::__noinline__, gnu::__cold__]] place find_out(const void* address) const {
        place found{};
        if (!is_out_at_length(address, found)) {
            if (found.owner == nullptr) {
                detail::raise<foreign_pointer>(about.name, address);
            }
            if (!found.is_slot()) {
                detail::raise<interior_pointer>(about.name, address);
            }
            detail::raise<double_release>(about.name, address);
        }
        return found;
    }

    [[gnu::__noinline__, gnu::__cold__]] void release_slow(void* block) { give_back(find_out(block), block); }

    void give_back(place at, void* block) noexcept {
        std::uint64_t& free = at.owner->free[at.group()];
        const std::uint64_t before = free;
        free = before | at.bit();
        detail::poison(block, stride);
        if (before == 0) [[unlikely]] {
            blocks_.directory.open(*at.owner, at.group());
        }
    }

    [[nodiscard]] void* take_lowest(std::uint64_t free) noexcept {
        std::byte* const taken = slots_ + static_cast<std::size_t>(std::countr_zero(free)) * stride;
        *free_ = free & (free - 1);
        detail::unpoison(taken, sizeof(T));
        return taken;
    }

    [[nodiscard, gnu::__noinline__]] void* acquire_from_next_group() {
        leave_group();
        record* next = blocks_.directory.lowest_open();
        if (next == nullptr) [[unlikely]] {
            blocks_.grow();
            next = blocks_.directory.lowest_open();
        }
        const auto group = static_cast<std::size_t>(std::countr_zero(next->open_groups));
        current_ = next;
        free_ = &next->free[group];
        slots_ = next->slots_of(group);
        return take_lowest(*free_);
    }

    // The group at hand counts as open until here.
    void leave_group() noexcept {
        if (current_ != nullptr) {
            if (*free_ == 0) {
                blocks_.directory.close(*current_, static_cast<std::size_t>(free_ - current_->free));
            }
            current_ = nullptr;
            free_ = &none_free;
        }
    }

    template <class Visit>
    static void visit_group(record& owner, std::size_t group, Visit& visit) {
        std::byte* const first = owner.slots_of(group);
        for (std::uint64_t left = owner.live_in(group); left != 0; left &= left - 1, left &= ~owner.free[group]) {
            visit(*reinterpret_cast<T*>(first + static_cast<std::size_t>(std::countr_zero(left)) * stride));
        }
    }

    static inline constinit std::uint64_t none_free = 0; // never written: there is no bit to take

    std::uint64_t* free_ = &none_free; // of the group at hand
    std::byte* slots_ = nullptr;
    record* current_ = nullptr; // the block with that group
    bitmap_blocks<stride, Upstream> blocks_;
};

static_assert(resettable_pool<bitmap_pool<int>>);
static_assert(resettable_pool<bitmap_pool<int, heap_source>>);

} // namespace poolmark
