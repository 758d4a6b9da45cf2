// A cache of nodes with a policy: everything but the choice of what to forget, which is the policy's.
//
//   get ──► find ──► policy.hit           put ──► full: policy.evict ──► add ──► policy.added
//
// A policy is a small class on top of simple_policy whose members are templates over the nodes:
//
//   lists               how many lists it needs: their ends are the numbers 0, 1, ...
//   ghosts              whether it remembers keys without values; `most(capacity)` then says how many nodes in all
//   hit(nodes, n)       a get() found n
//   miss(hash)          a get() found nothing (and in policies that count hits as well, hit() has the hash from n)
//   added(nodes, n)     n has come in
//   leaves_out(), revived(nodes, n)   a ghost was unlinked; it has a value again. Only with ghosts.
//   removed(nodes, n)   n is about to be removed by erase(): unlink it
//   evict(nodes)        removes one entry, which there is
//   reset(nodes)        all are gone
//
// Good for: policies in a page of code each, all with the same care for exceptions, ghosts and keys.
// Bad for:  caches that are not nodes.
#pragma once

#include "benchmarks/contenders/caches/cache.hpp"
#include "benchmarks/contenders/caches/cache_nodes.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <utility>

namespace poolmark::detail {

// What a policy says that it does not say itself: one list, no ghosts, nothing to be done.
class simple_policy {
public:
    static constexpr std::uint32_t lists = 1;
    static constexpr bool ghosts = false;

    simple_policy() = default;
    explicit simple_policy(std::size_t /*capacity*/) noexcept {}

    void miss(std::uint32_t /*hash*/) noexcept {}
    template <class Nodes>
    void added(Nodes& /*nodes*/, std::uint32_t /*n*/) noexcept {}
    template <class Nodes>
    void removed(Nodes& /*nodes*/, std::uint32_t /*n*/) noexcept {}
    template <class Nodes>
    void reset(Nodes& /*nodes*/) noexcept {}
    [[nodiscard]] std::size_t bytes() const noexcept { return 0; }
};

template <class K, class V, class Policy, class Hash, class Equal, class Weigh = each_weighs_one>
class policy_cache {
    using nodes = cache_nodes<K, V, Hash, Equal, Weigh, Policy::lists>;
    using number = typename nodes::number;
    static constexpr bool weighed = !std::is_same_v<Weigh, each_weighs_one>;

public:
    using key_type = K;
    using value_type = V;

    template <class... Options>
    explicit policy_cache(std::size_t capacity, const Options&... options)
        : capacity_(capacity), nodes_(most_nodes(capacity)), policy_(capacity, options...) {}

    [[nodiscard]] const V* get(const K& key) { return found(key); }
    template <class Q>
        requires transparent<Hash, Equal>
    [[nodiscard]] const V* get(const Q& key) { return found(key); }

    [[nodiscard]] const V* peek(const K& key) const {
        const number n = nodes_.find(nodes_.hash(key), key);
        return there(n) ? &nodes_.value(n) : nullptr;
    }

    // Nothing changes before the last thing that can throw is done, and `value` is moved from only then.
    template <class U = V>
    const V* put(const K& key, U&& value) {
        const std::uint32_t hash = nodes_.hash(key);
        const number n = nodes_.find(hash, key);
        if constexpr (weighed) {
            return put_weighed(hash, n, key, std::forward<U>(value));
        } else if (there(n)) {
            V kept(std::forward<U>(value));
            return replace(n, std::move(kept));
        } else if (capacity_ == 0 || !nodes_.equals_itself(key)) {
            return nullptr;
        } else if (Policy::ghosts && n != nodes::none) {
            V kept(std::forward<U>(value));
            return revive(n, std::move(kept));
        } else if (nodes_.size() >= capacity_) { // as a cache is for most of its life
            return add<true>(hash, key, std::forward<U>(value));
        } else {
            return add<false>(hash, key, std::forward<U>(value));
        }
    }

    bool erase(const K& key) {
        const number n = nodes_.find(nodes_.hash(key), key);
        if (!there(n)) {
            return false;
        }
        drop(n);
        return true;
    }

    void clear() noexcept { // keeps the memory
        nodes_.clear();
        policy_.reset(nodes_);
        weight_ = 0;
    }

