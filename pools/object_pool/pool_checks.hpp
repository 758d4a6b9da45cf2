// What object_pool checks at each level, as a base class that is empty where nothing is checked.
//
//   release(p) ──► the slot taken last? ──► forget it                             one object replaced by another
//                    │ no
//                    ▼
//                  a slab (live_slots) ──► slot number ──► its mark says out: clear it     most others
//                    │ not found             │ none          │ free
//                    ▼                       ▼               ▼
//                  look it up        interior_pointer   double_release, or foreign_pointer when it was never out
//                    │ in no slab
//                    ▼
//                  other_pools_pointer, or foreign_pointer
//
// The slot taken last is marked when the next one is taken: until then its address says that it is out.
// A slot's number comes out of one multiplication and one rotation, and is too large for every address that is not
// a slot's beginning, so foreign, interior and misaligned pointers fail the same comparison.
//
// Good for: finding each wrong release when it happens, exactly: a mark knows whether a block is out.
// Bad for:  two pointers to one block of which the first was released and the slot handed out again: that is a use
//           of a valid address. A slot_map's handles tell the difference.
// Complexity: O(1); O(log slabs) for the few slots that live_slots does not find.
// Bytes:    one a slot, and the table of live_slots. Threads: one at a time; pools of one type may live on several threads.
#pragma once

#include "pools/memory/exceptions.hpp"
#include "pools/memory/poison.hpp"
#include "pools/object_pool/live_slots.hpp"
#include "pools/object_pool/slab_directory.hpp"
#include "pools/memory/valgrind.hpp"
#include "pools/errors.hpp"
#include "pools/pool_options.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <mutex>
#include <string_view>
#include <utility>

namespace poolmark::detail {

// Where a thread can be told from others by one address.
inline thread_local char thread_mark = 0;

template <class Store, std::size_t Stride, check Level>
class pool_checks;

template <class Store, std::size_t Stride>
class pool_checks<Store, Stride, check::off> {
protected:
    using slab = typename Store::slab;
    explicit pool_checks(std::string_view /*pool*/) noexcept {}

    void check_thread() const noexcept {}
    void* on_acquire(void* slot, std::size_t /*bytes*/) noexcept { return slot; }
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
        return mark_out(slot);
    }
    void* mark_out(void* slot) noexcept {
        if (const address out = std::exchange(newest_, address_of(slot)); out != address{}) {
            live_mark* const mark = table_.find(pointer_to(out));
            if (mark == nullptr) [[unlikely]] {
                return mark_elsewhere(slot, out);
            }
            *mark = live_mark::out;
        }
        return slot;
    }
    // Now all that is out is marked.
    void mark_newest() noexcept {
        if (const address out = std::exchange(newest_, address{}); out != address{}) {
            const slab& in = *store_->slabs().find(pointer_to(out));
            in.mark(in.index(pointer_to(out))) = live_mark::out;
        }
    }

    // Throws, and changes nothing, unless the slot is out.
    void before_release(const Store& store, void* slot) {
        check_thread(slot);
        if (newest_ == address_of(slot) && slot != nullptr) {
            newest_ = address{};
            return;
        }
        live_mark* const mark = table_.find(slot);
        if (mark == nullptr || *mark != live_mark::out) [[unlikely]] {
            return release_elsewhere(store, slot);
        }
        *mark = live_mark::free;
    }
    void after_release(void* slot, std::size_t bytes) noexcept {
        if constexpr (full) {
            fill(slot, bytes);
            valgrind_release(this, slot);
        }
    }

    void on_grow(const slab& fresh) noexcept {
        const auto& slabs = store_->slabs().all();
        slabs.size() == 1 ? table_.learn_first(fresh) : table_.learn(slabs);
        if constexpr (full) {
            fill_free(fresh);
            valgrind_close(fresh.begin, fresh.slots * Stride);
        }
    }
    void on_drop(const slab& gone) noexcept {
        if constexpr (full) {
            valgrind_remove_slab(gone.begin, gone.slots * Stride);
        }
    }
    void on_reset(const Store& store) noexcept {
        newest_ = address{};
        for (const slab& each : store.slabs().all()) {
            std::fill_n(&each.mark(each.slots - 1), each.slots, live_mark::free);
            if constexpr (full) {
                fill_free(each);
            }
        }
        if constexpr (full) { // valgrind has no way to release all blocks of a pool but to end it
            valgrind_end_pool(this);
            valgrind_begin_pool(this);
            for (const slab& each : store.slabs().all()) {
                valgrind_close(each.begin, each.slots * Stride);
            }
        }
    }
    void settle(const Store& store) noexcept {
        if (store_ != &store) {
            const std::scoped_lock lock(registry_mutex);
            store_ = &store;
        }
        table_.learn(store.slabs().all());
    }

