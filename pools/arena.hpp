// A pointer that moves forward only. Releasing one object does nothing; all of them go at once, or all since a mark.
//
//   slab ──┬──────┬──────┬──────┬─────────────────┐
//          │ slot │ slot │ slot │ never used yet  │
//          └──────┴──────┴──────┴─────────────────┘
//                 ▲ mark()      ▲ bump_           ▲ end_
//
// Good for: many objects with one common end (a frame, a request, a compile unit); work that is tried and undone.
// Bad for:  objects that come and go: nothing is reused before reset(), and memory grows with every acquire().
// Complexity: acquire O(1), one slab more where the last is used up; release nothing; mark O(1); rewind and reset
//           O(slabs given back + objects of create_owned() that end).
// Bytes:    none an object; 16 for each of create_owned() that has a destructor to run. reset()
//           and rewind() keep the largest slab. The destructors of all other objects do not run.
// Threads:  one at a time.
#pragma once

#include "pools/memory/construct.hpp"
#include "pools/pool.hpp"
#include "pools/memory/destructor_chain.hpp"
#include "pools/memory/slabs.hpp"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <type_traits>
#include <utility>

namespace poolmark {

template <class T, upstream_source Upstream = page_source>
class arena {
    static constexpr std::size_t alignment = (std::max)(alignof(T), detail::poison_granule);
    static constexpr std::size_t stride = detail::align_up(sizeof(T), alignment);
    using slab_list = slabs<stride, alignment, Upstream>;
    using destructors = std::conditional_t<std::is_trivially_destructible_v<T>, detail::no_destructors,
                                           detail::destructor_chain<T, arena<detail::owned_object<T>, Upstream>>>;

public:
    using value_type = T;
    static constexpr description about =
        leading({"arena", family::pool, "bump pointer over slabs; storage comes back all at once"});
    static constexpr pool_traits traits{.reuse = reuse_order::never, .memory = Upstream::memory};

    struct checkpoint { // see mark()
        typename slab_list::position slab;
        std::byte* bump;
        [[no_unique_address]] typename destructors::checkpoint owned;
    };

    arena() : arena(0) {}
    explicit arena(std::size_t expected_objects) noexcept : slabs_(expected_objects) {}
    arena(const arena&) = delete;
    arena& operator=(const arena&) = delete;
    ~arena() = default;

    [[nodiscard]] void* acquire() {
        if (bump_ == end_) [[unlikely]] {
            return acquire_from_new_slab();
        }
        return carve();
    }

    void release(void* block) noexcept { detail::poison(block, stride); }

    // An object that the arena destroys itself, with reset(), rewind() or its own end, newest first. It is not to
    // be passed to destroy() or release(). When the constructor throws, nothing is there to destroy; the slot
    // comes back with the next reset() or rewind().
    template <class... Args>
    [[nodiscard]] T* create_owned(Args&&... args) {
        if constexpr (std::is_trivially_destructible_v<T>) {
            return detail::construct<T>(acquire(), std::forward<Args>(args)...);
        } else {
            void* const place = owned_.place();
            T* const object = detail::construct<T>(acquire(), std::forward<Args>(args)...);
            owned_.add(place, object);
            return object;
        }
    }

    // Where the arena stands. rewind() takes back all that was acquired since, and with it every mark() since:
    // those are not to be used again, nor any mark after a reset().
    [[nodiscard]] checkpoint mark() const noexcept { return {slabs_.newest(), bump_, owned_.mark()}; }

    void rewind(const checkpoint& then) noexcept {
        owned_.rewind(then.owned);
        slabs_.rewind(then.slab);
        bump_ = then.bump;
        end_ = slabs_.end_of_newest();
        detail::poison(bump_, static_cast<std::size_t>(end_ - bump_));
    }

    void reset() noexcept {
        owned_.reset();
        start(slabs_.keep_largest());
    }

    [[nodiscard]] std::size_t slab_bytes() const noexcept { return slabs_.bytes(); }

private:
    static_assert(alignof(T) <= traits.max_alignment);

    [[nodiscard]] void* carve() noexcept {
        std::byte* const block = bump_;
        bump_ += stride;
        detail::unpoison(block, sizeof(T));
        return block;
    }

    [[nodiscard, gnu::__noinline__, gnu::__cold__]] void* acquire_from_new_slab() {
        start(slabs_.grow());
        return carve();
    }

    void start(typename slab_list::run fresh) noexcept {
        bump_ = fresh.begin;
        end_ = fresh.end;
    }

    std::byte* bump_ = nullptr;
    std::byte* end_ = nullptr;
    slab_list slabs_;
    [[no_unique_address]] destructors owned_; // last, so that objects end before their slabs
};

static_assert(resettable_pool<arena<int>>);
static_assert(resettable_pool<arena<int, heap_source>>);

} // namespace poolmark
