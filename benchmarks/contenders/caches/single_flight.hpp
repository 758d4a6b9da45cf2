// At most one computation of a key at a time: whoever asks for it meanwhile waits for the one that is under way.
//
//   thread ──► miss: computes ───────────────► result ──► cache
//   thread ──► under way: waits ───────────────┤
//   thread ──► under way: waits ───────────────┘          an exception reaches all of them, and is not kept
//
// The computation runs without the lock, so others hit, and compute other keys, meanwhile. It may ask for other keys;
// asking for its own would wait for itself: recursive_computation is thrown. Two threads whose computations ask for
// each other's key wait forever: let keys be asked for in one order. put(), erase() and clear() during a computation
// make its result one of before: those who wait get it, nobody else does, and it is not kept.
//
// Good for: costly computations, billed calls, cold starts with many threads.
// Bad for:  cheap ones: a lock for each hit. Caches that are slow themselves: they are asked under the lock.
// Complexity: the cache's, a lock, a copy; one allocation or two for each computation.
// Threads:  any.
#pragma once

#include "benchmarks/contenders/caches/cache.hpp"

#include <condition_variable>
#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <thread>
#include <unordered_map>
#include <utility>

namespace poolmark {

inline constexpr description single_flight_about{"single_flight", family::pool,
                                                 "an LRU with one computation of a key at a time, for which others wait"};

// A computation asked, in its own thread, for the key that it computes. Nothing is kept.
class recursive_computation : public std::logic_error {
public:
    recursive_computation()
        : std::logic_error("poolmark: single_flight: the computation of a key asked for the same key") {}
};

// Nobody may be inside when it ends.
template <cache Cache, class Hash = std::hash<typename Cache::key_type>,
          class Equal = std::equal_to<typename Cache::key_type>>
class single_flight {
public:
    using key_type = typename Cache::key_type;
    using value_type = typename Cache::value_type;
    static constexpr const description& about = single_flight_about;

    template <class... Args>
    explicit single_flight(Args&&... args) : cache_(std::forward<Args>(args)...) {}
    single_flight(const single_flight&) = delete;
    single_flight& operator=(const single_flight&) = delete;
    ~single_flight() = default;

    // A copy of what is kept or of what compute(key) gives, which is called once for all who ask at the same time.
    template <class F>
    [[nodiscard]] value_type get_or_compute(const key_type& key, F&& compute) {
        if (!flights_.key_eq()(key, key)) { // NaN: nobody would find its flight, not even to end it
            return std::forward<F>(compute)(key);
        }
        std::unique_lock lock(mutex_);
        if (auto hit = cache_.get(key)) {
            return value_type(*hit);
        }
        if (const auto under_way = flights_.find(key); under_way != flights_.end() && !under_way->second->landed) {
            return wait(lock, under_way->second);
        }
        const auto mine = std::make_shared<flight>();
        flights_.insert_or_assign(key, mine);
        lock.unlock();
        try {
            mine->value.emplace(std::forward<F>(compute)(key));
        } catch (...) {
            mine->error = std::current_exception();
        }
        lock.lock();
        land(key, mine);
        lock.unlock();
        mine->over.notify_all();
        return result(*mine);
    }

    [[nodiscard]] std::optional<value_type> get(const key_type& key) {
        const std::scoped_lock lock(mutex_);
        if (auto hit = cache_.get(key)) {
            return value_type(*hit);
        }
        return std::nullopt;
    }
    template <class U = value_type>
    bool put(const key_type& key, U&& value) {
        const std::scoped_lock lock(mutex_);
        flights_.erase(key);
        return static_cast<bool>(cache_.put(key, std::forward<U>(value)));
    }
    bool erase(const key_type& key) {
        const std::scoped_lock lock(mutex_);
        flights_.erase(key);
        return cache_.erase(key);
    }
    void clear() {
        const std::scoped_lock lock(mutex_);
        flights_.clear();
        cache_.clear();
    }
    [[nodiscard]] std::size_t size() const {
        const std::scoped_lock lock(mutex_);
        return cache_.size();
    }
    [[nodiscard]] std::size_t capacity() const {
        const std::scoped_lock lock(mutex_);
        return cache_.capacity();
    }

private:
    struct flight {
        std::condition_variable over;
        bool landed = false;
        std::optional<value_type> value;
        std::exception_ptr error;
        std::thread::id pilot = std::this_thread::get_id();
    };

    [[nodiscard]] static value_type result(const flight& landed) {
        if (landed.error) {
            std::rethrow_exception(landed.error);
        }
        return *landed.value;
    }

    [[nodiscard]] static value_type wait(std::unique_lock<std::mutex>& lock, std::shared_ptr<flight> other) {
        if (other->pilot == std::this_thread::get_id()) {
            throw recursive_computation();
        }
        other->over.wait(lock, [&] { return other->landed; });
        lock.unlock();
        return result(*other);
    }

    // A value that the cache has no memory for is still the result, and so is one whose key cannot be hashed again: its
    // flight stays, over, until the key is asked for the next time.
    void land(const key_type& key, const std::shared_ptr<flight>& mine) noexcept {
        mine->landed = true;
        try {
            const auto still = flights_.find(key);
            if (still == flights_.end() || still->second != mine) {
                return; // what was computed is of before a put(), an erase() or a clear()
            }
            flights_.erase(still);
            if (mine->value) {
                static_cast<void>(cache_.put(key, value_type(*mine->value)));
            }
        } catch (...) { // not kept
        }
    }

    mutable std::mutex mutex_;
    Cache cache_;
    std::unordered_map<key_type, std::shared_ptr<flight>, Hash, Equal> flights_;
};

} // namespace poolmark
