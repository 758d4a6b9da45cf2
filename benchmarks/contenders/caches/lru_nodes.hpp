// An LRU whose nodes come one by one from a pool of the caller's choice: from one of ours or fresh from the heap.
//
//   bucket ◄─► [ newer | older | next of bucket | who leads here | key | value ] ◄─► ...   each node a block of
//                                                                                          Nodes::pool<node>
// A node knows who leads to it, so that it leaves its bucket without a walk: how long a bucket is nobody can predict.
//
// Good for: comparing where nodes come from; values that stay where they are, in a cache that frees what it forgets.
// Bad for:  space: pointers take twice as much as the numbers of lru_intrusive.
// Complexity: O(1), one acquire() and one release() for each key that comes into a full cache; get O(1).
// Bytes:    48 a node of 8-byte keys and values, 8 to 16 for its bucket, and what the pool adds.
// Threads:  one at a time.
#pragma once

#include "benchmarks/contenders/caches/cache.hpp"
#include "pools/object_pool.hpp"
#include "pools/pool.hpp"
#include "pools/fresh_heap.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

namespace poolmark {
namespace detail {

struct hash_again {
    void keep(std::uint32_t /*hash*/) noexcept {}
};
struct hash_kept {
    void keep(std::uint32_t hash) noexcept { value = hash; }
    std::uint32_t value = 0;
};

} // namespace detail

// Where nodes come from: a class with a template `pool` of one type. The pool has capacity + 1 nodes out at most.
struct fresh_nodes {
    template <class T>
    using pool = fresh_heap<T>;
};
struct pooled_nodes {
    template <class T>
    using pool = object_pool<T>;
};

template <class K, class V, class Nodes = pooled_nodes, class Hash = std::hash<K>, class Equal = std::equal_to<K>>
class lru_nodes {
    static_assert(detail::checked_cache_types<K, V, Hash, Equal>::fine);

    struct links {
        links* newer;
        links* older;
    };
    struct in_bucket : links {
        in_bucket* next_of_bucket;
        in_bucket** led_here; // the bucket, or next_of_bucket of the node before
    };
    struct node : in_bucket {
        template <class U>
        node(const K& k, U&& v) : in_bucket{}, key(k), value(std::forward<U>(v)) {}
        static constexpr bool again = detail::hashed_quickly<K, Hash>;
        [[no_unique_address]] std::conditional_t<again, detail::hash_again, detail::hash_kept> hash;
        K key;
        V value;
    };
    using source = typename Nodes::template pool<node>;

public:
    using key_type = K;
    using value_type = V;
    static constexpr description about{"lru_nodes", family::pool, "an LRU whose nodes come one by one from a pool"};
    static constexpr cache_traits traits{.recency = true};

    explicit lru_nodes(std::size_t capacity)
        : capacity_(capacity), pool_(std::min<std::size_t>(capacity, most_expected) + 1), buckets_(fewest_buckets, &ends_) {
        ends_.newer = ends_.older = &ends_;
    }
    lru_nodes(const lru_nodes&) = delete;
    lru_nodes& operator=(const lru_nodes&) = delete;
    ~lru_nodes() { clear(); }

    [[nodiscard]] const V* get(const K& key) { return found(key); }
    template <class Q>
        requires detail::transparent<Hash, Equal>
    [[nodiscard]] const V* get(const Q& key) { return found(key); }
    [[nodiscard]] const V* peek(const K& key) const {
        const node* const n = find(detail::spread(hash_(key)), key);
        return n != nullptr ? &n->value : nullptr;
    }

