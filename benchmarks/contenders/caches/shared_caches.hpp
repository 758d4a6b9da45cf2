// Caches that threads share: one lock, or one for each shard.
#pragma once

#include "benchmarks/contenders/caches/cache.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <utility>

namespace poolmark {

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

// Several caches, each behind a mutex of its own: a key's hash says which one it belongs to.
//
//   hash(key) ──► [ mutex | cache ] [ mutex | cache ] [ mutex | cache ] ...      on cache lines of their own
//
// Each has its share of the capacity, so what is forgotten is the shard's oldest and not quite that of all; a shard
// without a share keeps nothing, so let the capacity be many times the number of shards.
//
// Good for: many threads with many keys.
// Bad for:  many threads with one key: it has one mutex (see single_flight).
// Complexity: the cache's, a hash, a lock, a copy.
// Threads:  any.
inline constexpr description sharded_cache_about{"sharded_cache", family::pool,
                                                 "16 LRUs, each behind a mutex of its own"};

template <local_cache Cache, std::size_t Shards = 16, class Hash = std::hash<typename Cache::key_type>>
class sharded_cache {
    static_assert(Shards != 0 && Cache::traits.bounded, "a sharded_cache divides a capacity among its shards");

public:
    using key_type = typename Cache::key_type;
    using value_type = typename Cache::value_type;
    static constexpr const description& about = sharded_cache_about;
    static constexpr cache_traits traits{
        .thread_safe = true, .keeps_the_newest = Cache::traits.keeps_the_newest, .collides = true};

    explicit sharded_cache(std::size_t capacity) : capacity_(capacity) {
        for (std::size_t i = 0; i != Shards; ++i) {
            shards_[i].cache.emplace(capacity / Shards + (i < capacity % Shards ? 1 : 0));
        }
    }
    sharded_cache(const sharded_cache&) = delete;
    sharded_cache& operator=(const sharded_cache&) = delete;
    ~sharded_cache() = default;

    [[nodiscard]] std::optional<value_type> get(const key_type& key) {
        shard& mine = shard_of(key);
        const std::scoped_lock lock(mine.mutex);
        const value_type* const hit = mine.cache->get(key);
        return hit != nullptr ? std::optional<value_type>(*hit) : std::nullopt;
    }

    template <class U = value_type>
    bool put(const key_type& key, U&& value) {
        shard& mine = shard_of(key);
        const std::scoped_lock lock(mine.mutex);
        return mine.cache->put(key, std::forward<U>(value)) != nullptr;
    }

    bool erase(const key_type& key) {
        shard& mine = shard_of(key);
        const std::scoped_lock lock(mine.mutex);
        return mine.cache->erase(key);
    }
    void clear() { // one after the other: what is put meanwhile may stay
        for (shard& each : shards_) {
            const std::scoped_lock lock(each.mutex);
            each.cache->clear();
        }
    }
    [[nodiscard]] std::size_t size() const { // of one shard after the other
        std::size_t sum = 0;
        for (const shard& each : shards_) {
            const std::scoped_lock lock(each.mutex);
            sum += each.cache->size();
        }
        return sum;
    }
    [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }

private:
    struct alignas(64) shard {
        mutable std::mutex mutex;
        std::optional<Cache> cache; // built in the constructor, never empty after
    };

    // Other bits of the hash than those by which the caches in the shards find their place.
    [[nodiscard]] shard& shard_of(const key_type& key) {
        const std::uint64_t bits = detail::fold(Hash{}(key) ^ detail::text_hash::key_1, detail::text_hash::key_2);
        return shards_[static_cast<std::size_t>(bits % Shards)];
    }

    std::size_t capacity_;
    std::array<shard, Shards> shards_;
};

} // namespace poolmark
