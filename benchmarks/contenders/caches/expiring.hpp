// Entries that are over after a while: a layer over any cache of this process.
//
//   put ──► [ value | until ] in the cache below          get: now < until ? hit : miss, and the entry goes
//
// An entry put at t with a time to live of d is there before t + d and not from then on. Dead entries go when they are
// asked for, which is all that lazy_expiring does; heap_expiring and wheel_expiring find the others as well, with every
// call, so that they hold no memory and push out nothing that is alive.
//
// A time to live of zero or less: the value is not kept, and what was under the key is erased. One too long for the
// clock never ends. A clock that goes backwards stands still instead, until it has caught up: nothing lives again, and
// nothing dies early, but for the time that it stood still.
//
// Good for: values that go stale: addresses, prices, tokens.
// Bad for:  values that never do: each hit reads the clock.
// Complexity: the cache's, the clock's (coarse_now is the cheaper one),
//           O(log entries) a put for the heap, O(1) for the wheel.
// Bytes:    8 an entry; a key and 8 more for the heap and the wheel.
// Threads:  one at a time.
#pragma once

#include "benchmarks/contenders/caches/cache.hpp"
#include "benchmarks/contenders/caches/deadlines.hpp"

#include <algorithm>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <memory>
#include <type_traits>
#include <utility>

namespace poolmark {

inline constexpr description lazy_expiring_about{"lazy_expiring", family::pool,
                                                 "an LRU whose entries end; the dead go when they are asked for"};
inline constexpr description coarse_expiring_about{"coarse_expiring", family::pool,
                                                   "the same by a clock that is some milliseconds late, and cheap"};
inline constexpr description heap_expiring_about{"heap_expiring", family::pool,
                                                 "an LRU whose entries end; a heap says which are due"};
inline constexpr description wheel_expiring_about{"wheel_expiring", family::pool,
                                                  "an LRU whose entries end; a timing wheel says which are due"};

// Clocks: they give the time since some moment that stays the same.
struct steady_now {
    [[nodiscard]] std::chrono::nanoseconds operator()() const noexcept {
        return std::chrono::steady_clock::now().time_since_epoch();
    }
};
struct coarse_now { // the same clock, some milliseconds late, for a quarter of the price
    [[nodiscard]] std::chrono::nanoseconds operator()() const noexcept {
        std::timespec now{};
        ::clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
        return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
    }
};

// What the cache below keeps.
template <class V>
struct timed {
    V value;
    std::chrono::nanoseconds until;
};

struct found_lazily {
    static constexpr const description& about = lazy_expiring_about;
    static constexpr bool notes = false;
    template <class K>
    using deadlines = detail::no_deadlines<K>;
};
struct found_by_heap {
    static constexpr const description& about = heap_expiring_about;
    static constexpr bool notes = true;
    template <class K>
    using deadlines = detail::deadline_heap<K>;
};
template <std::int64_t TickNanoseconds = std::int64_t{1} << 20> // about a millisecond
struct found_by_wheel {
    static constexpr const description& about = wheel_expiring_about;
    static constexpr bool notes = true;
    template <class K>
    using deadlines = detail::deadline_wheel<K, TickNanoseconds>;
};

namespace detail {
template <class V>
struct untimed;
template <class V>
struct untimed<timed<V>> {
    using type = V;
};
} // namespace detail

// `Below` is a cache of timed<V>; the clock is called with no arguments.
template <local_cache Below, class Found = found_lazily, class Clock = steady_now>
class expiring {
    using time = std::chrono::nanoseconds;

public:
    using key_type = typename Below::key_type;
    using value_type = typename detail::untimed<typename Below::value_type>::type;
    static constexpr const description& about = Found::about;
    static constexpr const cache_traits& traits = Below::traits;

    // expiring(time to live, arguments of the cache below...), or with the clock between them
    template <class... Args>
    explicit expiring(time to_live, Clock clock, Args&&... args)
        : to_live_(to_live), clock_(std::move(clock)), latest_(clock_()), below_(std::forward<Args>(args)...),
          deadlines_(latest_) {}
    explicit expiring(time to_live, std::size_t capacity)
        requires std::default_initializable<Clock>
        : expiring(to_live, Clock{}, capacity) {}
    expiring(const expiring&) = delete;
    expiring& operator=(const expiring&) = delete;
    ~expiring() = default;

