// The members of object_pool that are not hot paths; see pools/object_pool.hpp.
#pragma once

#include "pools/errors.hpp"
#include "pools/leaks.hpp"
#include "pools/object_pool.hpp"

#include <bit>
#include <cstddef>
#include <cstdint>
#include <new>
#include <span>
#include <stdexcept>
#include <utility>

namespace poolmark {

template <class T, pool_options Options, upstream_source Upstream>
auto object_pool<T, Options, Upstream>::operator=(object_pool&& other) noexcept -> object_pool& {
    if (this != &other) {
        report_leaks();
        checks::operator=(std::move(other)); // first: from here on no other thread's check looks at the slabs
        store_type ended(std::move(store_));
        store_ = std::move(other.store_);
        on_exhausted_ = std::move(other.on_exhausted_);
        idle_ = std::exchange(other.idle_, {});
        checks::settle(store_);
        other.checks::settle(other.store_);
    }
    return *this;
}

// From the released and the reserved slots; null when there is none.
template <class T, pool_options Options, upstream_source Upstream>
void* object_pool<T, Options, Upstream>::take_anywhere() noexcept {
    void* const slot = store_.take();
    return slot != nullptr || !store_.carve_elsewhere() ? slot : store_.take();
}

template <class T, pool_options Options, upstream_source Upstream>
void object_pool<T, Options, Upstream>::grow(std::size_t fewest) {
    [[maybe_unused]] const auto lock = checks::lock_slabs();
    checks::on_grow(store_.grow(fewest, capacity() - store_.slot_count()));
}

// From wherever there is one, growing and asking the program where that has to be. Null when every slot is out all
// the same; throws std::bad_alloc.
template <class T, pool_options Options, upstream_source Upstream>
void* object_pool<T, Options, Upstream>::find_slot() {
    void* slot = take_anywhere();
    if (slot == nullptr && store_.slot_count() < capacity()) {
        grow(1);
        slot = take_anywhere();
    }
    if constexpr (Options.when_exhausted == exhausted::callback) {
        if (slot == nullptr && on_exhausted_.call && on_exhausted_.call()) {
            slot = take_anywhere();
        }
    }
    return slot;
}

// A pool's first object, where the usual first slab will do, has a short way: some pools have no other one.
template <class T, pool_options Options, upstream_source Upstream>
void* object_pool<T, Options, Upstream>::acquire_growing() {
    if constexpr (!may_be_null && capacity() >= store_type::directory::first_slots()) {
        if (store_.is_new()) {
            {
                [[maybe_unused]] const auto lock = checks::lock_slabs();
                checks::on_grow(store_.begin());
            }
            return hand_out(store_.carve());
        }
    }
    return acquire_otherwise();
}

template <class T, pool_options Options, upstream_source Upstream>
void* object_pool<T, Options, Upstream>::acquire_otherwise() {
    void* slot = nullptr;
    if constexpr (may_be_null) {
        POOLMARK_TRY {
            slot = find_slot();
        }
        POOLMARK_CATCH(const std::bad_alloc&) {
            return nullptr;
        }
    } else {
        slot = find_slot();
    }
    if (slot != nullptr) {
        return hand_out(slot);
    }
    if constexpr (may_be_null) {
        return nullptr;
    } else {
        detail::raise<pool_exhausted>();
    }
}

template <class T, pool_options Options, upstream_source Upstream>
void* object_pool<T, Options, Upstream>::try_acquire() noexcept {
    POOLMARK_TRY {
        checks::check_thread();
        void* const slot = find_slot();
        return slot == nullptr ? nullptr : hand_out(slot);
    }
    POOLMARK_CATCH(...) {
    }
    return nullptr;
}

template <class T, pool_options Options, upstream_source Upstream>
void object_pool<T, Options, Upstream>::acquire_n(std::span<T*> out) {
    reserve(out.size());
    std::size_t taken = 0;
    POOLMARK_TRY {
        for (; taken != out.size(); ++taken) {
            out[taken] = static_cast<T*>(hand_out(take_anywhere()));
        }
    }
    POOLMARK_CATCH(...) { // a full check found that a free block had been written to
        release_n(out.first(taken));
        POOLMARK_RETHROW;
    }
}

template <class T, pool_options Options, upstream_source Upstream>
bool object_pool<T, Options, Upstream>::try_acquire_n(std::span<T*> out) noexcept {
    POOLMARK_TRY {
        acquire_n(out);
        return true;
    }
    POOLMARK_CATCH(...) {
    }
    return false;
}

template <class T, pool_options Options, upstream_source Upstream>
void object_pool<T, Options, Upstream>::release_n(std::span<T* const> blocks) noexcept(!checked) {
    if constexpr (checked) {
        std::size_t found = 0;
        POOLMARK_TRY {
            for (; found != blocks.size(); ++found) {
                checks::before_ending(store_, blocks[found]);
            }
        }
        POOLMARK_CATCH(...) {
            while (found-- != 0) {
                *checks::mark_of(store_, blocks[found]) = detail::slot_mark::out;
            }
            POOLMARK_RETHROW;
        }
    }
    {
        [[maybe_unused]] const typename idle_memory::pause trims_nothing(idle_); // some are neither out nor free
        for (T* const block : blocks) {
            give_back(block, checks::mark_of(store_, block));
        }
    }
    if (idle_.tick(blocks.size())) {
        look_at_idle_memory();
    }
}

template <class T, pool_options Options, upstream_source Upstream>
void object_pool<T, Options, Upstream>::reserve(std::size_t objects) {
    checks::check_thread();
    const std::size_t there = store_.available();
    if (objects <= there) {
        return;
    }
    if (objects - there > capacity() - store_.slot_count()) {
        detail::raise<std::length_error>("poolmark: object_pool: more objects asked for than its capacity");
    }
    grow(objects - there);
}

template <class T, pool_options Options, upstream_source Upstream>
std::size_t object_pool<T, Options, Upstream>::trim() noexcept {
    [[maybe_unused]] const auto lock = checks::lock_slabs();
    // Pages that come back as zeros would look written to at level full.
    const auto given = store_.trim(Options.checks != check::full, [this](const auto& gone) { checks::on_drop(gone); });
    checks::settle(store_);
    return given.slab_bytes + given.page_bytes;
}

template <class T, pool_options Options, upstream_source Upstream>
void object_pool<T, Options, Upstream>::look_at_idle_memory() noexcept {
    const pool_stats now = stats();
    if (idle_.look(store_.slot_count(), now.live, now.slab_bytes)) {
        const std::size_t given = trim();
        idle_.trimmed(given, now.slab_bytes, store_.slot_count());
    }
}

template <class T, pool_options Options, upstream_source Upstream>
template <class Visitor>
void object_pool<T, Options, Upstream>::for_each_live(Visitor&& visit) {
    [[maybe_unused]] const typename idle_memory::pause trims_nothing(idle_); // a visitor may destroy
    store_.for_each_used([&](void* slot) { visit(*std::launder(static_cast<T*>(slot))); });
}

template <class T, pool_options Options, upstream_source Upstream>
pool_stats object_pool<T, Options, Upstream>::stats() const noexcept {
    const std::size_t carved = store_.carved();
    return {.live = carved - store_.free_slots(),
            .free = store_.free_slots(),
            .never_used = store_.slot_count() - carved,
            .peak_live = carved,
            .slabs = store_.slabs().all().size(),
            .slab_bytes = store_.slabs().bytes(),
            .stack_bytes = store_.stack_bytes()};
}

template <class T, pool_options Options, upstream_source Upstream>
void object_pool<T, Options, Upstream>::report_leaks() noexcept {
    if constexpr (checked) {
        leak_report found{.pool = about.name, .blocks = stats().live, .bytes = sizeof(T)};
        if (found.blocks == 0) {
            return;
        }
        store_.forget_newest();
        std::size_t listed = 0;
        for (const auto& in : store_.slabs().all()) {
            for (std::size_t index = 0; index != in.slot_count && listed != leak_report::most_addresses; ++index) {
                if (store_.is_out(in.slot(index), in.mark(index))) {
                    found.addresses[listed++] = in.slot(index);
                }
            }
        }
        detail::report_leak(found);
    }
}

} // namespace poolmark
