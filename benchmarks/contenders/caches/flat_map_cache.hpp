// Everything is kept: entries in one array that doubles, found by 32-bit numbers beside it.
//
//   buckets ──► [ 7 ] [ 3 ] ...          entries ──► [ chain | key | value ] [ chain | key | value ] ...
//
// Good for: as many keys as fit in memory, all of them worth keeping: the quickest way to remember.
// Bad for:  keys without end: it only grows.
// Complexity: O(1); put O(entries) when it doubles.
// Bytes:    38 an entry of 8-byte keys and values when it has just doubled, 76 before that.
// Threads:  one at a time.
#pragma once

#include "benchmarks/contenders/caches/policy_cache.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>

namespace poolmark {
namespace detail {

class no_policy : public simple_policy {
public:
    using simple_policy::simple_policy;

    template <class Nodes>
    void hit(Nodes& /*nodes*/, std::uint32_t /*n*/) noexcept {}
    template <class Nodes>
    void evict(Nodes& /*nodes*/) noexcept {} // it is never full: room_for_one() throws before
};

} // namespace detail

template <class K, class V, class Hash = std::hash<K>, class Equal = std::equal_to<K>>
class flat_map_cache : public detail::policy_cache<K, V, detail::no_policy, Hash, Equal> {
public:
    flat_map_cache() : detail::policy_cache<K, V, detail::no_policy, Hash, Equal>(not_bounded) {}
    static constexpr description about{"flat_map_cache", family::pool,
                                       "an array of entries, found by 32-bit numbers; never forgets"};
    static constexpr cache_traits traits{.bounded = false};
};

static_assert(local_cache<flat_map_cache<int, int>>);

} // namespace poolmark
