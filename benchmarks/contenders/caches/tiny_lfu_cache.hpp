#pragma once

#include "benchmarks/contenders/caches/policy_cache.hpp"
#include "pools/values/text_hash.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

namespace poolmark {

// How often a key came lately, roughly: four 4-bit counters for each, the smallest of which is the answer.
//
//   hash ──► counter, counter, counter, counter      shared with other keys, so never too small, at times too large
//
// After ten counts for each entry of the cache all are halved: what was popular once fades. With a doorkeeper, a key's
// first count is one bit of its own: keys that come once do not use up the counters.
//
// Good for: deciding which of two keys to keep.
// Bad for:  counting.
// Complexity: O(1); halving O(capacity), once in 10 * capacity counts.
// Bytes:    8 to 16 an entry of the cache; 2 more for the doorkeeper.
// Threads:  one at a time.
namespace detail {

class frequency_sketch {
public:
    explicit frequency_sketch(std::size_t entries, bool doorkeeper = false)
        : words_(std::bit_ceil(std::clamp<std::size_t>(entries, 8, std::size_t{1} << 30U))), mask_(words_.size() - 1),
          until_halved_(10 * words_.size()), doors_(doorkeeper ? words_.size() / 4 : 0) {}

    void count(std::uint32_t hash) noexcept {
        if (!doors_.empty() && !enter(hash)) {
            return;
        }
        bool added = false;
        std::uint64_t bits = more_bits(hash);
        for (int row = 0; row != rows; ++row, bits = std::rotr(bits, 16)) {
            std::uint64_t& word = words_[bits & mask_];
            const unsigned shift = shift_of(bits, row);
            if ((word >> shift & 15U) != 15U) {
                word += std::uint64_t{1} << shift;
                added = true;
            }
        }
        if (added && ++counted_ >= until_halved_) {
            halve();
        }
    }

    [[nodiscard]] unsigned estimate(std::uint32_t hash) const noexcept {
        std::uint64_t least = 15;
        std::uint64_t bits = more_bits(hash);
        for (int row = 0; row != rows; ++row, bits = std::rotr(bits, 16)) {
            least = std::min(least, words_[bits & mask_] >> shift_of(bits, row) & 15U);
        }
        const bool at_the_door = !doors_.empty() && (doors_[door(hash)] >> (hash & 63U) & 1U) != 0;
        return static_cast<unsigned>(least) + (at_the_door ? 1 : 0);
    }

    void clear() noexcept {
        std::fill(words_.begin(), words_.end(), 0);
        std::fill(doors_.begin(), doors_.end(), 0);
        counted_ = 0;
    }

    [[nodiscard]] std::size_t bytes() const noexcept { return (words_.size() + doors_.size()) * sizeof(std::uint64_t); }

private:
    static constexpr int rows = 4;

    // Each row takes another part of these bits, and in a word a quarter of its own.
    [[nodiscard]] static std::uint64_t more_bits(std::uint32_t hash) noexcept {
        return fold(hash ^ text_hash::key_1, text_hash::key_2);
    }
    [[nodiscard]] static unsigned shift_of(std::uint64_t bits, int row) noexcept {
        return static_cast<unsigned>(bits >> 62U) * 4U + static_cast<unsigned>(row) * 16U;
    }

    [[nodiscard]] std::size_t door(std::uint32_t hash) const noexcept { return (hash >> 6U) & (doors_.size() - 1); }

    // False for a key that has not been here before.
    bool enter(std::uint32_t hash) noexcept {
        std::uint64_t& word = doors_[door(hash)];
        const std::uint64_t bit = std::uint64_t{1} << (hash & 63U);
        const bool known = (word & bit) != 0;
        word |= bit;
        return known;
    }

    [[gnu::noinline]] void halve() noexcept {
        for (std::uint64_t& word : words_) {
            word = (word >> 1U) & 0x7777'7777'7777'7777U;
        }
        std::fill(doors_.begin(), doors_.end(), 0);
        counted_ /= 2;
    }

