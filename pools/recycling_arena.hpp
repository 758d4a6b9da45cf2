// One bump pointer for objects of several types, and a list of released slots for each type.
//
//   slab        ──┬────────┬──────┬──────┬────────┬─────────────────┐
//                 │ node   │ edge │ edge │ node   │ never used yet  │
//                 └────────┴──────┴──────┴────────┴─────────────────┘
//   free nodes  ──► node ──► null                 ▲ bump_           ▲ end_
//   free edges  ──► edge ──► edge ──► null
//
// Good for: a graph or a syntax tree: objects lie in the order they were made,
//           whatever their type, single ones are reused, and all of them go at once.
// Bad for:  types of very different alignment: every slot is rounded up to the strictest of them.
// Complexity: acquire O(1), one slab more where everything is out; release O(1); reset O(slabs + types).
// Bytes:    none an object beyond that rounding; a slot is at least a pointer. Destructors do not run.
// Threads:  one at a time.
#pragma once

#include "pools/pool.hpp"
#include "pools/memory/slabs.hpp"

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <memory>

namespace poolmark {

// Slots for T and for each of Others. By itself it is a pool of T: acquire() and release() without a type mean T.
template <class T, upstream_source Upstream = page_source, class... Others>
class recycling_arena {
public:
    using value_type = T;
    static constexpr description about{"recycling_arena", family::pool,
                                       "bump pointer over slabs, and a list of released slots per type"};
    static constexpr pool_traits traits{.reuse = reuse_order::lifo, .memory = Upstream::memory};

    recycling_arena() : recycling_arena(0) {}
    explicit recycling_arena(std::size_t expected_objects) noexcept : slabs_(expected_objects) {}
    recycling_arena(const recycling_arena&) = delete;
    recycling_arena& operator=(const recycling_arena&) = delete;
    ~recycling_arena() = default;

    template <class U = T>
    [[nodiscard]] void* acquire() {
        link*& free = free_[index_of<U>()];
        if (link* const taken = free; taken != nullptr) [[likely]] {
            detail::unpoison(taken, opened<U>);
            free = taken->next;
            return taken;
        }
        if (static_cast<std::size_t>(end_ - bump_) < stride<U>) [[unlikely]] {
            return acquire_from_new_slab<U>();
        }
        return carve<U>();
    }

    template <class U = T>
    void release(void* block) noexcept {
        link*& free = free_[index_of<U>()];
        free = std::construct_at(static_cast<link*>(block), link{free});
        detail::poison(block, stride<U>);
    }

    void reset() noexcept {
        free_.fill(nullptr);
        start(slabs_.keep_largest());
    }

    [[nodiscard]] std::size_t slab_bytes() const noexcept { return slabs_.bytes(); }

private:
    struct link {
        link* next;
    };

    static constexpr std::size_t alignment = (std::max)({alignof(T), alignof(Others)..., alignof(link)});
    static_assert(alignment <= traits.max_alignment);

    template <class U>
    static constexpr std::size_t opened = (std::max)(sizeof(U), sizeof(link));
    template <class U>
    static constexpr std::size_t stride = detail::align_up(opened<U>, alignment);

    // In slots of the largest type, so that one of any type fits into a new slab.
    using slab_list = slabs<(std::max)({stride<T>, stride<Others>...}), alignment, Upstream>;

    template <class U>
    [[nodiscard]] static constexpr std::size_t index_of() noexcept {
        static_assert((std::same_as<U, T> || ... || std::same_as<U, Others>), "not one of this arena's types");
        constexpr std::array is_it{std::same_as<U, T>, std::same_as<U, Others>...};
        return static_cast<std::size_t>(std::find(is_it.begin(), is_it.end(), true) - is_it.begin());
    }

    template <class U>
    [[nodiscard]] void* carve() noexcept {
        std::byte* const block = bump_;
        bump_ += stride<U>;
        detail::unpoison(block, opened<U>);
        return block;
    }

    // What is left of the old slab is too small for a U, and lost until reset().
    template <class U>
    [[nodiscard, gnu::__noinline__, gnu::__cold__]] void* acquire_from_new_slab() {
        start(slabs_.grow());
        return carve<U>();
    }

    void start(typename slab_list::run fresh) noexcept {
        bump_ = fresh.begin;
        end_ = fresh.end;
    }

    std::array<link*, 1 + sizeof...(Others)> free_{};
    std::byte* bump_ = nullptr;
    std::byte* end_ = nullptr;
    slab_list slabs_;
};

static_assert(resettable_pool<recycling_arena<int>>);
static_assert(resettable_pool<recycling_arena<int, heap_source, double>>);

} // namespace poolmark