    // The pool ends: from here on nobody else looks at its slabs.
    void leave() noexcept {
        if constexpr (full) {
            valgrind_end_pool(this);
        }
        const std::scoped_lock lock(registry_mutex);
        pool_checks** place = &registry;
        while (*place != this) {
            place = &(*place)->next_;
        }
        *place = next_;
    }

    // Throws wrong_thread at level full.
    void check_thread(const void* slot = nullptr) const {
        if constexpr (full) {
            if (owner_ != &thread_mark) [[unlikely]] {
                raise<wrong_thread>(name_, slot);
            }
        }
    }
    void bind() noexcept { owner_ = &thread_mark; }

    // While another pool of this type may look through the slabs to see whose a pointer is.
    [[nodiscard]] std::unique_lock<std::mutex> lock_slabs() const { return std::unique_lock(registry_mutex); }

private:
    enum class address : std::uintptr_t {}; // a type of its own; see top_stack

    [[nodiscard]] static address address_of(const void* slot) noexcept {
        return static_cast<address>(reinterpret_cast<std::uintptr_t>(slot));
    }

    [[nodiscard]] static void* pointer_to(address of) noexcept {
        return reinterpret_cast<void*>(of); // NOLINT(performance-no-int-to-ptr): it came from a pointer
    }

    // Cold, so that callers have no call in the way.
    [[gnu::noinline, gnu::cold]] void* mark_elsewhere(void* slot, address out) noexcept {
        const slab& in = *store_->slabs().find(pointer_to(out));
        in.mark(in.index(pointer_to(out))) = live_mark::out;
        return slot;
    }
    [[gnu::noinline, gnu::cold]] void release_elsewhere(const Store& store, void* slot) {
        const slab* const in = store.slabs().find(slot);
        const std::size_t index = in != nullptr ? in->index(slot) : 0;
        if (in == nullptr || index >= in->slots || in->mark(index) != live_mark::out) [[unlikely]] {
            raise_misuse(store, in, slot);
        }
        in->mark(index) = live_mark::free;
    }
    [[noreturn, gnu::noinline, gnu::cold]] void raise_misuse(const Store& store, const slab* in, void* slot) {
        if (in == nullptr && is_in_other_pool(slot)) {
            raise<other_pools_pointer>(name_, slot);
        }
        if (in == nullptr) {
            raise<foreign_pointer>(name_, slot);
        }
        if (in->index(slot) >= in->slots) {
            raise<interior_pointer>(name_, slot);
        }
        if (in->index(slot) >= store.carved_in(*in)) {
            raise<foreign_pointer>(name_, slot);
        }
        raise<double_release>(name_, slot);
    }

    [[nodiscard]] bool is_in_other_pool(const void* slot) const {
        const std::scoped_lock lock(registry_mutex);
        for (const pool_checks* each = registry; each != nullptr; each = each->next_) {
            if (each != this && each->store_ != nullptr && each->store_->slabs().find(slot) != nullptr) {
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
        valgrind_open(in.begin, in.slots * Stride);
        unpoison(in.begin, in.slots * Stride);
        fill(in.begin, in.slots * Stride);
        poison(in.begin, in.slots * Stride);
    }

    void link() noexcept {
        const std::scoped_lock lock(registry_mutex);
        next_ = std::exchange(registry, this);
    }
    void take_over(pool_checks& other) noexcept {
        std::unique_lock lock(registry_mutex); // no other thread's check looks at either until they have settled again
        store_ = other.store_ = nullptr;
        lock.unlock();
        newest_ = std::exchange(other.newest_, address{}); // the tables are learnt when both have settled
        owner_ = other.owner_;
        if constexpr (full) { // the other stays in use, empty
            valgrind_end_pool(this);
            valgrind_move_pool(&other, this);
            valgrind_begin_pool(&other);
        }
    }

    static inline std::mutex registry_mutex;
    static inline pool_checks* registry = nullptr; // all pools of this type

    live_slots<Stride> table_;
    address newest_{}; // the slot taken last, while it is out and has no mark
    std::string_view name_;
    const char* owner_ = &thread_mark;
    const Store* store_ = nullptr;
    pool_checks* next_ = nullptr;
};

} // namespace poolmark::detail
