// An LRU whose entries are one node each, in one array, linked by 32-bit numbers: no allocation once it is full.
//
//   front ◄─► [ links | key | value ] ◄─► [ links | key | value ] ◄─► back: forgotten first
//
// Bounded by the number of entries or, with a weigher, by what they weigh: lru_intrusive<K, V, Hash, Equal, Bytes>(1 <<
// 20) keeps as many as weigh 2^20 by Bytes{}(key, value), which gives the same answer for the same entry each time. A
// value heavier than the whole capacity is not kept.
//
// Good for: what is used again soon after it was used: most of what programs remember.
// Bad for:  scans and loops longer than the capacity: every key is forgotten just before it comes again.
// Complexity: O(1).
// Bytes:    38 an entry of 8-byte keys and values once it is full.
// Threads:  one at a time.
#pragma once

#include "benchmarks/contenders/caches/policy_cache.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>

namespace poolmark {
namespace detail {

// The front of the only list is the key used last.
class lru_policy : public simple_policy {
public:
    using simple_policy::simple_policy;

    template <class Nodes>
    void hit(Nodes& nodes, std::uint32_t n) noexcept {
        nodes.move_to_front(0, n);
    }
    template <class Nodes>
    void added(Nodes& nodes, std::uint32_t n) noexcept {
        nodes.push_front(0, n);
    }
    template <class Nodes>
    void removed(Nodes& nodes, std::uint32_t n) noexcept {
        nodes.unlink(n);
    }
    template <class Nodes>
    [[nodiscard]] std::uint32_t victim(const Nodes& nodes) const noexcept {
        return nodes.back(0);
    }
    template <class Nodes>
    void evict(Nodes& nodes) noexcept {
        const std::uint32_t oldest = nodes.back(0);
        nodes.unlink(oldest);
        nodes.remove(oldest);
    }
};

} // namespace detail

template <class K, class V, class Hash = std::hash<K>, class Equal = std::equal_to<K>, class Weigh = each_weighs_one>
class lru_intrusive : public detail::policy_cache<K, V, detail::lru_policy, Hash, Equal, Weigh> {
public:
    using detail::policy_cache<K, V, detail::lru_policy, Hash, Equal, Weigh>::policy_cache;
    static constexpr description about{"lru_intrusive", family::pool, "one node an entry, linked and found by 32-bit numbers; forgets the key used longest ago"};
    static constexpr cache_traits traits{.recency = true};
};

static_assert(local_cache<lru_intrusive<int, int>>);

} // namespace poolmark