    // The new node comes before the oldest goes, so that nothing is lost when there is none.
    template <class U = V>
    const V* put(const K& key, U&& value) {
        const std::uint32_t hash = detail::spread(hash_(key));
        if (node* const n = find(hash, key)) {
            V kept(std::forward<U>(value)); // may throw, unlike what follows
            std::destroy_at(&n->value);
            std::construct_at(&n->value, std::move(kept));
            unlink(n);
            push_front(n);
            return &n->value;
        }
        if (capacity_ == 0 || !equal_(key, key)) {
            return nullptr;
        }
        if (size_ == buckets_.size() && size_ < capacity_) [[unlikely]] {
            rehash(std::min(2 * size_, capacity_));
        }
        node* const n = create(pool_, key, std::forward<U>(value));
        n->hash.keep(hash);
        if (size_ == capacity_) {
            drop(static_cast<node*>(ends_.newer));
        }
        push_bucket(hash, n);
        push_front(n);
        ++size_;
        return &n->value;
    }

    bool erase(const K& key) {
        node* const n = find(detail::spread(hash_(key)), key);
        if (n == nullptr) {
            return false;
        }
        drop(n);
        return true;
    }

    void clear() noexcept {
        while (size_ != 0) {
            drop(static_cast<node*>(ends_.newer));
        }
    }

    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }

private:
    static constexpr std::size_t fewest_buckets = 8;
    static constexpr std::size_t most_expected = std::size_t{1} << 20U; // a pool may set memory aside for them

    template <class Q>
    [[nodiscard]] const V* found(const Q& key) {
        node* const n = find(detail::spread(hash_(key)), key);
        if (n == nullptr) {
            return nullptr;
        }
        unlink(n);
        push_front(n);
        return &n->value;
    }

    template <class Q>
    [[nodiscard]] node* find(std::uint32_t hash, const Q& key) const {
        for (in_bucket* at = buckets_[bucket_of(hash)]; at != &ends_; at = at->next_of_bucket) {
            node* const n = static_cast<node*>(at);
            if (equal_(n->key, key)) {
                return n;
            }
        }
        return nullptr;
    }

    [[nodiscard]] std::size_t bucket_of(std::uint32_t hash) const noexcept {
        return (hash * std::uint64_t{buckets_.size()}) >> 32U;
    }
    [[nodiscard]] std::uint32_t hash_of(const node& n) const {
        if constexpr (detail::hashed_quickly<K, Hash>) {
            return detail::spread(hash_(n.key));
        } else {
            return n.hash.value;
        }
    }

    void drop(node* n) noexcept {
        *n->led_here = n->next_of_bucket;
        n->next_of_bucket->led_here = n->led_here;
        unlink(n);
        destroy(pool_, n);
        --size_;
    }

    [[gnu::noinline]] void rehash(std::size_t buckets) {
        std::vector<in_bucket*> old(buckets, &ends_);
        old.swap(buckets_);
        for (links* at = ends_.newer; at != &ends_; at = at->newer) {
            node* const n = static_cast<node*>(at);
            push_bucket(hash_of(*n), n);
        }
    }

    // A bucket ends with the end of the ring, whose own led_here nobody reads: one case less to tell apart.
    void push_bucket(std::uint32_t hash, node* n) noexcept {
        in_bucket*& bucket = buckets_[bucket_of(hash)];
        n->next_of_bucket = bucket;
        n->led_here = &bucket;
        bucket->led_here = &n->next_of_bucket;
        bucket = n;
    }

    // A ring: newer than the end is the oldest, older than the end is the newest.
    void unlink(node* n) noexcept {
        n->newer->older = n->older;
        n->older->newer = n->newer;
    }
    void push_front(node* n) noexcept {
        n->newer = &ends_;
        n->older = ends_.older;
        ends_.older->newer = n;
        ends_.older = n;
    }

    [[no_unique_address]] Hash hash_;
    [[no_unique_address]] Equal equal_;
    std::size_t capacity_;
    std::size_t size_ = 0;
    source pool_;
    in_bucket ends_{};
    std::vector<in_bucket*> buckets_; // each leads to its newest node, an empty one to ends_
};

static_assert(local_cache<lru_nodes<int, int>>);

} // namespace poolmark
