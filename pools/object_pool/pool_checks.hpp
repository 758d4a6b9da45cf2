// What object_pool checks at each level, as a base class that is empty where nothing is checked.
//
//   release(p) ──► the slot taken last? ──► it is out                             one object replaced by another
//                    │ no
//                    ▼
//                  a slab (live_slots) ──► slot number ──► not where its mark says: it is out      most others
//                    │ not found             │ none          │ it is, in the stack of free slots
//                    ▼                       ▼               ▼
//                  look it up        interior_pointer   double_release, or foreign_pointer when it was never out
//                    │ in no slab
//                    ▼
//                  other_pools_pointer, or foreign_pointer
//
// Nothing is written for a slot that is taken: its mark says where it stood in the stack, and it does not any more.
// A slot's number comes out of one multiplication and one rotation, and is too large for every address that is not
// a slot's beginning, so foreign, interior and misaligned pointers fail the same comparison.
//
// Good for: finding each wrong release when it happens, exactly: mark and stack together know whether a block is out.
// Bad for:  two pointers to one block of which the first was released and the slot handed out again: that is a use
//           of a valid address. A slot_map's handles tell the difference.
// Complexity: O(1); O(log slabs) for the few slots that live_slots does not find.
// Bytes:    four a slot, and the table of live_slots. Threads: one at a time; pools of one type may live on several threads.
#pragma once

#include "pools/memory/exceptions.hpp"
#include "pools/memory/poison.hpp"
#include "pools/object_pool/checked_pools.hpp"
#include "pools/object_pool/live_slots.hpp"
#include "pools/object_pool/slab_directory.hpp"
#include "pools/memory/valgrind.hpp"
#include "pools/errors.hpp"
#include "pools/pool_options.hpp"

#include <pthread.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <mutex>
#include <string_view>
#include <utility>

namespace poolmark::detail {

template <class Store, std::size_t Stride, check Level>
class pool_checks;

template <class Store, std::size_t Stride>
class pool_checks<Store, Stride, check::off> {
protected:
    using slab = typename Store::slab;
    explicit pool_checks(std::string_view /*pool*/) noexcept {}

    void check_thread() const noexcept {}
    void* on_acquire(void* slot, std::size_t /*bytes*/) noexcept { return slot; }
    unmarked before_ending(const Store& /*store*/, void* /*slot*/) noexcept { return {}; }
    unmarked mark_of(const Store& /*store*/, const void* /*slot*/) const noexcept { return {}; }
    void after_release(void* /*slot*/, std::size_t /*bytes*/) noexcept {}
    void on_grow(const slab& /*fresh*/) noexcept {}
    void on_drop(const slab& /*gone*/) noexcept {}
    void on_reset(const Store& /*store*/) noexcept {}
    void settle(const Store& /*store*/) noexcept {}
    void leave() noexcept {}
    [[nodiscard]] int lock_slabs() const noexcept { return 0; }
};

// Both checked levels.
template <class Store, std::size_t Stride, check Level>
class pool_checks {
protected:
    using slab = typename Store::slab;
    static constexpr bool full = Level == check::full;

    explicit pool_checks(std::string_view pool) : name_(pool) {
        link();
        if constexpr (full) {
            valgrind_begin_pool(this);
        }
    }
    pool_checks(pool_checks&& other) noexcept : pool_checks(other.name_) { take_over(other); }
    pool_checks& operator=(pool_checks&& other) noexcept {
        take_over(other);
        return *this;
    }
    ~pool_checks() = default;

    // The slot, of which the object uses so many bytes, is about to be handed out. Throws use_after_release when it
    // was written to; it is then as good as new, and still free.
    void* on_acquire(void* slot, std::size_t bytes) noexcept(!full) {
        if constexpr (full) {
            valgrind_open(slot, bytes);
            if (!is_filled(slot, bytes)) [[unlikely]] {
                fill(slot, bytes);
                valgrind_close(slot, bytes);
                raise<use_after_release>(name_, slot);
            }
            valgrind_acquire(this, slot, bytes);
        }
        return slot;
    }

    // The mark of a slot that is out; null where the table does not know one.
    [[nodiscard]] slot_mark* mark_of_one_out(const Store& store, const void* slot) const noexcept {
        slot_mark* const mark = table_.find(slot);
        return mark != nullptr && store.is_out(slot, *mark) ? mark : nullptr;
    }
    // The same, wherever it is. Throws unless the slot is out.
    [[nodiscard]] slot_mark* find_one_out(const Store& store, void* slot) const {
        const slab* const in = store.slabs().find(slot);
        const std::size_t index = in != nullptr ? in->index(slot) : 0;
        if (in == nullptr || index >= in->slot_count || !store.is_out(slot, in->mark(index))) [[unlikely]] {
            raise_misuse(store, in, slot);
        }
        return &in->mark(index);
    }
    // Where the program's code runs before put(): from here on the slot is not out. Throws, and changes nothing, unless it is.
    slot_mark* before_ending(Store& store, void* slot) {
        check_thread(slot);
        store.forget_newest();
        slot_mark* const known = mark_of_one_out(store, slot);
        slot_mark* const mark = known != nullptr ? known : find_one_out(store, slot);
        *mark = slot_mark::none;
        return mark;
    }
    // Of one of this pool's slots.
    [[nodiscard]] slot_mark* mark_of(const Store& store, const void* slot) const noexcept {
        const slab& in = *store.slabs().find(slot);
        return &in.mark(in.index(slot));
    }
    void after_release(void* slot, std::size_t bytes) noexcept {
        if constexpr (full) {
            fill(slot, bytes);
            valgrind_release(this, slot);
        }
    }

