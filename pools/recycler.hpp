// Objects that stay constructed between two uses, together with what they own: buffers, tables, connections.
//
//   get()   the newest idle object; none idle: a new one from Make in a slot of Storage
//   put(p)  Reset(*p) ──true──► idle       false, or max_idle are idle already ──► ~T, the slot goes back
//   trim()  what was idle at the trim() before and has not been needed since ──► ~T
//
// Good for: objects whose inner allocations cost more than they do; bursts, since trim() lets them decay.
// Bad for:  objects that own nothing (any other pool does as well); code that forgets what Reset must undo. If
//           Reset keeps everything, the largest buffers there ever were stay: return false when they are too big.
// Complexity: get and put O(1), with no allocation but for new objects; trim and clear O(idle).
// Bytes:    8 an object beside those of Storage, and whatever idle objects own.
// Threads:  one at a time. AddressSanitizer reports the use of idle objects; LeakSanitizer takes what they own
//           for leaked if it looks while they are idle, unless it runs with use_poisoned=1.
#pragma once

#include "pools/recycling/idle_stack.hpp"
#include "pools/recycling/outstanding_set.hpp"
#include "pools/recycling/policy.hpp"
#include "pools/slab_pool.hpp"

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <memory>
#include <stdexcept>
#include <type_traits>
#include <utility>

namespace poolmark {

// Reset: bool(T&). Called by put() unless max_idle are idle already; false destroys the object.
template <class T, class Reset = keep_as_it_is, pool Storage = slab_pool<T>, class Make = default_made,
          put_check Check = put_check::off>
requires std::predicate<Reset&, T&> && std::same_as<typename Storage::value_type, T>
class recycler {
    static_assert(throwing_pool<Storage>, "recycler: Storage must throw where it has no slot, not give null");

public:
    using value_type = T;
    static constexpr description about = recycler_about;

    // What lend() hands out puts itself back. An exception of Reset ends there, and so does the object; a misuse
    // that Check finds there ends the program, since nobody could catch it.
    struct put_back {
        recycler* home;
        void operator()(T* object) const noexcept { home->take_back(object); }
    };
    using lease = std::unique_ptr<T, put_back>;

    // Throws std::invalid_argument when min_idle is above max_idle, and what Make throws; nothing is left then.
    explicit recycler(recycler_limits limits = {}, Reset reset = Reset(), Make make = Make())
        : recycler(limits, std::move(reset), std::move(make), empty{}) {
        prefill(limits.min_idle); // the object lives already: when this throws, its destructor runs
    }
    recycler(const recycler&) = delete;
    recycler& operator=(const recycler&) = delete;

    // Objects still out are not destroyed; their storage goes with Storage.
    ~recycler() {
        if constexpr (!std::is_trivially_destructible_v<T> || Storage::traits.blocks_outlive_pool()) {
            clear();
        }
    }

    // Throws what Make and Storage throw, and is as it was then.
    [[nodiscard]] T* get() {
        if (idle_.has_young()) [[likely]] {
            return hand_out(idle_.pop());
        }
        return get_victim_or_new();
    }

    [[nodiscard]] lease lend() { return lease(get(), put_back{this}); }

    // From here on the object is not the caller's, even if Reset throws: it is destroyed then.
    void put(T* object) noexcept(Check == put_check::off && resets_quietly) {
        ledger_.came_back(about.name, object);
        settle(object);
    }

    // Takes back an object that is of no further use: a connection that broke. Reset is not asked.
    void discard(T* object) noexcept(Check == put_check::off) {
        ledger_.came_back(about.name, object);
        dispose(object);
    }

    // Makes objects until `objects` are idle, or max_idle. When one throws, those before it stay.
    void prefill(std::size_t objects) {
        const std::size_t wanted = (std::min)(objects, limits_.max_idle);
        while (idle() < wanted) {
            keep(make_one());
        }
    }

    // Destroys what has been idle since the trim() before, but for min_idle, and returns how many those were.
    // Called now and then (each frame, each minute), it lets a burst's objects go after two calls.
    std::size_t trim() noexcept {
        const std::size_t spare = idle() - (std::min)(idle(), limits_.min_idle);
        const std::size_t leaving = (std::min)(idle_.victims(), spare);
        idle_.age(leaving, [this](T* object) { dispose(object); });
        return leaving;
    }