    // What the last call gave is invalid from now on if it is over.
    [[nodiscard]] const value_type* get(const key_type& key) {
        const time now = purge();
        const timed<value_type>* const hit = below_.get(key);
        if (hit == nullptr) {
            return nullptr;
        }
        if (hit->until <= now) [[unlikely]] {
            below_.erase(key);
            return nullptr;
        }
        return &hit->value;
    }
    [[nodiscard]] const value_type* peek(const key_type& key) const {
        const timed<value_type>* const there = below_.peek(key);
        return there != nullptr && there->until > std::max(latest_, clock_()) ? &there->value : nullptr;
    }

    template <class U = value_type>
    const value_type* put(const key_type& key, U&& value) {
        return put(key, std::forward<U>(value), to_live_);
    }
    template <class U = value_type>
    const value_type* put(const key_type& key, U&& value, time to_live) {
        if constexpr (!std::is_same_v<U, value_type>) { // it may lie in here, as what get() gave does, and be over
            return put(key, value_type(std::forward<U>(value)), to_live);
        } else {
            return put_own(key, std::move(value), to_live);
        }
    }

    bool erase(const key_type& key) { // false for one that is over
        const bool alive = peek(key) != nullptr;
        return below_.erase(key) && alive;
    }
    void clear() {
        below_.clear();
        deadlines_.clear();
    }

    // Removes what the heap or the wheel says is due, as every call does; gives the time.
    time purge() {
        latest_ = std::max(latest_, time(clock_()));
        deadlines_.each_due(latest_, [&](const key_type& key) {
            const timed<value_type>* const there = below_.peek(key);
            if (there != nullptr && there->until <= latest_) { // else it was put again
                below_.erase(key);
            }
        });
        return latest_;
    }

    [[nodiscard]] std::size_t size() const noexcept { return below_.size(); } // the dead that are not yet found as well
    [[nodiscard]] std::size_t capacity() const noexcept { return below_.capacity(); }
    [[nodiscard]] std::size_t deadlines() const noexcept { return deadlines_.size(); } // kept by the heap or the wheel

private:
    const value_type* put_own(const key_type& key, value_type&& value, time to_live) {
        const time now = purge();
        if (to_live <= time::zero()) {
            below_.erase(key);
            return nullptr;
        }
        const bool too_long = now > time::zero() && to_live > time::max() - now; // the clock may be before its zero
        const time until = too_long ? time::max() : now + to_live;
        if (Found::notes && until != time::max()) {
            note(key, until);
        }
        timed<value_type> kept{std::move(value), until};
        const timed<value_type>* at = nullptr;
        try {
            at = below_.put(key, std::move(kept));
        } catch (...) {
            give_back(kept.value, value);
            throw;
        }
        if (at == nullptr) {
            give_back(kept.value, value);
            return nullptr;
        }
        return &at->value;
    }

    // Before the entry: one without a record would not be found, one without an entry does no harm. Keys put again and
    // again leave records behind, which go when they are more than the entries.
    void note(const key_type& key, time until) {
        const auto is_current = [&](const detail::deadline<key_type>& record) {
            const timed<value_type>* const there = below_.peek(record.key);
            return there != nullptr && there->until == record.until;
        };
        const detail::deadline<key_type> record{until, key};
        if (is_current(record)) { // a clock that stands: it is noted already
            return;
        }
        if (deadlines_.size() >= most_deadlines_) {
            deadlines_.keep_if(is_current);
            most_deadlines_ = 2 * std::max(deadlines_.size(), below_.size()) + 16;
        }
        deadlines_.add(key, until);
    }

    // A value that is not kept goes back to the caller who moved it here; moving it does not throw.
    static void give_back(value_type& kept, value_type& value) noexcept {
        std::destroy_at(&value);
        std::construct_at(&value, std::move(kept));
    }

    time to_live_;
    Clock clock_;
    time latest_;
    Below below_;
    typename Found::template deadlines<key_type> deadlines_;
    std::size_t most_deadlines_ = 16;
};

// lazy_expiring<lru_intrusive<K, timed<V>>>(to_live, capacity)
template <class Below, class Clock = steady_now>
using lazy_expiring = expiring<Below, found_lazily, Clock>;
template <class Below, class Clock = steady_now>
using heap_expiring = expiring<Below, found_by_heap, Clock>;
template <class Below, class Clock = steady_now>
using wheel_expiring = expiring<Below, found_by_wheel<>, Clock>;

} // namespace poolmark