    [[nodiscard]] std::size_t size() const noexcept { return nodes_.size(); }
    [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }
    [[nodiscard]] std::size_t weight() const noexcept { return weighed ? weight_ : size(); }
    [[nodiscard]] std::size_t bytes() const noexcept { return nodes_.bytes() + policy_.bytes(); } // beside itself

protected:
    [[nodiscard]] const Policy& policy() const noexcept { return policy_; }

private:
    [[nodiscard]] static std::size_t most_nodes(std::size_t capacity) {
        if (weighed) {
            return node_links::most_nodes;
        }
        if constexpr (Policy::ghosts) {
            return Policy::most(capacity);
        } else {
            return capacity;
        }
    }

    [[nodiscard]] bool there(number n) const noexcept {
        if constexpr (Policy::ghosts) {
            return n != nodes::none && nodes_.mark(n) != nodes::ghost;
        } else {
            return n != nodes::none;
        }
    }

    template <class Q>
    const V* found(const Q& key) {
        const std::uint32_t hash = nodes_.hash(key);
        const number n = nodes_.find(hash, key);
        if (there(n)) {
            policy_.hit(nodes_, n);
            return &nodes_.value(n);
        }
        policy_.miss(hash);
        return nullptr;
    }

    const V* settle(number n) noexcept {
        policy_.added(nodes_, n);
        return &nodes_.value(n);
    }

    const V* revive(number ghost, V&& value) noexcept {
        if constexpr (Policy::ghosts) {
            nodes_.unlink(ghost); // before evict(), which may end the oldest ghost
            policy_.leaves_out();
            if (nodes_.size() >= capacity_) {
                policy_.evict(nodes_);
            }
            nodes_.revive(ghost, std::move(value));
            policy_.revived(nodes_, ghost);
        }
        return &nodes_.value(ghost);
    }

    void drop(number n) {
        if constexpr (weighed) {
            weight_ -= nodes_.weight(n);
        }
        policy_.removed(nodes_, n);
        nodes_.remove(n);
    }

    const V* replace(number n, V&& kept) {
        policy_.hit(nodes_, n);
        nodes_.replace(n, std::move(kept));
        return &nodes_.value(n);
    }

    template <bool Full, class U>
    const V* add(std::uint32_t hash, const K& key, U&& value) {
        typename nodes::room room;
        if constexpr (!Full || Policy::ghosts) { // else the one that goes leaves room
            room = nodes_.room_for_one();
        }
        K own(key);
        V kept(std::forward<U>(value));
        nodes_.take(std::move(room));
        if constexpr (Full) {
            policy_.evict(nodes_);
        }
        return settle(nodes_.add(hash, std::move(own), std::move(kept)));
    }

    template <class U>
    const V* put_weighed(std::uint32_t hash, number n, const K& key, U&& value) {
        if constexpr (!std::is_same_v<std::remove_cvref_t<U>, V>) {
            return put_weighed(hash, n, key, V(std::forward<U>(value)));
        } else {
            const std::size_t weight = nodes_.weigh(key, value);
            if (weight > capacity_ || capacity_ == 0 || !nodes_.equals_itself(key)) {
                if (n != nodes::none) {
                    drop(n);
                }
                return nullptr;
            }
            if (n != nodes::none) {
                V kept(std::forward<U>(value));
                weight_ -= nodes_.weight(n);
                policy_.hit(nodes_, n); // to the front: what is evicted now is another
                lighten(capacity_ - weight);
                weight_ += weight;
                nodes_.replace(n, std::move(kept));
                return &nodes_.value(n);
            }
            auto room = nodes_.room_for_one();
            K own(key);
            V kept(std::forward<U>(value));
            nodes_.take(std::move(room));
            lighten(capacity_ - weight);
            weight_ += weight;
            return settle(nodes_.add(hash, std::move(own), std::move(kept)));
        }
    }

    void lighten(std::size_t most) {
        while (weight_ > most) {
            weight_ -= nodes_.weight(policy_.victim(nodes_));
            policy_.evict(nodes_);
        }
    }

    std::size_t capacity_;
    nodes nodes_;
    [[no_unique_address]] Policy policy_;
    std::size_t weight_ = 0;
};

} // namespace poolmark::detail
