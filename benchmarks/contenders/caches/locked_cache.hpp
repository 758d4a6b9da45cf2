// A cache behind one mutex: any threads may use it, one after the other.
//
//   thread ──┐
//   thread ──┼──► mutex ──► cache            get() copies the value out, since another thread may drop it at once
//   thread ──┘
//
// Good for: a few threads; costly computations. Values that are costly to copy: keep std::shared_ptr<const T>.
// Bad for:  many threads that hit: even a hit of an LRU writes (see sharded_cache). It does not keep two threads from
//           computing the same key at once (see single_flight).
// Complexity: the cache's, a lock, a copy.
// Threads:  any.
#pragma once

#include "benchmarks/contenders/caches/cache.hpp"

#include <cstddef>
#include <mutex>
#include <optional>
#include <utility>

namespace poolmark {

inline constexpr description locked_cache_about{"locked_cache", family::pool, "an LRU behind one mutex"};

template <local_cache Cache>
class locked_cache {
public:
    using key_type = typename Cache::key_type;
    using value_type = typename Cache::value_type;
    static constexpr const description& about = locked_cache_about;
    static constexpr cache_traits traits = [] {
        cache_traits same = Cache::traits;
        same.thread_safe = true;
        return same;
    }();

    template <class... Args>
    explicit locked_cache(Args&&... args) : cache_(std::forward<Args>(args)...) {}
    locked_cache(const locked_cache&) = delete;
    locked_cache& operator=(const locked_cache&) = delete;
    ~locked_cache() = default;

    [[nodiscard]] std::optional<value_type> get(const key_type& key) {
        const std::scoped_lock lock(mutex_);
        const value_type* const hit = cache_.get(key);
        return hit != nullptr ? std::optional<value_type>(*hit) : std::nullopt;
    }

    template <class U = value_type>
    bool put(const key_type& key, U&& value) {
        const std::scoped_lock lock(mutex_);
        return cache_.put(key, std::forward<U>(value)) != nullptr;
    }

    bool erase(const key_type& key) {
        const std::scoped_lock lock(mutex_);
        return cache_.erase(key);
    }
    void clear() {
        const std::scoped_lock lock(mutex_);
        cache_.clear();
    }
    [[nodiscard]] std::size_t size() const {
        const std::scoped_lock lock(mutex_);
        return cache_.size();
    }
    [[nodiscard]] std::size_t capacity() const noexcept { return cache_.capacity(); } // never changes

private:
    mutable std::mutex mutex_;
    Cache cache_;
};

} // namespace poolmark
