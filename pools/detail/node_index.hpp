// Where the nodes of a cache are found again: a bucket for each hash, and nodes chained by their 32-bit numbers.
//
//   buckets [ n | n | none | n ... ]           chain of n: [ hash | next ] ──► [ hash | next ] ──► none
//
// A node is looked at only when its hash agrees. Evicting one entry for each that comes in, as a full cache does, changes
// two numbers each: no slot is searched for, nothing moves up, and most chains are one node long.
//
// Good for: caches. Bad for:  more than 2^30 nodes, hashes that mostly agree.
// Complexity: O(1) with a good hash. Bytes: 14 for each node that there is room for. Threads:  one at a time.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

namespace poolmark::detail {

class node_index {
public:
    static constexpr std::uint32_t none = 0; // no node has this number
    static constexpr std::size_t spare = 4;  // numbers that no node has: ends of lists

    node_index() = default;
    explicit node_index(std::size_t nodes) // of numbers below nodes + spare; throws std::bad_alloc
        : own_(new std::uint32_t[buckets_for(nodes)]()), chain_(new link[nodes + spare]), buckets_(own_.get()),
          count_(buckets_for(nodes)), links_(nodes + spare) {}
    node_index(node_index&& other) noexcept : node_index() { swap(other); }
    node_index& operator=(node_index&& other) noexcept {
        swap(other);
        return *this;
    }
    ~node_index() = default;

    // The node with this hash for which same(node) holds, or none.
    template <class Same>
    [[nodiscard]] std::uint32_t find(std::uint32_t hash, Same&& same) const {
        std::uint32_t here = buckets_[home(hash)];
        while (here != none && !(chain_[here].hash == hash && same(here))) {
            here = chain_[here].next;
        }
        return here;
    }

    // There is room for it.
    void insert(std::uint32_t hash, std::uint32_t node) noexcept {
        std::uint32_t& first = buckets_[home(hash)];
        chain_[node] = {hash, first};
        first = node;
    }

    // It is there.
    void erase(std::uint32_t hash, std::uint32_t node) noexcept {
        std::uint32_t* to = &buckets_[home(hash)];
        while (*to != node) {
            to = &chain_[*to].next;
        }
        *to = chain_[node].next;
    }

    template <class Visit>
    void for_each(Visit&& visit) const { // visit(hash, node)
        for (std::size_t at = 0; at != count_; ++at) {
            for (std::uint32_t here = buckets_[at]; here != none; here = chain_[here].next) {
                visit(chain_[here].hash, here);
            }
        }
    }

    void clear() noexcept { std::fill_n(own_.get(), own_ ? count_ : 0, none); }

    void swap(node_index& other) noexcept {
        std::swap(own_, other.own_);
        std::swap(chain_, other.chain_);
        std::swap(buckets_, other.buckets_);
        std::swap(count_, other.count_);
        std::swap(links_, other.links_);
    }

    [[nodiscard]] std::size_t bytes() const noexcept {
        return own_ ? count_ * sizeof(std::uint32_t) + links_ * sizeof(link) : 0;
    }

private:
    struct link {
        std::uint32_t hash;
        std::uint32_t next;
    };

    [[nodiscard]] static constexpr std::size_t buckets_for(std::size_t nodes) { return nodes + nodes / 2 + 1; }

    [[nodiscard]] std::size_t home(std::uint32_t hash) const noexcept { return (hash * std::uint64_t{count_}) >> 32U; }

    static inline constinit std::uint32_t nothing = none; // of an index with no room yet; never written

    std::unique_ptr<std::uint32_t[]> own_;
    std::unique_ptr<link[]> chain_;
    std::uint32_t* buckets_ = &nothing;
    std::size_t count_ = 1;
    std::size_t links_ = 0;
};

} // namespace poolmark::detail