    void on_grow(const slab& fresh) noexcept {
        const auto& slabs = store().slabs().all();
        slabs.size() == 1 ? table_.learn_first(fresh) : table_.learn(slabs);
        if constexpr (full) {
            fill_free(fresh);
            valgrind_close(fresh.begin, fresh.slot_count * Stride);
        }
    }
    void on_drop(const slab& gone) noexcept {
        if constexpr (full) {
            valgrind_remove_slab(gone.begin, gone.slot_count * Stride);
        }
    }
    void on_reset(const Store& store) noexcept {
        for (const slab& each : store.slabs().all()) {
            each.clear_marks();
            if constexpr (full) {
                fill_free(each);
            }
        }
        if constexpr (full) { // valgrind has no way to release all blocks of a pool but to end it
            valgrind_end_pool(this);
            valgrind_begin_pool(this);
            for (const slab& each : store.slabs().all()) {
                valgrind_close(each.begin, each.slot_count * Stride);
            }
        }
    }
    void settle(const Store& store) noexcept {
        if (entry_.store != &store) {
            const auto lock = lock_slabs();
            entry_.store = &store;
        }
        table_.learn(store.slabs().all());
    }

    // The pool ends: from here on nobody else looks at its slabs.
    void leave() noexcept {
        if constexpr (full) {
            valgrind_end_pool(this);
        }
        process_wide<checked_pools>().remove(entry_);
    }

    // Throws wrong_thread at level full.
    void check_thread(const void* slot = nullptr) const {
        if constexpr (full) {
            if (::pthread_equal(owner_, ::pthread_self()) == 0) [[unlikely]] {
                raise<wrong_thread>(name_, slot);
            }
        }
    }
    void bind() noexcept { owner_ = ::pthread_self(); }

    // While another pool of this type may look through the slabs to see whose a pointer is.
    [[nodiscard]] std::unique_lock<process_mutex> lock_slabs() const {
        return std::unique_lock(process_wide<checked_pools>().mutex);
    }

private:
    [[gnu::__noreturn__, gnu::__noinline__, gnu::__cold__]] void raise_misuse(const Store& store, const slab* in, void* slot) const {
        if (in == nullptr && is_in_other_pool(slot)) {
            raise<other_pools_pointer>(name_, slot);
        }
        if (in == nullptr) {
            raise<foreign_pointer>(name_, slot);
        }
        if (in->index(slot) >= in->slot_count) {
            raise<interior_pointer>(name_, slot);
        }
        if (in->index(slot) >= store.carved_in(*in)) {
            raise<foreign_pointer>(name_, slot);
        }
        raise<double_release>(name_, slot);
    }

    [[nodiscard]] bool is_in_other_pool(const void* slot) const {
        const auto lock = lock_slabs();
        for (const auto* each = process_wide<checked_pools>().first; each != nullptr; each = each->next) {
            if (each != &entry_ && each->store != nullptr && std::strcmp(each->type, entry_.type) == 0 &&
                static_cast<const Store*>(each->store)->slabs().find(slot) != nullptr) {
                return true;
            }
        }
        return false;
    }

    static constexpr unsigned char filler = 0xDD;
    static void fill(void* slot, std::size_t bytes) noexcept {
        if (slot == nullptr) {
            __builtin_unreachable(); // no slot is null, which the compiler cannot see from a release(nullptr)
        }
        std::fill_n(static_cast<unsigned char*>(slot), bytes, filler);
    }
    [[nodiscard]] static bool is_filled(const void* slot, std::size_t bytes) noexcept {
        const auto* const first = static_cast<const unsigned char*>(slot);
        return *first == filler && std::memcmp(first, first + 1, bytes - 1) == 0;
    }
    static void fill_free(const slab& in) noexcept {
        valgrind_open(in.begin, in.slot_count * Stride);
        unpoison(in.begin, in.slot_count * Stride);
        fill(in.begin, in.slot_count * Stride);
        poison(in.begin, in.slot_count * Stride);
    }

    [[nodiscard]] const Store& store() const noexcept { return *static_cast<const Store*>(entry_.store); }

    void link() noexcept {
        entry_.type = type();
        process_wide_over_forks<checked_pools>().add(entry_);
    }
    // The same text in each shared object, where an address would not be the same.
    [[nodiscard]] static const char* type() noexcept { return __PRETTY_FUNCTION__; }
    void take_over(pool_checks& other) noexcept {
        {
            const auto lock = lock_slabs(); // until they have settled again
            entry_.store = nullptr;
            other.entry_.store = nullptr;
        }
        owner_ = other.owner_;
        if constexpr (full) { // the other stays in use, empty
            valgrind_end_pool(this);
            valgrind_move_pool(&other, this);
            valgrind_begin_pool(&other);
        }
    }

    live_slots<Stride> table_;
    std::string_view name_;
    pthread_t owner_ = ::pthread_self();
    checked_pools::entry entry_; // with the store, while it may be looked through
};

} // namespace poolmark::detail