    std::vector<std::uint64_t> words_; // 16 counters each
    std::size_t mask_;
    std::size_t until_halved_;
    std::size_t counted_ = 0;
    std::vector<std::uint64_t> doors_;
};

} // namespace detail

// W-TinyLFU: what comes in waits in a small LRU window; at its end it is let in to the main part only if it came more
// often lately than what would have to go for it.
//
//   new ──► window: an LRU, 1 % ──► more often than? ──► probation, a fifth ◄──► protected, four fifths of the rest
//                                    └─ no: forgotten        └─ oldest: forgotten       (used again)
//
// Good for: skewed keys, scans, a mix of the two: the best hit ratio of these caches on most traces.
// Bad for:  keys used a few times within a short while and never again; cheap values: it does the most work of all.
// Complexity: O(1).
// Bytes:    8 to 16 an entry more than lru_intrusive, for what it knows of keys.
// Threads:  one at a time.
struct tiny_lfu_options {
    std::size_t window_percent = 1;     // at least one entry
    std::size_t protected_percent = 80; // of what is not the window
    bool doorkeeper = false;            // a bit for keys that came once, before the counters
};

namespace detail {

// Marks and lists: 0 window, 1 probation, 2 protected. A get() counts, whether it hits or not, and a put() of a key that
// is there; one of a new key follows a get() that has counted.
class tiny_lfu_policy : public simple_policy {
    static constexpr std::uint32_t window = 0;
    static constexpr std::uint32_t probation = 1;
    static constexpr std::uint32_t shielded = 2;

public:
    static constexpr std::uint32_t lists = 3;

    explicit tiny_lfu_policy(std::size_t capacity, tiny_lfu_options options = {})
        : most_window_(std::max<std::size_t>(part(capacity, options.window_percent), 1)),
          most_shielded_(part(capacity - std::min(capacity, most_window_), options.protected_percent)),
          seen_(capacity, options.doorkeeper) {}

    template <class Nodes>
    void hit(Nodes& nodes, std::uint32_t n) noexcept {
        seen_.count(nodes.hash_of(n));
        const std::uint32_t list = nodes.mark(n);
        if (list != probation) {
            nodes.move_to_front(list, n);
            return;
        }
        move(nodes, n, shielded);
        if (++shielded_ > most_shielded_) {
            move(nodes, nodes.back(shielded), probation);
            --shielded_;
        }
    }
    void miss(std::uint32_t hash) noexcept { seen_.count(hash); }

    template <class Nodes>
    void added(Nodes& nodes, std::uint32_t n) noexcept {
        nodes.push_front(window, n);
        if (++window_ > most_window_) { // while the cache is not full: what leaves the window need not compete
            move(nodes, nodes.back(window), probation);
            --window_;
        }
    }
    template <class Nodes>
    void removed(Nodes& nodes, std::uint32_t n) noexcept {
        window_ -= nodes.mark(n) == window ? 1U : 0U;
        shielded_ -= nodes.mark(n) == shielded ? 1U : 0U;
        nodes.unlink(n);
    }
    template <class Nodes>
    void evict(Nodes& nodes) noexcept {
        const std::uint32_t of_main = nodes.back(probation) != probation ? nodes.back(probation) : nodes.back(shielded);
        const bool no_main = of_main == shielded; // the end of a list, and no entry
        if (window_ < most_window_ && !no_main) {
            return remove(nodes, of_main);
        }
        const std::uint32_t candidate = nodes.back(window);
        if (no_main || seen_.estimate(nodes.hash_of(candidate)) <= seen_.estimate(nodes.hash_of(of_main))) {
            return remove(nodes, candidate);
        }
        move(nodes, candidate, probation);
        --window_;
        remove(nodes, of_main);
    }
    template <class Nodes>
    void reset(Nodes& /*nodes*/) noexcept {
        window_ = shielded_ = 0;
        seen_.clear();
    }
    [[nodiscard]] std::size_t bytes() const noexcept { return seen_.bytes(); }

private:
    [[nodiscard]] static constexpr std::size_t part(std::size_t whole, std::size_t percent) noexcept {
        return whole / 100 * percent + whole % 100 * percent / 100; // does not wrap
    }
    template <class Nodes>
    static void move(Nodes& nodes, std::uint32_t n, std::uint32_t list) noexcept {
        nodes.move_to_front(list, n);
        nodes.set_mark(n, list);
    }
    template <class Nodes>
    void remove(Nodes& nodes, std::uint32_t n) noexcept {
        removed(nodes, n);
        nodes.remove(n);
    }

    std::size_t most_window_;
    std::size_t most_shielded_;
    std::size_t window_ = 0;
    std::size_t shielded_ = 0;
    frequency_sketch seen_;
};

} // namespace detail

// tiny_lfu_cache<K, V>(capacity) or (capacity, tiny_lfu_options{...})
template <class K, class V, class Hash = std::hash<K>, class Equal = std::equal_to<K>>
class tiny_lfu_cache : public detail::policy_cache<K, V, detail::tiny_lfu_policy, Hash, Equal> {
public:
    using detail::policy_cache<K, V, detail::tiny_lfu_policy, Hash, Equal>::policy_cache;
    static constexpr description about{"tiny_lfu_cache", family::pool,
                                       "W-TinyLFU: a key is let in if it came more often than who would have to go"};
    static constexpr cache_traits traits{};
};

static_assert(local_cache<tiny_lfu_cache<int, int>>);

} // namespace poolmark
