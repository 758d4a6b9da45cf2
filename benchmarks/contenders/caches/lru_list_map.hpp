// The LRU that everyone writes: a std::list in the order of use and a std::unordered_map of its iterators.
//
//   map ──► [ key | iterator ] ──┐
//   list ◄─► [ key | value ] ◄─► [ key | value ] ◄─► ...        two blocks of the heap for each entry, the key twice
//
// Good for: being written in ten minutes; values that stay where they are.
// Bad for:  speed and space: two allocations for each new key, four blocks touched for each eviction.
// Complexity: O(1).
// Bytes:    88 an entry of 8-byte keys and values by glibc.
// Threads:  one at a time.
#pragma once

#include "benchmarks/contenders/caches/cache.hpp"
#include "benchmarks/contenders/caches/cache_node.hpp"

#include <cstddef>
#include <functional>
#include <list>
#include <memory>
#include <unordered_map>
#include <utility>

namespace poolmark {

template <class K, class V, class Hash = std::hash<K>, class Equal = std::equal_to<K>, class Weigh = each_weighs_one>
class lru_list_map {
    static_assert(detail::checked_cache_types<K, V, Hash, Equal>::fine);

public:
    using key_type = K;
    using value_type = V;
    static constexpr description about{"lru_list_map", family::fresh,
                                       "a std::list in the order of use and a std::unordered_map of its iterators"};
    static constexpr cache_traits traits{.recency = true};

    explicit lru_list_map(std::size_t capacity) : capacity_(capacity) {}

    [[nodiscard]] const V* get(const K& key) {
        const auto found = map_.find(key);
        if (found == map_.end()) {
            return nullptr;
        }
        order_.splice(order_.begin(), order_, found->second);
        return &found->second->value;
    }
    [[nodiscard]] const V* peek(const K& key) const {
        const auto found = map_.find(key);
        return found == map_.end() ? nullptr : &found->second->value;
    }

    template <class U = V>
    const V* put(const K& key, U&& value) {
        if constexpr (std::is_same_v<std::remove_cvref_t<U>, V>) {
            const std::size_t weight = weigh_(key, value);
            if (weight > capacity_ || capacity_ == 0 || !map_.key_eq()(key, key)) {
                erase(key);
                return nullptr;
            }
            const auto [at, is_new] = map_.try_emplace(key, order_.end());
            if (is_new) {
                add(at, std::forward<U>(value));
            } else {
                replace(at, std::forward<U>(value));
            }
            while (weight_ > capacity_ - weight) { // the newest, in front, is not counted yet
                drop(map_.find(order_.back().key));
            }
            weight_ += weight;
            return &order_.front().value;
        } else {
            return put(key, V(std::forward<U>(value)));
        }
    }

    bool erase(const K& key) {
        const auto found = map_.find(key);
        if (found == map_.end()) {
            return false;
        }
        drop(found);
        return true;
    }

    void clear() noexcept {
        map_.clear();
        order_.clear();
        weight_ = 0;
    }

    [[nodiscard]] std::size_t size() const noexcept { return map_.size(); }
    [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }
    [[nodiscard]] std::size_t weight() const noexcept { return weight_; }

private:
    struct entry {
        template <class U>
        entry(const K& k, U&& v) : key(k), value(std::forward<U>(v)) {}
        K key;
        V value;
    };
    using order = std::list<entry>;
    using map = std::unordered_map<K, typename order::iterator, Hash, Equal>;

    template <class U>
    void add(typename map::iterator at, U&& value) {
        try {
            order_.emplace_front(at->first, std::forward<U>(value)); // allocates before it moves
        } catch (...) {
            map_.erase(at);
            throw;
        }
        at->second = order_.begin();
    }

    template <class U>
    void replace(typename map::iterator at, U&& value) {
        entry& old = *at->second;
        V kept(std::forward<U>(value)); // may throw, unlike what follows
        weight_ -= weigh_(old.key, old.value);
        std::destroy_at(&old.value);
        std::construct_at(&old.value, std::move(kept));
        order_.splice(order_.begin(), order_, at->second);
    }

    void drop(typename map::iterator at) {
        weight_ -= weigh_(at->second->key, at->second->value);
        order_.erase(at->second);
        map_.erase(at);
    }

    std::size_t capacity_;
    [[no_unique_address]] Weigh weigh_;
    order order_; // the key used last in front
    map map_;
    std::size_t weight_ = 0;
};

static_assert(local_cache<lru_list_map<int, int>>);

} // namespace poolmark
