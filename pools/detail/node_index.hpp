// Where the nodes of a cache are found again: 32-bit hashes and 32-bit node numbers in one flat array.
//
//   home(hash) ──► [ hash | node ] [ hash | node ] [ empty ] ...          a node is looked at only when its hash agrees
//
// An erased slot is closed by moving up what stands behind it, which takes no look at the nodes: evicting one entry for
// each that comes in, as a full cache does, leaves no tombstones and never rebuilds.
//
// Good for: caches. Bad for:  more than 2^30 nodes, hashes that mostly agree.
// Complexity: O(1) with a good hash. Bytes: 14 for each node that there is room for. Threads:  one at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

namespace poolmark::detail {

class node_index {
public:
    static constexpr std::uint32_t none = 0; // no node has this number

    node_index() = default;
    explicit node_index(std::size_t nodes) // with room for that many; throws std::bad_alloc
        : own_(new slot[slots_for(nodes)]()), slots_(own_.get()), count_(slots_for(nodes)) {}
    node_index(node_index&& other) noexcept : node_index() { swap(other); }
    node_index& operator=(node_index&& other) noexcept {
        swap(other);
        return *this;
    }
    ~node_index() = default;

    // The node with this hash for which same(node) holds, or none.
    template <class Same>
    [[nodiscard]] std::uint32_t find(std::uint32_t hash, Same&& same) const {
        for (std::size_t at = home(hash);; at = after(at)) {
            const slot here = slots_[at];
            if (here.node == none || (here.hash == hash && same(here.node))) {
                return here.node;
            }
        }
    }

    // There is room for it.
    void insert(std::uint32_t hash, std::uint32_t node) noexcept {
        std::size_t at = home(hash);
        while (slots_[at].node != none) {
            at = after(at);
        }
        slots_[at] = {hash, node};
    }

    // It is there.
    void erase(std::uint32_t hash, std::uint32_t node) noexcept {
        std::size_t hole = home(hash);
        while (slots_[hole].node != node) {
            hole = after(hole);
        }
        for (std::size_t at = after(hole); slots_[at].node != none; at = after(at)) {
            // It moves into the hole unless it would come to stand before its home.
            if (distance(home(slots_[at].hash), at) >= distance(hole, at)) {
                slots_[hole] = slots_[at];
                hole = at;
            }
        }
        slots_[hole] = slot{};
    }

    template <class Visit>
    void for_each(Visit&& visit) const { // visit(hash, node)
        for (std::size_t at = 0; at != count_; ++at) {
            if (slots_[at].node != none) {
                visit(slots_[at].hash, slots_[at].node);
            }
        }
    }

    void clear() noexcept {
        for (std::size_t at = 0; at != count_; ++at) {
            slots_[at] = slot{};
        }
    }

    void swap(node_index& other) noexcept {
        std::swap(own_, other.own_);
        std::swap(slots_, other.slots_);
        std::swap(count_, other.count_);
    }

    [[nodiscard]] std::size_t bytes() const noexcept { return count_ * sizeof(slot); }

private:
    struct slot {
        std::uint32_t hash;
        std::uint32_t node;
    };

    // A little more than half full: a search looks at two or three slots, which share a cache line.
    [[nodiscard]] static constexpr std::size_t slots_for(std::size_t nodes) { return nodes + nodes / 4 * 3 + 2; }

    [[nodiscard]] std::size_t home(std::uint32_t hash) const noexcept { return (hash * std::uint64_t{count_}) >> 32U; }
    [[nodiscard]] std::size_t after(std::size_t at) const noexcept { return at + 1 == count_ ? 0 : at + 1; }
    [[nodiscard]] std::size_t distance(std::size_t from, std::size_t to) const noexcept {
        return to >= from ? to - from : to + count_ - from;
    }

    static inline constinit slot nothing{}; // of an index with no room yet; never written

    std::unique_ptr<slot[]> own_;
    slot* slots_ = &nothing;
    std::size_t count_ = 0;
};

} // namespace poolmark::detail
