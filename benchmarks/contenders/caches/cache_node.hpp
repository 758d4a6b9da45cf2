// One node of a cache: its links as numbers, its key, its value, each of which may not be there.
//
//   [ previous | next, mark | chain | hash | key | value ]               16 bytes beside the key and the value
//
// Good for: lists in which every hit moves something: a cache line holds two small nodes.
// Bad for:  more than 2^30 entries.
#pragma once

#include "benchmarks/contenders/caches/cache.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace poolmark {

// The weigher of a cache that is bounded by the number of its entries.
struct each_weighs_one {
    template <class K, class V>
    [[nodiscard]] constexpr std::size_t operator()(const K& /*key*/, const V& /*value*/) const noexcept {
        return 1;
    }
};

namespace detail {

class node_links {
public:
    static constexpr std::uint32_t most_nodes = (1U << 30U) - 1;

    [[nodiscard]] std::uint32_t previous() const noexcept { return previous_; }
    [[nodiscard]] std::uint32_t next() const noexcept { return next_ & most_nodes; }
    [[nodiscard]] std::uint32_t mark() const noexcept { return next_ >> 30U; }
    void set_previous(std::uint32_t node) noexcept { previous_ = node; }
    void set_next(std::uint32_t node) noexcept { next_ = (next_ & ~most_nodes) | node; }
    void set_mark(std::uint32_t mark) noexcept { next_ = (next_ & most_nodes) | mark << 30U; }

private:
    std::uint32_t previous_ = 0;
    std::uint32_t next_ = 0;
};

template <class K, class V>
struct cache_node {
    cache_node() noexcept {}
    cache_node(const cache_node&) = delete;
    cache_node& operator=(const cache_node&) = delete;
    ~cache_node() {}

    node_links links;
    std::uint32_t chain = 0; // the next node of the same bucket
    std::uint32_t hash = 0;
    union {
        K key;
    };
    union {
        V value;
    };
};

} // namespace detail

// Where the nodes of a cache are found again: the number of the first node of each chain, in one flat array.
//
//   home(hash) ──► [ 7 ] ──► node 7 ──chain──► node 3         the chain goes through the nodes themselves
//
// Chains rather than open addressing, since a full cache takes one entry out for each that comes in: each step of a
// search is a branch that nobody can foresee, and a chain has fewer of them, in get, in put and in evicting.
//
// Good for: caches.
// Bad for:  hashes that mostly agree.
// Complexity: O(1) with a good hash.
// Bytes:    6 for each node that there is room for.
// Threads:  one at a time.
namespace detail {

class node_buckets {
public:
    static constexpr std::uint32_t none = 0; // no node has this number

    node_buckets() = default;
    explicit node_buckets(std::size_t nodes) // throws std::bad_alloc
        : heads_(std::make_unique<std::uint32_t[]>(nodes + nodes / 2 + 1)), count_(nodes + nodes / 2 + 1) {}

    [[nodiscard]] std::uint32_t& head(std::uint32_t hash) const noexcept {
        return heads_[(hash * std::uint64_t{count_}) >> 32U];
    }
    [[nodiscard]] const std::uint32_t* begin() const noexcept { return heads_.get(); }
    [[nodiscard]] const std::uint32_t* end() const noexcept { return heads_.get() + count_; }

    void clear() noexcept { std::fill_n(heads_.get(), count_, none); }
    [[nodiscard]] std::size_t bytes() const noexcept { return count_ * sizeof(std::uint32_t); }

private:
    std::unique_ptr<std::uint32_t[]> heads_;
    std::size_t count_ = 0;
};

} // namespace detail

} // namespace poolmark
