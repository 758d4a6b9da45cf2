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
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace poolmark::detail {

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

} // namespace poolmark::detail
