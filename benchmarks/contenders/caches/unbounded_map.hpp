// A std::unordered_map that is never emptied: what one writes first.
//
//   buckets ──► [ next | key | value ] ──► [ next | key | value ]        each entry a block of the heap
//
// Good for: a fixed set of keys; values that must not move: each stays where it is until it is erased.
// Bad for:  keys without end: it only grows.
// Complexity: O(1), and an allocation for each key. Bytes: 24 and a bucket of 8, in blocks of 32 by glibc.
// Threads:  one at a time.
#pragma once

#include "benchmarks/contenders/caches/cache.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <unordered_map>
#include <utility>

namespace poolmark {

template <class K, class V, class Hash = std::hash<K>, class Equal = std::equal_to<K>>
class unbounded_map {
    static_assert(detail::checked_cache_types<K, V, Hash, Equal>::fine);

public:
    using key_type = K;
    using value_type = V;
    static constexpr description about{"unbounded_map", family::fresh, "a std::unordered_map; never forgets"};
    static constexpr cache_traits traits{.bounded = false};

    [[nodiscard]] const V* get(const K& key) { return peek(key); }
    template <class Q>
        requires detail::transparent<Hash, Equal>
    [[nodiscard]] const V* get(const Q& key) {
        const auto found = map_.find(key);
        return found == map_.end() ? nullptr : &found->second;
    }
    [[nodiscard]] const V* peek(const K& key) const {
        const auto found = map_.find(key);
        return found == map_.end() ? nullptr : &found->second;
    }

    template <class U = V>
    const V* put(const K& key, U&& value) {
        const auto found = map_.find(key);
        if (found == map_.end()) {
            if (!map_.key_eq()(key, key)) {
                return nullptr;
            }
            if (map_.size() + 1 >= map_.bucket_count()) { // now: growing may fail when the value has been moved
                map_.reserve(2 * (map_.size() + 1));
            }
            return &map_.try_emplace(key, std::forward<U>(value)).first->second;
        }
        V kept(std::forward<U>(value)); // may throw, unlike what follows
        std::destroy_at(&found->second);
        std::construct_at(&found->second, std::move(kept));
        return &found->second;
    }

    bool erase(const K& key) { return map_.erase(key) != 0; }
    void clear() noexcept { map_.clear(); }
    [[nodiscard]] std::size_t size() const noexcept { return map_.size(); }
    [[nodiscard]] std::size_t capacity() const noexcept { return not_bounded; }

private:
    std::unordered_map<K, V, Hash, Equal> map_;
};

static_assert(local_cache<unbounded_map<int, int>>);

} // namespace poolmark