    // Destroys all that is idle, below min_idle as well.
    void clear() noexcept {
        while (T* const object = idle_.pop_any()) {
            dispose(object);
        }
    }

    [[nodiscard]] std::size_t idle() const noexcept { return idle_.size(); }
    [[nodiscard]] std::size_t made() const noexcept { return made_; } // idle and out

private:
    static constexpr bool resets_quietly = std::is_nothrow_invocable_v<Reset&, T&>;

    struct empty {};
    recycler(recycler_limits limits, Reset&& reset, Make&& make, empty /*tag*/)
        : limits_(limits), storage_(limits.expected_objects), reset_(std::move(reset)), make_(std::move(make)) {
        if (limits.min_idle > limits.max_idle) {
            detail::raise<std::invalid_argument>("poolmark: recycler: min_idle is above max_idle");
        }
    }

    [[nodiscard]] T* hand_out(T* object) noexcept {
        detail::unpoison(object, sizeof(T));
        ledger_.went_out(object);
        return object;
    }

    void keep(T* object) noexcept {
        detail::poison(object, sizeof(T));
        idle_.push(object);
    }

    [[nodiscard, gnu::__noinline__]] T* get_victim_or_new() {
        T* const victim = idle_.pop_victim();
        return hand_out(victim != nullptr ? victim : make_one());
    }

    // Room for its return comes first, so that put() needs no memory.
    [[nodiscard]] T* make_one() {
        if (idle_.room() <= made_) [[unlikely]] {
            idle_.make_room((std::max)(made_ + 1, hinted_room()), limits_.max_idle);
        }
        void* const slot = storage_.acquire();
        POOLMARK_TRY {
            ledger_.add(slot);
            T* const object = construct(slot);
            ++made_;
            return object;
        }
        POOLMARK_CATCH(...) {
            ledger_.remove(slot);
            storage_.release(slot);
            POOLMARK_RETHROW;
        }
    }

    // A hint of any size is taken, but no memory for it that may not be there.
    [[nodiscard]] std::size_t hinted_room() const noexcept {
        return (std::min)(limits_.expected_objects, std::size_t{1} << 20);
    }

    [[nodiscard]] T* construct(void* slot) {
        if constexpr (std::same_as<Make, default_made>) {
            return ::new (slot) T;
        } else {
            return ::new (slot) T(make_());
        }
    }

    void settle(T* object) noexcept(resets_quietly) {
        if (wants(*object)) [[likely]] {
            keep(object);
        } else {
            dispose(object);
        }
    }

    [[nodiscard]] bool wants(T& object) noexcept(resets_quietly) {
        if constexpr (resets_quietly) {
            return !idle_.full() && reset_(object);
        } else {
            POOLMARK_TRY {
                return !idle_.full() && reset_(object);
            }
            POOLMARK_CATCH(...) {
                dispose(std::addressof(object)); // half reset is neither fit to be kept nor the caller's any more
                POOLMARK_RETHROW;
            }
        }
    }

    void dispose(T* object) noexcept {
        static_assert(std::is_destructible_v<T>, "recycler<T>: the recycler calls T's destructor, which must be public");
        detail::unpoison(object, sizeof(T));
        ledger_.remove(object);
        std::destroy_at(object);
        storage_.release(object);
        --made_;
    }

    void take_back(T* object) noexcept {
        ledger_.came_back(about.name, object);
        POOLMARK_TRY {
            settle(object);
        }
        POOLMARK_CATCH(...) { // of Reset; the object is gone
        }
    }

    detail::idle_stack<T> idle_;
    std::size_t made_ = 0;
    recycler_limits limits_;
    Storage storage_;
    [[no_unique_address]] Reset reset_;
    [[no_unique_address]] Make make_;
    [[no_unique_address]] std::conditional_t<Check == put_check::on, detail::outstanding_set, detail::no_ledger>
        ledger_;
};

} // namespace poolmark
