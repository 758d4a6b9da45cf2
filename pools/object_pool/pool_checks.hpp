// What object_pool checks at each level, as a base class that is empty where nothing is checked.
//
//   release(p) ──► last slab? ──► slot number ──► its bit is set: clear it       the way of most releases
//                    │ no            │ none            │ not set
//                    ▼               ▼                 ▼
//                  look it up    interior_pointer   double_release, or foreign_pointer when it was never out
//                    │ in no slab
//                    ▼
//                  other_pools_pointer, or foreign_pointer
//
// A slot's number comes out of one multiplication and one rotation, and is too large for every address that is not
// a slot's beginning, so foreign, interior and misaligned pointers fail the same comparison.
//
// Good for: finding each wrong release when it happens, exactly: a bit knows whether a block is out.
// Bad for:  two pointers to one block of which the first was released and the slot handed out again: that is a use
//           of a valid address. A slot_map's handles tell the difference.
// Complexity: O(1) for slots of the slab of the call before; O(log slabs) for others.
// Bytes:    one bit a slot. Threads: one at a time; pools of one type may live on several threads.
#pragma once

#include "pools/memory/exceptions.hpp"
#include "pools/memory/poison.hpp"
#include "pools/memory/process.hpp"
#include "pools/object_pool/live_bits.hpp"
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

// All checked pools of the process, of whatever type and in whatever shared object they were made.
struct checked_pools {
    static constexpr const char* name_in_process = "checked pools 1";

    struct entry {
        const char* type = nullptr; // what the compiler calls it
        const void* store = nullptr;
        entry* next = nullptr;
        entry** link = nullptr;
    };
    process_mutex mutex;
    entry* first = nullptr;

    void before_fork() noexcept { static_cast<void>(mutex.before_fork()); }
    void after_fork() noexcept {
        if (mutex.after_fork()) {
            mutex.let_go();
        }
    }

    void add(entry& fresh) noexcept {
        const std::scoped_lock lock(mutex);
        fresh.next = first;
        fresh.link = &first;
        if (first != nullptr) {
            first->link = &fresh.next;
        }
        first = &fresh;
    }
    void remove(const entry& gone) noexcept {
        const std::scoped_lock lock(mutex);
        *gone.link = gone.next;
        if (gone.next != nullptr) {
            gone.next->link = gone.link;
        }
    }
};

template <class Store, std::size_t Stride, check Level>
class pool_checks;

template <class Store, std::size_t Stride>
class pool_checks<Store, Stride, check::off> {
protected:
    using slab = typename Store::slab;
    explicit pool_checks(std::string_view /*pool*/) noexcept {}

    void check_thread() const noexcept {}
    void on_acquire(void* /*slot*/, std::size_t /*bytes*/) noexcept {}
    void mark_out(void* /*slot*/) noexcept {}
    void before_release(const Store& /*store*/, void* /*slot*/) noexcept {}
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
    void on_acquire(void* slot, std::size_t bytes) noexcept(!full) {
        if constexpr (full) {
            valgrind_open(slot, bytes);
            if (!is_filled(slot, bytes)) [[unlikely]] {
                fill(slot, bytes);
                valgrind_close(slot, bytes);
                raise<use_after_release>(name_, slot);
            }
            valgrind_acquire(this, slot, bytes);
        }
        mark_out(slot);
    }
    void mark_out(void* slot) noexcept {
        const std::size_t index = index_in_last(slot);
        if (index >= static_cast<std::size_t>(slots_)) [[unlikely]] {
            return mark_out_elsewhere(slot);
        }
        set_live(live_[index / 64], index);
    }

    // Throws, and changes nothing, unless the slot is out.
    void before_release(const Store& store, void* slot) {
        check_thread(slot);
        const std::size_t index = index_in_last(slot);
        if (index >= static_cast<std::size_t>(slots_) || !clear_live(live_[index / 64], index)) [[unlikely]] {
            release_elsewhere(store, slot);
        }
    }
    void after_release(void* slot, std::size_t bytes) noexcept {
        if constexpr (full) {
            fill(slot, bytes);
            valgrind_release(this, slot);
        }
    }

    void on_grow(const slab& fresh) noexcept {
        look_in(fresh);
        if constexpr (full) {
            fill_free(fresh);
            valgrind_close(fresh.begin, fresh.slot_count * Stride);
        }
    }
    void on_drop(const slab& gone) noexcept {
        if constexpr (full) {
            valgrind_remove_slab(gone.begin, gone.slot_count * Stride);
        }
        if (gone.begin == reinterpret_cast<std::byte*>(begin_)) { // NOLINT(performance-no-int-to-ptr)
            look_in({});
        }
    }
    void on_reset(const Store& store) noexcept {
        for (const slab& each : store.slabs().all()) {
            std::fill_n(each.live, Store::directory::words(each.slot_count), live_word{});
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
        if (static_cast<std::size_t>(slots_) == 0) {
            for (const slab& each : store.slabs().all()) {
                if (each.slot_count > static_cast<std::size_t>(slots_)) {
                    look_in(each);
                }
            }
        }
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
    // Types of their own, so that the compiler can keep them in registers; see top_stack.
    enum class address : std::uintptr_t {};
    enum class count : std::size_t {};

    [[nodiscard]] std::size_t index_in_last(const void* slot) const noexcept {
        return exact_quotient<Stride>(reinterpret_cast<std::uintptr_t>(slot) - static_cast<std::uintptr_t>(begin_));
    }
    void look_in(const slab& last) noexcept {
        begin_ = static_cast<address>(reinterpret_cast<std::uintptr_t>(last.begin));
        slots_ = static_cast<count>(last.slot_count);
        live_ = last.live;
    }

    // Both are cold, so that callers have no call in the way; but what they do is compiled to be fast.
    [[gnu::__noinline__, gnu::__cold__]] void mark_out_elsewhere(void* slot) noexcept { mark_out_found(slot); }
    [[gnu::__noinline__]] void mark_out_found(void* slot) noexcept {
        const slab& in = *static_cast<const Store*>(entry_.store)->slabs().find(slot);
        const std::size_t index = in.index(slot);
        set_live(in.live[index / 64], index);
        look_in(in);
    }

    [[gnu::__noinline__, gnu::__cold__]] void release_elsewhere(const Store& store, void* slot) { release_found(store, slot); }
    [[gnu::__noinline__]] void release_found(const Store& store, void* slot) {
        const slab* const in = store.slabs().find(slot);
        const std::size_t index = in != nullptr ? in->index(slot) : 0;
        if (in == nullptr || index >= in->slot_count || !clear_live(in->live[index / 64], index)) [[unlikely]] {
            raise_misuse(store, in, slot);
        }
        look_in(*in);
    }
    [[gnu::__noreturn__, gnu::__noinline__, gnu::__cold__]] void raise_misuse(const Store& store, const slab* in, void* slot) {
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
        begin_ = std::exchange(other.begin_, address{});
        slots_ = std::exchange(other.slots_, count{});
        live_ = std::exchange(other.live_, nullptr);
        owner_ = other.owner_;
        if constexpr (full) { // the other stays in use, empty
            valgrind_end_pool(this);
            valgrind_move_pool(&other, this);
            valgrind_begin_pool(&other);
        }
    }

    address begin_{}; // of the slab of the last look-up, or of a new one
    count slots_{};
    live_word* live_ = nullptr;
    std::string_view name_;
    pthread_t owner_ = ::pthread_self();
    checked_pools::entry entry_; // with the store, while it may be looked through
};

} // namespace poolmark::detail
